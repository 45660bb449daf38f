//! The open loop: requests become due by the schedule alone. A due request takes the connection
//! that has been idle longest, else opens one up to the cap, else waits here; its time runs from
//! when it was due.

use super::{Drive, State};
use crate::engine::Io;
use crate::schedule::Schedule;
use crate::spec::SpecDraft;
use std::collections::VecDeque;
use sys::clock;

/// A due request that no connection has taken yet.
#[derive(Clone, Copy, Debug)]
pub struct Owed {
    pub due: u64,
    pub request: u32,
}

/// The schedule and what is owed of it.
pub struct OpenLoop {
    schedule: Option<Schedule>,
    begin: u64,
    next_due: u64,
    owed: VecDeque<Owed>,
    coalesce: u64,
}

impl OpenLoop {
    /// The share of `thread`; never due in a closed loop.
    pub fn new(draft: &SpecDraft, thread: usize, threads: usize) -> Self {
        Self {
            schedule: Schedule::new(draft.arrival, draft.seed, thread, threads),
            begin: 0,
            next_due: u64::MAX,
            owed: VecDeque::new(),
            coalesce: draft.pacing.coalesce.nanos(),
        }
    }

    /// Time zero of the schedule.
    pub fn begin(&mut self, at: u64) {
        self.begin = at;
        self.advance();
    }

    /// Nothing becomes due at or after `end`; what is due before it still does, late as it is.
    pub fn finish(&mut self, end: u64) {
        if self.next_due >= end {
            (self.schedule, self.next_due) = (None, u64::MAX);
        }
    }

    /// When the next request is due.
    #[inline]
    pub fn next_due(&self) -> u64 {
        self.next_due
    }

    /// When to stop sleeping for it, to spin for so many ns.
    pub fn wake(&self, spin: u64) -> u64 {
        self.next_due
            .saturating_add(self.coalesce)
            .saturating_sub(spin)
    }

    /// Requests that wait for a connection.
    pub fn owed(&self) -> usize {
        self.owed.len()
    }

    /// The owed requests, oldest first.
    pub fn owed_mut(&mut self) -> &mut VecDeque<Owed> {
        &mut self.owed
    }

    fn advance(&mut self) {
        self.next_due = match &mut self.schedule {
            Some(schedule) => self.begin + schedule.next(),
            None => u64::MAX,
        };
    }
}

impl<'a> Drive<'a> {
    /// Releases every request that is due by now, and by the time this takes.
    pub(super) fn release<I: Io<'a>>(&mut self, io: &mut I, mut now: u64) {
        while self.open.next_due <= now {
            let due = self.open.next_due;
            if due >= self.ledger.end {
                return self.open.finish(self.ledger.end);
            }
            self.open.advance();
            let request = self.take_request();
            self.ledger.flow.enter(due, now);
            self.ledger.releases.note(now);
            if self.ledger.covers(due) {
                self.ledger.lateness.record(now - due);
            }
            self.dispatch(io, Owed { due, request }, now);
            now = clock::now();
            self.pass_mark(now);
        }
    }

    fn dispatch<I: Io<'a>>(&mut self, io: &mut I, owed: Owed, now: u64) {
        // Those that wait longer go first.
        if self.open.owed.is_empty() {
            while let Some(slot) = self.idle.pop_front() {
                if self.slots[slot as usize].state == State::Idle {
                    return self.begin(io, slot, owed.request, owed.due, now);
                }
            }
            if now >= self.backoff.not_before()
                && !self.backoff.is_failing()
                && let Some(slot) = self.free.pop_front()
            {
                return self.begin(io, slot, owed.request, owed.due, now);
            }
        }
        self.harvest.waited_for_connection += u64::from(self.ledger.covers(owed.due));
        self.open.owed.push_back(owed);
    }

    /// Gives the oldest owed request to a slot that is idle or free, or keeps the slot ready.
    #[inline]
    pub(super) fn begin_owed<I: Io<'a>>(&mut self, io: &mut I, slot: u32) {
        if let Some(owed) = self.open.owed.pop_front() {
            let now = clock::now();
            self.pass_mark(now);
            return self.begin(io, slot, owed.request, owed.due, now);
        }
        if self.slots[slot as usize].state == State::Idle {
            self.idle.push_back(slot);
        } else {
            self.free.push_back(slot);
        }
    }
}
