//! Requests that have waited too long. A sweep over all slots now and then is cheaper than a
//! timer each; an answer that comes between its timeout and the sweep is a timeout all the same.
//! Long gaps in which the thread did not look are no part of the wait, see [`Drive::is_overdue`].

use super::{Drive, Stage};
use crate::engine::Io;
use crate::ledger::{Ending, ErrorKind, Example};
use sys::clock::{self, MILLI};

impl<'a> Drive<'a> {
    /// Time between sweeps.
    pub(super) fn sweep_gap(&self) -> u64 {
        (self.timeout / 20).clamp(MILLI, 100 * MILLI)
    }

    /// Gives up every request that has waited longer than the timeout, sent or owed.
    pub(super) fn sweep<I: Io<'a>>(&mut self, io: &mut I, now: u64) {
        let limit = now.saturating_sub(self.timeout);
        for slot in 0..self.slots.len() as u32 {
            let place = &self.slots[slot as usize];
            if place.has_request() && place.due < limit && self.is_overdue(place.due, now) {
                self.fail(io, slot, now, ErrorKind::Timeout);
            }
        }
        while let Some(due) = self.open.owed_mut().front().map(|owed| owed.due)
            && due < limit
            && self.is_overdue(due, now)
        {
            self.give_up_owed(now, "the timeout");
        }
    }

    /// Closes the oldest owed request's account: it was never sent before `end`.
    fn give_up_owed(&mut self, at: u64, end: &str) {
        let owed = self
            .open
            .owed_mut()
            .pop_front()
            .expect("called while something is owed");
        let pool = self.pool;
        let kind = ErrorKind::Timeout;
        self.ledger.errors.example(kind, || Example {
            request: pool.request_line(owed.request),
            expected: "a connection to send it on".into(),
            got: format!("none became free before {end}"),
        });
        self.ledger.close(&Ending {
            due: owed.due,
            sent: None,
            at,
            stamp: None,
            error: Some(kind),
        });
    }

    /// The drain is over: what has no end yet is recorded at its age.
    pub(super) fn abandon_rest<I: Io<'a>>(&mut self, io: &mut I) {
        debug_assert_eq!(self.stage, Stage::Drain);
        let before = self.ledger.recorded;
        let now = clock::now();
        self.pass_mark(now);
        while self.open.owed() > 0 {
            self.give_up_owed(now, "the drain was over");
        }
        for slot in 0..self.slots.len() as u32 {
            if self.slots[slot as usize].has_request() {
                self.fail(io, slot, now, ErrorKind::Timeout);
            }
        }
        self.ledger.unfinished = self.ledger.recorded - before;
    }
}
