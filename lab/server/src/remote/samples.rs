//! CPU time between two moments, from samples on another machine's clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How often an agent looks at a server's CPU clock.
pub const EVERY: Duration = Duration::from_millis(5);

/// One look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// When, on the monotonic clock there, in nanoseconds.
    pub at: u64,
    /// CPU time of all threads up to then, in nanoseconds.
    pub cpu: u64,
}

/// How the clock of another machine stands to ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// Nanoseconds to add to ours to have theirs.
    pub ahead: i128,
    /// By how much that may be wrong, in nanoseconds: half of the fastest way there and back.
    pub error: u64,
}

impl Offset {
    /// From tries of (our clock before, theirs, ours after): the fastest is the best.
    pub fn best(tries: impl IntoIterator<Item = (u64, u64, u64)>) -> Option<Self> {
        let (before, there, after) =
            (tries.into_iter()).min_by_key(|(before, _, after)| after.saturating_sub(*before))?;
        let way = after.saturating_sub(before);
        let middle = i128::from(before) + i128::from(way) / 2;
        Some(Self {
            ahead: i128::from(there) - middle,
            error: way.div_ceil(2),
        })
    }

    fn there(self, ours: u64) -> i128 {
        i128::from(ours) + self.ahead
    }
}

/// The CPU time between two moments of our clock, in nanoseconds, interpolated between the
/// samples around them; nothing where they do not reach that far.
pub fn between(samples: &[Sample], offset: Offset, begin: u64, end: u64) -> Option<u64> {
    let at = |ours: u64| -> Option<f64> {
        let moment = offset.there(ours);
        let after = samples.partition_point(|s| i128::from(s.at) < moment);
        let right = samples.get(after)?;
        if i128::from(right.at) == moment {
            return Some(right.cpu as f64);
        }
        let left = samples.get(after.checked_sub(1)?)?;
        let share = (moment - i128::from(left.at)) as f64 / (right.at - left.at) as f64;
        Some(left.cpu as f64 + share * (right.cpu - left.cpu) as f64)
    };
    let spent = at(end)? - at(begin)?;
    (spent >= 0.0).then_some(spent.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_try_sets_the_clock() {
        let tries = [
            (100, 10_150, 300),
            (1000, 11_010, 1020),
            (2000, 13_000, 4000),
        ];
        let offset = Offset::best(tries).unwrap();
        assert_eq!((offset.ahead, offset.error), (10_000, 10));
        assert_eq!(Offset::best([]), None);
    }

    #[test]
    fn time_is_interpolated_and_never_made_up() {
        let offset = Offset {
            ahead: 1000,
            error: 0,
        };
        let sample = |at, cpu| Sample { at, cpu };
        let samples = [sample(1000, 0), sample(2000, 500), sample(3000, 1500)];
        assert_eq!(between(&samples, offset, 0, 2000), Some(1500));
        assert_eq!(between(&samples, offset, 500, 1500), Some(750));
        assert_eq!(between(&samples, offset, 500, 2001), None);
        let behind = Offset {
            ahead: 900,
            error: 0,
        };
        assert_eq!(between(&samples, behind, 0, 500), None);
        assert_eq!(between(&[], offset, 0, 1), None);
    }
}
