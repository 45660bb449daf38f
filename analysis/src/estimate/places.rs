//! Which places a framework could have taken: the blocks are drawn anew and all ranked again, and
//! what is not told apart two at a time is not put in an order.

use std::collections::{BTreeMap, BTreeSet};

use record::{CampaignFile, Class, Metric};
use stats::Bootstrap;
use stats::ranks::{self, Rank};

use super::LEAST_BLOCKS;
use super::answer::{Answer, Role};
use super::pairs::Pairs;
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

/// The places of the idiomatic frameworks, by their rows' indices; none where there are too few
/// blocks.
pub(super) fn of(
    rows: &[Answer],
    pairs: &Pairs,
    metric: Metric,
    campaign: &CampaignFile,
    level: f64,
) -> BTreeMap<usize, Places> {
    let ranked: Vec<usize> = (0..rows.len())
        .filter(|i| is_ranked(&rows[*i], campaign))
        .collect();
    let Some(ranks) = ranks_of(rows, &ranked, metric, level) else {
        return BTreeMap::new();
    };
    let place = |(row, rank): (&usize, &Rank)| {
        let bounded = |on: fn(usize, usize) -> bool| {
            (ranked.iter().zip(&ranks))
                .filter(|(other, r)| rows[**other].is_bounded && on(r.rank, rank.rank))
                .count()
        };
        let is_bounded = rows[*row].is_bounded;
        let drawn = match metric.higher_is_better() {
            // Who was held back by the instrument could stand in front of all, and
            // everybody before such a one could stand as much further behind.
            true => Places {
                best: if is_bounded { 1 } else { rank.low },
                worst: (rank.high + bounded(|other, own| other > own)).min(ranked.len()),
            },
            // Whose latency is only known to be so long could stand behind all, and
            // everybody behind such a one as much further in front.
            false => Places {
                best: rank
                    .low
                    .saturating_sub(bounded(|other, own| other < own))
                    .max(1),
                worst: if is_bounded { ranked.len() } else { rank.high },
            },
        };
        let open = open(pairs, *row, &ranked);
        let places = Places {
            best: drawn.best.min(open.best),
            worst: drawn.worst.max(open.worst),
        };
        (*row, places)
    };
    ranked.iter().zip(&ranks).map(place).collect()
}

/// The places that the comparisons with each of the others leave open: an order that no
/// comparison calls is not told by a place either.
fn open(pairs: &Pairs, row: usize, ranked: &[usize]) -> Places {
    let called = |wanted: Verdict| {
        (ranked.iter().filter(|other| **other != row))
            .filter_map(|other| pairs.between(row, *other))
            .filter(|pair| pair.verdict == wanted)
            .count()
    };
    Places {
        best: 1 + called(Verdict::Worse),
        worst: ranked.len() - called(Verdict::Better),
    }
}

/// The baseline and the frameworks that it is fair to rank: no second copy, no control.
fn is_ranked(row: &Answer, campaign: &CampaignFile) -> bool {
    row.role != Role::Twin
        && (campaign.frameworks.iter())
            .any(|f| f.name == row.framework && f.class == Class::Idiomatic)
}

fn ranks_of(rows: &[Answer], ranked: &[usize], metric: Metric, level: f64) -> Option<Vec<Rank>> {
    let blocks: BTreeSet<u32> = (ranked.iter())
        .flat_map(|row| rows[*row].logs.keys())
        .collect();
    if blocks.len() < LEAST_BLOCKS {
        return None;
    }
    let logs: Vec<Vec<f64>> = (ranked.iter())
        .map(|row| {
            let logs = &rows[*row].logs;
            let of = |block: &u32| logs.get(*block).unwrap_or(f64::NAN);
            blocks.iter().map(of).collect()
        })
        .collect();
    let bootstrap = Bootstrap {
        resamples: RESAMPLES,
        ..Bootstrap::default()
    };
    ranks::ranks(&logs, metric.higher_is_better(), level, bootstrap).ok()
}
