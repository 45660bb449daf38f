//! Edge-triggered epoll: one `send`, one `recv` and a share of one `epoll_wait` a request.
//! A socket is registered once; `EPOLLOUT` is asked for only while a connection opens or after
//! a send that the socket did not take whole.

use super::socket::{self, Opener, RawAddress};
use super::timer::Timer;
use super::transfer::{receive, receive_stamped, send};
use super::{Engine, Handler, Io, Opened, Wait};
use crate::LoadError;
use crate::request::Message;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use sys::clock;

/// Receive buffer, one for all connections, so that it stays in the cache. A larger one saves no
/// calls that matter: the kernel's copy is the cost of large bodies.
const BUFFER: usize = 256 * 1024;
/// The timer's event.
const TIMER: u64 = u64::MAX;
/// Waits between looks at how real time and the monotonic clock differ: only setting the clock
/// changes that.
const OFFSET_EVERY: u64 = 256;
/// Most events of one wait.
const EVENTS: usize = 512;

const READ: u32 = (libc::EPOLLIN | libc::EPOLLRDHUP | libc::EPOLLET) as u32;
const WRITE: u32 = libc::EPOLLOUT as u32;
const OVER: u32 = (libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR) as u32;

/// One connection.
struct Conn<'a> {
    fd: RawFd,
    /// Counted up at each close: events of an earlier connection in the slot are told apart.
    generation: u32,
    connecting: bool,
    watches_write: bool,
    /// A message that the socket has not taken whole, and how much of it has gone.
    unsent: Option<(Message<'a>, usize)>,
}

/// The sending half.
pub struct EpollIo<'a> {
    epoll: OwnedFd,
    conns: Vec<Conn<'a>>,
    opener: Opener,
    address: RawAddress,
    stamp_every: u32,
}

/// The engine.
pub struct Epoll<'a> {
    io: EpollIo<'a>,
    timer: Timer,
    waits: u64,
    /// Reads until the next that asks for a stamp.
    until_stamp: u32,
    events: Vec<libc::epoll_event>,
    buffer: Box<[u8]>,
    /// Realtime minus monotonic clock: receive stamps come in real time.
    offset: i64,
}

impl<'a> EpollIo<'a> {
    fn control(&self, operation: libc::c_int, slot: u32, events: u32) -> Result<(), i32> {
        let conn = &self.conns[slot as usize];
        let data = u64::from(conn.generation) << 32 | u64::from(slot);
        let mut event = libc::epoll_event { events, u64: data };
        // SAFETY: `event` is valid for the call.
        let failed =
            unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), operation, conn.fd, &mut event) };
        if failed < 0 {
            Err(socket::errno())
        } else {
            Ok(())
        }
    }

    /// Sends what is left from `sent` on; true when all has gone.
    fn push(&mut self, slot: u32, message: Message<'a>, sent: usize) -> Result<bool, i32> {
        let conn = &mut self.conns[slot as usize];
        match send(conn.fd, &message, sent) {
            Ok(n) if sent + n == message.len() => {
                conn.unsent = None;
                Ok(true)
            }
            Ok(n) => {
                conn.unsent = Some((message, sent + n));
                Ok(false)
            }
            Err(libc::EAGAIN) => {
                conn.unsent = Some((message, sent));
                Ok(false)
            }
            Err(errno) => Err(errno),
        }
    }

    fn watch_write(&mut self, slot: u32) -> Result<(), i32> {
        if self.conns[slot as usize].watches_write {
            return Ok(());
        }
        self.conns[slot as usize].watches_write = true;
        self.control(libc::EPOLL_CTL_MOD, slot, READ | WRITE)
    }

    /// Connects `fd` in `slot`, and registers it when it is known what to watch for.
    fn start(&mut self, slot: u32, first: Option<Message<'a>>) -> Result<Opened, i32> {
        let fd = self.conns[slot as usize].fd;
        // SAFETY: the address is valid for its length.
        let failed = unsafe { libc::connect(fd, self.address.as_ptr(), self.address.len()) } < 0;
        if failed && socket::errno() != libc::EINPROGRESS {
            return Err(socket::errno());
        }
        // On loopback the handshake is over when connect returns, whatever it returned: a send
        // that works saves waiting for the event that says so.
        if let Some(message) = first {
            match send(fd, &message, 0) {
                Ok(n) => {
                    let whole = n == message.len();
                    let conn = &mut self.conns[slot as usize];
                    conn.watches_write = !whole;
                    conn.unsent = (!whole).then_some((message, n));
                    self.control(
                        libc::EPOLL_CTL_ADD,
                        slot,
                        if whole { READ } else { READ | WRITE },
                    )?;
                    return Ok(Opened::Sent);
                }
                Err(libc::EAGAIN) => {}
                Err(errno) => return Err(errno),
            }
        }
        let conn = &mut self.conns[slot as usize];
        conn.connecting = true;
        conn.watches_write = true;
        self.control(libc::EPOLL_CTL_ADD, slot, READ | WRITE)?;
        Ok(Opened::Connecting)
    }
}

impl<'a> Io<'a> for EpollIo<'a> {
    fn open(&mut self, slot: u32, first: Option<Message<'a>>) -> Result<Opened, i32> {
        let fd = self.opener.socket(slot, false, self.stamp_every > 0)?;
        let conn = &mut self.conns[slot as usize];
        debug_assert!(conn.fd < 0, "slot {slot} is in use");
        (conn.fd, conn.connecting, conn.watches_write) = (fd, false, false);
        self.start(slot, first).inspect_err(|_| self.close(slot))
    }

    #[inline]
    fn send(&mut self, slot: u32, message: Message<'a>) -> Result<(), i32> {
        if !self.push(slot, message, 0)? {
            self.watch_write(slot)?;
        }
        Ok(())
    }

    fn is_sending(&self, slot: u32) -> bool {
        self.conns[slot as usize].unsent.is_some()
    }

    fn close(&mut self, slot: u32) {
        let conn = &mut self.conns[slot as usize];
        if conn.fd >= 0 {
            // SAFETY: the descriptor is ours; closing also takes it out of epoll.
            unsafe { libc::close(conn.fd) };
            conn.fd = -1;
            conn.generation = conn.generation.wrapping_add(1);
            conn.unsent = None;
        }
    }
}

impl Drop for EpollIo<'_> {
    fn drop(&mut self) {
        for slot in 0..self.conns.len() {
            self.close(slot as u32);
        }
    }
}

impl<'a> Engine<'a> for Epoll<'a> {
    type Io = EpollIo<'a>;
    const NAME: &'static str = "epoll";
    const STAMPS: bool = true;

    fn new(slots: usize, opener: Opener, stamp_every: u32) -> Result<Self, LoadError> {
        // SAFETY: no pointers.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(LoadError::system("epoll_create1"));
        }
        // SAFETY: a fresh descriptor that nobody else owns.
        let epoll = unsafe { OwnedFd::from_raw_fd(fd) };
        let timer = Timer::new()?;
        let mut event = libc::epoll_event {
            events: (libc::EPOLLIN | libc::EPOLLET) as u32,
            u64: TIMER,
        };
        // SAFETY: `event` is valid for the call.
        let failed = unsafe { libc::epoll_ctl(fd, libc::EPOLL_CTL_ADD, timer.fd(), &mut event) };
        if failed < 0 {
            return Err(LoadError::system("epoll_ctl"));
        }
        let conn = |_| Conn {
            fd: -1,
            generation: 0,
            connecting: false,
            watches_write: false,
            unsent: None,
        };
        let address = opener.address.into();
        let conns = (0..slots).map(conn).collect();
        Ok(Self {
            io: EpollIo {
                epoll,
                conns,
                opener,
                address,
                stamp_every,
            },
            timer,
            waits: 0,
            until_stamp: 1,
            events: vec![libc::epoll_event { events: 0, u64: 0 }; EVENTS.min(slots + 1)],
            buffer: vec![0; BUFFER].into_boxed_slice(),
            offset: 0,
        })
    }

    fn io(&mut self) -> &mut EpollIo<'a> {
        &mut self.io
    }

    fn wait(
        &mut self,
        wait: Wait,
        handler: &mut impl Handler<'a, EpollIo<'a>>,
    ) -> Result<u32, LoadError> {
        let count = self.wait_for_events(wait)?;
        if self.io.stamp_every > 0 && self.waits.is_multiple_of(OFFSET_EVERY) {
            self.offset = clock::realtime() as i64 - clock::now() as i64;
        }
        self.waits += 1;
        let mut timers = 0;
        for index in 0..count {
            let event = self.events[index];
            if event.u64 == TIMER {
                timers += 1;
                continue;
            }
            self.dispatch(event.u64, event.events, handler);
        }
        Ok(count as u32 - timers)
    }
}

impl<'a> Epoll<'a> {
    fn wait_for_events(&mut self, wait: Wait) -> Result<usize, LoadError> {
        // Not at all, or for ever: the timer has the deadline, to the nanosecond. So a call whose
        // timeout is in milliseconds will do, which is older than epoll_pwait2 (Linux 5.11) and
        // which every container's filter lets pass.
        let timeout = match wait {
            Wait::Poll => 0,
            Wait::Until(until) => {
                self.timer.arm(until)?;
                -1
            }
        };
        // SAFETY: the buffer holds `len` events; there is no signal mask.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait,
                self.io.epoll.as_raw_fd(),
                self.events.as_mut_ptr(),
                self.events.len() as libc::c_int,
                timeout as libc::c_int,
                std::ptr::null::<libc::sigset_t>(),
                0usize,
            )
        };
        if count >= 0 {
            return Ok(count as usize);
        }
        match socket::errno() {
            libc::EINTR => Ok(0),
            _ => Err(LoadError::system("epoll_pwait")),
        }
    }

    #[inline]
    fn dispatch(&mut self, data: u64, events: u32, handler: &mut impl Handler<'a, EpollIo<'a>>) {
        let (slot, generation) = (data as u32, (data >> 32) as u32);
        if self.io.conns[slot as usize].generation != generation {
            return;
        }
        let mut failed = 0;
        if events & WRITE != 0 && self.io.conns[slot as usize].watches_write {
            failed = self.writable(slot, events, handler);
            if self.io.conns[slot as usize].generation != generation {
                return;
            }
        }
        if events & (libc::EPOLLIN as u32 | OVER) != 0 {
            self.readable(slot, generation, events, handler);
        }
        if failed != 0 && self.io.conns[slot as usize].generation == generation {
            handler.ended(&mut self.io, slot, failed);
        }
    }

    /// Goes on with what waited for room. Returns the errno of a failed send: a server that
    /// refuses a request and closes may have said why, so that is read first.
    fn writable(
        &mut self,
        slot: u32,
        events: u32,
        handler: &mut impl Handler<'a, EpollIo<'a>>,
    ) -> i32 {
        let conn = &mut self.io.conns[slot as usize];
        if conn.connecting {
            conn.connecting = false;
            let failed = events & OVER != 0;
            let errno = if failed {
                socket::pending_error(conn.fd)
            } else {
                0
            };
            if errno == 0 {
                handler.connected(&mut self.io, slot);
            } else {
                handler.ended(&mut self.io, slot, errno);
            }
            return 0;
        }
        let Some((message, sent)) = conn.unsent else {
            return 0;
        };
        self.io.push(slot, message, sent).err().unwrap_or(0)
    }

    #[inline]
    fn asks_for_stamp(&mut self) -> bool {
        if self.io.stamp_every == 0 {
            return false;
        }
        self.until_stamp -= 1;
        let asks = self.until_stamp == 0;
        if asks {
            self.until_stamp = self.io.stamp_every;
        }
        asks
    }

    /// Reads until the socket is empty. A read that does not fill the buffer has emptied it,
    /// unless the peer's end of the stream is still to be seen.
    #[inline]
    fn readable(
        &mut self,
        slot: u32,
        generation: u32,
        events: u32,
        handler: &mut impl Handler<'a, EpollIo<'a>>,
    ) {
        let last = events & OVER != 0;
        loop {
            let fd = self.io.conns[slot as usize].fd;
            let (count, stamp) = if self.asks_for_stamp() {
                receive_stamped(fd, &mut self.buffer, self.offset)
            } else {
                (receive(fd, &mut self.buffer), None)
            };
            match count {
                Ok(0) => return handler.ended(&mut self.io, slot, 0),
                Ok(count) => {
                    handler.received(&mut self.io, slot, &self.buffer[..count], stamp, last);
                    let more = last || count == self.buffer.len();
                    if !more || self.io.conns[slot as usize].generation != generation {
                        return;
                    }
                }
                Err(libc::EAGAIN) => return,
                Err(libc::EINTR) => {}
                Err(errno) => return handler.ended(&mut self.io, slot, errno),
            }
        }
    }
}
