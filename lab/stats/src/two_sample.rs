//! The ratio of two frameworks from samples that are not paired, such as start-up times.
//!
//! On logs: start-up times are positive and skewed to the right, a logarithm takes most of the
//! skew away and turns the difference of means into a ratio (of geometric means). Welch's test
//! rather than Student's, for the slower framework's times are the more scattered ones. What skew
//! is left shows in the studentised bootstrap, which is reported where it is clearly wider. Not
//! for values that share blocks: pairing halves the interval there.

use crate::bootstrap::{Bootstrap, LEAST_VALUES};
use crate::error::{Error, check_level, check_values, logs};
use crate::interval::{Interval, LogInterval, Method, Ratio};
use crate::paired::DISAGREE;
use crate::{student, summary};

/// Welch's t interval (1947, degrees of freedom by Satterthwaite 1946) of the ratio
/// subject / baseline of two samples of positive values in the same unit.
///
/// # Errors
/// [`Error::TooFew`] below two values a side, [`Error::NotPositive`], [`Error::NotFinite`],
/// [`Error::Level`].
///
/// ```
/// let r = stats::two_sample::welch(&[4.0, 4.4, 3.6], &[2.0, 2.1, 1.9], 0.95).unwrap();
/// assert!(r.interval.low > 1.5 && r.interval.high < 2.7);
/// ```
pub fn welch(subject: &[f64], baseline: &[f64], level: f64) -> Result<Ratio, Error> {
    check_level(level)?;
    welch_of_logs(&logs(subject)?, &logs(baseline)?, level)
}

/// [`welch`], or the studentised bootstrap of both samples where that one is wider by more than a
/// quarter at 95 % (see [`crate::paired::robust`]); below six values a side always Welch.
///
/// # Errors
/// As [`welch`].
///
/// ```
/// use stats::{Bootstrap, two_sample};
/// let slow = [40.0, 44.0, 41.0, 39.0, 43.0, 42.0, 44.0];
/// let fast = [20.0, 21.0, 22.0, 20.5, 21.5, 20.0, 21.0];
/// let r = two_sample::robust(&slow, &fast, 0.95, Bootstrap::default()).unwrap();
/// assert!(r.interval.low > 1.85 && r.interval.high < 2.15);
/// ```
pub fn robust(
    subject: &[f64],
    baseline: &[f64],
    level: f64,
    bootstrap: Bootstrap,
) -> Result<Ratio, Error> {
    const JUDGED_AT: f64 = 0.95;
    check_level(level)?;
    let (subject, baseline) = (logs(subject)?, logs(baseline)?);
    let welch = welch_of_logs(&subject, &baseline, level)?;
    if subject.len().min(baseline.len()) < LEAST_VALUES || welch.sd == 0.0 {
        return Ok(welch);
    }
    let draws = bootstrap.two_samples(&subject, &baseline, JUDGED_AT);
    let judged = welch_of_logs(&subject, &baseline, JUDGED_AT)?;
    let welch_width = judged.interval.ln().map_or(0.0, |i| i.0.half_width());
    if draws.interval(JUDGED_AT).half_width() <= (1.0 + DISAGREE) * welch_width {
        return Ok(welch);
    }
    let draws = bootstrap.two_samples(&subject, &baseline, level);
    let interval = LogInterval(draws.interval(level)).exp();
    Ok(Ratio {
        interval,
        p: draws.p(),
        method: Method::BootT,
        ..welch
    })
}

fn welch_of_logs(subject: &[f64], baseline: &[f64], level: f64) -> Result<Ratio, Error> {
    check_values(subject, 2)?;
    check_values(baseline, 2)?;
    let part = |sample: &[f64]| {
        let n = sample.len() as f64;
        let variance = summary::variance(sample)?;
        Some((summary::mean(sample)?, variance, variance / n, n - 1.0))
    };
    let (Some((mean_s, var_s, err_s, df_s)), Some((mean_b, var_b, err_b, df_b))) =
        (part(subject), part(baseline))
    else {
        return Err(Error::NotFinite);
    };
    let mean = mean_s - mean_b;
    let error = (err_s + err_b).sqrt();
    // Without any spread the degrees of freedom do not matter: the interval has no width.
    let df = if error > 0.0 {
        (err_s + err_b).powi(2) / (err_s.powi(2) / df_s + err_b.powi(2) / df_b)
    } else {
        df_s + df_b
    };
    let half = student::factor(level, df).ok_or(Error::NotFinite)? * error;
    Ok(Ratio {
        point: mean.exp(),
        interval: LogInterval(Interval {
            low: mean - half,
            high: mean + half,
        })
        .exp(),
        level,
        n: subject.len().min(baseline.len()),
        sd: (var_s + var_b).sqrt(),
        p: student::two_sided_p(mean / error, df),
        method: Method::Welch,
    })
}
