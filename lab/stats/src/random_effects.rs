//! One effect on several machines: how much they differ, and what the next one may show.
//!
//! Effects with their standard errors, each of an experiment of its own. The variance between them
//! is DerSimonian and Laird's (1986), the interval of the mean Hartung and Knapp's (2001; Sidik &
//! Jonkman 2002), never narrower than the plain one, and the interval that the effect on another
//! machine is expected in Higgins, Thompson and Spiegelhalter's (2009). Below [`LEAST`] effects the
//! variance between them is little more than a guess, and nothing is given.

use crate::error::{Error, check_level};
use crate::interval::Interval;
use crate::student;

/// The least number of effects.
pub const LEAST: usize = 5;

/// One effect.
///
/// See [`joined`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error.
    pub error: f64,
}

/// All of them together.
///
/// See [`joined`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Joined {
    /// The mean over machines.
    pub mean: f64,
    /// Its interval.
    pub interval: Interval,
    /// Where the effect on another machine of the same kind of choice is expected.
    pub prediction: Interval,
    /// The standard deviation between machines.
    pub between: f64,
}

/// Joins effects.
///
/// # Errors
/// [`Error::TooFew`] below [`LEAST`] effects, [`Error::NotFinite`] where an error is not positive,
/// [`Error::Level`].
///
/// ```
/// use stats::random_effects::{Effect, joined};
/// let alike: Vec<Effect> = [1.0, 1.2, 0.8, 1.1, 0.9]
///     .map(|estimate| Effect { estimate, error: 0.001 })
///     .to_vec();
/// let found = joined(&alike, 0.95).unwrap();
/// // Without noise of their own the effects' variance is all between them: .025, of the mean .005.
/// assert!((found.mean - 1.0).abs() < 1e-9 && (found.between - 0.025_f64.sqrt()).abs() < 1e-4);
/// assert!((found.interval.half_width() - 2.776445 * 0.005_f64.sqrt()).abs() < 1e-4);
/// assert!(found.prediction.half_width() > 2.0 * found.interval.half_width());
/// ```
pub fn joined(effects: &[Effect], level: f64) -> Result<Joined, Error> {
    check_level(level)?;
    let k = effects.len();
    if k < LEAST {
        return Err(Error::TooFew {
            need: LEAST,
            got: k,
        });
    }
    if !effects
        .iter()
        .all(|e| e.estimate.is_finite() && e.error.is_finite() && e.error > 0.0)
    {
        return Err(Error::NotFinite);
    }
    let df = (k - 1) as f64;
    let weighted = |between: f64| {
        let weights: Vec<f64> = (effects.iter())
            .map(|e| 1.0 / (e.error * e.error + between))
            .collect();
        let sum: f64 = weights.iter().sum();
        let mean = effects
            .iter()
            .zip(&weights)
            .map(|(e, w)| e.estimate * w)
            .sum::<f64>()
            / sum;
        let spread: f64 = (effects.iter().zip(&weights))
            .map(|(e, w)| w * (e.estimate - mean).powi(2))
            .sum();
        (weights, sum, mean, spread)
    };
    let (weights, sum, _, spread) = weighted(0.0);
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    let between = ((spread - df) / (sum - squares / sum)).max(0.0);
    let (_, sum, mean, spread) = weighted(between);
    let error = ((spread / df).max(1.0) / sum).sqrt();
    let factor = student::factor(level, df).ok_or(Error::NotFinite)?;
    let next = student::factor(level, df - 1.0).ok_or(Error::NotFinite)?;
    let around = |half: f64| Interval {
        low: mean - half,
        high: mean + half,
    };
    Ok(Joined {
        mean,
        interval: around(factor * error),
        prediction: around(next * (between + error * error).sqrt()),
        between: between.sqrt(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn few_or_bad_effects_have_no_answer() {
        let one = Effect {
            estimate: 1.0,
            error: 0.1,
        };
        assert!(joined(&[one; 4], 0.95).is_err());
        assert!(joined(&[Effect { error: 0.0, ..one }; 5], 0.95).is_err());
        assert!(joined(&[one; 5], 1.0).is_err());
    }

    /// Of many sets of machines the interval holds the true mean, and the prediction the effect on
    /// one machine more.
    #[test]
    fn intervals_hold_what_they_should() {
        let (mut mean, mut next) = (0, 0);
        let sets = 2_000;
        for seed in 0..sets {
            let mut stream = Stream::new(seed);
            let effects: Vec<Effect> = (0..8)
                .map(|i| {
                    let error = 0.01 + 0.005 * f64::from(i % 3);
                    Effect {
                        estimate: 0.5 + 0.05 * stream.normal() + error * stream.normal(),
                        error,
                    }
                })
                .collect();
            let found = joined(&effects, 0.95).unwrap();
            mean += usize::from(found.interval.contains(0.5));
            next += usize::from(found.prediction.contains(0.5 + 0.05 * stream.normal()));
        }
        println!("mean {mean}, next {next} of {sets}");
        let share = |n: usize| n as f64 / sets as f64;
        assert!((0.93..=0.97).contains(&share(mean)), "{mean}");
        assert!((0.92..=0.98).contains(&share(next)), "{next}");
    }
}
