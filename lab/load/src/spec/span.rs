//! Durations as people write them: `250us`, `1.5s`, `10m`.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

/// A duration that is written with its unit (`ns`, `us`, `ms`, `s`, `m`), in JSON and on the
/// command line alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub Duration);

impl Span {
    /// A span of whole milliseconds.
    pub const fn from_millis(ms: u64) -> Self {
        Self(Duration::from_millis(ms))
    }

    /// A span of whole seconds.
    pub const fn from_secs(s: u64) -> Self {
        Self(Duration::from_secs(s))
    }

    /// Whole nanoseconds.
    pub const fn nanos(self) -> u64 {
        self.0.as_nanos() as u64
    }
}

/// Unit names and their nanoseconds; the longer names first, so that `ms` is not taken for `s`.
const UNITS: [(&str, f64); 5] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
];

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is not a duration: write a number with ns, us, ms, s or m, as in 500ms"
            )
        };
        let (unit, factor) = UNITS
            .iter()
            .find(|(unit, _)| text.ends_with(unit))
            .ok_or_else(wrong)?;
        let number: f64 = text[..text.len() - unit.len()]
            .trim()
            .parse()
            .map_err(|_| wrong())?;
        let nanos = number * factor;
        if !(0.0..=3.6e15).contains(&nanos) {
            return Err(format!("{text:?} is out of range: 0 to 1000 hours"));
        }
        Ok(Self(Duration::from_nanos(nanos.round() as u64)))
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.nanos();
        for (unit, factor) in [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)] {
            if nanos >= factor && nanos.is_multiple_of(factor) {
                return write!(out, "{}{unit}", nanos / factor);
            }
        }
        write!(out, "{nanos}ns")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_and_write_with_their_unit() {
        for (text, nanos) in [
            ("250us", 250_000),
            ("1.5s", 1_500_000_000),
            ("10m", 600_000_000_000),
            ("7ns", 7),
            ("0s", 0),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.nanos(), nanos);
            assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }
        for wrong in ["", "5", "s", "-1s", "1h", "1e99s"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
