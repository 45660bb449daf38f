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
/// Sen's interval is for independent residuals. Those of a machine in time are not, so it is taken
/// of the prewhitened series (y(i) - r y(i-1)) / (1 - r), which has the slope of `y` and, where `r`
/// is the lag-1 correlation of what is left without the trend, independent residuals (Wang & Swail
/// 2001; Yue & Wang 2002). `r` is that of the residuals from a parabola and not from a line:
/// what bends steadily, such as the logarithm of a steady leak, is no correlation. It is corrected
/// for what the parabola takes away ((n r + 3) / (n - 6)) and never below 0. A series without
/// noise keeps its order in this, so that the cleaner or larger a trend, the surer it is shown
/// (variance inflation by (1 + r) / (1 - r), as in Hamed & Rao 1998, loses clean ones). Points
/// have to be evenly spaced in time, but for gaps. The interval is stretched to hold the slope.
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
    let found = slopes(t, y);
    let slope = summary::quantile_of_sorted(&found, 0.5).ok_or(too_few)?;
    let white = prewhitened(y, correlation(t, y));
    let found = slopes(&t[1..], &white);
    let half = factor(level) * kendall_variance(n - 1).sqrt() / 2.0;
    let middle = found.len() as f64 / 2.0;
    // Ranks from 1, rounded outwards.
    let (low, high) = ((middle - half).floor(), (middle + half + 1.0).ceil());
    let inside = low >= 1.0 && high <= found.len() as f64;
    Ok(Trend {
        slope,
        interval: inside.then(|| Interval {
            low: found[low as usize - 1].min(slope),
            high: found[high as usize - 1].max(slope),
        }),
    })
}

/// The slopes between all pairs of points that are not at one time, in order.
fn slopes(t: &[f64], y: &[f64]) -> Vec<f64> {
    let n = t.len();
    let mut slopes = Vec::with_capacity(n * n / 2);
    for j in 1..n {
        for i in 0..j {
            if t[i] != t[j] {
                slopes.push((y[j] - y[i]) / (t[j] - t[i]));
            }
        }
    }
    slopes.sort_by(f64::total_cmp);
    slopes
}

/// Without the lag-1 correlation, with the same slope, and one point less.
fn prewhitened(y: &[f64], r: f64) -> Vec<f64> {
    let each = y.windows(2).map(|w| (w[1] - r * w[0]) / (1.0 - r));
    each.collect()
}

fn factor(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + level / 2.0)
}

/// The variance of Kendall's S between independent series.
fn kendall_variance(n: usize) -> f64 {
    let n = n as f64;
    n * (n - 1.0) * (2.0 * n + 5.0) / 18.0
}

/// The lag-1 correlation of what is left without a parabola.
fn correlation(t: &[f64], y: &[f64]) -> f64 {
    let n = y.len() as f64;
    let found = summary::autocorrelation(&bent(t, y)).unwrap_or(0.0);
    ((n * found + 3.0) / (n - 6.0)).clamp(0.0, MOST_CORRELATION)
}

/// The residuals from the parabola of least squares, by Gram and Schmidt.
fn bent(t: &[f64], y: &[f64]) -> Vec<f64> {
    let (first, last) = (t[0], t[t.len() - 1]);
    let span = if last > first { last - first } else { 1.0 };
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let without = |mut v: Vec<f64>, basis: &[Vec<f64>]| {
        for base in basis {
            let share = dot(&v, base);
            v.iter_mut().zip(base).for_each(|(v, b)| *v -= share * b);
        }
        v
    };
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for degree in 0..3 {
        let power = t.iter().map(|t| ((t - first) / span - 0.5).powi(degree));
        let v = without(power.collect(), &basis);
        let length = dot(&v, &v).sqrt();
        if length > 1e-9 {
            basis.push(v.iter().map(|v| v / length).collect());
        }
    }
    without(y.to_vec(), &basis)
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

    /// The share of series in which a trend is shown: `course` the truth, noise of `sd` with
    /// lag-1 correlation `rho`, and a chance of a point that is eight of them off.
    fn shown(course: impl Fn(f64) -> f64, (sd, rho): (f64, f64), wild: f64, level: f64) -> f64 {
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
                        course(*t) + sd * (state + spike)
                    })
                    .collect();
                theil_sen(&t, &y, level).unwrap().is_shown()
            })
            .count();
        100.0 * hits as f64 / f64::from(series)
    }

    #[test]
    fn trends_are_shown_where_there_are_some_and_seldom_elsewhere() {
        let level = |_| 0.0;
        let table = [
            ("white noise", shown(level, (1.0, 0.0), 0.0, 0.95)),
            ("white noise, spikes", shown(level, (1.0, 0.0), 0.1, 0.95)),
            ("correlated 0.5", shown(level, (1.0, 0.5), 0.0, 0.95)),
            (
                "3 sd in all",
                shown(|t| 3.0 * t / 17.0, (1.0, 0.0), 0.0, 0.95),
            ),
            (
                "correlated 0.5, one of 14",
                shown(level, (1.0, 0.5), 0.0, OF_14),
            ),
        ];
        for (what, share) in table {
            println!("{what}: shown in {share:.1} %");
        }
        assert!(table[0].1 <= 5.0 && table[1].1 <= 5.0, "{table:?}");
        // Of 18 points the correlation itself is only roughly known.
        assert!(table[2].1 <= 12.0, "{table:?}");
        assert!(table[3].1 >= 65.0, "{table:?}");
        assert!(table[4].1 <= 3.0, "{table:?}");
    }

    /// The level of each where seven servers have two drifts each.
    const OF_14: f64 = 1.0 - 0.05 / 14.0;

    /// Memory that grows by equal steps, by so many per cent in all, as the report looks at it:
    /// its logarithm, at the level that all drifts of a report have. The more it is, the surer it
    /// is shown; without noise it is shown always.
    #[test]
    fn leaks_are_shown_the_surer_the_larger_and_the_cleaner() {
        let leak = |percent: f64| move |t: f64| (1.0 + percent / 100.0 * t / 17.0).ln();
        let noises = [
            (0.0, 0.0),
            (0.003, 0.0),
            (0.003, 0.5),
            (0.01, 0.0),
            (0.01, 0.5),
        ];
        let mut last = [0.0; 5];
        for percent in [1.0, 3.0, 10.0, 30.0, 100.0] {
            let found = noises.map(|noise| shown(leak(percent), noise, 0.0, OF_14));
            println!("{percent} % more in all: shown in {found:.1?} %");
            for (now, before) in found.iter().zip(last) {
                // Once nearly sure, a per cent is chance.
                assert!(
                    *now >= before - 2.0,
                    "{percent} %: {found:?} after {last:?}"
                );
            }
            assert_eq!(found[0], 100.0, "without noise");
            assert!(found[1] >= found[3] - 2.0, "the cleaner the surer");
            last = found;
        }
        assert!(last.iter().all(|share| *share >= 95.0), "{last:?}");
    }
}
