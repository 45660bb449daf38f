//! The studentised bootstrap (bootstrap-t): Efron 1979; Hall 1988; Davison & Hinkley 1997,
//! section 5.2.1.
//!
//! Blocks are drawn with replacement and the *t statistic* of each draw is kept, so the interval
//! follows the skew that few blocks have. The percentile bootstrap is not offered: with ten
//! blocks it rejects a true "no difference" in 7 to 12 % of cases instead of 5 %.

use crate::interval::Interval;
use crate::random::Stream;
use crate::summary;

/// How to resample.
///
/// ```
/// assert_eq!(stats::Bootstrap::default().resamples, 10_000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// Number of resamples. Where a level needs more for ten resamples in each tail, more are
    /// drawn, up to [`MOST_RESAMPLES`].
    pub resamples: usize,
    /// The seed of the draws.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Bootstrap {
            resamples: 10_000,
            seed: 20_130_623,
        }
    }
}

/// The most resamples that a high level may ask for.
pub const MOST_RESAMPLES: usize = 200_000;

/// The least number of values for a bootstrap-t: with fewer, resamples that hold one value only
/// (and so no spread) reach into the tails that the interval reads.
pub const LEAST_VALUES: usize = 6;

/// Studentised deviations of resamples, and what they were computed from.
pub(crate) struct Studentised {
    pub estimate: f64,
    pub error: f64,
    draws: Vec<f64>,
}

impl Bootstrap {
    /// How many resamples are drawn at a level.
    pub(crate) fn resamples_for(&self, level: f64) -> usize {
        let tails = (20.0 / (1.0 - level)).ceil();
        self.resamples
            .max(tails.min(MOST_RESAMPLES as f64) as usize)
    }

    /// Over one sample. The caller has checked that there are enough finite values with spread.
    pub(crate) fn one_sample(&self, values: &[f64], level: f64) -> Studentised {
        let (estimate, error) = mean_and_error(values);
        let centred: Vec<f64> = values.iter().map(|v| v - estimate).collect();
        let mut stream = Stream::new(self.seed);
        let draws = (0..self.resamples_for(level))
            .map(|_| {
                let (mean, error) = resample(&centred, &mut stream);
                studentise(mean, error)
            })
            .collect();
        Studentised {
            estimate,
            error,
            draws,
        }
    }

    /// Over the difference of the means of two independent samples.
    pub(crate) fn two_samples(&self, a: &[f64], b: &[f64], level: f64) -> Studentised {
        let ((mean_a, error_a), (mean_b, error_b)) = (mean_and_error(a), mean_and_error(b));
        let a: Vec<f64> = a.iter().map(|v| v - mean_a).collect();
        let b: Vec<f64> = b.iter().map(|v| v - mean_b).collect();
        let mut stream = Stream::new(self.seed);
        let draws = (0..self.resamples_for(level))
            .map(|_| {
                let (mean_a, error_a) = resample(&a, &mut stream);
                let (mean_b, error_b) = resample(&b, &mut stream);
                studentise(mean_a - mean_b, error_a.hypot(error_b))
            })
            .collect();
        Studentised {
            estimate: mean_a - mean_b,
            error: error_a.hypot(error_b),
            draws,
        }
    }
}

impl Studentised {
    /// The equal-tailed interval, by the order statistics (R + 1) alpha / 2 from either end.
    pub fn interval(&self, level: f64) -> Interval {
        let count = self.draws.len();
        let tail = ((count + 1) as f64 * (1.0 - level) / 2.0 + 1e-9).floor() as usize;
        let tail = tail.clamp(1, count);
        // Two order statistics cost a fraction of the whole order.
        let mut draws = self.draws.clone();
        let mut nth = |i| *draws.select_nth_unstable_by(i, f64::total_cmp).1;
        let (low, high) = (nth(tail - 1), nth(count - tail));
        Interval {
            low: self.estimate - high * self.error,
            high: self.estimate - low * self.error,
        }
    }

    /// Two-sided p of "the estimate is 0": twice the smaller tail, the observed value counted in,
    /// so that p <= 1 - level just where [`Self::interval`] leaves 0 out.
    pub fn p(&self) -> f64 {
        self.p_of(1.0)
    }

    /// The same with a standard error so many times as large.
    pub fn p_of(&self, widened: f64) -> f64 {
        let observed = self.estimate / self.error / widened;
        let below = self.draws.iter().filter(|t| **t <= observed).count();
        let above = self.draws.iter().filter(|t| **t >= observed).count();
        (2.0 * (below.min(above) + 1) as f64 / (self.draws.len() + 1) as f64).min(1.0)
    }
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let mean = summary::mean(values).unwrap_or(0.0);
    let variance = summary::variance(values).unwrap_or(0.0);
    (mean, (variance / values.len() as f64).sqrt())
}

/// Mean and standard error of a draw with replacement, in one pass (the values are centred).
fn resample(centred: &[f64], stream: &mut Stream) -> (f64, f64) {
    let n = centred.len() as f64;
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..centred.len() {
        let value = centred[stream.index(centred.len())];
        sum += value;
        squares += value * value;
    }
    let spread = squares - sum * sum / n;
    // What is left of a resample without spread is rounding, not spread.
    let spread = if spread > squares * 1e-12 {
        spread
    } else {
        0.0
    };
    (sum / n, (spread / (n - 1.0) / n).sqrt())
}

fn studentise(mean: f64, error: f64) -> f64 {
    if mean == 0.0 { 0.0 } else { mean / error }
}
