//! Beginning requests: on an idle connection, or together with a new one.

use super::answer::{broken, unopened};
use super::{Drive, STARTS, Stage, State};
use crate::engine::{Io, Opened};
use sys::clock;

impl<'a> Drive<'a> {
    /// The next request of the pool.
    #[inline]
    pub(super) fn take_request(&mut self) -> u32 {
        let request = self.next_request;
        self.next_request = if request as usize + 1 == self.pool.len() {
            0
        } else {
            request + 1
        };
        if self.pool.len() > 1 {
            self.pool.prefetch(self.next_request);
        }
        request
    }

    /// Closed loop: the next request of a connection that is idle or gone starts now.
    #[inline]
    pub(super) fn start_next<I: Io<'a>>(&mut self, io: &mut I, slot: u32) {
        let now = clock::now();
        self.pass_mark(now);
        if self.stage >= Stage::Drain {
            if self.slots[slot as usize].state == State::Idle {
                self.idle.push_back(slot);
            } else {
                self.free.push_back(slot);
            }
            return;
        }
        let request = self.take_request();
        self.ledger.flow.enter(now, now);
        self.begin(io, slot, request, now, now);
    }

    /// Gives a request to a slot that is idle or free.
    #[inline]
    pub(super) fn begin<I: Io<'a>>(
        &mut self,
        io: &mut I,
        slot: u32,
        request: u32,
        due: u64,
        now: u64,
    ) {
        let place = &mut self.slots[slot as usize];
        place.request = request;
        place.due = due;
        place.sent = now;
        place.body = Default::default();
        place.parser.begin(self.pool.is_head());
        if self.pool.sampled().is_some() && self.sampler.draw() {
            place.parser.watch();
        }
        let message = self.pool.message(request);
        if place.state == State::Idle {
            place.state = State::Busy;
            match io.send(slot, message) {
                Ok(()) => self.note_send(now),
                Err(errno) => self.fail_with(io, slot, now, broken(errno), errno),
            }
            return;
        }
        place.state = State::ConnectingBusy;
        place.served = 0;
        match io.open(slot, Some(message)) {
            Ok(Opened::Sent) => {
                self.slots[slot as usize].state = State::Busy;
                self.count_open();
                self.note_send(now);
            }
            Ok(Opened::Connecting) => {}
            Err(errno) => self.fail_with(io, slot, now, unopened(errno), errno),
        }
    }

    #[inline]
    pub(super) fn note_send(&mut self, now: u64) {
        self.ledger.note_send(now);
        self.attentive_until = now + self.spin;
    }

    /// Closed loop: sets idle connections going, some at a time so that answers are not left
    /// lying while thousands of connections start.
    pub(super) fn start_idle<I: Io<'a>>(&mut self, io: &mut I) {
        if self.stage >= Stage::Drain {
            return;
        }
        for _ in 0..STARTS {
            let Some(slot) = self.idle.pop_front() else {
                return;
            };
            if self.slots[slot as usize].state == State::Idle {
                self.start_next(io, slot);
            }
        }
    }
}
