//! The measured part as a series of intervals, by the intended start of the
//! requests: so the intervals add up to the run, with what was answered late in the interval that
//! made it late.

use super::Latency;

/// One interval.
#[derive(Clone, Debug)]
pub struct Row {
    pub ok: u64,
    pub errors: u64,
    pub intended: Latency,
}

impl Row {
    fn new() -> Self {
        Self {
            ok: 0,
            errors: 0,
            intended: Latency::new(),
        }
    }
}

/// All intervals of a run, laid out before it: recording allocates nothing.
#[derive(Clone, Debug)]
pub struct Series {
    start: u64,
    pub length: u64,
    pub rows: Vec<Row>,
}

impl Series {
    pub fn new(start: u64, end: u64, length: u64) -> Self {
        let rows = (end - start).div_ceil(length);
        Self {
            start,
            length,
            rows: (0..rows).map(|_| Row::new()).collect(),
        }
    }

    /// A request due at `due`, inside the measured part, has ended; errors other than timeouts
    /// have no latency.
    pub fn record(&mut self, due: u64, ok: bool, latency: Option<u64>) {
        let row = &mut self.rows[((due - self.start) / self.length) as usize];
        row.ok += u64::from(ok);
        row.errors += u64::from(!ok);
        if let Some(nanos) = latency {
            row.intended.record(nanos);
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.rows.iter_mut().zip(&other.rows) {
            mine.ok += theirs.ok;
            mine.errors += theirs.errors;
            mine.intended.merge(&theirs.intended);
        }
    }
}
