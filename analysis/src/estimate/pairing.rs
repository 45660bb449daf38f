//! Which of two servers' values belong together.

use std::collections::BTreeMap;

use super::question::PairedBy;
use crate::frames::Series;

/// Logarithms by the key on which they are paired.
pub(super) type Logs = BTreeMap<u32, f64>;

/// A series' logarithms by pair; several values of one key are averaged.
pub(super) fn logs(series: &Series, by: PairedBy) -> Logs {
    let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for block in &series.blocks {
        let Some(ln) = block.ln else { continue };
        let key = match by {
            PairedBy::Block => block.block,
            PairedBy::Launch => block.launch,
        };
        let (sum, n) = sums.entry(key).or_default();
        *sum += ln;
        *n += 1.0;
    }
    sums.into_iter()
        .map(|(key, (sum, n))| (key, sum / n))
        .collect()
}

/// The baseline's value of each pair: the mean of its two copies, or the one that is there.
pub(super) fn mean(first: &Logs, second: &Logs) -> Logs {
    let mut both = first.clone();
    for (key, ln) in second {
        both.entry(*key)
            .and_modify(|other| *other = (*other + ln) / 2.0)
            .or_insert(*ln);
    }
    both
}

/// Differences of the pairs that both have, in the order of their keys.
pub(super) fn differences(subject: &Logs, baseline: &Logs) -> Vec<f64> {
    subject
        .iter()
        .filter_map(|(key, ln)| baseline.get(key).map(|base| ln - base))
        .collect()
}
