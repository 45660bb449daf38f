//! Where the variance sits, and so what is worth repeating.

use crate::error::{Error, check_values};
use crate::summary;

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
