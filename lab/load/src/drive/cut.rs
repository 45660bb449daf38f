//! A run that is cut short by Ctrl-C.

use super::{Drive, Stage};
use crate::{LoadError, interrupt};

impl<'a> Drive<'a> {
    /// Before the measured part there is nothing to tell; in it, it ends at the moment that all
    /// threads are told, and what is in flight then is waited for as ever.
    #[inline]
    pub(super) fn heed_interrupt(&mut self, now: u64) -> Result<(), LoadError> {
        match interrupt::end() {
            None => Ok(()),
            Some(end) => self.cut_short(end.max(now)),
        }
    }

    /// Whether a Ctrl-C ends the drain now: one that came in it, or so late in the measured part
    /// that it did not shorten that. One that did leaves the drain its time.
    pub(super) fn is_drain_cut(&self, now: u64) -> bool {
        interrupt::end().is_some_and(|end| end > self.ledger.end && now >= end)
    }

    #[cold]
    fn cut_short(&mut self, end: u64) -> Result<(), LoadError> {
        match self.stage {
            // One thread may have been kept from running while others measure already: what
            // counts is where the end lies, which is the same for all.
            Stage::LeadIn if end > self.ledger.start => Ok(()),
            Stage::Setup | Stage::LeadIn => Err(LoadError::Interrupted),
            Stage::Measured if end < self.ledger.end => {
                self.ledger.cut_short(end);
                self.mark = end;
                Ok(())
            }
            Stage::Measured | Stage::Drain => Ok(()),
        }
    }
}
