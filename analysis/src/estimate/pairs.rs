//! The servers of a table two at a time, so that each can be compared with any other.
//!
//! A pair's interval is that of the paired differences, by Student's t, widened by what launches
//! add, at the level that the comparisons with the baseline have: as if the other had been the
//! baseline. Who tries several baselines looks more often than that is adjusted for. Pairs with the
//! baseline are the table's own answers.

use std::collections::BTreeMap;

use stats::launches::{Component, Design};
use stats::paired::Prepared;
use stats::verdict::Size;
use stats::{Interval, Ratio};

use super::LEAST_INTERVAL;
use super::answer::{Answer, Role};
use super::answers::Answers;
use super::verdict::{self, Bound, Judge, Verdict};

/// One server against another of the same table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The ratio by itself, which is there also where its interval is not.
    pub point: f64,
    /// The ratio with its interval.
    pub ratio: Option<Ratio>,
    /// Whether the ratio is itself or a bound.
    pub bound: Bound,
    /// What may be said of the direction.
    pub verdict: Verdict,
    /// What may be said of the size; nothing without a margin or a verdict.
    pub size: Option<Size>,
    /// The number of blocks, or launches, that both were measured in.
    pub n: usize,
}

/// All pairs of a table's rows that have blocks in common, the smaller index first.
#[derive(Debug, Clone, Default)]
pub struct Pairs(BTreeMap<(usize, usize), Pair>);

impl Answers {
    /// A row against another, by their indices; nothing where they have no block in common, or one
    /// is the baseline's second copy.
    pub fn between(&self, one: usize, other: usize) -> Option<Pair> {
        self.pairs.between(one, other)
    }

    /// A server, as declared, against another.
    pub fn against(&self, one: &str, other: &str) -> Option<Pair> {
        let index = |name: &str| {
            (self.rows.iter()).position(|r| r.framework == name && r.variant.is_empty())
        };
        self.between(index(one)?, index(other)?)
    }
}

impl Pair {
    /// The other against the one.
    fn turned(&self) -> Self {
        Self {
            point: 1.0 / self.point,
            ratio: self.ratio.map(|ratio| Ratio {
                point: 1.0 / ratio.point,
                interval: Interval {
                    low: 1.0 / ratio.interval.high,
                    high: 1.0 / ratio.interval.low,
                },
                ..ratio
            }),
            bound: match self.bound {
                Bound::AtLeast => Bound::AtMost,
                Bound::AtMost => Bound::AtLeast,
                same => same,
            },
            verdict: match self.verdict {
                Verdict::Better => Verdict::Worse,
                Verdict::Worse => Verdict::Better,
                same => same,
            },
            ..*self
        }
    }
}

impl Pairs {
    /// Of rows in their order.
    pub(super) fn of(
        rows: &[Answer],
        launches: Option<Component>,
        judge: &Judge,
        level: f64,
    ) -> Self {
        let strictest = (rows.iter().filter(|row| row.role == Role::Subject))
            .filter_map(|row| row.ratio())
            .map(|ratio| ratio.level)
            .fold(level, f64::max);
        let mut pairs = BTreeMap::new();
        for (j, other) in rows.iter().enumerate() {
            for (i, one) in rows.iter().enumerate().take(j) {
                let pair = match (one.role, other.role) {
                    (Role::Twin, _) | (_, Role::Twin) => None,
                    (Role::Subject, Role::Baseline) => of_row(one),
                    (Role::Baseline, Role::Subject) => of_row(other).map(|pair| pair.turned()),
                    _ => of_two(one, other, launches, judge, strictest),
                };
                pairs.extend(pair.map(|pair| ((i, j), pair)));
            }
        }
        Self(pairs)
    }

    /// A row against another, by their indices; see [`Answers::between`].
    pub(super) fn between(&self, one: usize, other: usize) -> Option<Pair> {
        match one <= other {
            true => self.0.get(&(one, other)).copied(),
            false => self.0.get(&(other, one)).map(Pair::turned),
        }
    }
}

/// A server against the baseline, as its row says it.
fn of_row(row: &Answer) -> Option<Pair> {
    Some(Pair {
        point: row.ratio_point()?,
        ratio: row.ratio().copied(),
        bound: row.ratio_bound,
        verdict: row.verdict,
        size: row.size,
        n: row.differences.len(),
    })
}

fn of_two(
    one: &Answer,
    other: &Answer,
    launches: Option<Component>,
    judge: &Judge,
    level: f64,
) -> Option<Pair> {
    let pairs = one.logs.minus(&other.logs);
    let differences = pairs.differences();
    let point = stats::summary::mean(&differences)?.exp();
    let design = match launches {
        Some(component) => component.design(&pairs.launches()),
        None => Design::of_blocks(differences.len()),
    };
    let ratio = (differences.len() >= LEAST_INTERVAL)
        .then(|| {
            let prepared = Prepared::of_t(&differences).ok()?;
            prepared.over(design).reported(level).ok()
        })
        .flatten();
    let bound = Bound::of_ratio(one.is_bounded, other.is_bounded);
    let n = differences.len();
    let verdict = verdict::called(n, ratio.as_ref(), bound, judge.metric, judge.floor);
    let size = (judge.margin.zip(judge.floor))
        .and_then(|(margin, floor)| verdict::sized(verdict, ratio.as_ref(), bound, margin, floor));
    Some(Pair {
        point,
        ratio,
        bound,
        verdict,
        size,
        n,
    })
}
