//! One framework's own value, without a partner.
//!
//! What all windows of a campaign share (the host's hidden state, a neighbour) does not show in
//! the spread between blocks, so these intervals speak for *this campaign*, not for the host:
//! compare frameworks by [`crate::paired`], never by whether two of these overlap.

use crate::error::{Error, check_level, check_values, logs};
use crate::interval::{Estimate, Interval, LogInterval};
use crate::signed_rank;
use crate::{paired, summary};
use statrs::distribution::{Binomial, DiscreteCDF};

/// The geometric mean of positive values over blocks and its t interval on the logs,
/// back-transformed (Student 1908); in the unit of the values.
///
/// # Errors
/// [`Error::TooFew`] below two values, [`Error::NotPositive`], [`Error::NotFinite`],
/// [`Error::Level`].
///
/// ```
/// let e = stats::absolute::geometric_mean(&[10.0, 20.0, 40.0], 0.95).unwrap();
/// assert!((e.point - 20.0).abs() < 1e-9);
/// ```
pub fn geometric_mean(values: &[f64], level: f64) -> Result<Estimate, Error> {
    let ratio = paired::t(&logs(values)?, level)?;
    Ok(Estimate {
        point: ratio.point,
        interval: ratio.interval,
        level,
        n: ratio.n,
    })
}

/// The median and its order-statistic interval (Thompson 1936; the one that benchstat prints):
/// no assumption about the shape, so fit for start-up times. At least the level asked for; in
/// the unit of the values.
///
/// # Errors
/// [`Error::TooFew`] where the full range does not reach the level (below six values at 95 %),
/// [`Error::NotFinite`], [`Error::Level`].
///
/// ```
/// let e = stats::absolute::median(&[5.0, 1.0, 4.0, 2.0, 3.0, 6.0], 0.95).unwrap();
/// assert_eq!((e.point, e.interval.low, e.interval.high), (3.5, 1.0, 6.0));
/// ```
pub fn median(values: &[f64], level: f64) -> Result<Estimate, Error> {
    check_level(level)?;
    check_values(values, 1)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let tail = (1.0 - level) / 2.0;
    let need = ((1.0 / tail).log2().ceil() as usize).max(n + 1);
    let heads = Binomial::new(0.5, n as u64).map_err(|_| Error::TooFew { need, got: n })?;
    // As many values are cut off on either side as a fair coin gives with a chance up to `tail`.
    let cut = (0..n.div_ceil(2))
        .take_while(|k| heads.cdf(*k as u64) <= tail * (1.0 + 1e-9))
        .last()
        .ok_or(Error::TooFew { need, got: n })?;
    let interval = Interval {
        low: sorted[cut],
        high: sorted[n - 1 - cut],
    };
    let point = summary::quantile_of_sorted(&sorted, 0.5).ok_or(Error::NotFinite)?;
    Ok(Estimate {
        point,
        interval,
        level,
        n,
    })
}

/// The Hodges-Lehmann centre of the logs with its signed-rank interval, back-transformed: where
/// the median is wanted but its order-statistic interval is too coarse. In the unit of the values.
///
/// # Errors
/// As [`median`], and [`Error::NotPositive`].
///
/// ```
/// let e = stats::absolute::pseudo_median(&[9.0, 10.0, 10.5, 11.0, 9.5, 60.0], 0.95).unwrap();
/// assert!(e.point < 12.0);
/// ```
pub fn pseudo_median(values: &[f64], level: f64) -> Result<Estimate, Error> {
    let (log, interval) = signed_rank::hodges_lehmann(&logs(values)?, level)?;
    let interval = LogInterval(interval).exp();
    Ok(Estimate {
        point: log.exp(),
        interval,
        level,
        n: values.len(),
    })
}
