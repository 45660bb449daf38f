//! Pauses after failed connection attempts, so that a dead server does not make a storm of them.

use sys::clock::MILLI;

/// First and longest pause. While a server is down, one attempt is made at each pause's end.
const FIRST: u64 = MILLI;
const LONGEST: u64 = 250 * MILLI;
/// Failures in a row after which the pause is the longest.
const MOST: u32 = 9;

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
        let pause = (FIRST << self.failures).min(LONGEST);
        self.failures = (self.failures + 1).min(MOST);
        self.not_before = self.not_before.max(now + pause);
    }

    /// A new connection has carried its first answer. Those that were open before say nothing of
    /// how new ones fare: a server may serve four and close the rest. One that takes some and
    /// closes others is let in at the pace at which it takes them.
    pub fn succeeded(&mut self) {
        self.failures /= 2;
        if self.failures == 0 {
            self.not_before = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_quarter_of_a_second_and_end_with_answers() {
        let mut backoff = Backoff::default();
        let mut now = 0;
        let mut attempts = 0;
        while now < 10_000 * MILLI {
            backoff.failed(now);
            now = backoff.not_before();
            attempts += 1;
        }
        assert!(attempts < 50, "{attempts}");
        // A server that is back is believed after some answers, not after one.
        backoff.succeeded();
        assert!(backoff.is_failing());
        (0..3).for_each(|_| backoff.succeeded());
        assert!(!backoff.is_failing());
        assert_eq!(backoff.not_before(), 0);
    }

    #[test]
    fn a_single_failure_is_forgotten_with_the_next_answer() {
        let mut backoff = Backoff::default();
        backoff.failed(5 * MILLI);
        assert_eq!(backoff.not_before(), 6 * MILLI);
        backoff.succeeded();
        assert!(!backoff.is_failing() && backoff.not_before() == 0);
    }
}
