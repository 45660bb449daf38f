//! Whether the thread looked when it wanted to. What passes through [`Drive::pass_mark`] are all
//! its readings of the clock: two of them are far apart only while it slept as planned or while
//! something kept it from running, be it a signal, another process on its CPU or the host.

use super::{Drive, Stage};
use crate::engine::{Engine, Wait};
use sys::clock::{self, MICRO, MILLI};

/// Longest planned sleep: nothing that stops the thread for longer stays unseen.
const NAP: u64 = 10 * MILLI;

/// Shortest gap that is taken notice of. The work between two readings takes microseconds.
const GAP: u64 = MILLI;

/// A closed loop that spins looks for answers this often, in ns, and between two looks stays out
/// of the kernel: a look for each answer would be a system call for each answer.
const GATHER: u64 = 20 * MICRO;

/// It does so with at least so many requests in flight, of which the fastest server that a thread
/// can load has done a third by the next look: it never runs out of work.
const GATHER_FROM: u64 = 16;

/// Most of a look that finds nothing that is spinning: it takes one or two us, and in what goes
/// beyond this the thread was kept from running or did something else.
const EMPTY_LOOK: u64 = 20 * MICRO;

/// A gap of at least this part of the timeout is no part of the time that an answer may take: who
/// did not look cannot say that nothing came.
const EXCUSED: u64 = 20;

/// Gaps between two readings of the clock of at least [`GAP`], without planned sleep.
#[derive(Clone, Copy, Debug, Default)]
pub struct Away {
    /// Their sum, cut to the measured part.
    pub total: u64,
    /// The longest one, uncut.
    pub longest: u64,
    /// Requests that were in flight in them, which had to wait as long.
    pub held_up: u64,
}

impl<'a> Drive<'a> {
    /// Takes note of a fresh reading of the clock.
    #[inline]
    pub(super) fn attend(&mut self, now: u64) {
        let gap = now.saturating_sub(self.attended);
        (self.now, self.attended) = (now, now);
        if gap >= GAP {
            self.note_gap(now - gap, now);
        }
    }

    #[cold]
    fn note_gap(&mut self, from: u64, to: u64) {
        let (start, end) = (self.ledger.start, self.ledger.end);
        let inside = self.ledger.flow.inside();
        self.ledger.flow.excuse(from, to);
        if self.stage > Stage::Setup && to - from >= self.timeout / EXCUSED {
            self.gaps.push((from, to));
        }
        let cut = to.min(end).saturating_sub(from.max(start));
        // After the measured part only what is still in flight suffers.
        if self.stage == Stage::Setup || to <= start || (cut == 0 && inside == 0) {
            return;
        }
        let away = &mut self.harvest.away;
        away.total += cut;
        away.longest = away.longest.max(to - from);
        away.held_up += inside;
    }

    /// The part of `from..to` in which the thread was away for long.
    pub(super) fn excused(&self, from: u64, to: u64) -> u64 {
        let latest_first = self.gaps.iter().rev();
        latest_first
            .take_while(|(_, end)| *end > from)
            .map(|(start, end)| (*end).min(to).saturating_sub((*start).max(from)))
            .sum()
    }

    /// Whether a request due at `due` has at `now` waited for longer than the timeout while the
    /// thread was there to look.
    #[inline]
    pub(super) fn is_overdue(&self, due: u64, now: u64) -> bool {
        now - due > self.timeout && now - due - self.excused(due, now) > self.timeout
    }

    /// When the drain is over: its time, too, is time in which somebody looks.
    pub(super) fn drain_end(&self) -> u64 {
        let end = self.ledger.end;
        end + self.drain + self.excused(end, u64::MAX)
    }

    /// Waits for events and has them handled; accounts for spinning and for looks that saw nothing.
    pub(super) fn wait<E: Engine<'a>>(&mut self, engine: &mut E) -> Result<(), crate::LoadError> {
        let wait = self.until_next(self.now);
        match wait {
            Wait::Poll if self.closed && self.spin > 0 => self.gather(),
            Wait::Poll => {}
            Wait::Until(until) => self.attended = until,
        }
        let events = engine.wait(wait, self)?;
        self.looked_in_vain = events == 0 && wait == Wait::Poll;
        if self.stage == Stage::Measured {
            let work = &mut self.harvest.work;
            work.sleeps += u64::from(wait != Wait::Poll);
            work.waits += u64::from(events > 0);
            work.events += u64::from(events);
        }
        Ok(())
    }

    /// Called with the first reading of the clock after [`Drive::wait`]: if that found nothing, the
    /// whole way round the loop was spinning.
    #[inline]
    pub(super) fn account_look(&mut self, now: u64) {
        if self.looked_in_vain && self.stage == Stage::Measured {
            self.harvest.work.spin_ns += (now - self.now).min(EMPTY_LOOK);
        }
    }

    /// Lets answers gather until it is time for the next look.
    fn gather(&mut self) {
        let begun = self.now;
        let until = self.looked + GATHER;
        let mut now = begun;
        if self.ledger.flow.inside() >= GATHER_FROM {
            while now < until {
                std::hint::spin_loop();
                now = clock::now();
            }
        }
        if self.stage == Stage::Measured {
            // Not to the end of a gap in it.
            self.harvest.work.spin_ns += now.min(until).saturating_sub(begun);
        }
        self.looked = now;
        self.pass_mark(now);
    }

    /// When the thread looks at its clock next, whatever happens. It stays the same over many
    /// waits, so that no timer has to be set for each.
    #[inline]
    pub(super) fn plan_look(&mut self, now: u64) {
        if now >= self.next_look {
            self.next_look = now + NAP;
        }
    }
}
