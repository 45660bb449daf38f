//! From an interval to words. Two questions, two answers: is there a difference (direction), and
//! does it matter (size)? Both are read off the interval that the reader sees, which has to be
//! the one adjusted for multiplicity ([`crate::multiplicity::Family::compare`]).

use crate::interval::Ratio;

/// Which of the two is better.
///
/// ```
/// assert_eq!(stats::verdict::Direction::Faster.to_string(), "faster");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The subject is better than the baseline.
    Faster,
    /// The subject is worse than the baseline.
    Slower,
    /// The interval holds 1, or the difference is below the noise floor.
    Undecided,
}

/// How a difference compares with a margin that was declared before the run.
///
/// ```
/// assert_eq!(stats::verdict::Size::Within.to_string(), "equivalent");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The whole interval lies beyond the margin, on one side.
    Larger,
    /// The whole interval lies within the margin: equivalent.
    Within,
    /// Neither.
    Unclear,
}

/// The direction of a ratio of some metric.
///
/// `higher_is_better` says so of the metric (requests/s: true; CPU per request: false). `floor`
/// is the noise floor in log units ([`crate::noise_floor`]): a difference at or below it is
/// undecided whatever its interval, and so is any where the floor is unknown (NaN).
///
/// ```
/// use stats::{paired, verdict::{Direction, direction}};
/// let cpu = paired::t(&[0.05, 0.06, 0.05, 0.04], 0.95).unwrap();
/// assert_eq!(direction(&cpu, false, 0.01), Direction::Slower);
/// assert_eq!(direction(&cpu, true, 0.01), Direction::Faster);
/// assert_eq!(direction(&cpu, false, 0.06), Direction::Undecided);
/// ```
pub fn direction(ratio: &Ratio, higher_is_better: bool, floor: f64) -> Direction {
    let (above, below) = (ratio.interval.is_above(1.0), ratio.interval.is_below(1.0));
    if !exceeds(ratio, floor) || above == below {
        Direction::Undecided
    } else if above == higher_is_better {
        Direction::Faster
    } else {
        Direction::Slower
    }
}

/// The size of a ratio against a margin: a relative difference (0.02 is 2 %), taken as the band
/// from 1 / (1 + margin) to 1 + margin.
///
/// Equivalence is that of two one-sided tests (TOST; Schuirmann 1987) read off this interval:
/// with a two-sided level of 95 % each test has 2.5 %, stricter than the customary 5 %, so that
/// one printed interval carries both answers. Neither answer is given where the noise floor (log
/// units) is unknown; "larger" only where the estimate exceeds the floor, "within" only where the
/// floor itself lies within the margin: a campaign that is too noisy to see the margin cannot
/// call two frameworks equal.
///
/// ```
/// use stats::{paired, verdict::{Size, size}};
/// let r = paired::t(&[0.051, 0.052, 0.050, 0.051], 0.95).unwrap();
/// assert_eq!(size(&r, 0.02, 0.005), Size::Larger);
/// assert_eq!(size(&r, 0.10, 0.005), Size::Within);
/// assert_eq!(size(&r, 0.10, 0.500), Size::Unclear);
/// ```
pub fn size(ratio: &Ratio, margin: f64, floor: f64) -> Size {
    let (inside, outside) = (1.0 / (1.0 + margin), 1.0 + margin);
    let beyond = ratio.interval.is_below(inside) || ratio.interval.is_above(outside);
    let within = ratio.interval.low >= inside && ratio.interval.high <= outside;
    if beyond && exceeds(ratio, floor) {
        Size::Larger
    } else if within && floor <= margin.ln_1p() {
        Size::Within
    } else {
        Size::Unclear
    }
}

fn exceeds(ratio: &Ratio, floor: f64) -> bool {
    ratio.ln().abs() > floor
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Direction::Faster => "faster",
            Direction::Slower => "slower",
            Direction::Undecided => "undecided",
        })
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Size::Larger => "larger",
            Size::Within => "equivalent",
            Size::Unclear => "unclear",
        })
    }
}
