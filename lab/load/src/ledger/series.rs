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
        let row = self.row(due);
        row.ok += 1;
        row.intended.record(nanos);
    }

    /// A request due at `due`, inside the measured part, failed after so many ns.
    pub fn record_failed(&mut self, due: u64, nanos: u64) {
        let row = self.row(due);
        row.errors += 1;
        row.intended.record_at_least(nanos);
    }

    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.rows.iter_mut().zip(&other.rows) {
            mine.ok += theirs.ok;
            mine.errors += theirs.errors;
            mine.intended.merge(&theirs.intended);
        }
    }
}
