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
    /// Latencies above the histogram's bounds.
    saturated: u64,
    /// Counts by the lowest value of the bucket, in ns.
    buckets: HashMap<u64, u64>,
}

impl Row {
    /// The latencies as a distribution.
    pub fn intended(&self) -> Latency {
        let mut latency = Latency::new();
        for (nanos, count) in &self.buckets {
            latency.histogram.saturating_record_n(*nanos, *count);
        }
        latency.saturated = self.saturated;
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

    /// A request due at `due`, inside the measured part, has ended; errors other than timeouts
    /// have no latency.
    pub fn record(&mut self, due: u64, ok: bool, latency: Option<u64>) {
        let row = &mut self.rows[((due - self.start) / self.length) as usize];
        row.ok += u64::from(ok);
        row.errors += u64::from(!ok);
        if let Some(nanos) = latency {
            let bucket = self.scale.lowest_equivalent(nanos);
            row.saturated += u64::from(nanos > HIGHEST);
            *row.buckets.entry(bucket).or_default() += 1;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.rows.iter_mut().zip(&other.rows) {
            mine.ok += theirs.ok;
            mine.errors += theirs.errors;
            mine.saturated += theirs.saturated;
            for (bucket, count) in &theirs.buckets {
                *mine.buckets.entry(*bucket).or_default() += count;
            }
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
            half.record(2500, i % 3 > 0, (i % 3 < 2).then_some(nanos));
            if i % 3 < 2 {
                direct.record(nanos);
            }
        }
        series.merge(&other);
        let row = &series.rows[1];
        assert_eq!((row.ok, row.errors), (6666, 3334));
        let seen = row.intended();
        assert!(seen.saturated > 0);
        assert_eq!(seen.saturated, direct.saturated);
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
