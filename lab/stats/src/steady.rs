//! Did a launch reach a steady state, and from which window on?
//!
//! After Barrett, Bolz-Tereick, Killick, Mount & Tratt (2017), "Virtual machine warmup blows hot
//! and cold": change points, equivalent segments merged, four classes. Nothing is dropped here;
//! a launch without a steady state is kept and says so.

use crate::segments::{LEAST, Segment, segments};
use crate::summary;

/// The share of the series that the last segment needs to be called steady.
pub const STEADY_SHARE: f64 = 0.6;

/// The penalty of a change point in a series of `n` windows: 15 ln n.
///
/// The textbook's 2 ln n (BIC) is for independent windows. Neighbouring windows of a shared host
/// correlate by .3 to .8, which looks like change points: at .8 a steady series of 30 to 240
/// windows needs 12 to 14.6 ln n for at most 5 % false alarms (at .3: 4 to 5 ln n, at .5: 6 ln n;
/// simulated, 400 series each). A penalty that follows the estimated correlation would find
/// smaller changes, but spikes hide the correlation from the estimate.
///
/// ```
/// assert!((stats::steady::penalty(60) - 61.4).abs() < 0.1);
/// ```
pub fn penalty(n: usize) -> f64 {
    15.0 * (n.max(2) as f64).ln()
}

/// The penalty for a series from which what the host did to everybody was taken out (each value
/// relative to the median of the other servers in the same block): 8 ln n.
///
/// What is left correlates little, so that this is enough for at most 5 % false alarms, with three
/// servers as with thirty-six (6 ln n are not: spikes look like changes of scatter). It finds
/// steps half as large: `cargo test -p stats --test simulation beside`.
///
/// ```
/// assert!(stats::steady::penalty_beside(24) < 0.6 * stats::steady::penalty(24));
/// ```
pub fn penalty_beside(n: usize) -> f64 {
    8.0 * (n.max(2) as f64).ln()
}

/// The step (log units) in the middle of `n` windows with a scatter of `sd` that is worth just
/// one change point of this penalty: n ln(1 + step^2 / 4 sd^2) = penalty. It is found in about
/// three launches of four (chance helps), smaller ones less and less often. `None` below two segments'
/// worth of windows.
///
/// ```
/// let n = 24;
/// let step = stats::steady::least_step(0.04, n, stats::steady::penalty_beside(n)).unwrap();
/// assert!(0.10 < step && step < 0.15);
/// assert_eq!(stats::steady::least_step(0.04, 9, 10.0), None);
/// ```
pub fn least_step(sd: f64, n: usize, penalty: f64) -> Option<f64> {
    (n >= 2 * LEAST && sd.is_finite()).then(|| 2.0 * sd * (penalty / n as f64).exp_m1().sqrt())
}

/// The shape of a launch.
///
/// ```
/// assert_eq!(stats::steady::Class::WarmUp.to_string(), "warm-up");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// One level from first to last window.
    Flat,
    /// Steady in the end, and no earlier stretch was better.
    WarmUp,
    /// Steady in the end, and some earlier stretch was better.
    Slowdown,
    /// The last level does not last for [`STEADY_SHARE`] of the series.
    Unsteady,
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Class::Flat => "flat",
            Class::WarmUp => "warm-up",
            Class::Slowdown => "slowdown",
            Class::Unsteady => "unsteady",
        })
    }
}

/// What [`classify`] found.
///
/// See [`classify`].
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// The class.
    pub class: Class,
    /// Index of the first steady window; `None` where unsteady.
    pub steady_from: Option<usize>,
    /// The segments, equivalent neighbours merged.
    pub segments: Vec<Segment>,
    /// The cross-check: how many windows [`mser5`] would leave out.
    pub mser5: Option<usize>,
}

/// Classifies the windows of one launch, in the order they were taken.
///
/// `costs` is a log metric of which more is worse: ln(CPU per request), ln(p99), -ln(requests/s).
/// Neighbouring segments are equivalent when their means differ by no more than `margin` (log
/// units; 0.02 is a good default) or twice the difference's standard error. `None` for no values
/// or any that is not finite.
///
/// ```
/// use stats::steady::{Class, classify};
/// let noise = |i: usize| 0.01 * ((i * 7 % 5) as f64 - 2.0);
/// let cold_start: Vec<f64> = (0..60).map(|i| noise(i) + if i < 10 { 0.4 } else { 0.0 }).collect();
/// let shape = classify(&cold_start, 0.02).unwrap();
/// assert_eq!((shape.class, shape.steady_from), (Class::WarmUp, Some(10)));
/// ```
pub fn classify(costs: &[f64], margin: f64) -> Option<Shape> {
    classify_by(costs, margin, penalty(costs.len()))
}

/// As [`classify`], with a penalty of the caller's: [`penalty_beside`], for instance.
///
/// ```
/// use stats::steady::{Class, classify, classify_by, penalty_beside};
/// let noise = |i: usize| 0.03 * ((i * 7 % 5) as f64 - 2.0);
/// let leak: Vec<f64> = (0..24).map(|i| noise(i) + if i < 8 { 0.0 } else { 0.15 }).collect();
/// assert_eq!(classify(&leak, 0.02).unwrap().class, Class::Flat);
/// assert_eq!(classify_by(&leak, 0.02, penalty_beside(24)).unwrap().class, Class::Slowdown);
/// ```
pub fn classify_by(costs: &[f64], margin: f64, penalty: f64) -> Option<Shape> {
    summary::mean(costs)?;
    let segments = merge(costs, segments(costs, penalty), margin);
    let last = *segments.last()?;
    let steady = last.len() as f64 >= STEADY_SHARE * costs.len() as f64;
    let class = if segments.len() == 1 {
        Class::Flat
    } else if !steady {
        Class::Unsteady
    } else if segments.iter().all(|s| s.mean >= last.mean) {
        Class::WarmUp
    } else {
        Class::Slowdown
    };
    let steady_from = steady.then_some(last.start);
    Some(Shape {
        class,
        steady_from,
        segments,
        mser5: mser5(costs),
    })
}

/// Merges the two neighbours that differ least, as long as these are equivalent.
fn merge(values: &[f64], mut segments: Vec<Segment>, margin: f64) -> Vec<Segment> {
    let gap = |pair: &[Segment]| (pair[0].mean - pair[1].mean).abs();
    let equivalent = |pair: &[Segment]| {
        let error: f64 = pair.iter().map(|s| s.sd * s.sd / s.len() as f64).sum();
        gap(pair) <= margin.max(2.0 * error.sqrt())
    };
    loop {
        let closest = (0..segments.len().saturating_sub(1))
            .filter(|i| equivalent(&segments[*i..i + 2]))
            .min_by(|a, b| gap(&segments[*a..a + 2]).total_cmp(&gap(&segments[*b..b + 2])));
        let Some(i) = closest else { return segments };
        let joined = Segment::of(values, segments[i].start, segments[i + 1].end);
        segments.splice(i..i + 2, [joined]);
    }
}

/// MSER-5 (White 1997; White, Cobb & Spratt 2000): the number of windows to leave out at the
/// start so that the mean of the rest, in batches of five, has the smallest standard error. At
/// most half of the series. `None` below ten values or for any that is not finite.
///
/// ```
/// let series: Vec<f64> = (0..50).map(|i| if i < 10 { 9.0 } else { (i % 2) as f64 }).collect();
/// assert_eq!(stats::steady::mser5(&series), Some(10));
/// ```
pub fn mser5(values: &[f64]) -> Option<usize> {
    summary::mean(values)?;
    let batches: Vec<f64> = values.chunks_exact(5).filter_map(summary::mean).collect();
    let error = |skip: &usize| {
        let rest = &batches[*skip..];
        let centre = summary::mean(rest).unwrap_or(0.0);
        let squares: f64 = rest.iter().map(|b| (b - centre).powi(2)).sum();
        squares / (rest.len() as f64).powi(2)
    };
    (batches.len() >= 2).then_some(())?;
    let best = (0..=batches.len() / 2).min_by(|a, b| error(a).total_cmp(&error(b)))?;
    Some(best * 5)
}
