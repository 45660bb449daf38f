//! Which of two servers' values belong together.

use std::collections::BTreeMap;

use crate::frames::Series;
use record::metric::PairedBy;

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
    pairs(subject, baseline).map(|(_, d)| d).collect()
}

/// The launch of each of these differences.
pub(super) fn launches(series: &Series, by: PairedBy, subject: &Logs, baseline: &Logs) -> Vec<u32> {
    let of = launch_of(series, by);
    pairs(subject, baseline)
        .filter_map(|(key, _)| of.get(&key).copied())
        .collect()
}

/// The launch of each key that a series is paired by.
pub(super) fn launch_of(series: &Series, by: PairedBy) -> BTreeMap<u32, u32> {
    (series.blocks.iter())
        .map(|block| match by {
            PairedBy::Block => (block.block, block.launch),
            PairedBy::Launch => (block.launch, block.launch),
        })
        .collect()
}

fn pairs<'a>(subject: &'a Logs, baseline: &'a Logs) -> impl Iterator<Item = (u32, f64)> + 'a {
    (subject.iter()).filter_map(|(key, ln)| Some((*key, ln - baseline.get(key)?)))
}
