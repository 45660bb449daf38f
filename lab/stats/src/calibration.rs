//! Whether t statistics of comparisons without a difference are spread as they should be.
//!
//! How many of them are beyond a limit says little: of 100 a true share of 10 % stays within the
//! binomial bound of 5 % in four of ten trials. Their whole spread says more.

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT};

use crate::interval::Interval;

/// How a set of t statistics is spread.
///
/// See [`calibration`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Their number.
    pub n: usize,
    /// The root of their mean square over what it should be, each taken as the normal deviate of
    /// the same probability: above 1, intervals are too narrow.
    pub spread: f64,
    /// Where that lies in 95 % of sets that are right (chi squared).
    pub usual: Interval,
    /// p of "they are from their t distributions" (Kolmogorov 1933, Smirnov 1948).
    pub p: f64,
}

/// From t statistics with their degrees of freedom; `None` for none, and for any that is not
/// finite.
///
/// ```
/// // the quantiles of t with 9 degrees of freedom
/// let right: Vec<(f64, f64)> = (1..100)
///     .map(|i| (stats::student::quantile(f64::from(i) / 100.0, 9.0).unwrap(), 9.0))
///     .collect();
/// let found = stats::calibration::calibration(&right).unwrap();
/// assert!((found.spread - 1.0).abs() < 0.05 && found.p > 0.99);
/// let narrow: Vec<(f64, f64)> = right.iter().map(|(t, df)| (1.5 * t, *df)).collect();
/// let found = stats::calibration::calibration(&narrow).unwrap();
/// assert!(!found.usual.contains(found.spread) && found.spread > 1.25);
/// ```
pub fn calibration(statistics: &[(f64, f64)]) -> Option<Calibration> {
    let n = statistics.len();
    let mut probabilities = (statistics.iter())
        .map(|(t, df)| {
            let dist = StudentsT::new(0.0, 1.0, *df).ok()?;
            t.is_finite().then(|| dist.cdf(*t).clamp(TINY, 1.0 - TINY))
        })
        .collect::<Option<Vec<f64>>>()?;
    let (normal, chi) = (Normal::standard(), ChiSquared::new(n as f64).ok()?);
    let squares = probabilities.iter().map(|p| normal.inverse_cdf(*p).powi(2));
    let spread = (squares.sum::<f64>() / n as f64).sqrt();
    let usual = |p| (chi.inverse_cdf(p) / n as f64).sqrt();
    probabilities.sort_by(f64::total_cmp);
    let distance = (0..n)
        .map(|i| {
            let (below, above) = (i as f64 / n as f64, (i + 1) as f64 / n as f64);
            (probabilities[i] - below).max(above - probabilities[i])
        })
        .fold(0.0, f64::max);
    Some(Calibration {
        n,
        spread,
        usual: Interval {
            low: usual(0.025),
            high: usual(0.975),
        },
        p: kolmogorov(distance, n as f64),
    })
}

/// A probability that rounding made 0 or 1 has a deviate all the same.
const TINY: f64 = 1e-15;

/// The chance of a distance so large or larger, by the asymptotic distribution with the correction
/// of Stephens (1970), good to a few per mille from five values on.
fn kolmogorov(distance: f64, n: f64) -> f64 {
    let x = (n.sqrt() + 0.12 + 0.11 / n.sqrt()) * distance;
    // The alternating series does not settle where p is 1 to all digits that show.
    if x < 0.3 {
        return 1.0;
    }
    let terms = (1..=100).map(|k| {
        let k = f64::from(k);
        let sign = if k % 2.0 == 1.0 { 1.0 } else { -1.0 };
        sign * (-2.0 * (k * x).powi(2)).exp()
    });
    (2.0 * terms.sum::<f64>()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// `scipy.stats.kstwobign.sf`.
    #[test]
    fn the_distances_distribution() {
        for (x, p) in [
            (0.5, 0.963945243664875),
            (1.0, 0.269999671677355),
            (1.36, 0.049485876755377),
        ] {
            let n: f64 = 1e12;
            let found = kolmogorov(x / n.sqrt(), n);
            assert!((found - p).abs() < 1e-6, "{x}: {found}");
        }
    }

    #[test]
    fn sets_that_are_right_are_seldom_found_wrong_and_narrow_ones_often() {
        let mut stream = Stream::new(3);
        let sets = 400;
        let mut found = [[0; 2]; 2];
        for _ in 0..sets {
            for (which, factor) in [1.0, 1.25].into_iter().enumerate() {
                let set: Vec<(f64, f64)> = (0..104)
                    .map(|_| {
                        let d: Vec<f64> = (0..12).map(|_| stream.normal()).collect();
                        let sd = crate::summary::sd(&d).unwrap() / 12.0_f64.sqrt();
                        let t = crate::summary::mean(&d).unwrap() / sd;
                        (factor * t, 11.0)
                    })
                    .collect();
                let of = calibration(&set).unwrap();
                found[which][0] += usize::from(!of.usual.contains(of.spread));
                found[which][1] += usize::from(of.p < 0.05);
            }
        }
        println!(
            "of {sets}: spread and KS, right {:?}, a quarter too wide {:?}",
            found[0], found[1]
        );
        assert!(found[0].iter().all(|n| *n <= sets * 8 / 100), "{found:?}");
        assert!(found[1][0] >= sets * 80 / 100, "{found:?}");
        assert_eq!(calibration(&[]), None);
        assert_eq!(calibration(&[(f64::NAN, 3.0)]), None);
    }
}
