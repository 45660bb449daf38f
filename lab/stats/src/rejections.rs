//! How many of many true null hypotheses a test may reject before the test itself is in doubt.

use statrs::distribution::{Binomial, DiscreteCDF};

/// The most rejections of `tests` independent tests at size `size` that are still within the
/// binomial bound at `level`: the smallest k with P(X <= k) >= level. `None` where an argument
/// makes no sense.
///
/// ```
/// use stats::rejections::most;
/// let bounds = [100, 200, 400].map(|tests| most(tests, 0.05, 0.95));
/// assert_eq!(bounds, [Some(9), Some(15), Some(27)]);
/// ```
pub fn most(tests: u64, size: f64, level: f64) -> Option<u64> {
    let binomial = Binomial::new(size, tests).ok()?;
    (level > 0.0 && level < 1.0).then(|| (0..=tests).find(|k| binomial.cdf(*k) >= level))?
}
