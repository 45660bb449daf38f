//! A worker: one thread with an epoll, its connections, and a task without a stack for each.
//!
//! A task is a future: what it has to remember between two events is a struct that the compiler
//! makes, of a size that it knows. Buffers belong to the worker. A task has one while a request is
//! being read, and none while it waits for the next.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::app::{self, Exchange, Served};
use crate::clock::Clock;
use crate::http::{Parsed, Progress, Request};
use crate::ring::Consumer;
use crate::routes::Values;
use crate::sys::{self, Bell, Epoll, Moved};

/// How many events are taken at once.
const BATCH: usize = 256;
/// The size of a buffer that a request begins with.
const SMALL: usize = 4 << 10;
/// How many buffers are kept for the next.
const KEPT: usize = 256;
/// How many bytes of answers are gathered before they are written.
const FLUSH_AT: usize = 16 << 10;
/// How large a buffer becomes for a request whose length is not known.
const LARGEST: usize = 16 << 20;
/// How long a refused client may go on sending.
const LINGER: Duration = Duration::from_secs(1);

const READABLE: i32 = libc::EPOLLIN | libc::EPOLLRDHUP;

/// What a worker's tasks share.
struct Core {
    epoll: Epoll,
    app: Arc<Served>,
    clock: RefCell<Clock>,
    buffers: RefCell<Vec<Vec<u8>>>,
    out: RefCell<Vec<u8>>,
    scratch: RefCell<Vec<u8>>,
    lingering: RefCell<Vec<(Instant, std::rc::Weak<Io>)>>,
}

/// A connection's socket, with what the epoll said of it.
struct Io {
    socket: OwnedFd,
    told: Cell<bool>,
    writes: Cell<bool>,
}

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Runs until `stop` is set and the bell is rung.
pub fn run(
    app: Arc<Served>,
    mut accepted: Consumer<OwnedFd>,
    bell: &Bell,
    stop: &AtomicBool,
) -> io::Result<()> {
    let core = Rc::new(Core {
        epoll: Epoll::new()?,
        app,
        clock: RefCell::new(Clock::new()),
        buffers: RefCell::default(),
        out: RefCell::default(),
        scratch: RefCell::default(),
        lingering: RefCell::default(),
    });
    core.epoll.add(bell.fd(), libc::EPOLLIN)?;
    let mut tasks: Vec<Option<(Rc<Io>, Task)>> = Vec::new();
    let mut events = [libc::epoll_event { events: 0, u64: 0 }; BATCH];
    while !stop.load(Ordering::Acquire) {
        let patience = match core.lingering.borrow().is_empty() {
            true => -1,
            false => LINGER.as_millis() as i32 / 4,
        };
        let count = core.epoll.wait(&mut events, patience)?;
        core.clock.borrow_mut().tick();
        for event in &events[..count] {
            let fd = event.u64 as usize;
            if fd as RawFd == bell.fd() {
                bell.silence();
                while let Some(socket) = accepted.pop() {
                    begin(&core, &mut tasks, socket);
                }
            } else if let Some(Some((io, task))) = tasks.get_mut(fd) {
                io.told.set(true);
                if task
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_ready()
                {
                    tasks[fd] = None;
                }
            }
        }
        core.end_lingering();
    }
    Ok(())
}

/// Makes a connection's task, and lets it come to where it waits.
fn begin(core: &Rc<Core>, tasks: &mut Vec<Option<(Rc<Io>, Task)>>, socket: OwnedFd) {
    let fd = socket.as_raw_fd();
    if core.epoll.add(fd, READABLE).is_err() {
        return;
    }
    let io = Rc::new(Io {
        socket,
        told: Cell::new(false),
        writes: Cell::new(false),
    });
    if tasks.len() <= fd as usize {
        tasks.resize_with(fd as usize + 64, || None);
    }
    let task: Task = Box::pin(connection(Rc::clone(core), Rc::clone(&io)));
    tasks[fd as usize] = Some((io, task));
}

/// What a connection is between two events.
#[derive(Default)]
struct State {
    request: Request,
    progress: Progress,
    buffer: Vec<u8>, // empty where nothing is being read
    have: usize,
    pending: Vec<u8>, // answers that the client has not taken yet
    sent: usize,
    continued: bool,
    ends: Option<End>,
}

/// How a connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// At once.
    Now,
    /// Once the client has read why.
    Lingering,
}

/// The life of a connection.
async fn connection(core: Rc<Core>, io: Rc<Io>) {
    let mut state = State::default();
    loop {
        io.told().await;
        if state.buffer.is_empty() {
            state.buffer = core.buffer(SMALL);
        }
        match sys::read(io.fd(), &mut state.buffer[state.have..]) {
            Moved::Bytes(0) | Moved::Broken => break,
            Moved::Later => {}
            Moved::Bytes(count) => state.have += count,
        }
        if state.have > 0 && state.have < state.progress.need {
            continue;
        }
        loop {
            let taken = core.answer(&io, &mut state);
            // What the client does not take stops the requests behind it, too.
            while !state.pending.is_empty() {
                core.listen(&io, true);
                io.told().await;
                core.write(&io, &mut state);
            }
            core.listen(&io, false);
            core.keep(&mut state, taken);
            if state.ends.is_some() || state.have == 0 || !core.has_more(&state) {
                break;
            }
        }
        if state.ends.is_some() {
            break;
        }
    }
    core.give_back(&mut state);
    if state.ends != Some(End::Lingering) {
        return;
    }
    drop(state);
    // Closing a socket with bytes in it that nobody has read would take the answer back.
    sys::shutdown(io.fd(), libc::SHUT_WR);
    let deadline = Instant::now() + LINGER;
    core.lingering
        .borrow_mut()
        .push((deadline, Rc::downgrade(&io)));
    loop {
        io.told().await;
        let mut buffer = core.buffer(SMALL);
        let read = sys::read(io.fd(), &mut buffer);
        core.take_back(buffer);
        if matches!(read, Moved::Bytes(0) | Moved::Broken) {
            return;
        }
    }
}

impl Io {
    fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Waits until the epoll says something of this socket.
    fn told(&self) -> impl Future<Output = ()> {
        poll_fn(|_| match self.told.take() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
    }
}

impl Core {
    fn buffer(&self, size: usize) -> Vec<u8> {
        let kept = (size <= SMALL)
            .then(|| self.buffers.borrow_mut().pop())
            .flatten();
        kept.unwrap_or_else(|| vec![0; size.max(SMALL)])
    }

    fn take_back(&self, buffer: Vec<u8>) {
        let mut buffers = self.buffers.borrow_mut();
        if buffer.len() == SMALL && buffers.len() < KEPT {
            buffers.push(buffer);
        }
    }

    fn give_back(&self, state: &mut State) {
        self.take_back(std::mem::take(&mut state.buffer));
        state.have = 0;
    }

    /// Asks the epoll for room to write, or for what comes to be read.
    fn listen(&self, io: &Io, writes: bool) {
        if io.writes.replace(writes) != writes {
            // It was asked for the same socket before, so it cannot fail but for want of memory;
            // then the connection waits in vain.
            let _ = self
                .epoll
                .change(io.fd(), if writes { libc::EPOLLOUT } else { READABLE });
        }
    }

    /// Answers the whole requests that there are, until one's answers have to wait; gives how many
    /// bytes they took.
    fn answer(&self, io: &Io, state: &mut State) -> usize {
        let mut out = self.out.borrow_mut();
        let mut scratch = self.scratch.borrow_mut();
        let clock = self.clock.borrow();
        let mut at = 0;
        while at < state.have && state.ends.is_none() && state.pending.is_empty() {
            let data = &mut state.buffer[at..state.have];
            match state.request.parse(data, &mut state.progress) {
                Ok(Parsed::Whole(taken)) => {
                    let before = out.len();
                    let mut exchange = Exchange {
                        data,
                        request: &state.request,
                        names: &[],
                        values: Values::default(),
                        date: clock.words(),
                        out: &mut out,
                        scratch: &mut scratch,
                    };
                    // A handler that panics costs its connection, and no other.
                    let answer = AssertUnwindSafe(|| self.app.answer(&mut exchange));
                    if catch_unwind(answer).is_err() {
                        out.truncate(before);
                        error(&mut out, clock.words(), 500);
                        state.ends = Some(End::Now);
                    }
                    if state.request.close {
                        state.ends = Some(End::Now);
                    }
                    at += taken;
                    (state.progress, state.continued) = (Progress::default(), false);
                }
                Ok(Parsed::Partial) => {
                    if state.request.awaits_leave(&state.progress) && !state.continued {
                        state.continued = true;
                        out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
                    }
                    break;
                }
                Err(refusal) => {
                    error(&mut out, clock.words(), refusal.status());
                    state.ends = Some(End::Lingering);
                }
            }
            if out.len() >= FLUSH_AT {
                flush(io, &mut out, state);
            }
        }
        flush(io, &mut out, state);
        // A long answer's memory is not kept for the next, which will be short.
        out.shrink_to(4 * FLUSH_AT);
        scratch.shrink_to(4 * FLUSH_AT);
        at
    }

    /// Writes what waits.
    fn write(&self, io: &Io, state: &mut State) {
        match sys::write(io.fd(), &state.pending[state.sent..]) {
            Moved::Bytes(count) => state.sent += count,
            Moved::Later => {}
            Moved::Broken => {
                state.ends = Some(End::Now);
                state.sent = state.pending.len();
            }
        }
        if state.sent == state.pending.len() {
            (state.pending, state.sent) = (Vec::new(), 0);
        }
    }

    /// Moves what is left of the buffer to its front, or into a larger one; gives it back where
    /// nothing is left.
    fn keep(&self, state: &mut State, taken: usize) {
        let left = state.have - taken;
        if left == 0 || state.ends.is_some() {
            self.give_back(state);
            return;
        }
        let (room, need) = (state.buffer.len(), state.progress.need);
        if left == room || need > room {
            let wanted = need.max((4 * left).min(LARGEST));
            let mut larger = self.buffer(wanted);
            larger[..left].copy_from_slice(&state.buffer[taken..state.have]);
            self.take_back(std::mem::replace(&mut state.buffer, larger));
        } else if taken > 0 {
            state.buffer.copy_within(taken..state.have, 0);
        }
        state.have = left;
    }

    /// Whether requests are left that were stopped by answers which had to wait.
    fn has_more(&self, state: &State) -> bool {
        state.have >= state.progress.need && state.progress == Progress::default()
    }

    /// Ends the connections of clients that were refused and went on sending.
    fn end_lingering(&self) {
        let mut lingering = self.lingering.borrow_mut();
        if lingering.is_empty() {
            return;
        }
        let now = Instant::now();
        lingering.retain(|(deadline, io)| match io.upgrade() {
            None => false,
            Some(_) if now < *deadline => true,
            Some(io) => {
                // Its task reads the end then.
                sys::shutdown(io.fd(), libc::SHUT_RDWR);
                false
            }
        });
    }
}

/// Answers what is no handler's, and says that the connection ends.
fn error(out: &mut Vec<u8>, date: &str, status: u16) {
    let words = app::reason(status).as_bytes();
    app::append(out, date, status, app::TEXT, None, true, words.len());
    out.extend_from_slice(words);
}

/// Writes answers. What the client does not take yet is copied, and waits.
fn flush(io: &Io, out: &mut Vec<u8>, state: &mut State) {
    if out.is_empty() {
        return;
    }
    match sys::write(io.fd(), out) {
        Moved::Bytes(count) if count == out.len() => {}
        Moved::Bytes(count) => state.pending = out[count..].to_vec(),
        Moved::Later => state.pending.clone_from(out),
        Moved::Broken => state.ends = Some(End::Now),
    }
    out.clear();
}
