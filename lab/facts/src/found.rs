//! From what was found to a number with its interval.

use stats::{noise_floor, paired, summary};

/// The level of intervals.
const LEVEL: f64 = 0.95;
/// Of the sign flips of the noise floor.
const SEED: u64 = 24;
/// What a table keeps of a number.
const DIGITS: i32 = 6;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub n: usize,
}

/// One value, as it is.
pub(crate) fn exact(values: &[f64]) -> Result<Number, String> {
    match values {
        [value] => Ok(rounded(*value, *value, *value, 1)),
        _ => Err("an exact fact has one value".to_owned()),
    }
}

/// The median of counts, and their range.
pub(crate) fn counted(values: &[f64]) -> Result<Number, String> {
    let median = summary::median(values).ok_or("nothing was counted")?;
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Ok(rounded(median, low, high, values.len()))
}

/// From logarithms of a ratio: the mean with Student's interval.
pub(crate) fn ratio(values: &[f64]) -> Result<Number, String> {
    let ratio = paired::t(values, LEVEL).map_err(|e| e.to_string())?;
    let interval = ratio.interval;
    Ok(rounded(
        ratio.point,
        interval.low,
        interval.high,
        values.len(),
    ))
}

/// From logarithms of a ratio, or of a time: the mean with Student's interval, and no narrower
/// than what the same body timed twice made of itself (`copies`).
pub(crate) fn timed(values: &[f64], copies: &[f64]) -> Result<Number, String> {
    let ratio = paired::t(values, LEVEL).map_err(|e| e.to_string())?;
    let floor = noise_floor::noise_floor(copies, SEED).map_err(|e| e.to_string())?;
    let (low, high) = (
        ratio.interval.low.min(ratio.point * (-floor.floor).exp()),
        ratio.interval.high.max(ratio.point * floor.floor.exp()),
    );
    Ok(rounded(ratio.point, low, high, values.len()))
}

/// A share of so many tries, with Wilson's interval (1927).
pub(crate) fn share(hits: usize, tries: usize) -> Number {
    let (n, p, z) = (
        tries as f64,
        hits as f64 / tries as f64,
        1.959_963_984_540_054,
    );
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    rounded(
        p,
        (middle - half).max(0.0).min(p),
        (middle + half).min(1.0).max(p),
        tries,
    )
}

/// With so many digits as a table keeps: the last bits of a machine's mathematics are none.
fn rounded(value: f64, low: f64, high: f64, n: usize) -> Number {
    Number {
        value: significant(value),
        low: significant(low),
        high: significant(high),
        n,
    }
}

fn significant(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let places = DIGITS - 1 - value.abs().log10().floor() as i32;
    // By way of text, which is rounded alike everywhere.
    match places {
        0.. => format!("{value:.*}", places as usize),
        _ => format!("{value:.0}"),
    }
    .parse()
    .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_keep_their_range() {
        let found = counted(&[3.0, 1.0, 2.0]).unwrap();
        assert_eq!(
            (found.value, found.low, found.high, found.n),
            (2.0, 1.0, 3.0, 3)
        );
        assert!(counted(&[]).is_err());
        assert!(exact(&[1.0, 1.0]).is_err());
    }

    #[test]
    fn what_is_timed_is_no_surer_than_its_copies_are_alike() {
        let values = [0.10, 0.11, 0.10, 0.09, 0.10, 0.11];
        let calm = timed(&values, &[0.0, 0.001, -0.001, 0.0, 0.001, 0.0]).unwrap();
        let wild = timed(&values, &[0.2, -0.1, 0.2, 0.1, -0.2, 0.2]).unwrap();
        assert!(calm.low > 1.0 && calm.high < 1.2, "{calm:?}");
        assert!(wild.low < calm.low && wild.high > calm.high, "{wild:?}");
        assert!(wild.low < 1.0, "{wild:?}");
    }

    #[test]
    fn a_share_is_wilsons() {
        // Agresti and Coull (1998): 0 of 20 gives 0 to 0.161.
        let found = share(0, 20);
        assert_eq!((found.value, found.low), (0.0, 0.0));
        assert!((found.high - 0.161).abs() < 0.001, "{found:?}");
        assert_eq!(share(20, 20).high, 1.0);
    }
}
