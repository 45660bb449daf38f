//! Many comparisons at once: adjusted p values and the intervals that go with them.

use crate::error::{Error, check_level};
use crate::interval::Ratio;

/// What a set of comparisons is for; declared before the run.
///
/// ```
/// use stats::multiplicity::Family;
/// let adjusted = Family::Primary.adjust(&[0.01, 0.04], 0.95).unwrap();
/// assert_eq!((adjusted[0].p, adjusted[1].p), (0.02, 0.08));
/// assert_eq!(adjusted[0].level, 0.975);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Every statement holds at once with the level asked for: Bonferroni's p, simultaneous
    /// intervals.
    Primary,
    /// Of the statements made, no more than 1 - level are expected to be wrong:
    /// Benjamini-Hochberg's p, intervals adjusted for the false coverage rate.
    Exploratory,
}

/// What [`Family::adjust`] says about one comparison.
///
/// ```
/// use stats::multiplicity::{Adjusted, Family};
/// let alone = Family::Primary.adjust(&[0.5], 0.95).unwrap();
/// assert_eq!(alone, [Adjusted { p: 0.5, level: 0.95 }]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adjusted {
    /// The adjusted p.
    pub p: f64,
    /// The level at which this comparison's own interval has to be computed.
    pub level: f64,
}

/// One comparison of a family.
///
/// See [`Family::compare`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compared {
    /// The estimate; its interval and level are the adjusted ones, its `p` is not.
    pub ratio: Ratio,
    /// The adjusted p.
    pub p: f64,
}

impl Family {
    /// Adjusted p values, in the order given, and the level for each interval.
    ///
    /// Primary: m p and intervals at 1 - (1 - level) / m, which hold all at once (Bonferroni;
    /// Dunn 1961). Holm's smaller p (1979) would find a difference where the interval that holds
    /// with all others does not show one, and a reader should not have to choose between the two.
    /// Exploratory: [`benjamini_hochberg`] and intervals at 1 - R (1 - level) / m, R the number
    /// selected (Benjamini & Yekutieli 2005); with R = 0 as if one were.
    /// Both leave 1 out just where the adjusted p is at most 1 - level.
    ///
    /// A p that is NaN (a comparison that failed) counts as 1 and as a member.
    ///
    /// # Errors
    /// [`Error::Level`].
    pub fn adjust(self, p: &[f64], level: f64) -> Result<Vec<Adjusted>, Error> {
        check_level(level)?;
        let alpha = 1.0 - level;
        let members = p.len().max(1) as f64;
        let (adjusted, share) = match self {
            Family::Primary => {
                let adjusted = p.iter().map(|p| (clean(*p) * members).min(1.0));
                (adjusted.collect(), 1.0)
            }
            Family::Exploratory => {
                let adjusted = benjamini_hochberg(p);
                let selected = adjusted.iter().filter(|q| **q <= alpha).count();
                (adjusted, selected.max(1) as f64)
            }
        };
        let level = 1.0 - alpha * share / members;
        Ok(adjusted
            .into_iter()
            .map(|p| Adjusted { p, level })
            .collect())
    }

    /// Estimates a whole family: each member once at `level` for its p, then again at its
    /// adjusted level. `estimate` gets the member's index and a level. A member that has no
    /// estimate keeps its error and still counts.
    ///
    /// # Errors
    /// [`Error::Level`].
    ///
    /// ```
    /// use stats::{Bootstrap, multiplicity::Family, paired};
    /// let d = [[0.01, 0.02, 0.03, 0.02], [0.00, 0.01, -0.01, 0.02]];
    /// let table = Family::Primary
    ///     .compare(d.len(), 0.95, |i, level| {
    ///         paired::robust(&d[i], level, Bootstrap::default()).map(|r| r.used)
    ///     })
    ///     .unwrap();
    /// let first = table[0].unwrap();
    /// assert_eq!(first.ratio.level, 0.975);
    /// assert_eq!(first.p, 2.0 * first.ratio.p);
    /// ```
    pub fn compare(
        self,
        members: usize,
        level: f64,
        estimate: impl Fn(usize, f64) -> Result<Ratio, Error>,
    ) -> Result<Vec<Result<Compared, Error>>, Error> {
        let p: Vec<f64> = (0..members)
            .map(|i| estimate(i, level).map_or(f64::NAN, |ratio| ratio.p))
            .collect();
        let adjusted = self.adjust(&p, level)?;
        let compare = |(i, a): (usize, Adjusted)| {
            estimate(i, a.level).map(|ratio| Compared { ratio, p: a.p })
        };
        Ok(adjusted.into_iter().enumerate().map(compare).collect())
    }
}

/// Benjamini & Hochberg's step-up adjusted p values (1995), in the order given: of those with
/// p <= q a share of at most q is expected to be wrong. NaN counts as 1.
///
/// ```
/// let p = stats::multiplicity::benjamini_hochberg(&[0.01, 0.04, 0.03]);
/// assert!((p[0] - 0.03).abs() < 1e-12 && p[1] == 0.04 && p[2] == 0.04);
/// ```
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let mut adjusted = vec![1.0; p.len()];
    let mut so_far: f64 = 1.0;
    for (rank, &i) in order.iter().enumerate().rev() {
        let scaled = clean(p[i]) * (p.len() as f64 / (rank + 1) as f64);
        so_far = so_far.min(scaled);
        adjusted[i] = so_far;
    }
    adjusted
}

fn clean(p: f64) -> f64 {
    if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }
}

fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| clean(p[*a]).total_cmp(&clean(p[*b])));
    order
}
