//! The highest rate at which a service-level objective holds: doubling until it does not, then
//! halving the gap (on the logarithm) until it is small.

use crate::verdict::FindingKind;
use crate::{Arrival, Distribution, LoadError, Outcome, Severity, Span, Spec};
use serde::Serialize;
use std::{fmt, str::FromStr};

/// First rate tried where the specification has none.
const FIRST: f64 = 1000.0;
/// The search ends when the lowest rate that fails is at most this much above the highest that
/// holds.
const CLOSE_ENOUGH: f64 = 1.05;
/// How often a rate is tried that the instrument is not fit for.
const ATTEMPTS: usize = 5;
/// Rates that are not gone beyond.
const LOWEST: f64 = 1.0;
const HIGHEST: f64 = 10_000_000.0;

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

/// Why a rate does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// The quantile is above the objective.
    Slo,
    /// The schedule could not be followed: too few answers came for it.
    Rate,
    /// Requests failed.
    Errors,
    /// The instrument itself was not fit for this rate: its result says nothing of the server.
    Instrument,
}

/// One rate that was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Requests per second.
    pub rate: f64,
    /// Right answers per second.
    pub completed: f64,
    /// The objective's quantile, nanoseconds.
    pub quantile_ns: u64,
    /// What speaks against it; nothing if it holds.
    pub limit: Option<Limit>,
}

impl Step {
    /// The head of the columns that a step is printed in.
    pub const HEADER: &str = "      rate/s    answers/s     quantile  holds";

    fn new(rate: f64, slo: Slo, outcome: &Outcome) -> Self {
        let quantile_ns = slo.quantile.of(&outcome.from_intended);
        let has = |kind| outcome.findings.iter().any(|f| f.kind == kind);
        let unfit = outcome.findings.iter().any(|f| {
            f.severity == Severity::Invalid
                && !matches!(f.kind, FindingKind::RateMissed | FindingKind::NoAnswers)
        });
        let limit = if outcome.counts.failed > 0 {
            Some(Limit::Errors)
        } else if quantile_ns > slo.limit.nanos() {
            Some(Limit::Slo)
        } else if has(FindingKind::RateMissed) {
            Some(Limit::Rate)
        } else {
            unfit.then_some(Limit::Instrument)
        };
        Self {
            rate,
            completed: outcome.rates.completed,
            quantile_ns,
            limit,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holds = match self.limit {
            None => "yes",
            Some(Limit::Slo) => "no: the objective",
            Some(Limit::Rate) => "no: the rate was not reached",
            Some(Limit::Errors) => "no: errors",
            Some(Limit::Instrument) => "no: the instrument was not fit for it",
        };
        let quantile = self.quantile_ns as f64 / 1e6;
        write!(
            out,
            "{:>12.1} {:>12.1} {quantile:>10.3}ms  {holds}",
            self.rate, self.completed
        )
    }
}

/// What a search found.
#[derive(Clone, Debug, Serialize)]
pub struct Capacity {
    /// The objective.
    pub slo: Slo,
    /// The highest rate that held; nothing if none did.
    pub rate: Option<f64>,
    /// What stopped the next higher one; nothing if the search's own end did.
    pub limit: Option<Limit>,
    /// All rates tried, in order.
    pub steps: Vec<Step>,
}

impl fmt::Display for Capacity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rate {
            None => write!(
                out,
                "capacity with {}: none of the rates tried holds it",
                self.slo
            ),
            Some(rate) => write!(out, "capacity with {}: {rate:.1} requests/s", self.slo),
        }?;
        if self.limit == Some(Limit::Instrument) {
            write!(
                out,
                "; above that the instrument was the limit, and the server may hold more"
            )?;
        }
        Ok(())
    }
}

/// Searches, starting at the specification's rate; `tell` hears of each step.
pub fn search(spec: &Spec, slo: Slo, mut tell: impl FnMut(&Step)) -> Result<Capacity, LoadError> {
    let mut steps = Vec::new();
    let mut rate = spec.draft().arrival.rate().unwrap_or(FIRST);
    let (mut holds, mut fails): (Option<f64>, Option<(f64, Limit)>) = (None, None);
    loop {
        let mut step = Step::new(rate, slo, &crate::run(&at_rate(spec, rate)?)?);
        for _ in 1..ATTEMPTS {
            // On a shared machine that may have been somebody else's moment.
            if step.limit == Some(Limit::Instrument) {
                step = Step::new(rate, slo, &crate::run(&at_rate(spec, rate)?)?);
            }
        }
        tell(&step);
        match step.limit {
            None => holds = Some(rate),
            Some(limit) => fails = Some((rate, limit)),
        }
        steps.push(step);
        rate = match (holds, fails) {
            (Some(low), Some((high, _))) if high / low <= CLOSE_ENOUGH => break,
            (Some(low), Some((high, _))) => (low * high).sqrt(),
            (Some(low), None) => low * 2.0,
            (None, Some((high, _))) => high / 2.0,
            (None, None) => unreachable!("a step either holds or fails"),
        };
        if !(LOWEST..=HIGHEST).contains(&rate) {
            break;
        }
    }
    Ok(Capacity {
        slo,
        rate: holds,
        limit: fails.map(|(_, limit)| limit),
        steps,
    })
}

fn at_rate(spec: &Spec, rate: f64) -> Result<Spec, LoadError> {
    let mut draft = spec.draft().clone();
    draft.arrival = match draft.arrival {
        Arrival::Poisson { .. } => Arrival::Poisson { rate },
        _ => Arrival::Constant { rate },
    };
    Ok(draft.check()?)
}

#[cfg(test)]
mod tests {
    use super::{Capacity, Limit, Slo};

    #[test]
    fn a_search_that_the_instrument_ended_says_so() {
        let of = |limit| {
            let slo = "p99=10ms".parse().unwrap();
            let steps = Vec::new();
            let rate = Some(100.0);
            Capacity {
                slo,
                rate,
                limit,
                steps,
            }
            .to_string()
        };
        assert!(!of(Some(Limit::Slo)).contains("instrument"));
        assert!(of(Some(Limit::Instrument)).contains("the server may hold more"));
    }

    #[test]
    fn objectives_read_and_write() {
        for text in ["p99=10ms", "p99.9=1s", "max=250us"] {
            assert_eq!(text.parse::<Slo>().unwrap().to_string(), text);
        }
        for odd in ["p99", "p98=1ms", "p99=ten"] {
            assert!(odd.parse::<Slo>().is_err(), "{odd}");
        }
    }
}
