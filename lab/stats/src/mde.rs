//! How small a difference so many blocks can show, and how many blocks a precision takes.

use crate::launches::Design;
use crate::student;

/// The minimal detectable effect in log units: the true difference that a two-sided 5 % t test on
/// n blocks finds with a chance of 80 %, (t.975 + t.80) sd / sqrt n (Cohen 1988 with t in place
/// of normal quantiles). `sd` is that of the differences, log units. `None` below two blocks or
/// where sd is negative or not finite.
///
/// ```
/// let mde = stats::mde::mde(1.0, 20).unwrap();
/// assert!((mde - 0.66).abs() < 0.005);
/// ```
pub fn mde(sd: f64, n: usize) -> Option<f64> {
    mde_at(sd, n, 0.95)
}

/// The same for an interval of another level, such as one that is adjusted for a whole family:
/// what *that* interval leaves 1 out for in four of five campaigns. `None` also for a level
/// outside of (0, 1).
///
/// ```
/// let (alone, among_60) = (stats::mde::mde_at(0.04, 12, 0.95), stats::mde::mde_at(0.04, 12, 0.99917));
/// assert!(among_60.unwrap() > 1.6 * alone.unwrap());
/// ```
pub fn mde_at(sd: f64, n: usize, level: f64) -> Option<f64> {
    mde_over(sd, n, level, Design::of_blocks(n))
}

/// The same where blocks of one launch are alike ([`crate::launches`]).
///
/// ```
/// use stats::{launches::Design, mde::{mde_at, mde_over}};
/// let blocks = mde_over(0.04, 12, 0.95, Design::of_blocks(12));
/// assert_eq!(blocks, mde_at(0.04, 12, 0.95));
/// let launches = mde_over(0.04, 12, 0.95, Design { effect: 1.28, df: 10.0 });
/// assert!(launches > blocks);
/// ```
pub fn mde_over(sd: f64, n: usize, level: f64, design: Design) -> Option<f64> {
    (n >= 2 && sd >= 0.0 && sd.is_finite() && level > 0.0 && level < 1.0).then_some(())?;
    let factor = student::factor(level, design.df)? + student::quantile(0.80, design.df)?;
    Some(factor * sd * (design.effect / n as f64).sqrt())
}

/// The smallest number of blocks, within `least..=most`, whose t interval at `level` is expected
/// to have a half-width of at most `target` (a relative difference: 0.02 is 2 %), given the
/// standard deviation of the differences (log units) from a pilot. `None` where `most` is not
/// enough or an argument makes no sense.
///
/// ```
/// // sd 4 %: 19 blocks give +- 2 %
/// assert_eq!(stats::mde::blocks_for(0.04, 0.02, 0.95, 10, 40), Some(19));
/// assert_eq!(stats::mde::blocks_for(0.04, 0.002, 0.95, 10, 40), None);
/// ```
pub fn blocks_for(sd: f64, target: f64, level: f64, least: usize, most: usize) -> Option<usize> {
    (sd >= 0.0 && target > 0.0).then_some(())?;
    (least.max(2)..=most).find(|n| {
        student::factor(level, (n - 1) as f64)
            .is_some_and(|factor| factor * sd / (*n as f64).sqrt() <= target.ln_1p())
    })
}
