//! Whether a series rises or falls over time, and how fast.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::error::{Error, check_level};
use crate::interval::Interval;
use crate::summary;

/// The least number of points.
pub const LEAST: usize = 8;
/// Estimated autocorrelation is believed up to here.
const MOST_CORRELATION: f64 = 0.9;

/// A straight line through a series.
///
/// See [`theil_sen`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// The change of the value for each unit of time.
    pub slope: f64,
    /// Its interval; absent where so few points say nothing at this level.
    pub interval: Option<Interval>,
}

impl Trend {
    /// Whether the interval leaves out a level course.
    pub fn is_shown(&self) -> bool {
        self.interval.is_some_and(|i| !i.contains(0.0))
    }
}

/// The median of the slopes between all pairs of points (Theil 1950), with the interval of its
/// order statistics (Sen 1968): up to 29 % of wild points do not move it far.
///
/// Sen's interval is for independent residuals. Those of a machine in time are not, so the
/// variance of Kendall's S is multiplied by (1 + r) / (1 - r), with r the residuals' lag-1
/// autocorrelation, corrected for what a fitted line takes away from it ((n r + 2) / (n - 4)), and
/// never below 0.
///
/// # Errors
/// [`Error::TooFew`] below [`LEAST`] points or with all at one time, [`Error::Shape`],
/// [`Error::NotFinite`], [`Error::Level`].
///
/// ```
/// let t: Vec<f64> = (0..12).map(f64::from).collect();
/// let y: Vec<f64> = t.iter().map(|t| 3.0 + 0.5 * t).collect();
/// let trend = stats::trend::theil_sen(&t, &y, 0.95).unwrap();
/// assert!((trend.slope - 0.5).abs() < 1e-12 && trend.is_shown());
/// ```
pub fn theil_sen(t: &[f64], y: &[f64], level: f64) -> Result<Trend, Error> {
    check_level(level)?;
    let n = t.len();
    if n != y.len() {
        return Err(Error::Shape {
            expected: n,
            got: y.len(),
        });
    }
    if t.iter().chain(y).any(|v| !v.is_finite()) {
        return Err(Error::NotFinite);
    }
    let too_few = Error::TooFew {
        need: LEAST,
        got: n,
    };
    if n < LEAST {
        return Err(too_few);
    }
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    for j in 1..n {
        for i in 0..j {
            if t[i] != t[j] {
                slopes.push((y[j] - y[i]) / (t[j] - t[i]));
            }
        }
    }
    slopes.sort_by(f64::total_cmp);
    let slope = summary::quantile_of_sorted(&slopes, 0.5).ok_or(too_few)?;
    let residuals: Vec<f64> = t.iter().zip(y).map(|(t, y)| y - slope * t).collect();
    let half = factor(level) * (kendall_variance(n) * inflation(&residuals)).sqrt() / 2.0;
    let middle = slopes.len() as f64 / 2.0;
    // Ranks from 1, rounded outwards.
    let (low, high) = ((middle - half).floor(), (middle + half + 1.0).ceil());
    let inside = low >= 1.0 && high <= slopes.len() as f64;
    Ok(Trend {
        slope,
        interval: inside.then(|| Interval {
            low: slopes[low as usize - 1],
            high: slopes[high as usize - 1],
        }),
    })
}

fn factor(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + level / 2.0)
}

/// The variance of Kendall's S between independent series.
fn kendall_variance(n: usize) -> f64 {
    let n = n as f64;
    n * (n - 1.0) * (2.0 * n + 5.0) / 18.0
}

/// By how much dependent residuals make that variance larger.
fn inflation(residuals: &[f64]) -> f64 {
    let n = residuals.len() as f64;
    let found = summary::autocorrelation(residuals).unwrap_or(0.0);
    let r = ((n * found + 2.0) / (n - 4.0)).clamp(0.0, MOST_CORRELATION);
    (1.0 + r) / (1.0 - r)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn times(n: usize) -> Vec<f64> {
        (0..n).map(|i| i as f64).collect()
    }

    #[test]
    fn wild_points_do_not_move_the_slope_far() {
        let t = times(18);
        let mut y: Vec<f64> = t.iter().map(|t| 0.1 * t).collect();
        (y[3], y[9], y[17]) = (50.0, -70.0, 900.0);
        let trend = theil_sen(&t, &y, 0.95).unwrap();
        assert!((trend.slope - 0.1).abs() < 0.02, "{trend:?}");
    }

    #[test]
    fn what_is_no_series_is_refused() {
        let y = times(7);
        let few = Err(Error::TooFew { need: 8, got: 7 });
        assert_eq!(theil_sen(&y, &y, 0.95), few);
        let same = [1.0; 9];
        assert!(matches!(
            theil_sen(&same, &times(9), 0.95),
            Err(Error::TooFew { .. })
        ));
        let mut holes = times(9);
        holes[4] = f64::NAN;
        assert_eq!(theil_sen(&times(9), &holes, 0.95), Err(Error::NotFinite));
        assert_eq!(theil_sen(&y, &y, 1.0), Err(Error::Level(1.0)));
        // Constant: no slope, and no doubt about it.
        let level = theil_sen(&times(9), &[2.0; 9], 0.95).unwrap();
        assert_eq!(level.slope, 0.0);
        assert!(!level.is_shown());
    }

    /// The share of series without a trend in which one is shown, and of those with one in which
    /// it is: `slope` a step, noise of sd 1 with lag-1 correlation `rho`.
    fn shown(rho: f64, slope: f64, wild: f64) -> f64 {
        let mut stream = Stream::new(7);
        let t = times(18);
        let series = 1000;
        let hits = (0..series)
            .filter(|_| {
                let mut state = stream.normal();
                let y: Vec<f64> = (t.iter())
                    .map(|t| {
                        state = rho * state + (1.0 - rho * rho).sqrt() * stream.normal();
                        let spike = if stream.uniform() < wild { 8.0 } else { 0.0 };
                        slope * t + state + spike
                    })
                    .collect();
                theil_sen(&t, &y, 0.95).unwrap().is_shown()
            })
            .count();
        hits as f64 / f64::from(series)
    }

    #[test]
    fn trends_are_shown_where_there_are_some_and_seldom_elsewhere() {
        let table = [
            ("white noise", shown(0.0, 0.0, 0.0)),
            ("white noise, spikes", shown(0.0, 0.0, 0.1)),
            ("correlated 0.5", shown(0.5, 0.0, 0.0)),
            ("a trend of 3 sd in all", shown(0.0, 3.0 / 17.0, 0.0)),
        ];
        for (what, share) in table {
            println!("{what}: shown in {:.1} %", share * 100.0);
        }
        assert!(table[0].1 <= 0.05 && table[1].1 <= 0.05, "{table:?}");
        // Of 18 points the correlation itself is only roughly known.
        assert!(table[2].1 <= 0.12, "{table:?}");
        assert!(table[3].1 >= 0.75, "{table:?}");
    }
}
