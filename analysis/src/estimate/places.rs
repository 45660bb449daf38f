//! Which places a framework could have taken: the blocks are drawn anew and all ranked again, and
//! what is not told apart two at a time is not put in an order.

use std::collections::BTreeSet;

use record::{CampaignFile, Class};
use stats::Bootstrap;
use stats::ranks::{self, Rank};

use super::LEAST_BLOCKS;
use super::row::Role;
use super::table::Table;
use super::verdict::Verdict;

/// How often the blocks are drawn. Places are whole numbers: more draws change nothing that shows.
const RESAMPLES: usize = 1_000;

/// The best and the worst place within the interval, 1 is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Places {
    /// The best place.
    pub best: usize,
    /// The worst place.
    pub worst: usize,
}

/// Fills in the places of the idiomatic frameworks of each table that has enough blocks. Bounds
/// have to be known by then.
pub(super) fn fill(tables: &mut [Table], campaign: &CampaignFile, level: f64) {
    for table in tables {
        let ranked: Vec<usize> = (0..table.rows.len())
            .filter(|i| is_ranked(table, *i, campaign))
            .collect();
        let Some(ranks) = ranks_of(table, &ranked, level) else {
            continue;
        };
        let metric = table.question.metric;
        let bound = |row: usize| table.rows[row].is_bounded(metric);
        let places: Vec<Places> = (ranked.iter().zip(&ranks))
            .map(|(row, rank)| {
                let bounded = |on: fn(usize, usize) -> bool| {
                    (ranked.iter().zip(&ranks))
                        .filter(|(other, r)| bound(**other) && on(r.rank, rank.rank))
                        .count()
                };
                match metric.higher_is_better() {
                    // Who was held back by the instrument could stand in front of all, and
                    // everybody before such a one could stand as much further behind.
                    true => Places {
                        best: if bound(*row) { 1 } else { rank.low },
                        worst: (rank.high + bounded(|other, own| other > own)).min(ranked.len()),
                    },
                    // Whose latency is only known to be so long could stand behind all, and
                    // everybody behind such a one as much further in front.
                    false => Places {
                        best: rank
                            .low
                            .saturating_sub(bounded(|other, own| other < own))
                            .max(1),
                        worst: if bound(*row) { ranked.len() } else { rank.high },
                    },
                }
            })
            .collect();
        let open: Vec<Places> = ranked
            .iter()
            .map(|row| open(table, *row, &ranked))
            .collect();
        for ((row, places), open) in ranked.into_iter().zip(places).zip(open) {
            table.rows[row].places = Some(Places {
                best: places.best.min(open.best),
                worst: places.worst.max(open.worst),
            });
        }
    }
}

/// The places that the comparisons with each of the others leave open: an order that no
/// comparison calls is not told by a place either.
fn open(table: &Table, row: usize, ranked: &[usize]) -> Places {
    let called = |wanted: Verdict| {
        (ranked.iter().filter(|other| **other != row))
            .filter_map(|other| table.between(row, *other))
            .filter(|pair| pair.verdict == wanted)
            .count()
    };
    Places {
        best: 1 + called(Verdict::Worse),
        worst: ranked.len() - called(Verdict::Better),
    }
}

/// The baseline and the frameworks that it is fair to rank: no second copy, no control.
fn is_ranked(table: &Table, row: usize, campaign: &CampaignFile) -> bool {
    let row = &table.rows[row];
    row.role != Role::Twin
        && (campaign.frameworks.iter())
            .any(|f| f.name == row.framework && f.class == Class::Idiomatic)
}

fn ranks_of(table: &Table, ranked: &[usize], level: f64) -> Option<Vec<Rank>> {
    let blocks: BTreeSet<u32> = (ranked.iter())
        .flat_map(|row| table.rows[*row].logs.keys().copied())
        .collect();
    if blocks.len() < LEAST_BLOCKS {
        return None;
    }
    let logs: Vec<Vec<f64>> = (ranked.iter())
        .map(|row| {
            let of = |block| table.rows[*row].logs.get(block).copied();
            blocks.iter().map(|b| of(b).unwrap_or(f64::NAN)).collect()
        })
        .collect();
    let bootstrap = Bootstrap {
        resamples: RESAMPLES,
        ..Bootstrap::default()
    };
    let higher_is_better = table.question.metric.higher_is_better();
    ranks::ranks(&logs, higher_is_better, level, bootstrap).ok()
}
