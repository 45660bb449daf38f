//! Pauses after failed connection attempts, so that a dead server does not make a storm of them.

use crate::clock::MILLI;

/// First and longest pause. While a server is down, one attempt is made at each pause's end.
const FIRST: u64 = MILLI;
const LONGEST: u64 = 250 * MILLI;

/// The pause that is in force for all connections of a thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
    not_before: u64,
}

impl Backoff {
    /// No attempt before this time.
    pub fn not_before(&self) -> u64 {
        self.not_before
    }

    /// True while attempts fail: then only one is made at a time.
    pub fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// An attempt has failed.
    pub fn failed(&mut self, now: u64) {
        let pause = (FIRST << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.not_before = self.not_before.max(now + pause);
    }

    /// The server has answered.
    #[inline]
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_quarter_of_a_second_and_end_with_an_answer() {
        let mut backoff = Backoff::default();
        let mut now = 0;
        let mut attempts = 0;
        while now < 10_000 * MILLI {
            backoff.failed(now);
            now = backoff.not_before();
            attempts += 1;
        }
        assert!(attempts < 50, "{attempts}");
        backoff.succeeded();
        assert_eq!(backoff.not_before(), 0);
    }
}
