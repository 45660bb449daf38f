//! One rate that was tried, and what speaks against it.

use super::Slo;
use load::{Outcome, Severity, Side};
use serde::Serialize;
use std::fmt;

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
    /// The quantile is below the objective, but too near for so few requests to show it.
    Samples,
    /// The instrument itself was not fit for this rate: its result says nothing of the server.
    Instrument,
}

impl Limit {
    /// True where it was measured that the server does not hold the rate.
    pub(super) fn is_the_servers(self) -> bool {
        match self {
            Self::Slo | Self::Rate | Self::Errors => true,
            Self::Samples | Self::Instrument => false,
        }
    }
}

/// One rate that was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Requests per second.
    pub rate: f64,
    /// Right answers per second.
    pub completed: f64,
    /// Requests of the measured part.
    pub requests: u64,
    /// Of these, those above the objective's limit.
    pub above_limit: u64,
    /// The objective's quantile, nanoseconds.
    pub quantile_ns: u64,
    /// What speaks against it; nothing if it holds.
    pub limit: Option<Limit>,
    /// Why, where a finding of the instrument's says it.
    pub why: Option<String>,
    /// How often it was tried: more than once where the instrument was not fit.
    pub attempts: usize,
}

impl Step {
    /// The head of the columns that a step is printed in.
    pub const HEADER: &str = "      rate/s    answers/s   requests     quantile  holds";

    /// Judges what came of a rate. First whether the instrument was fit: if it was not, neither
    /// errors nor missing answers nor a late quantile are known to be the server's.
    pub(super) fn of(rate: f64, slo: Slo, outcome: &Outcome) -> Self {
        let latency = &outcome.from_intended;
        let quantile_ns = slo.quantile_ns(latency);
        let above_limit = latency.decode().map_or(latency.count, |histogram| {
            histogram.len() - histogram.count_between(0, slo.limit_ns())
        });
        let invalid = |side| {
            let against =
                |f: &&load::Finding| f.severity == Severity::Invalid && f.kind.side() == side;
            outcome
                .findings
                .iter()
                .find(against)
                .map(|f| f.advice.clone())
        };
        let nothing = (outcome.counts.recorded == 0)
            .then(|| "no request was made in the measured part.".to_owned());
        let (limit, why) = if let Some(why) = invalid(Side::Instrument).or(nothing) {
            (Some(Limit::Instrument), Some(why))
        } else if outcome.counts.failed + outcome.counts.carried_in_failed > 0 {
            (Some(Limit::Errors), None)
        } else if quantile_ns > slo.limit_ns() {
            (Some(Limit::Slo), None)
        } else if let Some(why) = invalid(Side::Server) {
            (Some(Limit::Rate), Some(why))
        } else if !slo.is_shown_by(latency.count, above_limit) {
            (Some(Limit::Samples), None)
        } else {
            (None, None)
        };
        Self {
            rate,
            completed: outcome.rates.completed,
            requests: outcome.counts.recorded,
            above_limit,
            quantile_ns,
            limit,
            why,
            attempts: 1,
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
            Some(Limit::Samples) => "not shown: too few requests so near the objective",
            Some(Limit::Instrument) => "unknown: the instrument was not fit",
        };
        let quantile = self.quantile_ns as f64 / 1e6;
        write!(
            out,
            "{:>12.1} {:>12.1} {:>10} {quantile:>10.3}ms  {holds}",
            self.rate, self.completed, self.requests
        )?;
        match (self.limit, &self.why) {
            (Some(Limit::Instrument), Some(why)) => {
                write!(out, " ({} attempts; the last: {why})", self.attempts)
            }
            _ => Ok(()),
        }
    }
}
