//! What comes back: each answer is read, checked and booked, and the connection is given its
//! next request at once.

use super::{Drive, Stage, State};
use crate::engine::{Handler, Io, connect_advice, errno_text, is_local};
use crate::http::Answer;
use crate::ledger::{Ending, ErrorKind, Example};
use crate::request::Expected;
use sys::clock;

/// The kind of error that a failed send or receive is.
pub(super) fn broken(errno: i32) -> ErrorKind {
    match errno {
        0 => ErrorKind::ClosedEarly,
        libc::ETIMEDOUT => ErrorKind::Timeout,
        _ => ErrorKind::Reset,
    }
}

/// The kind of error that a failed opening is: a server is not to blame for this side's limits.
pub(super) fn unopened(errno: i32) -> ErrorKind {
    if is_local(errno) {
        ErrorKind::ConnectLocal
    } else {
        ErrorKind::Connect
    }
}

impl<'a, I: Io<'a>> Handler<'a, I> for Drive<'a> {
    fn connected(&mut self, io: &mut I, slot: u32) {
        self.count_open();
        let place = &mut self.slots[slot as usize];
        if place.state == State::Connecting {
            place.state = State::Idle;
            return self.idle.push_back(slot);
        }
        place.state = State::Busy;
        let now = clock::now();
        place.sent = now;
        let message = self.pool.message(place.request);
        self.pass_mark(now);
        match io.send(slot, message) {
            Ok(()) => self.note_send(now),
            Err(errno) => self.fail_with(io, slot, now, broken(errno), errno),
        }
    }

    #[inline]
    fn received(&mut self, io: &mut I, slot: u32, bytes: &[u8], stamp: Option<u64>, last: bool) {
        let now = clock::now();
        self.pass_mark(now);
        if self.stage == Stage::Measured {
            self.ledger.bytes += bytes.len() as u64;
        }
        let place = &mut self.slots[slot as usize];
        if place.state != State::Busy {
            return self.unasked(io, slot, now, bytes);
        }
        let expected = self.pool.expected(place.request);
        let check = &mut place.body;
        let progress = match expected.body {
            Some(body) => place
                .parser
                .feed(bytes, &mut |piece| check.feed(piece, body)),
            None => place.parser.feed(bytes, &mut |_| {}),
        };
        match progress {
            Ok(None) => {}
            Ok(Some(answer)) => self.answered(io, slot, now, stamp, answer, last, bytes),
            Err(fault) => {
                self.explain(slot, fault.into(), || {
                    format!("{}: {}", fault.words(), excerpt(bytes))
                });
                self.fail(io, slot, now, fault.into());
            }
        }
        if self.open.next_due() <= now {
            // Not at `now`: since then the answer's connection may have got its next request.
            self.release(io, self.now);
        }
    }

    fn ended(&mut self, io: &mut I, slot: u32, errno: i32) {
        let now = clock::now();
        self.pass_mark(now);
        let place = &mut self.slots[slot as usize];
        match place.state {
            State::Free => {}
            State::Connecting => self.open_failed(io, slot, errno),
            State::ConnectingBusy => self.fail_with(io, slot, now, unopened(errno), errno),
            State::Idle => {
                self.harvest.lost_idle += 1;
                self.last_failure = errno;
                if self.stage == Stage::Setup {
                    self.backoff.failed(now);
                }
                self.discard(io, slot);
            }
            State::Busy => match place.parser.end() {
                Ok(answer) if errno == 0 => {
                    self.answered(io, slot, now, None, answer, true, b"");
                }
                _ => self.fail_with(io, slot, now, broken(errno), errno),
            },
        }
    }
}

impl<'a> Drive<'a> {
    /// A complete answer: books it and sends the connection's next request.
    #[inline]
    #[allow(clippy::too_many_arguments)]
    fn answered<I: Io<'a>>(
        &mut self,
        io: &mut I,
        slot: u32,
        now: u64,
        stamp: Option<u64>,
        answer: Answer,
        last: bool,
        bytes: &[u8],
    ) {
        let place = &mut self.slots[slot as usize];
        let expected = self.pool.expected(place.request);
        let unsent = io.is_sending(slot);
        let early = unsent.then_some(ErrorKind::Early);
        let mut error = wrong(&answer, &expected, place.body.differs()).or(early);
        let (due, sent) = (place.due, place.sent);
        let mut odd = None;
        if let (None, Stage::Measured, Some(block), Some(wanted)) =
            (error, self.stage, place.parser.block(), self.pool.sampled())
        {
            odd = super::sample::wrong(block, wanted, sent, now);
            error = odd.as_ref().map(|_| ErrorKind::Header);
        }
        if self.is_overdue(due, now) {
            error = Some(ErrorKind::Timeout);
        }
        self.ledger.close(&Ending {
            due,
            sent: Some(sent),
            at: now,
            stamp,
            error,
        });
        if let Some(kind) = error {
            let status = answer.status;
            let length = answer.length;
            let when = match kind {
                ErrorKind::Timeout => "after the timeout, ",
                _ if unsent => "before the request was sent whole, ",
                _ => "",
            };
            self.explain(slot, kind, || match odd {
                Some(odd) if kind == ErrorKind::Header => odd,
                _ => format!("{when}status {status}, {length} bytes: {}", excerpt(bytes)),
            });
        }
        let place = &mut self.slots[slot as usize];
        place.served += 1;
        if place.served == 1 {
            self.backoff.succeeded();
        }
        let may = answer.keep_alive && !last && !self.pool.closes(place.request);
        if may && place.served < self.per_connection && !unsent {
            place.state = State::Idle;
        } else {
            place.state = State::Free;
            self.connected -= 1;
            io.close(slot);
        }
        if self.closed {
            self.start_next(io, slot);
        } else {
            self.begin_owed(io, slot);
        }
    }

    /// As [`Drive::fail`], because of `errno`.
    pub(super) fn fail_with<I: Io<'a>>(
        &mut self,
        io: &mut I,
        slot: u32,
        at: u64,
        kind: ErrorKind,
        errno: i32,
    ) {
        self.last_failure = errno;
        self.fail(io, slot, at, kind);
    }

    /// The request in `slot` has failed, as was noticed `at`, and its connection with it.
    pub(super) fn fail<I: Io<'a>>(&mut self, io: &mut I, slot: u32, at: u64, kind: ErrorKind) {
        let place = &self.slots[slot as usize];
        let (due, state) = (place.due, place.state);
        let sent = (state == State::Busy).then_some(place.sent);
        let errno = self.last_failure;
        let progress = place.parser.progress();
        let unsent = state == State::Busy && io.is_sending(slot);
        let overdue = self.is_overdue(due, at);
        // An end that comes after the timeout is the timeout, whatever it looks like.
        let kind = if overdue { ErrorKind::Timeout } else { kind };
        self.explain(slot, kind, || {
            let end = if overdue {
                "the timeout"
            } else {
                "the drain was over"
            };
            let rest = if unsent {
                "; the request had not been sent whole"
            } else {
                ""
            };
            match kind {
                ErrorKind::Timeout if state == State::Busy => {
                    format!("{progress} before {end}{rest}")
                }
                ErrorKind::Timeout => format!("no open connection before {end}"),
                ErrorKind::Connect | ErrorKind::ConnectLocal => {
                    format!("{}. {}", errno_text(errno), connect_advice(errno))
                }
                _ => format!("{}; received: {progress}{rest}", errno_text(errno)),
            }
        });
        self.ledger.close(&Ending {
            due,
            sent,
            at,
            stamp: None,
            error: Some(kind),
        });
        if state == State::ConnectingBusy {
            self.harvest.failed_opens += 1;
            self.backoff.failed(at);
        } else if self.slots[slot as usize].served == 0 && kind != ErrorKind::Timeout {
            // A connection that broke before it carried an answer: the server may be going down.
            // One that is merely slow makes no storm: the timeout itself paces the attempts.
            self.backoff.failed(at);
        }
        self.discard(io, slot);
    }

    fn explain(&mut self, slot: u32, kind: ErrorKind, got: impl FnOnce() -> String) {
        let (pool, request) = (self.pool, self.slots[slot as usize].request);
        self.ledger.errors.example(kind, || Example {
            request: pool.request_line(request),
            expected: in_words(&pool.expected(request)),
            got: got(),
        });
    }
}

/// What is wrong with an answer, if anything.
#[inline]
fn wrong(answer: &Answer, expected: &Expected<'_>, differs: bool) -> Option<ErrorKind> {
    if expected
        .status
        .is_some_and(|status| status != answer.status)
    {
        return Some(ErrorKind::Status);
    }
    if expected
        .length
        .is_some_and(|length| length != answer.length)
    {
        return Some(ErrorKind::Length);
    }
    differs.then_some(ErrorKind::Body)
}

fn in_words(expected: &Expected<'_>) -> String {
    let status = expected
        .status
        .map_or("any status".into(), |status| format!("status {status}"));
    match (expected.body, expected.length) {
        (Some(body), _) => format!("{status}, {} bytes: {}", body.len(), excerpt(body)),
        (None, Some(length)) => format!("{status}, {length} bytes"),
        (None, None) => status,
    }
}

/// The start of some bytes, made printable.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    const LENGTH: usize = 200;
    let text = bytes[..bytes.len().min(LENGTH)].escape_ascii().to_string();
    if bytes.len() > LENGTH {
        format!("{text}...")
    } else {
        text
    }
}
