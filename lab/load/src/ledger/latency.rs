//! One distribution of times.

use crate::Histogram;

/// Highest value kept apart: 60 s. The bounds are those of every histogram of the instrument, so
/// that all merge index by index.
pub const HIGHEST: u64 = 60 * sys::clock::SECOND;

/// A histogram, 1 ns to 60 s with three digits, that counts what lies above, and keeps apart what
/// is known only to have taken at least so long.
#[derive(Clone, Debug)]
pub struct Latency {
    /// All values.
    pub histogram: Histogram,
    /// Of these, the lower bounds (censored values, in the terms of survival analysis): how old
    /// requests were when they failed. Made with the first one, as most runs have none.
    pub censored: Option<Box<Histogram>>,
    /// Values above the bounds, recorded as the highest one.
    pub saturated: u64,
}

fn empty() -> Histogram {
    Histogram::new_with_bounds(1, HIGHEST, 3).expect("these bounds are valid")
}

impl Latency {
    pub fn new() -> Self {
        Self {
            histogram: empty(),
            censored: None,
            saturated: 0,
        }
    }

    #[inline]
    pub fn record(&mut self, nanos: u64) {
        if nanos > HIGHEST {
            self.saturated += 1;
            self.censor(HIGHEST);
        }
        self.histogram.saturating_record(nanos);
    }

    /// Records a time that would have been at least `nanos`: of a request that failed then.
    #[cold]
    pub fn record_at_least(&mut self, nanos: u64) {
        if nanos <= HIGHEST {
            self.censor(nanos);
        }
        self.record(nanos);
    }

    /// As [`Self::record_at_least`], so many times over; those above the bounds are counted by the caller.
    pub fn record_at_least_n(&mut self, nanos: u64, count: u64) {
        self.histogram.saturating_record_n(nanos, count);
        self.censor_n(nanos.min(HIGHEST), count);
    }

    #[cold]
    fn censor(&mut self, nanos: u64) {
        self.censor_n(nanos, 1);
    }

    /// Says of `count` values, recorded already, that they are lower bounds.
    pub fn censor_n(&mut self, nanos: u64, count: u64) {
        if count > 0 {
            let censored = self.censored.get_or_insert_with(|| Box::new(empty()));
            censored.saturating_record_n(nanos, count);
        }
    }

    pub fn merge(&mut self, other: &Self) {
        let add = |to: &mut Histogram, from: &Histogram| {
            to.add(from).expect("all histograms have the same bounds");
        };
        add(&mut self.histogram, &other.histogram);
        if let Some(theirs) = &other.censored {
            let mine = self.censored.get_or_insert_with(|| Box::new(empty()));
            add(mine, theirs);
        }
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
        // What was longer than can be said is known to be at least so long.
        assert_eq!(b.censored.unwrap().len(), 2);
    }

    #[test]
    fn lower_bounds_are_among_all_values_and_apart() {
        let mut a = Latency::new();
        a.record(1_000);
        assert!(a.censored.is_none());
        a.record_at_least(5_000);
        a.record_at_least(HIGHEST + 1);
        let mut b = Latency::new();
        b.merge(&a);
        assert_eq!((b.histogram.len(), b.saturated), (3, 1));
        let censored = b.censored.unwrap();
        assert_eq!((censored.len(), censored.count_at(5_000)), (2, 1));
    }
}
