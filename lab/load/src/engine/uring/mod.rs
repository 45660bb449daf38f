//! io_uring: multishot receives into provided buffers, one send entry a request, completions run
//! when this thread asks for them (`DEFER_TASKRUN`, Linux 6.1). Sends are handed over eight at a
//! time, so a send stamp may be early by the seven sends before it, tens of microseconds: that
//! is booked as latency, never as speed.

mod buffers;

use super::socket::{Opener, RawAddress};
use super::{Engine, Handler, Io, Opened, Wait};
use crate::LoadError;
use crate::request::Message;
use buffers::{Buffers, GROUP};
use io_uring::types::{CancelBuilder, Fd, TimeoutFlags, Timespec};
use io_uring::{IoUring, cqueue, opcode, squeue};
use std::os::fd::RawFd;
use sys::clock;

/// Submission entries.
const ENTRIES: u32 = 1024;
/// Sends that are handed to the kernel together.
const BATCH: u32 = 8;
/// Longest message, in bytes, that a socket with nothing else to send takes whole: a quarter of
/// the send buffer that it begins with (16 KiB), in which the kernel's bookkeeping counts as well.
const TAKEN_WHOLE: usize = 4 * 1024;
/// `IORING_ENTER_GETEVENTS`: run what is deferred.
const GET_EVENTS: u32 = 1;

/// What a completion is about, in the top byte of its user data.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Op {
    Connect = 1,
    Receive = 2,
    Send = 3,
    Timer = 4,
}

fn tag(op: Op, slot: u32, generation: u32) -> u64 {
    (op as u64) << 56 | u64::from(generation & 0xff_ffff) << 32 | u64::from(slot)
}

/// A message in two parts, as the kernel wants it; it must not move until it is sent.
struct TwoParts {
    header: libc::msghdr,
    parts: [libc::iovec; 2],
}

/// One connection.
struct Conn {
    fd: RawFd,
    generation: u32,
    /// A send with a completion to come, or one that never became whole.
    sending: bool,
    /// Bytes of the last message.
    length: usize,
    /// The batch in which the last message was queued.
    queued_in: u64,
    /// Messages have a completion: one was longer than a socket takes at once, so what it has not
    /// delivered yet may stand in the way of a short one, too.
    long: bool,
    /// Why a send failed, told once what the server still said has been read.
    failed: i32,
    /// The end of the stream is among the completions at hand.
    ending: bool,
    two_parts: Option<Box<TwoParts>>,
}

impl Conn {
    fn free(generation: u32) -> Self {
        Self {
            fd: -1,
            generation,
            sending: false,
            length: 0,
            queued_in: 0,
            long: false,
            failed: 0,
            ending: false,
            two_parts: None,
        }
    }

    /// Takes the result of a send. A message that is not short and has not failed is whole.
    fn sent(&mut self, result: i32) {
        if result < 0 {
            self.failed = -result;
        } else if result as usize == self.length {
            self.sending = false;
        }
    }
}

/// The peer has hung up: the receive says so too, behind what the server said before.
fn is_hang_up(errno: i32) -> bool {
    matches!(errno, libc::EPIPE | libc::ECONNRESET)
}

/// What a kernel that gives no ring means by it.
fn why_no_ring(source: &std::io::Error) -> String {
    let cause = match source.raw_os_error() {
        Some(libc::ENOSYS) => "this kernel was built without io_uring, or a container hides it",
        Some(libc::EPERM | libc::EACCES) => {
            "it is forbidden: by sysctl kernel.io_uring_disabled, or by a container's seccomp filter"
        }
        Some(libc::EINVAL) => "deferred task run needs Linux 6.1 or later",
        Some(libc::ENOMEM) => "the limit of locked memory is too low (ulimit -l)",
        _ => "io_uring could not be set up",
    };
    format!("{cause} ({source})")
}

/// The sending half. Messages are handed to the kernel by address: the engine is dropped before
/// the pool that they lie in, which outlives the load's threads.
pub struct UringIo {
    ring: IoUring,
    conns: Vec<Conn>,
    opener: Opener,
    address: RawAddress,
    queued: u32,
    /// Number of the batch that is being filled: what is queued in it, the kernel has not seen.
    batch: u64,
}

/// The engine. The field order matters: the ring is closed before its buffers go.
pub struct Uring {
    io: UringIo,
    buffers: Buffers,
    batch: Vec<(u64, i32, u32)>,
    armed: u64,
}

impl UringIo {
    /// Adds an entry, handing over what is queued if there is no room.
    fn push(&mut self, entry: squeue::Entry) {
        // SAFETY: what the entries point to (the pool, this connection's boxed parts, the
        // address) outlives them; timeouts are submitted before their timespec goes.
        while unsafe { self.ring.submission().push(&entry) }.is_err() {
            self.submit();
        }
    }

    fn submit(&mut self) {
        self.begin_batch();
        // A failure leaves the entries queued; the next wait submits them and reports it.
        let _ = self.ring.submit();
    }

    fn begin_batch(&mut self) {
        self.queued = 0;
        self.batch += 1;
    }

    fn receive(&mut self, slot: u32) {
        let conn = &self.conns[slot as usize];
        let tag = tag(Op::Receive, slot, conn.generation);
        self.push(
            opcode::RecvMulti::new(Fd(conn.fd), GROUP)
                .build()
                .user_data(tag),
        );
    }
}

impl<'a> Io<'a> for UringIo {
    fn open(&mut self, slot: u32, _first: Option<Message<'a>>) -> Result<Opened, i32> {
        let fd = self.opener.socket(slot, true, false)?;
        let conn = &mut self.conns[slot as usize];
        debug_assert!(conn.fd < 0, "slot {slot} is in use");
        *conn = Conn {
            fd,
            ..Conn::free(conn.generation)
        };
        let tag = tag(Op::Connect, slot, conn.generation);
        let entry = opcode::Connect::new(Fd(fd), self.address.as_ptr(), self.address.len());
        self.push(entry.build().user_data(tag));
        Ok(Opened::Connecting)
    }

    #[inline]
    fn send(&mut self, slot: u32, message: Message<'a>) -> Result<(), i32> {
        let flags = libc::MSG_NOSIGNAL | libc::MSG_WAITALL;
        let Message { head, body } = message;
        let conn = &mut self.conns[slot as usize];
        let tag = tag(Op::Send, slot, conn.generation);
        conn.long |= message.len() > TAKEN_WHOLE;
        // One completion less, and one wake-up, for the short messages that nearly all are.
        conn.sending = conn.long;
        conn.length = message.len();
        let skip = if conn.long {
            squeue::Flags::empty()
        } else {
            squeue::Flags::SKIP_SUCCESS
        };
        let entry = if body.is_empty() {
            opcode::Send::new(Fd(conn.fd), head.as_ptr(), head.len() as u32)
                .flags(flags)
                .build()
        } else {
            let two = conn.two_parts.insert(Box::new(TwoParts {
                // SAFETY: all zeroes is a valid msghdr.
                header: unsafe { std::mem::zeroed() },
                parts: [head, body].map(|part| libc::iovec {
                    iov_base: part.as_ptr().cast_mut().cast(),
                    iov_len: part.len(),
                }),
            }));
            two.header.msg_iov = two.parts.as_mut_ptr();
            two.header.msg_iovlen = 2;
            opcode::SendMsg::new(Fd(conn.fd), &raw const two.header)
                .flags(flags as u32)
                .build()
        };
        self.push(entry.flags(skip).user_data(tag));
        self.conns[slot as usize].queued_in = self.batch;
        self.queued += 1;
        if self.queued >= BATCH {
            self.submit();
        }
        Ok(())
    }

    fn is_sending(&self, slot: u32) -> bool {
        let conn = &self.conns[slot as usize];
        conn.sending || conn.queued_in == self.batch
    }

    fn close(&mut self, slot: u32) {
        let fd = self.conns[slot as usize].fd;
        if fd < 0 {
            return;
        }
        // Entries in the queue name the descriptor, and pending receives hold the connection
        // open: both have to go before the number can be used again.
        self.submit();
        let _ = self
            .ring
            .submitter()
            .register_sync_cancel(None, CancelBuilder::fd(Fd(fd)).all());
        // SAFETY: the descriptor is ours.
        unsafe { libc::close(fd) };
        let conn = &mut self.conns[slot as usize];
        *conn = Conn::free(conn.generation.wrapping_add(1));
    }
}

impl Drop for UringIo {
    fn drop(&mut self) {
        for slot in 0..self.conns.len() {
            self.close(slot as u32);
        }
    }
}

impl<'a> Engine<'a> for Uring {
    type Io = UringIo;
    const NAME: &'static str = "uring";
    const STAMPS: bool = false;

    fn new(slots: usize, opener: Opener, _stamp_every: u32) -> Result<Self, LoadError> {
        let completions = (slots as u32)
            .next_power_of_two()
            .clamp(2 * ENTRIES, 32_768);
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_cqsize(completions)
            .build(ENTRIES)
            .map_err(|source| LoadError::Engine {
                engine: "uring",
                reason: why_no_ring(&source),
            })?;
        let buffers = Buffers::new(&ring)?;
        let address = opener.address.into();
        let conns = (0..slots).map(|_| Conn::free(0)).collect();
        let io = UringIo {
            ring,
            conns,
            opener,
            address,
            queued: 0,
            batch: 1,
        };
        Ok(Self {
            io,
            buffers,
            batch: Vec::with_capacity(completions as usize),
            armed: 0,
        })
    }

    fn io(&mut self) -> &mut UringIo {
        &mut self.io
    }

    fn wait(
        &mut self,
        wait: Wait,
        handler: &mut impl Handler<'a, UringIo>,
    ) -> Result<u32, LoadError> {
        self.enter(wait)?;
        self.io.begin_batch();
        let mut batch = std::mem::take(&mut self.batch);
        batch.extend(
            self.io
                .ring
                .completion()
                .map(|c| (c.user_data(), c.result(), c.flags())),
        );
        // Known before the answers are handled: no request is given to a closing connection, and
        // an answer whose completion overtook that of its request did not come too early.
        for (tag, result, _) in &batch {
            let (op, slot) = (tag >> 56, *tag as u32 as usize);
            if op == Op::Receive as u64 && *result == 0 && self.is_current(*tag) {
                self.io.conns[slot].ending = true;
            } else if op == Op::Send as u64 && self.is_current(*tag) {
                self.io.conns[slot].sent(*result);
            }
        }
        let mut events = 0;
        for (tag, result, flags) in batch.drain(..) {
            events += u32::from(self.complete(tag, result, flags, handler));
        }
        self.batch = batch;
        self.buffers.publish();
        Ok(events)
    }
}

impl Uring {
    /// Hands over what is queued and waits.
    fn enter(&mut self, wait: Wait) -> Result<(), LoadError> {
        let result = match wait {
            Wait::Poll => {
                let queued = self.io.ring.submission().len() as u32;
                // SAFETY: no argument is passed.
                unsafe {
                    self.io
                        .ring
                        .submitter()
                        .enter::<libc::sigset_t>(queued, 0, GET_EVENTS, None)
                }
            }
            Wait::Until(until) => {
                // A deadline is armed once, not with each wait; one that has become needless
                // costs one empty wake-up.
                let at = Timespec::new()
                    .sec(until / clock::SECOND)
                    .nsec((until % clock::SECOND) as u32);
                if self.armed != until {
                    self.armed = until;
                    let entry = opcode::Timeout::new(&raw const at).flags(TimeoutFlags::ABS);
                    self.io.push(entry.build().user_data(tag(Op::Timer, 0, 0)));
                }
                self.io.ring.submit_and_wait(1)
            }
        };
        match result {
            Ok(_) => Ok(()),
            // A signal, or more completions than the queue holds: both are over by the next wait.
            Err(error) if matches!(error.raw_os_error(), Some(libc::EINTR | libc::EBUSY)) => Ok(()),
            Err(source) => Err(LoadError::System {
                what: "io_uring_enter",
                source,
            }),
        }
    }

    fn is_current(&self, tag: u64) -> bool {
        let generation = (tag >> 32) as u32 & 0xff_ffff;
        self.io.conns[tag as u32 as usize].generation & 0xff_ffff == generation
    }

    /// Handles one completion; false if it was none of the connections'.
    #[inline]
    fn complete<'a>(
        &mut self,
        tag: u64,
        result: i32,
        flags: u32,
        handler: &mut impl Handler<'a, UringIo>,
    ) -> bool {
        let slot = tag as u32;
        let op = (tag >> 56) as u8;
        if op == Op::Timer as u8 {
            return false;
        }
        let current = self.is_current(tag);
        if op == Op::Receive as u8 {
            self.received(tag, result, flags, current, handler);
        } else if !current {
            return false;
        } else if op == Op::Connect as u8 {
            if result < 0 {
                handler.ended(&mut self.io, slot, -result);
            } else {
                self.io.receive(slot);
                handler.connected(&mut self.io, slot);
            }
        } else if result < 0 && !is_hang_up(-result) {
            handler.ended(&mut self.io, slot, -result);
        }
        true
    }

    fn received<'a>(
        &mut self,
        tag: u64,
        result: i32,
        flags: u32,
        current: bool,
        handler: &mut impl Handler<'a, UringIo>,
    ) {
        let slot = tag as u32;
        if let Some((id, bytes)) = self.buffers.filled(flags, result.max(0) as usize) {
            if current && result > 0 {
                let last = self.io.conns[slot as usize].ending;
                handler.received(&mut self.io, slot, bytes, None, last);
            }
            self.buffers.give(id);
        }
        // The handler may have closed the connection.
        if !self.is_current(tag) {
            return;
        }
        match result {
            0 => {
                let errno = self.io.conns[slot as usize].failed;
                handler.ended(&mut self.io, slot, errno);
            }
            // Out of buffers: they are back by the time that this is submitted.
            _ if result == -libc::ENOBUFS => self.rearm(slot),
            _ if result < 0 => handler.ended(&mut self.io, slot, -result),
            _ if !cqueue::more(flags) => self.rearm(slot),
            _ => {}
        }
    }

    fn rearm(&mut self, slot: u32) {
        self.buffers.publish();
        self.io.receive(slot);
    }
}
