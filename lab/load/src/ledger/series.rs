//! The measured part as a series of intervals, by the intended start of the
//! requests: so the intervals add up to the run, with what was answered late in the interval that
//! made it late.

use super::Latency;
use super::latency::HIGHEST;
use crate::Histogram;
use std::collections::HashMap;

/// One interval. Its latencies are kept by the bucket of the histogram that they fall into: an
/// interval uses a few hundred of 27,000, and a histogram each would be 0.2 MB an interval.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub ok: u64,
    pub errors: u64,
    answered: Buckets,
    /// How old requests were when they failed.
    failed: Buckets,
}

/// Latencies, counted by the lowest value, in ns, of the histogram's bucket.
#[derive(Clone, Debug, Default)]
struct Buckets {
    counts: HashMap<u64, u64>,
    /// Latencies above the histogram's bounds.
    saturated: u64,
}

impl Buckets {
    fn count(&mut self, bucket: u64, nanos: u64) {
        self.saturated += u64::from(nanos > HIGHEST);
        *self.counts.entry(bucket).or_default() += 1;
    }

    fn merge(&mut self, other: &Self) {
        self.saturated += other.saturated;
        for (bucket, count) in &other.counts {
            *self.counts.entry(*bucket).or_default() += count;
        }
    }
}

impl Row {
    /// The latencies as a distribution.
    pub fn intended(&self) -> Latency {
        let mut latency = Latency::new();
        for (nanos, count) in &self.answered.counts {
            latency.histogram.saturating_record_n(*nanos, *count);
        }
        for (nanos, count) in &self.failed.counts {
            latency.record_at_least_n(*nanos, *count);
        }
        latency.saturated = self.answered.saturated + self.failed.saturated;
        latency.censor_n(HIGHEST, self.answered.saturated);
        latency
    }
}

/// All intervals of a run.
#[derive(Clone, Debug)]
pub struct Series {
    start: u64,
    pub length: u64,
    pub rows: Vec<Row>,
    /// Knows the buckets; nothing is recorded in it.
    scale: Histogram,
}

impl Series {
    pub fn new(start: u64, end: u64, length: u64) -> Self {
        let rows = (end - start).div_ceil(length);
        Self {
            start,
            length,
            rows: (0..rows).map(|_| Row::default()).collect(),
            scale: Latency::new().histogram,
        }
    }

    /// The measured part ends at `end`, which is not yet past.
    pub fn cut_short(&mut self, end: u64) {
        let rows = (end - self.start).div_ceil(self.length);
        self.rows.truncate(rows as usize);
    }

    fn row(&mut self, due: u64) -> &mut Row {
        &mut self.rows[((due - self.start) / self.length) as usize]
    }

    /// A request due at `due`, inside the measured part, was answered right after so many ns.
    pub fn record(&mut self, due: u64, nanos: u64) {
        let bucket = self.scale.lowest_equivalent(nanos);
        let row = self.row(due);
        row.ok += 1;
        row.answered.count(bucket, nanos);
    }

    /// A request due at `due`, inside the measured part, failed after so many ns.
    pub fn record_failed(&mut self, due: u64, nanos: u64) {
        let bucket = self.scale.lowest_equivalent(nanos);
        let row = self.row(due);
        row.errors += 1;
        row.failed.count(bucket, nanos);
    }

    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.rows.iter_mut().zip(&other.rows) {
            mine.ok += theirs.ok;
            mine.errors += theirs.errors;
            mine.answered.merge(&theirs.answered);
            mine.failed.merge(&theirs.failed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_a_histogram_of_its_own_would() {
        let mut series = Series::new(1000, 3000, 1000);
        let mut direct = Latency::new();
        let mut other = series.clone();
        for i in 0..10_000u64 {
            let nanos = (i * i * 997) % (2 * HIGHEST);
            let half = if i % 2 == 0 { &mut series } else { &mut other };
            match i % 3 {
                0 => {
                    half.record_failed(2500, nanos);
                    direct.record_at_least(nanos);
                }
                _ => {
                    half.record(2500, nanos);
                    direct.record(nanos);
                }
            }
        }
        series.merge(&other);
        let row = &series.rows[1];
        assert_eq!((row.ok, row.errors), (6666, 3334));
        let seen = row.intended();
        assert!(seen.saturated > 0);
        assert_eq!(seen.saturated, direct.saturated);
        let bounds = |l: &Latency| {
            l.censored
                .as_ref()
                .unwrap()
                .iter_recorded()
                .collect::<Vec<_>>()
        };
        assert_eq!(bounds(&seen), bounds(&direct));
        let (seen, direct) = (seen.histogram, direct.histogram);
        assert_eq!(
            (seen.len(), seen.min(), seen.max()),
            (direct.len(), direct.min(), direct.max())
        );
        assert!(
            seen.iter_recorded().eq(direct.iter_recorded()),
            "other buckets"
        );
        assert!(series.rows[0].intended().histogram.is_empty());
    }
}
