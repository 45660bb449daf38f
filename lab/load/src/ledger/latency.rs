//! One distribution of times.

use crate::Histogram;

/// Highest value kept apart: 60 s. The bounds are those of every histogram of the instrument, so
/// that all merge index by index.
pub const HIGHEST: u64 = 60 * crate::clock::SECOND;

/// A histogram, 1 ns to 60 s with three digits, that counts what lies above.
#[derive(Clone, Debug)]
pub struct Latency {
    pub histogram: Histogram,
    /// Values above the bounds, recorded as the highest one.
    pub saturated: u64,
}

impl Latency {
    pub fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, HIGHEST, 3).expect("these bounds are valid");
        Self {
            histogram,
            saturated: 0,
        }
    }

    #[inline]
    pub fn record(&mut self, nanos: u64) {
        if nanos > HIGHEST {
            self.saturated += 1;
        }
        self.histogram.saturating_record(nanos);
    }

    pub fn merge(&mut self, other: &Self) {
        self.histogram
            .add(&other.histogram)
            .expect("all histograms have the same bounds");
        self.saturated += other.saturated;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_above_the_bounds_are_kept_and_counted() {
        let mut a = Latency::new();
        a.record(1_000);
        a.record(HIGHEST + 1);
        let mut b = a.clone();
        b.merge(&a);
        assert_eq!((b.histogram.len(), b.saturated), (4, 2));
    }
}
