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

    #[cold]
    fn cut_short(&mut self, end: u64) -> Result<(), LoadError> {
        match self.stage {
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
