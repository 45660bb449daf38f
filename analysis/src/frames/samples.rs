//! The windows of a campaign one by one, for layouts in which a block has several of a server.
//!
//! Only for those: what takes turns in blocks has one window in each, and [`super::read`] keeps
//! that already.

use std::collections::BTreeMap;
use std::path::Path;

use record::{Metric, scan};

use super::Key;
use crate::error::AnalysisError;

/// One window with a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The launch.
    pub launch: u32,
    /// The block.
    pub block: u32,
    /// The value, in the metric's unit.
    pub value: f64,
}

/// Windows in the order of measuring, by what was measured on whom.
pub type Samples = BTreeMap<Key, Vec<Sample>>;

/// Reads the windows of some metrics.
///
/// # Errors
/// [`AnalysisError`] names line and column of the first bad field.
pub fn samples(path: &Path, metrics: &[Metric]) -> Result<Samples, AnalysisError> {
    let mut samples = Samples::new();
    scan::rows(path, |row| {
        let [framework, variant, scenario, mode, name, _] = scan::subject(row.subject);
        let wanted = metrics.iter().find(|metric| metric.name() == name);
        if let Some(metric) = wanted.filter(|_| row.value.is_finite()) {
            let key = Key {
                scenario,
                mode,
                metric: *metric,
                framework,
                variant,
            };
            samples.entry(key).or_default().push(Sample {
                launch: row.launch,
                block: row.block,
                value: row.value,
            });
        }
        Ok(())
    })?;
    Ok(samples)
}
