//! A service-level objective: an upper limit on a quantile, and when requests enough have been
//! seen to say that it holds.

use load::{Distribution, Span};
use serde::Serialize;
use std::{fmt, str::FromStr};

/// How often at most an objective that does not hold may be found to: 1 in 20.
const DOUBT: f64 = 0.05;

/// An upper limit on a quantile of the latency from intended start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(into = "String")]
pub struct Slo {
    quantile: Quantile,
    limit: Span,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Quantile {
    P50,
    P90,
    P95,
    P99,
    P999,
    /// Of the requests that were made; it says nothing of others.
    Max,
}

impl Quantile {
    const ALL: [(&'static str, Self); 6] = [
        ("p50", Self::P50),
        ("p90", Self::P90),
        ("p95", Self::P95),
        ("p99", Self::P99),
        ("p99.9", Self::P999),
        ("max", Self::Max),
    ];

    fn of(self, d: &Distribution) -> u64 {
        match self {
            Self::P50 => d.p50,
            Self::P90 => d.p90,
            Self::P95 => d.p95,
            Self::P99 => d.p99,
            Self::P999 => d.p999,
            Self::Max => d.max,
        }
    }

    /// The share of requests that may be slower.
    fn slower(self) -> f64 {
        match self {
            Self::P50 => 0.5,
            Self::P90 => 0.1,
            Self::P95 => 0.05,
            Self::P99 => 0.01,
            Self::P999 => 0.001,
            Self::Max => 0.0,
        }
    }
}

impl Slo {
    /// The limit, nanoseconds.
    pub(super) fn limit_ns(self) -> u64 {
        self.limit.nanos()
    }

    /// The quantile of what was measured, nanoseconds.
    pub(super) fn quantile_ns(self, d: &Distribution) -> u64 {
        self.quantile.of(d)
    }

    /// Whether so few of so many requests above the limit show that the objective holds: if it did
    /// not, so few would be seen at most once in twenty times.
    ///
    /// Of n requests, each above the limit with probability p, at most x are so with probability
    /// at most exp(-n D(x/n, p)), where D is the relative entropy of two such probabilities (the
    /// bound of Chernoff and Hoeffding, 1963, exact for x = 0). It does not count on
    /// requests being alike in time; a step that is made of one hiccup stays one hiccup.
    pub(super) fn is_shown_by(self, requests: u64, above: u64) -> bool {
        if self.quantile == Quantile::Max {
            return requests > 0 && above == 0;
        }
        let (n, p) = (requests as f64, self.quantile.slower());
        let seen = above as f64 / n;
        if requests == 0 || seen >= p {
            return false;
        }
        let of_those_above = if above == 0 {
            0.0
        } else {
            seen * (seen / p).ln()
        };
        let entropy = of_those_above + (1.0 - seen) * ((1.0 - seen) / (1.0 - p)).ln();
        n * entropy >= -DOUBT.ln()
    }

    /// The fewest requests that can show it, with none of them above the limit: 5 for the
    /// median, 299 for p99, 2995 for p99.9.
    pub fn least_requests(self) -> u64 {
        match self.quantile {
            Quantile::Max => 1,
            quantile => (DOUBT.ln() / (-quantile.slower()).ln_1p()).ceil() as u64,
        }
    }
}

impl FromStr for Slo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is not QUANTILE=TIME, as in p99=10ms (p50, p90, p95, p99, p99.9, max)"
            )
        };
        let (name, limit) = text.split_once('=').ok_or_else(wrong)?;
        let (_, quantile) = Quantile::ALL
            .into_iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(wrong)?;
        Ok(Self {
            quantile,
            limit: limit.parse()?,
        })
    }
}

impl fmt::Display for Slo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, _) = Quantile::ALL
            .into_iter()
            .find(|(_, quantile)| *quantile == self.quantile)
            .expect("every quantile has its name");
        write!(out, "{name}={}", self.limit)
    }
}

impl From<Slo> for String {
    fn from(slo: Slo) -> String {
        slo.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Slo;

    fn slo(text: &str) -> Slo {
        text.parse().unwrap()
    }

    #[test]
    fn objectives_read_and_write() {
        for text in ["p99=10ms", "p99.9=1s", "max=250us"] {
            assert_eq!(slo(text).to_string(), text);
        }
        for odd in ["p99", "p98=1ms", "p99=ten"] {
            assert!(odd.parse::<Slo>().is_err(), "{odd}");
        }
    }

    #[test]
    fn a_quantile_needs_requests_enough() {
        for (text, least) in [
            ("p50=1s", 5),
            ("p90=1s", 29),
            ("p99=1s", 299),
            ("p99.9=1s", 2995),
            ("max=1s", 1),
        ] {
            let slo = slo(text);
            assert_eq!(slo.least_requests(), least, "{text}");
            assert!(slo.is_shown_by(least, 0), "{text}");
            assert!(!slo.is_shown_by(least - 1, 0), "{text}");
        }
        assert!(!slo("max=1s").is_shown_by(1000, 1));
    }

    /// The bound holds against the binomial itself, added up.
    #[test]
    fn what_is_shown_is_wrong_at_most_once_in_twenty() {
        for (text, p, n) in [
            ("p99=1s", 0.01, 2_000u64),
            ("p90=1s", 0.1, 300),
            ("p50=1s", 0.5, 60),
        ] {
            let slo = slo(text);
            let most = (0..n)
                .take_while(|x| slo.is_shown_by(n, *x))
                .last()
                .unwrap();
            let mut term = (1.0f64 - p).powf(n as f64);
            let mut sum = term;
            for k in 0..most {
                term *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
                sum += term;
            }
            assert!(sum <= 0.05, "{text}: {most} of {n} come by chance in {sum}");
            // It is not so careful that it never says yes: a third fewer than allowed are enough.
            assert!(most as f64 > 0.4 * p * n as f64, "{text}: {most} of {n}");
        }
    }
}
