//! An experiment: which frameworks are asked what, how, and by which protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use record::{Design, Method, Metric, ModeDesign, ModeKind, ProtocolKind, ScenarioDesign};
use serde::Deserialize;

use super::yaml::{YamlError, YamlFile};
use crate::contract::Scenario;

const SCHEMA: &str = "experiment/1";
/// The variant name of the baseline's second copy.
pub const TWIN: &str = "twin";

/// An experiment, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Its name.
    pub name: String,
    /// One line for the report's head.
    pub title: String,
    /// What it is to answer.
    pub question: String,
    /// The framework that the others are compared with; it runs twice, as itself and as its twin.
    pub baseline: String,
    /// The frameworks' names; empty for all.
    pub frameworks: Vec<String>,
    /// What is asked.
    pub scenarios: Vec<Scenario>,
    /// How it is asked.
    pub modes: Vec<Mode>,
    /// How often, in its full and its quick form.
    pub full: Protocol,
    /// The smoke test's form.
    pub quick: Protocol,
}

/// How load is offered.
#[derive(Debug, Clone, PartialEq)]
pub struct Mode {
    /// The mode's name.
    pub name: String,
    /// How many connections: kept busy in a closed loop, open at most in an open one.
    pub connections: u32,
    /// When requests are sent.
    pub arrival: Arrival,
}

/// When requests are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrival {
    /// When the connection has its previous answer.
    Closed,
    /// When a schedule says so, requests per second.
    Rate(f64),
}

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
    /// Where this is not empty, blocks are added until each primary ratio is so precise: half
    /// the width of its interval, a relative difference.
    pub precision: BTreeMap<Metric, f64>,
}

impl Protocol {
    /// Asks for the precision that is usual for each primary metric, unless the experiment
    /// says its own.
    pub fn be_precise(&mut self) {
        if self.precision.is_empty() {
            self.precision = BTreeMap::from(USUAL_PRECISION);
        }
    }
}

/// The half-widths to reach where nothing else is said.
const USUAL_PRECISION: [(Metric, f64); 3] = [
    (Metric::CpuPerRequest, 0.02),
    (Metric::Throughput, 0.03),
    (Metric::LatencyP99, 0.10),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    name: String,
    title: String,
    question: String,
    baseline: String,
    frameworks: WireFrameworks,
    scenarios: Vec<Scenario>,
    modes: Vec<WireMode>,
    startup: WireStartup,
    protocol: WireProtocol,
    quick: WireQuick,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "frameworks must be `all` or a list of names")]
enum WireFrameworks {
    Word(All),
    Names(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum All {
    All,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMode {
    name: String,
    kind: ModeKind,
    connections: u32,
    rate: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireStartup {
    starts: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireProtocol {
    #[serde(default)]
    kind: ProtocolKind,
    launches: Option<u32>,
    blocks: Option<u32>,
    lead_in_ms: Option<u64>,
    warm_up_ms: Option<u64>,
    samples: Option<u32>,
    window_ms: u64,
    #[serde(default)]
    precision_percent: BTreeMap<Primary, f64>,
}

/// The metrics on whose precision a campaign can wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Primary {
    CpuPerRequest,
    Throughput,
    LatencyP99,
}

impl Primary {
    fn metric(self) -> Metric {
        match self {
            Self::CpuPerRequest => Metric::CpuPerRequest,
            Self::Throughput => Metric::Throughput,
            Self::LatencyP99 => Metric::LatencyP99,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireQuick {
    startup: WireStartup,
    protocol: WireProtocol,
}

impl Experiment {
    /// Reads and checks an experiment's file.
    ///
    /// # Errors
    /// A sentence with file and line, and the allowed values where there is a choice.
    pub fn load(path: &Path) -> Result<Self, YamlError> {
        let file = YamlFile::read(path)?;
        let wire: Wire = file.parse()?;
        file.require_schema(&wire.schema, SCHEMA)?;
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned());
        if stem.as_deref() != Some(&wire.name) {
            return Err(file.bad_key(
                "name",
                format!(
                    "name is `{}`, but the file's is `{}`",
                    wire.name,
                    stem.unwrap_or_default()
                ),
            ));
        }
        if wire.scenarios.is_empty() || wire.modes.is_empty() {
            let key = if wire.scenarios.is_empty() {
                "scenarios"
            } else {
                "modes"
            };
            return Err(file.bad_key(key, format!("{key} is empty: nothing would be measured")));
        }
        let scenarios: BTreeSet<_> = wire.scenarios.iter().collect();
        if scenarios.len() != wire.scenarios.len() {
            return Err(file.bad_key("scenarios", "a scenario is named twice"));
        }
        let mut modes = Vec::new();
        for mode in wire.modes {
            modes.push(
                checked_mode(mode, &modes).map_err(|(key, problem)| file.bad_key(key, problem))?,
            );
        }
        let protocol = |wire: &WireProtocol, startup: &WireStartup| {
            checked_protocol(wire, startup).map_err(|(key, problem)| file.bad_key(key, problem))
        };
        Ok(Self {
            full: protocol(&wire.protocol, &wire.startup)?,
            quick: protocol(&wire.quick.protocol, &wire.quick.startup)?,
            name: wire.name,
            title: wire.title,
            question: wire.question.trim().to_owned(),
            baseline: wire.baseline,
            frameworks: match wire.frameworks {
                WireFrameworks::Word(All::All) => Vec::new(),
                WireFrameworks::Names(names) => names,
            },
            scenarios: wire.scenarios,
            modes,
        })
    }

    /// The protocol of the full or the quick form.
    pub fn protocol(&self, quick: bool) -> &Protocol {
        if quick { &self.quick } else { &self.full }
    }

    /// How it is measured, for the campaign file.
    pub fn method(&self, quick: bool) -> Method {
        let protocol = self.protocol(quick);
        let named = |(metric, target): (&Metric, &f64)| (metric.name().to_owned(), *target);
        Method {
            protocol: protocol.kind,
            precision: protocol.precision.iter().map(named).collect(),
            looks: super::stages::looks(protocol),
        }
    }

    /// What goes into the campaign file, for this number of servers.
    pub fn design(&self, quick: bool, servers: u32) -> Design {
        let protocol = self.protocol(quick);
        Design {
            experiment: self.name.clone(),
            title: self.title.clone(),
            baseline: self.baseline.clone(),
            twin: TWIN.to_owned(),
            scenarios: self
                .scenarios
                .iter()
                .map(|s| ScenarioDesign {
                    name: s.name().to_owned(),
                    title: s.title().to_owned(),
                })
                .collect(),
            modes: self
                .modes
                .iter()
                .map(|m| ModeDesign {
                    name: m.name.clone(),
                    kind: match m.arrival {
                        Arrival::Closed => ModeKind::Saturation,
                        Arrival::Rate(_) => ModeKind::Rate,
                    },
                    connections: m.connections,
                    rate: match m.arrival {
                        Arrival::Closed => None,
                        Arrival::Rate(rate) => Some(rate),
                    },
                })
                .collect(),
            launches: super::stages::launches(protocol, servers),
            blocks: super::stages::most_blocks(protocol),
            lead_in_ms: protocol.lead_in.as_millis() as u64,
            window_ms: protocol.window.as_millis() as u64,
            starts: protocol.starts,
        }
    }
}

type Problem = (&'static str, String);

fn checked_mode(wire: WireMode, before: &[Mode]) -> Result<Mode, Problem> {
    if before.iter().any(|m| m.name == wire.name) {
        return Err(("modes", format!("mode `{}` is there twice", wire.name)));
    }
    if !(1..=20_000).contains(&wire.connections) {
        return Err((
            "connections",
            format!(
                "connections is {}, allowed are 1 to 20000",
                wire.connections
            ),
        ));
    }
    let arrival = match (wire.kind, wire.rate) {
        (ModeKind::Saturation, None) => Arrival::Closed,
        (ModeKind::Rate, Some(rate)) if (1.0..=1e6).contains(&rate) => Arrival::Rate(rate),
        (ModeKind::Rate, Some(rate)) => {
            return Err((
                "rate",
                format!("rate is {rate}, allowed are 1 to 1000000 per second"),
            ));
        }
        (ModeKind::Saturation, Some(_)) => {
            return Err(("rate", "a mode of kind `saturation` has no rate".to_owned()));
        }
        (ModeKind::Rate, None) => {
            return Err((
                "kind",
                format!("mode `{}` of kind `rate` needs a rate", wire.name),
            ));
        }
    };
    Ok(Mode {
        name: wire.name,
        connections: wire.connections,
        arrival,
    })
}

fn checked_protocol(wire: &WireProtocol, startup: &WireStartup) -> Result<Protocol, Problem> {
    let crossed = [
        ("launches", wire.launches.map(u64::from)),
        ("blocks", wire.blocks.map(u64::from)),
        ("lead_in_ms", wire.lead_in_ms),
    ];
    let article = [
        ("samples", wire.samples.map(u64::from)),
        ("warm_up_ms", wire.warm_up_ms),
    ];
    let (name, wanted, other) = match wire.kind {
        ProtocolKind::Crossed => ("crossed", &crossed[..], &article[..]),
        ProtocolKind::Article => ("article", &article[..], &crossed[..]),
    };
    if let Some((key, _)) = other.iter().find(|(_, value)| value.is_some()) {
        let keys: Vec<_> = wanted.iter().map(|(key, _)| *key).collect();
        return Err((
            key,
            format!(
                "a protocol of kind `{name}` has no `{key}`; it has {}",
                keys.join(", ")
            ),
        ));
    }
    if let Some((key, _)) = wanted.iter().find(|(_, value)| value.is_none()) {
        return Err((
            "protocol",
            format!("a protocol of kind `{name}` needs `{key}`"),
        ));
    }
    let (launches, blocks, lead_in_ms, lead_in_key) = match wire.kind {
        ProtocolKind::Crossed => (wire.launches, wire.blocks, wire.lead_in_ms, "lead_in_ms"),
        ProtocolKind::Article => (Some(1), wire.samples, wire.warm_up_ms, "warm_up_ms"),
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
            ProtocolKind::Article => "samples",
        };
        return Err((
            key,
            match wire.kind {
                ProtocolKind::Crossed => format!(
                    "launches is {launches}, allowed are 1 to the number of blocks ({blocks})"
                ),
                ProtocolKind::Article => "samples is 0, allowed are 1 to 10000".to_owned(),
            },
        ));
    }
    if blocks > 10_000 {
        return Err((
            "blocks",
            format!("blocks is {blocks}, allowed are 1 to 10000"),
        ));
    }
    if !(50..=600_000).contains(&wire.window_ms) {
        return Err((
            "window_ms",
            format!("window_ms is {}, allowed are 50 to 600000", wire.window_ms),
        ));
    }
    if lead_in_ms > 600_000 {
        return Err((
            lead_in_key,
            format!("{lead_in_key} is {lead_in_ms}, allowed are 0 to 600000"),
        ));
    }
    Ok(Protocol {
        kind: wire.kind,
        launches,
        blocks,
        lead_in: Duration::from_millis(lead_in_ms),
        window: Duration::from_millis(wire.window_ms),
        starts: startup.starts,
        precision,
    })
}

fn checked_precision(wire: &WireProtocol, launches: u32) -> Result<BTreeMap<Metric, f64>, Problem> {
    let key = "precision_percent";
    if wire.precision_percent.is_empty() {
        return Ok(BTreeMap::new());
    }
    if wire.kind == ProtocolKind::Article {
        let problem = "an article takes its samples and stops: only a protocol of kind `crossed` can wait for precision";
        return Err((key, problem.to_owned()));
    }
    let first = stats::stopping::LOOKS[0] as u32;
    if wire.blocks != Some(first) || launches == 0 {
        let problem =
            format!("who waits for precision looks first at {first} blocks: set blocks to {first}");
        return Err(("blocks", problem));
    }
    (wire.precision_percent.iter())
        .map(|(primary, percent)| {
            if (0.01..=100.0).contains(percent) {
                Ok((primary.metric(), percent / 100.0))
            } else {
                Err((key, format!("{key} has {percent}, allowed are 0.01 to 100")))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADLINE: &str = include_str!("../../../experiments/headline.yaml");

    fn load(text: &str) -> Result<Experiment, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headline.yaml");
        std::fs::write(&path, text).unwrap();
        Experiment::load(&path).map_err(|e| e.to_string())
    }

    #[test]
    fn the_headline_experiment_is_sound() {
        let experiment = load(HEADLINE).unwrap();
        assert!(experiment.full.blocks >= 12 && experiment.full.launches >= 3);
        assert_eq!(experiment.full.starts, 20);
    }

    #[test]
    fn the_articles_protocol_is_sound() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("article.yaml");
        let text = include_str!("../../../experiments/article.yaml");
        std::fs::write(&path, text).unwrap();
        let experiment = Experiment::load(&path).unwrap();
        assert_eq!(experiment.full.kind, ProtocolKind::Article);
        assert_eq!(experiment.full.blocks, 5);
    }

    #[test]
    fn precision_is_opt_in() {
        let experiment = load(HEADLINE).unwrap();
        assert!(experiment.full.precision.is_empty());
        let from = "  window_ms: 700\n";
        let to = "  window_ms: 700\n  precision_percent: {cpu_per_request: 1.5}\n";
        let mut experiment = load(&HEADLINE.replacen(from, to, 1)).unwrap();
        let own = BTreeMap::from([(Metric::CpuPerRequest, 0.015)]);
        assert_eq!(experiment.full.precision, own);
        experiment.full.be_precise();
        assert_eq!(experiment.full.precision, own);
        experiment.quick.be_precise();
        assert_eq!(experiment.quick.precision.len(), 3);
    }

    #[test]
    fn errors_name_the_line_and_what_is_allowed() {
        for (from, to, says) in [
            ("json, params", "json, parms", "plaintext"),
            ("kind: rate", "kind: fast", "saturation"),
            ("    rate: 4000\n", "", "needs a rate"),
            ("rate: 4000", "rate: -1", "1 to 1000000"),
            ("connections: 64", "connections: 0", "1 to 20000"),
            ("window_ms: 600", "window_ms: 1", "50 to 600000"),
            (
                "launches: 3",
                "launches: 13",
                "1 to the number of blocks (12)",
            ),
            (
                "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
                "frameworks: some",
                "must be `all` or a list",
            ),
            (
                "  launches: 3\n",
                "  kind: article\n  launches: 3\n",
                "has no `launches`; it has samples, warm_up_ms",
            ),
            ("  launches: 3\n", "", "needs `launches`"),
            (
                "  window_ms: 700\n",
                "  window_ms: 700\n  precision_percent: {rss: 1}\n",
                "latency_p99",
            ),
            (
                "  window_ms: 700\n",
                "  window_ms: 700\n  precision_percent: {throughput: 0}\n",
                "0.01 to 100",
            ),
            ("name: headline", "name: other", "the file's is `headline`"),
            ("question: >", "questions: >", "unknown field `questions`"),
        ] {
            assert!(HEADLINE.contains(from), "{from}");
            let err = load(&HEADLINE.replacen(from, to, 1)).unwrap_err();
            let (place, _) = err.split_once(": ").unwrap();
            assert!(place.contains("headline.yaml:"), "{to}: {err}");
            assert!(err.contains(says), "{to}: {err}");
        }
    }
}
