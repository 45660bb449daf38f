//! What a number has to be for a claim to hold: every form comes down to a band.

use std::fmt;

/// The form in which a claim is made, with its tolerance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Expected {
    /// This, give or take the tolerance.
    Equal(f64, Tolerance),
    /// This or more, less the tolerance.
    AtLeast(f64, Tolerance),
    /// This or less, and the tolerance more.
    AtMost(f64, Tolerance),
    /// More than this, by whatever: a direction.
    MoreThan(f64),
    /// Less than this, by whatever.
    LessThan(f64),
    /// Between these, both counted in.
    Between(f64, f64, Tolerance),
}

/// How far off is still right, declared before anything is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// So much of the claimed number, as a share: from `v / (1 + share)` to `v * (1 + share)`.
    Share(f64),
    /// So much in the number's own unit.
    Absolute(f64),
}

impl Tolerance {
    /// None at all.
    pub const NONE: Self = Self::Absolute(0.0);

    fn below(self, value: f64) -> f64 {
        match self {
            Self::Share(share) => value / (1.0 + share),
            Self::Absolute(by) => value - by,
        }
    }

    fn above(self, value: f64) -> f64 {
        match self {
            Self::Share(share) => value * (1.0 + share),
            Self::Absolute(by) => value + by,
        }
    }
}

/// The numbers for which a claim holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The least of them; minus infinity where there is none.
    pub low: f64,
    /// The largest; infinity where there is none.
    pub high: f64,
    /// Whether the ends themselves belong to it.
    pub closed: bool,
}

impl Band {
    /// Whether a whole interval lies in it.
    pub fn holds(&self, low: f64, high: f64) -> bool {
        match self.closed {
            true => self.low <= low && high <= self.high,
            false => self.low < low && high < self.high,
        }
    }

    /// Whether a whole interval lies outside of it, and on which side.
    pub fn beyond(&self, low: f64, high: f64) -> Option<Side> {
        let (below, above) = match self.closed {
            true => (high < self.low, low > self.high),
            false => (high <= self.low, low >= self.high),
        };
        match (below, above) {
            (true, _) => Some(Side::Below),
            (_, true) => Some(Side::Above),
            _ => None,
        }
    }
}

/// On which side of what was claimed a number lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Less than was claimed.
    Below,
    /// More than was claimed.
    Above,
}

impl Expected {
    /// The numbers for which the claim holds.
    ///
    /// ```
    /// use claims::expect::{Expected, Tolerance};
    /// let band = Expected::Equal(1.2, Tolerance::Share(0.05)).band();
    /// assert!((band.low - 1.2 / 1.05).abs() < 1e-12 && (band.high - 1.26).abs() < 1e-12);
    /// ```
    pub fn band(&self) -> Band {
        let closed = |low, high| Band {
            low,
            high,
            closed: true,
        };
        let open = |low, high| Band {
            low,
            high,
            closed: false,
        };
        match *self {
            Self::Equal(v, t) => closed(t.below(v), t.above(v)),
            Self::AtLeast(v, t) => closed(t.below(v), f64::INFINITY),
            Self::AtMost(v, t) => closed(f64::NEG_INFINITY, t.above(v)),
            Self::MoreThan(v) => open(v, f64::INFINITY),
            Self::LessThan(v) => open(f64::NEG_INFINITY, v),
            Self::Between(a, b, t) => closed(t.below(a), t.above(b)),
        }
    }

    /// The claimed number that a picture marks; the middle of two.
    pub fn claimed(&self) -> f64 {
        match *self {
            Self::Equal(v, _)
            | Self::AtLeast(v, _)
            | Self::AtMost(v, _)
            | Self::MoreThan(v)
            | Self::LessThan(v) => v,
            Self::Between(a, b, _) => (a + b) / 2.0,
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(share) => write!(f, " ±{} %", short(share * 100.0)),
            Self::Absolute(by) if *by == 0.0 => Ok(()),
            Self::Absolute(by) => write!(f, " ±{}", short(*by)),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal(v, t) => write!(f, "= {}{t}", short(*v)),
            Self::AtLeast(v, t) => write!(f, "≥ {}{t}", short(*v)),
            Self::AtMost(v, t) => write!(f, "≤ {}{t}", short(*v)),
            Self::MoreThan(v) => write!(f, "> {}", short(*v)),
            Self::LessThan(v) => write!(f, "< {}", short(*v)),
            Self::Between(a, b, t) => write!(f, "{} to {}{t}", short(*a), short(*b)),
        }
    }
}

/// A number with the digits that a reader takes in, and no zeros behind them.
///
/// ```
/// assert_eq!(claims::expect::short(0.1234567), "0.1235");
/// assert_eq!(claims::expect::short(12345.6), "12346");
/// assert_eq!(claims::expect::short(3.0), "3");
/// ```
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return if value > 0.0 {
            "∞"
        } else if value < 0.0 {
            "-∞"
        } else {
            "?"
        }
        .to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    let places = (3 - magnitude).clamp(0, 12) as usize;
    let text = format!("{value:.places$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_a_band_with_its_ends() {
        let none = Tolerance::NONE;
        let tenth = Tolerance::Share(0.1);
        for (expected, inside, outside) in [
            (Expected::Equal(2.0, tenth), 2.19, 2.21),
            (Expected::Equal(2.0, tenth), 1.82, 1.81),
            (Expected::AtLeast(2.0, tenth), 1.82, 1.81),
            (Expected::AtMost(2.0, tenth), 2.19, 2.21),
            (Expected::AtMost(0.0, none), 0.0, 0.001),
            (Expected::MoreThan(1.0), 1.001, 1.0),
            (Expected::LessThan(1.0), 0.999, 1.0),
            (Expected::Between(3.0, 5.0, none), 5.0, 5.01),
            (Expected::Equal(72.0, Tolerance::Absolute(1.0)), 73.0, 73.1),
        ] {
            let band = expected.band();
            assert!(band.holds(inside, inside), "{expected}: {inside}");
            assert!(!band.holds(outside, outside), "{expected}: {outside}");
            assert!(band.beyond(outside, outside).is_some(), "{expected}");
            let (low, high) = (inside.min(outside), inside.max(outside));
            assert!(band.beyond(low, high).is_none(), "{expected}");
        }
    }

    #[test]
    fn it_says_on_which_side_a_number_lies() {
        let band = Expected::Equal(1.0, Tolerance::Share(0.05)).band();
        assert_eq!(band.beyond(1.2, 1.3), Some(Side::Above));
        assert_eq!(band.beyond(0.2, 0.3), Some(Side::Below));
        assert_eq!(band.beyond(0.2, 1.3), None);
    }
}
