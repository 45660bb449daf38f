//! Wilcoxon's signed-rank test (1945) and the Hodges-Lehmann estimate (1963) that belongs to it.

use crate::error::{Error, check_level, check_values};
use crate::interval::Interval;
use statrs::distribution::{ContinuousCDF, Normal};

/// Above this many values the null distribution is taken as normal instead of counted out.
const MOST_EXACT: usize = 100;

/// Two-sided p of "symmetric around 0". Exact (all sign patterns counted, ties given mid-ranks,
/// zeros left out) up to 100 values, normal beyond. 1 where every value is 0.
///
/// # Errors
/// [`Error::TooFew`] for no values, [`Error::NotFinite`].
///
/// ```
/// // all six positive: 2 / 2^6
/// let p = stats::signed_rank::p(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
/// assert!((p - 0.03125).abs() < 1e-12);
/// ```
pub fn p(values: &[f64]) -> Result<f64, Error> {
    check_values(values, 1)?;
    let mut left: Vec<f64> = values.iter().copied().filter(|v| *v != 0.0).collect();
    if left.is_empty() {
        return Ok(1.0);
    }
    left.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let ranks = doubled_ranks(&left);
    let total: usize = ranks.iter().sum();
    let positive: usize = left
        .iter()
        .zip(&ranks)
        .filter(|(v, _)| **v > 0.0)
        .map(|(_, r)| r)
        .sum();
    let smaller = positive.min(total - positive);
    if left.len() > MOST_EXACT {
        let squares: f64 = ranks.iter().map(|r| (*r as f64).powi(2)).sum();
        let z = (smaller as f64 - total as f64 / 2.0) / (squares / 4.0).sqrt();
        return Ok((2.0 * Normal::standard().cdf(z)).min(1.0));
    }
    let below: f64 = null_distribution(&ranks).iter().take(smaller + 1).sum();
    Ok((2.0 * below).min(1.0))
}

/// The median of all Walsh averages, without an interval; `None` for no values.
///
/// ```
/// assert_eq!(stats::signed_rank::pseudo_median(&[1.0, 2.0, 9.0]), Some(3.5));
/// ```
pub fn pseudo_median(values: &[f64]) -> Option<f64> {
    crate::summary::quantile_of_sorted(&walsh_averages(values), 0.5)
}

/// All `(v[i] + v[j]) / 2`, i <= j, sorted.
fn walsh_averages(values: &[f64]) -> Vec<f64> {
    let n = values.len();
    let mut averages = Vec::with_capacity(n * (n + 1) / 2);
    for (i, a) in values.iter().enumerate() {
        averages.extend(values[i..].iter().map(|b| (a + b) / 2.0));
    }
    averages.sort_unstable_by(f64::total_cmp);
    averages
}

/// The median of all Walsh averages `(v[i] + v[j]) / 2`, i <= j, and its interval: the same number
/// of smallest and of largest averages is cut off, as many as the signed-rank distribution gives
/// to a tail of (1 - level) / 2. In the unit of the values.
///
/// # Errors
/// [`Error::TooFew`] where no sign pattern is rare enough for the level (below six values at
/// 95 %), [`Error::NotFinite`], [`Error::Level`].
///
/// ```
/// let (point, interval) =
///     stats::signed_rank::hodges_lehmann(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.95).unwrap();
/// assert_eq!(point, 3.5);
/// assert_eq!((interval.low, interval.high), (1.0, 6.0));
/// ```
pub fn hodges_lehmann(values: &[f64], level: f64) -> Result<(f64, Interval), Error> {
    check_level(level)?;
    check_values(values, 1)?;
    let n = values.len();
    let tail = (1.0 - level) / 2.0;
    let need = (1.0 / tail).log2().ceil() as usize;
    let cut = rejected(n, tail).ok_or(Error::TooFew {
        need: need.max(n + 1),
        got: n,
    })?;
    let averages = walsh_averages(values);
    let middle = crate::summary::quantile_of_sorted(&averages, 0.5).ok_or(Error::NotFinite)?;
    let interval = Interval {
        low: averages[cut],
        high: averages[averages.len() - 1 - cut],
    };
    Ok((middle, interval))
}

/// The largest w with P(W <= w) <= tail, W the signed-rank statistic of n values without ties.
fn rejected(n: usize, tail: f64) -> Option<usize> {
    let most = (n * (n + 1) / 2).checked_sub(1)? / 2;
    if n > MOST_EXACT {
        let n = n as f64;
        let sd = (n * (n + 1.0) * (2.0 * n + 1.0) / 24.0).sqrt();
        let w = n * (n + 1.0) / 4.0 - 0.5 + Normal::standard().inverse_cdf(tail) * sd;
        return (w >= 0.0).then_some((w as usize).min(most));
    }
    let ranks: Vec<usize> = (1..=n).collect();
    let mut sum = 0.0;
    let mut last = None;
    for (w, probability) in null_distribution(&ranks).into_iter().enumerate() {
        sum += probability;
        if sum > tail * (1.0 + 1e-12) || w > most {
            break;
        }
        last = Some(w);
    }
    last
}

/// Twice the mid-ranks of values sorted by size: integers, ties included.
fn doubled_ranks(sorted: &[f64]) -> Vec<usize> {
    let mut ranks = Vec::with_capacity(sorted.len());
    for tied in sorted.chunk_by(|a, b| a.abs() == b.abs()) {
        let first = ranks.len() + 1;
        let last = ranks.len() + tied.len();
        ranks.extend(std::iter::repeat_n(first + last, tied.len()));
    }
    ranks
}

/// P(sum of the ranks that got a plus = w) for w = 0, 1, .., by adding one rank after the other.
fn null_distribution(ranks: &[usize]) -> Vec<f64> {
    let mut probabilities = vec![0.0; ranks.iter().sum::<usize>() + 1];
    probabilities[0] = 1.0;
    for &rank in ranks {
        for w in (0..probabilities.len()).rev() {
            let with = if w >= rank {
                probabilities[w - rank]
            } else {
                0.0
            };
            probabilities[w] = (probabilities[w] + with) / 2.0;
        }
    }
    probabilities
}
