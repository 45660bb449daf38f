//! The part of `summary.json` that only a soak has.

use std::collections::BTreeMap;

use record::Metric;
use serde::Serialize;
use stats::Interval;
use stats::trend::Trend;

use super::estimate::{Soak, Watched};
use crate::estimate::Bound;
use crate::report::summary::{DIGITS, pretty};
use crate::text::number::significant;

/// The object.
#[derive(Serialize)]
struct Part<'a> {
    soak: Vec<Entry<'a>>,
}

/// One server's long window on many connections.
#[derive(Serialize)]
struct Entry<'a> {
    framework: &'a str,
    variant: &'a str,
    scenario: &'a str,
    mode: &'a str,
    /// Medians over the intervals, counts of the window and what a connection costs.
    figures: BTreeMap<&'static str, f64>,
    /// The figures that are only lower bounds, because requests failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    at_least: Vec<&'static str>,
    p99_drift: Option<DriftEntry>,
    memory_drift: Option<DriftEntry>,
    /// Values by metric, one an interval; null where there is none.
    intervals: BTreeMap<&'static str, Vec<Option<f64>>>,
}

/// A relative change a minute.
#[derive(Serialize)]
struct DriftEntry {
    a_minute: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    level: Option<f64>,
    /// Whether it is itself or a bound, because requests failed in some intervals.
    #[serde(skip_serializing_if = "Bound::is_exact")]
    bound: Bound,
    shown: bool,
    /// `drifts`, `level` or `cannot tell`.
    told: &'static str,
}

/// The text of the object.
pub(super) fn of(soak: &Soak) -> String {
    pretty(&Part {
        soak: soak.servers.iter().map(|s| watched(soak, s)).collect(),
    })
}

fn watched<'a>(soak: &Soak, server: &'a Watched) -> Entry<'a> {
    let rounded = |value: f64| significant(value, DIGITS);
    let drift = |trend: Option<Trend>, bound: Bound| {
        let trend = trend?;
        let end = |of: fn(&Interval) -> f64| {
            let end = trend.interval.as_ref().map(of)?;
            rounded(end.exp_m1())
        };
        Some(DriftEntry {
            a_minute: rounded(trend.slope.exp_m1()),
            low: end(|i| i.low),
            high: end(|i| i.high),
            level: rounded(soak.level),
            bound,
            shown: Watched::is_called(&trend, bound),
            told: server.told(Some(trend), bound, soak.interval).word(),
        })
    };
    let figures = [
        ("p99_us", server.median(Metric::LatencyP99)),
        ("rss_mib", server.median(Metric::Rss)),
        ("pss_mib", server.median(Metric::Pss)),
        ("goroutines", server.median(Metric::Goroutines)),
        ("bytes_a_connection", server.bytes_a_connection()),
        ("goroutines_a_connection", server.goroutines_a_connection()),
        (
            "connections",
            server.whole.get(&Metric::Connections).copied(),
        ),
        (
            "connections_lost",
            server.whole.get(&Metric::ConnectionsLost).copied(),
        ),
        ("errors", server.whole.get(&Metric::Errors).copied()),
    ];
    let metrics = [
        Metric::Throughput,
        Metric::LatencyP50,
        Metric::LatencyP99,
        Metric::LatencyP999,
        Metric::Errors,
        Metric::Rss,
        Metric::Pss,
        Metric::Goroutines,
    ];
    Entry {
        framework: &server.framework,
        variant: &server.variant,
        scenario: &server.scenario,
        mode: &server.mode,
        figures: figures
            .into_iter()
            .filter_map(|(name, value)| Some((name, rounded(value?)?)))
            .collect(),
        at_least: (server.median_is_at_least(Metric::LatencyP99))
            .then_some("p99_us")
            .into_iter()
            .collect(),
        p99_drift: drift(server.p99_drift(), server.p99_drift_bound()),
        memory_drift: drift(server.memory_drift(), Bound::Exact),
        intervals: metrics
            .into_iter()
            .map(|metric| {
                let value = |v: &BTreeMap<Metric, f64>| v.get(&metric).copied().and_then(rounded);
                (metric.name(), server.intervals.iter().map(value).collect())
            })
            .collect(),
    }
}
