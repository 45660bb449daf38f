//! Descriptive numbers. All of them are `None` for an empty slice or one that holds a value
//! which is not finite: leaving a value out is the caller's decision, and a visible one.

use crate::error::logs;

fn usable(values: &[f64], need: usize) -> bool {
    values.len() >= need && values.iter().all(|v| v.is_finite())
}

/// Arithmetic mean, in the unit of the values.
///
/// ```
/// assert_eq!(stats::summary::mean(&[1.0, 2.0, 6.0]), Some(3.0));
/// assert_eq!(stats::summary::mean(&[]), None);
/// ```
pub fn mean(values: &[f64]) -> Option<f64> {
    usable(values, 1).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Unbiased sample variance (divisor n - 1), in squared units; needs two values.
///
/// ```
/// assert_eq!(stats::summary::variance(&[1.0, 3.0]), Some(2.0));
/// ```
pub fn variance(values: &[f64]) -> Option<f64> {
    if !usable(values, 2) {
        return None;
    }
    // Equal values have no spread, however their mean is rounded.
    if values.iter().all(|v| *v == values[0]) {
        return Some(0.0);
    }
    let centre = mean(values)?;
    let squares: f64 = values.iter().map(|v| (v - centre).powi(2)).sum();
    Some(squares / (values.len() - 1) as f64)
}

/// Sample standard deviation (divisor n - 1), in the unit of the values; needs two values.
///
/// ```
/// assert_eq!(stats::summary::sd(&[1.0, 3.0]), Some(2.0_f64.sqrt()));
/// assert_eq!(stats::summary::sd(&[1.0]), None);
/// ```
pub fn sd(values: &[f64]) -> Option<f64> {
    variance(values).map(f64::sqrt)
}

/// Coefficient of variation, sd / |mean|, a plain number; `None` also where the mean is 0.
///
/// ```
/// assert_eq!(stats::summary::cv(&[1.0, 3.0]), Some(2.0_f64.sqrt() / 2.0));
/// ```
pub fn cv(values: &[f64]) -> Option<f64> {
    let centre = mean(values)?;
    (centre != 0.0).then_some(())?;
    Some(sd(values)? / centre.abs())
}

/// Geometric mean, in the unit of the values; `None` also where a value is not positive.
///
/// ```
/// let g = stats::summary::geometric_mean(&[1.0, 4.0]).unwrap();
/// assert!((g - 2.0).abs() < 1e-12);
/// ```
pub fn geometric_mean(values: &[f64]) -> Option<f64> {
    mean(&logs(values).ok()?).map(f64::exp)
}

/// Sample quantile of type 7 (Hyndman & Fan 1996; the default of R and NumPy): linear between
/// order statistics. `p` in [0, 1], otherwise `None`.
///
/// ```
/// assert_eq!(stats::summary::quantile(&[4.0, 1.0, 3.0, 2.0], 0.25), Some(1.75));
/// ```
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    if !usable(values, 1) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile_of_sorted(&sorted, p)
}

/// [`quantile`] of values that are sorted already and finite.
///
/// ```
/// assert_eq!(stats::summary::quantile_of_sorted(&[1.0, 2.0], 0.5), Some(1.5));
/// ```
pub fn quantile_of_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    if sorted.is_empty() || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let at = p * (sorted.len() - 1) as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let share = at - below as f64;
    Some(sorted[below] + share * (sorted[above] - sorted[below]))
}

/// Median, in the unit of the values: the type 7 quantile at 0.5.
///
/// ```
/// assert_eq!(stats::summary::median(&[9.0, 1.0, 2.0]), Some(2.0));
/// ```
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// Adjusted Fisher-Pearson skewness G1 (Joanes & Gill 1998), a plain number; needs three values
/// that are not all equal. Beyond about +-1 a mean is a poor summary of so few blocks, and the
/// Hodges-Lehmann estimate ([`crate::signed_rank`]) belongs beside it.
///
/// ```
/// assert_eq!(stats::summary::skewness(&[-1.0, 0.0, 1.0]), Some(0.0));
/// assert!(stats::summary::skewness(&[0.0, 0.0, 0.0, 9.0]).unwrap() > 1.9);
/// ```
pub fn skewness(values: &[f64]) -> Option<f64> {
    let spread = sd(values).filter(|s| *s > 0.0)?;
    let n = values.len() as f64;
    (n >= 3.0).then_some(())?;
    let centre = mean(values)?;
    let cubes: f64 = values.iter().map(|v| ((v - centre) / spread).powi(3)).sum();
    Some(cubes * n / ((n - 1.0) * (n - 2.0)))
}

/// Lag-1 autocorrelation of a series (Box & Jenkins 1976: products of neighbours over the sum of
/// squares), in [-1, 1]; needs three values that are not all equal.
///
/// ```
/// assert!(stats::summary::autocorrelation(&[1.0, 2.0, 1.0, 2.0, 1.0, 2.0]).unwrap() < -0.5);
/// ```
pub fn autocorrelation(values: &[f64]) -> Option<f64> {
    let spread = variance(values).filter(|s| *s > 0.0)?;
    (values.len() >= 3).then_some(())?;
    let centre = mean(values)?;
    let products: f64 = values
        .windows(2)
        .map(|w| (w[0] - centre) * (w[1] - centre))
        .sum();
    Some(products / (spread * (values.len() - 1) as f64))
}
