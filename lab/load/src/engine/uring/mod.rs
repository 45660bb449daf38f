//! io_uring: multishot receives into provided buffers, one send entry a request, completions run
//! when this thread asks for them (`DEFER_TASKRUN`, Linux 6.1). Sends are handed over eight at a
//! time, so a send stamp may be early by the seven sends before it, tens of microseconds: that
//! is booked as latency, never as speed.

mod buffers;

use super::socket::{Opener, RawAddress};
use super::{Engine, Handler, Io, Opened, Wait};
use crate::LoadError;
use crate::clock;
use crate::request::Message;
use buffers::{Buffers, GROUP};
use io_uring::types::{CancelBuilder, Fd, TimeoutFlags, Timespec};
use io_uring::{IoUring, cqueue, opcode, squeue};
use std::os::fd::RawFd;

/// Submission entries.
const ENTRIES: u32 = 1024;
/// Sends that are handed to the kernel together.
const BATCH: u32 = 8;
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
    /// A send with a completion to come.
    sending: bool,
    /// The end of the stream is among the completions at hand.
    ending: bool,
    two_parts: Option<Box<TwoParts>>,
}

/// The sending half. Messages are handed to the kernel by address: the engine is dropped before
/// the pool that they lie in, which outlives the load's threads.
pub struct UringIo {
    ring: IoUring,
    conns: Vec<Conn>,
    opener: Opener,
    address: RawAddress,
    queued: u32,
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
        self.queued = 0;
        // A failure leaves the entries queued; the next wait submits them and reports it.
        let _ = self.ring.submit();
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
        (conn.fd, conn.sending, conn.ending) = (fd, false, false);
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
        let entry = if body.is_empty() {
            opcode::Send::new(Fd(conn.fd), head.as_ptr(), head.len() as u32)
                .flags(flags)
                .build()
                .flags(squeue::Flags::SKIP_SUCCESS)
        } else {
            conn.sending = true;
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
        self.push(entry.user_data(tag));
        self.queued += 1;
        if self.queued >= BATCH {
            self.submit();
        }
        Ok(())
    }

    fn is_sending(&self, slot: u32) -> bool {
        self.conns[slot as usize].sending
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
        conn.fd = -1;
        conn.generation = conn.generation.wrapping_add(1);
        conn.two_parts = None;
        conn.sending = false;
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
                reason: format!("the kernel gives no ring with deferred task run ({source})"),
            })?;
        let buffers = Buffers::new(&ring)?;
        let address = opener.address.into();
        let conn = |_| Conn {
            fd: -1,
            generation: 0,
            sending: false,
            ending: false,
            two_parts: None,
        };
        let conns = (0..slots).map(conn).collect();
        let io = UringIo {
            ring,
            conns,
            opener,
            address,
            queued: 0,
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
        self.io.queued = 0;
        let mut batch = std::mem::take(&mut self.batch);
        batch.extend(
            self.io
                .ring
                .completion()
                .map(|c| (c.user_data(), c.result(), c.flags())),
        );
        for (tag, result, _) in &batch {
            // Known before the answers are handled: no request is given to a closing connection.
            if tag >> 56 == Op::Receive as u64 && *result == 0 && self.is_current(*tag) {
                self.io.conns[*tag as u32 as usize].ending = true;
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
        } else {
            self.io.conns[slot as usize].sending = false;
            if result < 0 {
                handler.ended(&mut self.io, slot, -result);
            }
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
            0 => handler.ended(&mut self.io, slot, 0),
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
