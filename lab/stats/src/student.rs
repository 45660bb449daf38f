//! Student's t distribution (Student 1908), by `statrs`.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The quantile of Student's t: `p` in (0, 1), `df` > 0 degrees of freedom, otherwise `None`.
///
/// ```
/// let t = stats::student::quantile(0.975, 9.0).unwrap();
/// assert!((t - 2.262157).abs() < 1e-6);
/// ```
pub fn quantile(p: f64, df: f64) -> Option<f64> {
    (p > 0.0 && p < 1.0 && df > 0.0 && df.is_finite()).then_some(())?;
    Some(StudentsT::new(0.0, 1.0, df).ok()?.inverse_cdf(p))
}

/// The factor of an interval: the quantile that leaves (1 - level) / 2 on either side.
///
/// ```
/// assert!((stats::student::factor(0.97, 19.0).unwrap() - 2.346).abs() < 1e-3);
/// ```
pub fn factor(level: f64, df: f64) -> Option<f64> {
    quantile(0.5 + level / 2.0, df)
}

/// Two-sided p of a t statistic. An infinite statistic has p 0; NaN (0 / 0, no difference and no
/// spread) has p 1, as does `df` that is not positive.
///
/// ```
/// assert!((stats::student::two_sided_p(-2.262157, 9.0) - 0.05).abs() < 1e-6);
/// assert_eq!(stats::student::two_sided_p(f64::NAN, 9.0), 1.0);
/// ```
pub fn two_sided_p(t: f64, df: f64) -> f64 {
    if t.is_nan() {
        return 1.0;
    }
    match StudentsT::new(0.0, 1.0, df) {
        Ok(_) if t.is_infinite() => 0.0,
        Ok(dist) => (2.0 * dist.cdf(-t.abs())).min(1.0),
        Err(_) => 1.0,
    }
}
