//! How often and how long an experiment measures, and in which layout.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use place::Problem;
use record::{Metric, ProtocolKind};
use serde::Deserialize;

use super::claims::Primary;

/// How often and how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// How windows are laid out in time.
    pub kind: ProtocolKind,
    /// Fresh starts of all servers.
    pub launches: u32,
    /// Blocks for each scenario and mode, over all launches; in an article's protocol the
    /// samples in a row.
    pub blocks: u32,
    /// The thrown-away beginning of a window; in an article's protocol that of the first one
    /// of a row, its warm-up.
    pub lead_in: Duration,
    /// The measured part of a window.
    pub window: Duration,
    /// Cold starts for each framework.
    pub starts: u32,
    /// In a soak, the length of the intervals that its window is cut into.
    pub interval: Option<Duration>,
    /// Where this is not empty, blocks are added until each primary ratio is so precise: half
    /// the width of its interval, a relative difference.
    pub precision: BTreeMap<Metric, f64>,
}

impl Protocol {
    /// Asks for the precision that is usual for each of the primary metrics, unless the
    /// experiment says its own.
    pub fn be_precise(&mut self, primary: &BTreeSet<Metric>) {
        if self.precision.is_empty() {
            self.precision = BTreeMap::from(USUAL_PRECISION);
            self.precision.retain(|metric, _| primary.contains(metric));
        }
    }
}

/// The half-widths to reach where nothing else is said.
const USUAL_PRECISION: [(Metric, f64); 3] = [
    (Metric::CpuPerRequest, 0.02),
    (Metric::Throughput, 0.03),
    (Metric::LatencyP99, 0.10),
];

/// The least intervals of a soak.
const LEAST_INTERVALS: u64 = 8;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireStartup {
    starts: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireProtocol {
    #[serde(default)]
    kind: ProtocolKind,
    launches: Option<u32>,
    blocks: Option<u32>,
    lead_in_ms: Option<u64>,
    warm_up_ms: Option<u64>,
    samples: Option<u32>,
    interval_ms: Option<u64>,
    window_ms: u64,
    #[serde(default)]
    precision_percent: BTreeMap<Primary, f64>,
}

/// A problem with a key of the protocol.
pub(super) fn of_protocol(key: &str, what: impl Into<String>) -> Problem {
    Problem::at(key, what).within(["protocol".into()])
}

/// Checks a protocol; an error names its place beside `startup` and `protocol`.
pub(super) fn checked(wire: &WireProtocol, startup: &WireStartup) -> Result<Protocol, Problem> {
    let crossed = [
        ("launches", wire.launches.map(u64::from)),
        ("blocks", wire.blocks.map(u64::from)),
        ("lead_in_ms", wire.lead_in_ms),
    ];
    let article = [
        ("samples", wire.samples.map(u64::from)),
        ("warm_up_ms", wire.warm_up_ms),
    ];
    let soak = [
        ("interval_ms", wire.interval_ms),
        ("warm_up_ms", wire.warm_up_ms),
    ];
    let (name, wanted) = match wire.kind {
        ProtocolKind::Crossed => ("crossed", &crossed[..]),
        ProtocolKind::Article => ("article", &article[..]),
        ProtocolKind::Soak => ("soak", &soak[..]),
    };
    let mut other = [&crossed[..], &article, &soak].concat();
    other.retain(|(key, _)| wanted.iter().all(|(wanted, _)| wanted != key));
    if let Some((key, _)) = other.iter().find(|(_, value)| value.is_some()) {
        let keys: Vec<_> = wanted.iter().map(|(key, _)| *key).collect();
        let what = format!(
            "a protocol of kind `{name}` has no `{key}`; it has {}",
            keys.join(", ")
        );
        return Err(of_protocol(key, what));
    }
    if let Some((key, _)) = wanted.iter().find(|(_, value)| value.is_none()) {
        let what = format!("a protocol of kind `{name}` needs `{key}`");
        return Err(Problem::at("protocol", what));
    }
    let (launches, blocks, lead_in_ms, lead_in_key) = match wire.kind {
        ProtocolKind::Crossed => (wire.launches, wire.blocks, wire.lead_in_ms, "lead_in_ms"),
        ProtocolKind::Article => (Some(1), wire.samples, wire.warm_up_ms, "warm_up_ms"),
        ProtocolKind::Soak => (Some(1), Some(1), wire.warm_up_ms, "warm_up_ms"),
    };
    let (launches, blocks, lead_in_ms) = (
        launches.unwrap_or(1),
        blocks.unwrap_or(1),
        lead_in_ms.unwrap_or(0),
    );
    let precision = checked_precision(wire, launches)?;
    if launches == 0 || launches > blocks {
        let key = match wire.kind {
            ProtocolKind::Crossed => "launches",
            ProtocolKind::Article | ProtocolKind::Soak => "samples",
        };
        let what = match wire.kind {
            ProtocolKind::Crossed => {
                format!("launches is {launches}, allowed are 1 to the number of blocks ({blocks})")
            }
            ProtocolKind::Article | ProtocolKind::Soak => {
                "samples is 0, allowed are 1 to 10000".to_owned()
            }
        };
        return Err(of_protocol(key, what));
    }
    if blocks > 10_000 {
        let key = match wire.kind {
            ProtocolKind::Crossed => "blocks",
            ProtocolKind::Article | ProtocolKind::Soak => "samples",
        };
        let what = format!("{key} is {blocks}, allowed are 1 to 10000");
        return Err(of_protocol(key, what));
    }
    if !(50..=600_000).contains(&wire.window_ms) {
        let what = format!("window_ms is {}, allowed are 50 to 600000", wire.window_ms);
        return Err(of_protocol("window_ms", what));
    }
    if startup.starts > 10_000 {
        let what = format!("starts is {}, allowed are 0 to 10000", startup.starts);
        return Err(Problem::at("starts", what).within(["startup".into()]));
    }
    if lead_in_ms > 600_000 {
        let what = format!("{lead_in_key} is {lead_in_ms}, allowed are 0 to 600000");
        return Err(of_protocol(lead_in_key, what));
    }
    let interval = wire.interval_ms.map(|interval| interval_of(wire, interval));
    Ok(Protocol {
        interval: interval.transpose()?,
        kind: wire.kind,
        launches,
        blocks,
        lead_in: Duration::from_millis(lead_in_ms),
        window: Duration::from_millis(wire.window_ms),
        starts: startup.starts,
        precision,
    })
}

/// A soak's interval: what changes over time shows only in several of them.
fn interval_of(wire: &WireProtocol, interval_ms: u64) -> Result<Duration, Problem> {
    let most = wire.window_ms / LEAST_INTERVALS;
    if interval_ms < 1000 || interval_ms > most || !wire.window_ms.is_multiple_of(interval_ms) {
        let problem = format!(
            "interval_ms is {interval_ms}, allowed are 1000 to {most} (a window of {} ms in at least {LEAST_INTERVALS} intervals), and a whole number of them must make up the window",
            wire.window_ms
        );
        return Err(of_protocol("interval_ms", problem));
    }
    Ok(Duration::from_millis(interval_ms))
}

fn checked_precision(wire: &WireProtocol, launches: u32) -> Result<BTreeMap<Metric, f64>, Problem> {
    let key = "precision_percent";
    if wire.precision_percent.is_empty() {
        return Ok(BTreeMap::new());
    }
    if wire.kind != ProtocolKind::Crossed {
        let problem = "a fixed number of windows is taken here: only a protocol of kind `crossed` can wait for precision";
        return Err(of_protocol(key, problem));
    }
    let first = stats::stopping::LOOKS[0] as u32;
    if wire.blocks != Some(first) || launches == 0 {
        let problem =
            format!("who waits for precision looks first at {first} blocks: set blocks to {first}");
        return Err(of_protocol("blocks", problem));
    }
    (wire.precision_percent.iter())
        .map(|(primary, percent)| {
            if (0.01..=100.0).contains(percent) {
                Ok((primary.0, percent / 100.0))
            } else {
                let what = format!("{key} has {percent}, allowed are 0.01 to 100");
                let problem = Problem::at(primary.0.name(), what);
                Err(problem.within(["protocol".into(), key.into()]))
            }
        })
        .collect()
}
