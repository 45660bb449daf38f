//! The noise floor of a campaign: how large a difference the machine makes up by itself.

use crate::error::{Error, check_values};
use crate::random::Stream;
use crate::{signed_rank, summary};

/// Number of sign flips.
pub const FLIPS: usize = 2_000;

/// A noise floor and the two numbers that it is the larger of; log units.
///
/// ```
/// let f = stats::noise_floor::noise_floor(&[0.01, -0.01, 0.02, -0.02], 1).unwrap();
/// assert_eq!(f.floor, f.flipped.max(f.observed));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseFloor {
    /// The floor: differences up to here are never called.
    pub floor: f64,
    /// 95th percentile of |mean| over the sign flips: what chance makes of the blocks' scatter.
    pub flipped: f64,
    /// |mean| as observed: a bias of the campaign, such as one by position, shows here.
    pub observed: f64,
}

impl NoiseFloor {
    /// The floor where the mean has so many times the variance that independent blocks give
    /// ([`crate::launches::Design::effect`]).
    ///
    /// ```
    /// let f = stats::noise_floor::noise_floor(&[0.01, -0.01, 0.02, -0.02], 1).unwrap();
    /// assert_eq!(f.over(4.0), 2.0 * f.flipped);
    /// ```
    pub fn over(&self, effect: f64) -> f64 {
        (self.flipped * effect.sqrt()).max(self.observed)
    }
}

/// The noise floor from the A/A differences of a campaign, one a block: the logs of the
/// baseline's first window minus its second, in the order that was drawn for them.
///
/// Under "no difference" the sign of each is a coin's, so flipping signs at random (Fisher 1935)
/// shows the means that chance makes: the floor is the 95th percentile of |mean| over
/// [`FLIPS`] flips, or the observed |mean| if that is larger.
///
/// With 20 spiky blocks the A/A mean of a second campaign stays below it in 89 % of simulated
/// cases: a few blocks know their own scatter only roughly. It is a bar in addition to an
/// interval, not in place of one.
///
/// # Errors
/// [`Error::TooFew`] for no blocks, [`Error::NotFinite`].
///
/// ```
/// let f = stats::noise_floor::noise_floor(&[0.03; 20], 1).unwrap();
/// assert!((f.floor - 0.03).abs() < 1e-12, "always the same sign: a bias, all of it is floor");
/// ```
pub fn noise_floor(differences: &[f64], seed: u64) -> Result<NoiseFloor, Error> {
    let n = differences.len() as f64;
    by(differences, seed, |d| d.iter().sum::<f64>() / n)
}

/// As [`noise_floor`], for estimates by [`crate::paired::hodges_lehmann`]: of the median of the
/// Walsh averages instead of the mean.
///
/// # Errors
/// As [`noise_floor`].
///
/// ```
/// use stats::noise_floor::{noise_floor, noise_floor_of_medians};
/// let d = [0.01, -0.01, 0.02, -0.02, 0.01, -0.02, 0.02, 0.80];
/// let (means, medians) = (noise_floor(&d, 1).unwrap(), noise_floor_of_medians(&d, 1).unwrap());
/// assert!(medians.floor < means.floor / 3.0, "one wild launch does not raise it");
/// ```
pub fn noise_floor_of_medians(differences: &[f64], seed: u64) -> Result<NoiseFloor, Error> {
    by(differences, seed, |d| {
        signed_rank::pseudo_median(d).unwrap_or(f64::NAN)
    })
}

fn by(
    differences: &[f64],
    seed: u64,
    estimate: impl Fn(&[f64]) -> f64,
) -> Result<NoiseFloor, Error> {
    check_values(differences, 1)?;
    let mut stream = Stream::new(seed);
    let mut flips = Vec::with_capacity(FLIPS);
    for _ in 0..FLIPS {
        let flipped: Vec<f64> = differences.iter().map(|d| d * stream.sign()).collect();
        flips.push(estimate(&flipped).abs());
    }
    let flipped = summary::quantile(&flips, 0.95).ok_or(Error::NotFinite)?;
    let observed = estimate(differences).abs();
    Ok(NoiseFloor {
        floor: flipped.max(observed),
        flipped,
        observed,
    })
}
