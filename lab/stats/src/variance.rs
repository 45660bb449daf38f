//! Where the variance sits, and so what is worth repeating.

use crate::error::{Error, check_values};
use crate::summary;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

/// Unbiased variance components of a nested experiment, lowest level first (Kalibera & Jones
/// 2013, "Rigorous benchmarking in reasonable time", in the revised form that libkalibera has:
/// T1^2 = S1^2, Ti^2 = Si^2 - S(i-1)^2 / r(i-1)). In squared units of the values; a component can
/// come out negative, which means that the level adds nothing that shows.
///
/// `repetitions` are the counts lowest level first, such as `[windows, launches]`, each at least
/// two; `values` are all windows of the first launch, then those of the second, and so on.
///
/// The levels have to be taken interleaved. Launches one after the other put the host's drift
/// into their component.
///
/// # Errors
/// [`Error::Shape`] unless the counts multiply to the number of values, [`Error::TooFew`] for a
/// count below two or no levels, [`Error::NotFinite`].
///
/// ```
/// let launches = [1.0, 3.0, 11.0, 13.0]; // two launches of two windows
/// let t = stats::variance::components(&launches, &[2, 2]).unwrap();
/// assert_eq!(t, [2.0, 50.0 - 2.0 / 2.0]);
/// ```
pub fn components(values: &[f64], repetitions: &[usize]) -> Result<Vec<f64>, Error> {
    check_values(values, 1)?;
    let least = repetitions.iter().min().copied().unwrap_or(0);
    if least < 2 {
        return Err(Error::TooFew {
            need: 2,
            got: least,
        });
    }
    let expected = repetitions
        .iter()
        .try_fold(1_usize, |all, r| all.checked_mul(*r));
    let expected = expected.unwrap_or(usize::MAX);
    if expected != values.len() {
        return Err(Error::Shape {
            expected,
            got: values.len(),
        });
    }
    let mut means = values.to_vec();
    let mut components = Vec::with_capacity(repetitions.len());
    let mut below = 0.0;
    for &count in repetitions {
        let groups = means.chunks_exact(count);
        let variances: Vec<f64> = groups.clone().filter_map(summary::variance).collect();
        let spread = summary::mean(&variances).ok_or(Error::NotFinite)?;
        components.push(spread - below);
        below = spread / count as f64;
        means = groups.filter_map(summary::mean).collect();
    }
    Ok(components)
}

/// The number of repetitions at each level but the highest that gives the narrowest interval for
/// the time spent (Kalibera & Jones 2013): ri = ceil(sqrt(c(i+1) / ci * Ti^2 / T(i+1)^2)).
///
/// `components` as [`components`] returns them; `costs` in any one unit of time, lowest level
/// first: one window, then what starting (and warming up) one launch costs beyond its windows.
/// `None` in place of a count where the level above adds no variance: repeat as often as you like
/// here, there is nothing to gain above. 1 where this level has no variance.
///
/// # Errors
/// [`Error::Shape`] unless there is a cost for every component, [`Error::NotPositive`] for a cost
/// that is not positive, [`Error::NotFinite`].
///
/// ```
/// // windows of 1 s, starts of 9 s, four times the variance between windows: 6 windows a launch
/// let r = stats::variance::optimal_repetitions(&[4.0, 1.0], &[1.0, 9.0]).unwrap();
/// assert_eq!(r, [Some(6)]);
/// ```
pub fn optimal_repetitions(components: &[f64], costs: &[f64]) -> Result<Vec<Option<usize>>, Error> {
    check_values(components, 0)?;
    check_values(costs, 0)?;
    if components.len() != costs.len() {
        return Err(Error::Shape {
            expected: components.len(),
            got: costs.len(),
        });
    }
    if costs.iter().any(|c| *c <= 0.0) {
        return Err(Error::NotPositive);
    }
    let count = |(t, c): (&[f64], &[f64])| {
        let share = c[1] / c[0] * t[0].max(0.0) / t[1];
        // Rounding must not turn an exact 6 into 7.
        (t[1] > 0.0).then(|| ((share.sqrt() - 1e-9).ceil() as usize).max(1))
    };
    Ok(components
        .windows(2)
        .zip(costs.windows(2))
        .map(count)
        .collect())
}

/// How far groups of block differences (launches) differ beyond what their blocks' scatter gives.
///
/// See [`group_effect`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupEffect {
    /// The variance between groups that blocks do not explain, squared log units; can be negative.
    pub between: f64,
    /// The variance of blocks within a group, squared log units.
    pub within: f64,
    /// p of "the groups do not differ" (F test).
    pub p: f64,
}

/// One-way analysis of variance (Fisher 1925; the component by Searle, Casella & McCulloch 1992
/// for groups of unequal size) of block differences by launch.
///
/// Where launches do differ, blocks are not the unit of the experiment: take each launch's mean
/// as one value of [`crate::paired::t`], or the interval is too narrow.
///
/// # Errors
/// [`Error::TooFew`] unless there are two groups with values and more values than groups,
/// [`Error::NotFinite`].
///
/// ```
/// let apart = vec![vec![0.0, 0.1, 0.2], vec![1.0, 1.1, 1.2]];
/// assert!(stats::variance::group_effect(&apart).unwrap().p < 0.001);
/// let alike = vec![vec![0.0, 0.1, 0.2], vec![0.1, 0.0, 0.2]];
/// assert!(stats::variance::group_effect(&alike).unwrap().p > 0.9);
/// ```
pub fn group_effect(groups: &[Vec<f64>]) -> Result<GroupEffect, Error> {
    let groups: Vec<&Vec<f64>> = groups.iter().filter(|g| !g.is_empty()).collect();
    let all: Vec<f64> = groups.iter().flat_map(|g| g.iter().copied()).collect();
    check_values(&all, groups.len() + 1)?;
    if groups.len() < 2 {
        return Err(Error::TooFew {
            need: 2,
            got: groups.len(),
        });
    }
    let (k, n) = (groups.len() as f64, all.len() as f64);
    let grand = summary::mean(&all).ok_or(Error::NotFinite)?;
    let (mut inside, mut outside, mut squares) = (0.0, 0.0, 0.0);
    for group in groups {
        let size = group.len() as f64;
        let mean = summary::mean(group).ok_or(Error::NotFinite)?;
        inside += summary::variance(group).unwrap_or(0.0) * (size - 1.0);
        outside += size * (mean - grand).powi(2);
        squares += size * size;
    }
    let (outside, within) = (outside / (k - 1.0), inside / (n - k));
    let ratio = outside / within;
    let p = match FisherSnedecor::new(k - 1.0, n - k) {
        Ok(dist) if ratio.is_finite() => dist.sf(ratio),
        _ if outside > 0.0 => 0.0,
        _ => 1.0,
    };
    let size = (n - squares / n) / (k - 1.0);
    Ok(GroupEffect {
        between: (outside - within) / size,
        within,
        p,
    })
}
