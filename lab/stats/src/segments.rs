//! Where a series changes its level or its scatter.

use crate::summary;

/// The shortest segment, in windows.
pub const LEAST: usize = 5;

/// A stretch of a series between two change points.
///
/// ```
/// let all = stats::segments::segments(&[1.0, 2.0, 1.0, 2.0, 1.0], 10.0);
/// assert_eq!((all.len(), all[0].start, all[0].end), (1, 0, 5));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Index of the first window.
    pub start: usize,
    /// Index after the last window.
    pub end: usize,
    /// Mean of the windows, in their unit.
    pub mean: f64,
    /// Standard deviation of the windows, in their unit.
    pub sd: f64,
}

impl Segment {
    pub(crate) fn of(values: &[f64], start: usize, end: usize) -> Segment {
        let part = &values[start..end];
        let mean = summary::mean(part).unwrap_or(f64::NAN);
        Segment {
            start,
            end,
            mean,
            sd: summary::sd(part).unwrap_or(0.0),
        }
    }

    /// Number of windows.
    #[allow(clippy::len_without_is_empty)] // a segment is never empty
    pub fn len(&self) -> usize {
        self.end - self.start
    }
}

/// The segmentation with the least total cost: for each segment n ln(variance), which is twice the
/// negative log likelihood of a normal mean and variance, plus `penalty` for each change point.
/// Exact, by optimal partitioning (Jackson et al. 2005; the search of PELT, Killick, Fearnhead &
/// Eckley 2012, without its pruning, which a few hundred windows do not need). Segments have at
/// least [`LEAST`] values.
///
/// `penalty` is in units of the log likelihood times two; see [`crate::steady::penalty`] for one
/// that allows for autocorrelation. Empty for no values or any that is not finite.
///
/// ```
/// let mut series = vec![5.0, 5.1, 4.9, 5.0, 5.1, 4.9, 5.0, 5.1];
/// series.extend([1.0, 1.1, 0.9, 1.0, 1.1, 0.9, 1.0, 1.1]);
/// let found = stats::segments::segments(&series, 20.0);
/// assert_eq!(found.iter().map(|s| s.end).collect::<Vec<_>>(), [8, 16]);
/// ```
pub fn segments(values: &[f64], penalty: f64) -> Vec<Segment> {
    let n = values.len();
    let Some(centre) = summary::mean(values) else {
        return Vec::new();
    };
    let cost = Cost::of(values, centre);
    let mut best = vec![f64::INFINITY; n + 1];
    let mut from = vec![0; n + 1];
    best[0] = -penalty;
    for end in LEAST.min(n)..=n {
        let starts = std::iter::once(0).chain(LEAST..(end + 1).saturating_sub(LEAST));
        for start in starts {
            let total = best[start] + cost.between(start, end) + penalty;
            if total < best[end] {
                (best[end], from[end]) = (total, start);
            }
        }
    }
    let mut found = Vec::new();
    let mut end = n;
    while end > 0 {
        found.push(Segment::of(values, from[end], end));
        end = from[end];
    }
    found.reverse();
    found
}

/// Running sums, for the cost of any stretch in constant time.
struct Cost {
    sums: Vec<f64>,
    squares: Vec<f64>,
    least_variance: f64,
}

impl Cost {
    fn of(values: &[f64], centre: f64) -> Cost {
        let (mut sums, mut squares) = (vec![0.0], vec![0.0]);
        let (mut sum, mut square) = (0.0, 0.0);
        for value in values.iter().map(|v| v - centre) {
            sum += value;
            square += value * value;
            sums.push(sum);
            squares.push(square);
        }
        // A stretch of equal values (coarse clocks, quantised percentiles) has no likelihood of
        // its own: its scatter is taken as a hundredth of the whole series' one.
        let least_variance = (square / values.len() as f64 * 1e-4).max(f64::MIN_POSITIVE);
        Cost {
            sums,
            squares,
            least_variance,
        }
    }

    fn between(&self, start: usize, end: usize) -> f64 {
        let n = (end - start) as f64;
        let mean = (self.sums[end] - self.sums[start]) / n;
        let variance = (self.squares[end] - self.squares[start]) / n - mean * mean;
        n * variance.max(self.least_variance).ln()
    }
}
