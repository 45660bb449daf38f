//! Launches as the unit where they matter: how much a fresh start moves a difference, and what
//! that does to an interval over blocks.
//!
//! A campaign starts all servers anew a few times and measures some blocks of each start. What a
//! start draws (memory layout, ports, padding) stays for all of its blocks, so blocks of one
//! launch are alike by the intraclass correlation `icc`: the share of the variance between
//! launches. With `m` blocks a launch the mean over all blocks then has `1 + (m - 1) icc` times
//! the variance that independent blocks would give (the design effect; Kish 1965).
//!
//! The mean of each launch as the one value would always be right, and cost most: of six launches
//! five degrees of freedom are left, and an interval adjusted for fifty comparisons is half as
//! wide again where launches do not differ at all. So the correlation is estimated from all
//! comparisons of one metric in one mode together ([`Component::pooled`]), as what a start draws
//! is of one kind there, and each comparison's interval is widened by it ([`Component::design`]),
//! with the degrees of freedom (Satterthwaite 1946) that are left once the correlation had to be
//! estimated too. With one comparison alone that comes to about the launches' own degrees of
//! freedom, with many to about those of the blocks.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use crate::interval::Interval;
use crate::{student, summary};

/// The differences of one comparison, and the launch that each was taken in.
///
/// See [`Component::pooled`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Differences<'a> {
    /// One for each block, log units; as [`crate::paired`] takes them.
    pub differences: &'a [f64],
    /// The launch of each.
    pub launches: &'a [u32],
    /// With how many others of the comparisons that are pooled it shares a baseline.
    pub beside: usize,
}

/// How much launches differ, over all comparisons of one kind.
///
/// See [`Component::pooled`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// The intraclass correlation: the share of the variance between launches. Negative where
    /// they differ by less than chance would make them.
    pub icc: f64,
    /// Degrees of freedom between launches, of all comparisons together.
    pub between: f64,
    /// Those within launches.
    pub within: f64,
    /// Blocks a launch, on average.
    pub size: f64,
    /// The number of comparisons.
    pub rows: usize,
}

/// What the launches do to one comparison.
///
/// ```
/// use stats::launches::Design;
/// assert_eq!(Design::of_blocks(12), Design { effect: 1.0, df: 11.0 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Design {
    /// How many times the variance of the mean is what independent blocks of this scatter give.
    pub effect: f64,
    /// The degrees of freedom of that variance.
    pub df: f64,
}

/// Two comparisons with the same baseline are correlated by a third (each server's noise is
/// alike, and the baseline is the mean of two copies), so their mean squares are by a ninth.
const SHARED: f64 = 1.0 / 9.0;

impl Component {
    /// One-way analysis of variance (Fisher 1925; groups of unequal size by Searle, Casella &
    /// McCulloch 1992) of several comparisons at once, each scaled by its own scatter. `None`
    /// where no comparison has two launches and one with two blocks.
    ///
    /// ```
    /// use stats::launches::{Component, Differences};
    /// let launches = [1, 1, 2, 2, 3, 3];
    /// let apart = [0.00, 0.01, 0.10, 0.11, 0.20, 0.21];
    /// let row = Differences { differences: &apart, launches: &launches, beside: 0 };
    /// let found = Component::pooled(&[row]).unwrap();
    /// assert!(found.icc > 0.9);
    /// // Three launches are all there is to go by.
    /// assert!(found.design(&launches).df < 3.0);
    /// ```
    pub fn pooled(rows: &[Differences<'_>]) -> Option<Self> {
        let found: Vec<(Squares, f64)> = (rows.iter())
            .filter_map(|row| {
                let independent = 1.0 / (1.0 + row.beside as f64 * SHARED);
                Some((Squares::of(row)?, independent))
            })
            .collect();
        let sum = |of: &dyn Fn(&Squares) -> f64| -> f64 {
            found.iter().map(|(row, weight)| weight * of(row)).sum()
        };
        let weight = sum(&|_| 1.0);
        (weight > 0.0).then_some(())?;
        let size = sum(&|row| row.size) / weight;
        // Each is scaled by the variance that both of its mean squares tell of, which takes the
        // correlation to know: a few rounds settle it.
        let mut icc = 0.0;
        for _ in 0..ROUNDS {
            let scale = |row: &Squares| row.variance(icc);
            let outside = sum(&|row| row.between / scale(row));
            let inside = sum(&|row| row.within / scale(row));
            icc = correlation(outside / inside, size).min(MOST);
        }
        Some(Self {
            icc,
            between: sum(&|row| row.between_df),
            within: sum(&|row| row.within_df),
            size,
            rows: found.len(),
        })
    }

    /// The interval of the correlation, from the F distribution (Searle et al. 1992, section
    /// 3.6); its lower end is not below 0.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let dist = FisherSnedecor::new(self.between, self.within).ok()?;
        let ratio = ratio(self.icc, self.size);
        let end = |p: f64| correlation(ratio / dist.inverse_cdf(p), self.size).max(0.0);
        (level > 0.0 && level < 1.0 && ratio.is_finite()).then(|| Interval {
            low: end(0.5 + level / 2.0),
            high: end(0.5 - level / 2.0),
        })
    }

    /// What it does to the mean over blocks that were taken in these launches. A correlation
    /// below 0 counts as 0: starting anew does not make blocks of one launch differ.
    pub fn design(&self, launches: &[u32]) -> Design {
        let n = launches.len() as f64;
        let sizes = sizes(launches);
        let k = sizes.len() as f64;
        let square: f64 = sizes.values().map(|size| size * size).sum::<f64>() / n;
        if n < 2.0 || n - k < 1.0 || k < 2.0 {
            return Design::of_blocks(launches.len());
        }
        let icc = self.icc.clamp(0.0, MOST);
        // The scatter over all blocks holds a little less than all of the variance.
        let kept = |icc: f64| 1.0 - icc * (square - 1.0) / (n - 1.0);
        let effect = |icc: f64| (1.0 + (square - 1.0) * icc) / kept(icc);
        let inside = 1.0 - icc;
        let outside = inside + (n - square) / (k - 1.0) * icc;
        let scatter = ((k - 1.0) * outside + (n - k) * inside).powi(2)
            / ((k - 1.0) * outside.powi(2) + (n - k) * inside.powi(2));
        // The delta method, for what the estimated correlation adds.
        let ratio = ratio(icc, self.size);
        let by_ratio = ratio * self.size / (ratio + self.size - 1.0).powi(2);
        let by_icc =
            (square - 1.0) / (1.0 + (square - 1.0) * icc) + (square - 1.0) / (n - 1.0) / kept(icc);
        let uncertain = (by_ratio * by_icc).powi(2) * (2.0 / self.between + 2.0 / self.within);
        Design {
            effect: effect(icc),
            df: 2.0 / (2.0 / scatter + uncertain),
        }
    }
}

/// So often is the estimate of the correlation put back into the comparisons' scales.
const ROUNDS: usize = 8;

/// A correlation of 1 leaves no scatter within launches to divide by.
const MOST: f64 = 0.999;

/// The correlation that gives a ratio of mean squares, with so many blocks a launch.
fn correlation(ratio: f64, size: f64) -> f64 {
    match ratio.is_finite() {
        true => (ratio - 1.0) / (ratio + size - 1.0),
        false => 1.0,
    }
}

/// The ratio of mean squares that a correlation gives.
fn ratio(icc: f64, size: f64) -> f64 {
    (1.0 + (size - 1.0) * icc) / (1.0 - icc).max(1.0 - MOST)
}

fn sizes(launches: &[u32]) -> BTreeMap<u32, f64> {
    let mut sizes = BTreeMap::new();
    for launch in launches {
        *sizes.entry(*launch).or_insert(0.0) += 1.0;
    }
    sizes
}

/// The analysis of variance of one comparison.
struct Squares {
    between: f64,
    within: f64,
    between_df: f64,
    within_df: f64,
    size: f64,
}

impl Squares {
    fn of(row: &Differences<'_>) -> Option<Self> {
        let n = row.differences.len();
        (n == row.launches.len()).then_some(())?;
        let total = summary::variance(row.differences).filter(|v| *v > 0.0)?;
        let grand = summary::mean(row.differences)?;
        let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        for (launch, d) in row.launches.iter().zip(row.differences) {
            let (sum, size) = sums.entry(*launch).or_default();
            *sum += d;
            *size += 1.0;
        }
        let k = sums.len();
        (k >= 2 && n > k).then_some(())?;
        let (n, k) = (n as f64, k as f64);
        let outside: f64 = (sums.values())
            .map(|(sum, size)| size * (sum / size - grand).powi(2))
            .sum();
        let squares: f64 = sums.values().map(|(_, size)| size * size).sum();
        Some(Self {
            between: outside / (k - 1.0),
            // What rounding makes negative is none.
            within: ((total * (n - 1.0) - outside) / (n - k)).max(0.0),
            between_df: k - 1.0,
            within_df: n - k,
            size: (n - squares / n) / (k - 1.0),
        })
    }

    /// The variance of a block's difference if this is the correlation.
    fn variance(&self, icc: f64) -> f64 {
        let outside = (1.0 + (self.size - 1.0) * icc).max(1.0 - MOST);
        (self.between_df * self.between / outside + self.within_df * self.within / (1.0 - icc))
            / (self.between_df + self.within_df)
    }
}

impl Design {
    /// Independent blocks.
    pub fn of_blocks(blocks: usize) -> Self {
        Self {
            effect: 1.0,
            df: blocks.saturating_sub(1) as f64,
        }
    }

    /// How many times as wide an interval of a level is as over so many independent blocks.
    ///
    /// ```
    /// use stats::launches::Design;
    /// assert_eq!(Design::of_blocks(12).widening(0.95, 12), Some(1.0));
    /// assert_eq!(Design { effect: 4.0, df: 11.0 }.widening(0.95, 12), Some(2.0));
    /// ```
    pub fn widening(&self, level: f64, blocks: usize) -> Option<f64> {
        let own = student::factor(level, self.df)?;
        let of_blocks = student::factor(level, Self::of_blocks(blocks).df)?;
        Some(own / of_blocks * self.effect.sqrt())
    }

    /// The level at which an interval over independent blocks is as many standard errors wide as
    /// this design's at a level.
    pub(crate) fn level_of_blocks(&self, level: f64, blocks: usize) -> f64 {
        let df = blocks.saturating_sub(1) as f64;
        match student::factor(level, self.df) {
            Some(factor) if self.df != df => 1.0 - student::two_sided_p(factor, df),
            _ => level,
        }
    }

    /// The p that belongs to what independent blocks of the same statistic give.
    pub(crate) fn p_of_blocks(&self, p: f64, blocks: usize) -> f64 {
        let df = blocks.saturating_sub(1) as f64;
        match student::quantile(p / 2.0, df) {
            Some(t) if self.df != df => student::two_sided_p(t, self.df),
            _ => p,
        }
    }
}
