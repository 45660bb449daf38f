//! An experiment: which frameworks are asked what, how, and by which protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use record::{
    Class, Comparison, Design, Method, Metric, ModeDesign, ModeKind, ProtocolKind, ScenarioDesign,
};
use serde::Deserialize;

use super::claims::{self, Compared};
use super::duet::{Duet, Pair};
pub use super::protocol::Protocol;
use catalog::Scenario;
use catalog::framework::Framework;
use place::Problem;
use place::file::{YamlError, YamlFile};

use super::protocol::{self, Primary, WireProtocol, WireStartup};
use super::schedule::Schedule;

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
    /// Who takes part.
    pub frameworks: LineUp,
    /// What is asked.
    pub scenarios: Vec<Scenario>,
    /// How it is asked.
    pub modes: Vec<Mode>,
    /// The metrics whose comparisons are the primary ones.
    pub primary: BTreeSet<Metric>,
    /// How large a difference has to be to matter: a relative difference.
    pub margins: BTreeMap<Metric, f64>,
    /// How often, in its full and its quick form.
    pub full: Protocol,
    /// The smoke test's form.
    pub quick: Protocol,
    /// Which two versions are compared, where that is what it is for.
    pub comparison: Option<Comparison>,
    /// Launches of two servers at a time after everything else, if there are any.
    pub duet: Option<Duet>,
    /// Frameworks that burn this much on purpose for each request, in ns: positive controls.
    pub spin: BTreeMap<String, u64>,
}

/// Which frameworks an experiment is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineUp {
    /// All there are.
    All,
    /// All of these classes.
    Classes(BTreeSet<Class>),
    /// These.
    Names(Vec<String>),
}

impl LineUp {
    /// The names of those who take part, out of all there are; a name that is written in the
    /// experiment is given whether there is such a framework or not.
    pub fn names(&self, all: &BTreeMap<String, Framework>) -> Vec<String> {
        match self {
            Self::All => all.keys().cloned().collect(),
            Self::Classes(classes) => (all.values())
                .filter(|framework| classes.contains(&framework.class))
                .map(|framework| framework.name.clone())
                .collect(),
            Self::Names(names) => names.clone(),
        }
    }
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    name: String,
    title: String,
    question: String,
    baseline: String,
    #[serde(deserialize_with = "place::yaml::whole")]
    frameworks: WireFrameworks,
    scenarios: Vec<Scenario>,
    modes: Vec<WireMode>,
    primary: Option<Vec<Primary>>,
    #[serde(default)]
    margin_percent: BTreeMap<Compared, f64>,
    startup: WireStartup,
    protocol: WireProtocol,
    quick: WireQuick,
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "frameworks must be `all` or a list of names or `{classes: [...]}` with idiomatic, tuned, engine, reference"
)]
enum WireFrameworks {
    Word(All),
    Names(Vec<String>),
    Classes(WireClasses),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireClasses {
    classes: Vec<Class>,
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
        let bad = |problem: Problem| file.refuse(problem);
        if let Some(again) = claims::again(&wire.scenarios) {
            let what = "a scenario is named twice".to_owned();
            let place = vec!["scenarios".into(), again.into()];
            return Err(bad(Problem { place, what }));
        }
        let frameworks = line_up(wire.frameworks, &wire.baseline).map_err(bad)?;
        let mut modes = Vec::new();
        for (i, mode) in wire.modes.into_iter().enumerate() {
            let checked = checked_mode(mode, &modes);
            let in_place = |problem: Problem| problem.within(["modes".into(), i.into()]);
            modes.push(checked.map_err(in_place).map_err(bad)?);
        }
        let primary = claims::primary(wire.primary.as_deref()).map_err(bad)?;
        let protocol = |wire: &WireProtocol, startup: &WireStartup| {
            let protocol = protocol::checked(wire, startup)?;
            let closed = modes.iter().find(|mode| mode.arrival == Arrival::Closed);
            if let (ProtocolKind::Soak, Some(mode)) = (protocol.kind, closed) {
                let problem = format!(
                    "mode `{}` is of kind `saturation`; connections that are mostly idle need one of kind `rate`",
                    mode.name
                );
                return Err(protocol::of_protocol("kind", problem));
            }
            match protocol.precision.keys().find(|m| !primary.contains(m)) {
                Some(metric) => {
                    let what = format!(
                        "who waits for the precision of {} has to declare it primary: add it to primary",
                        metric.name()
                    );
                    let problem = Problem::at(metric.name(), what);
                    Err(problem.within(["protocol".into(), "precision_percent".into()]))
                }
                None => Ok(protocol),
            }
        };
        Ok(Self {
            margins: claims::margins(&wire.margin_percent).map_err(bad)?,
            full: protocol(&wire.protocol, &wire.startup).map_err(bad)?,
            quick: protocol(&wire.quick.protocol, &wire.quick.startup)
                .map_err(|problem| bad(problem.within(["quick".into()])))?,
            primary,
            name: wire.name,
            title: wire.title,
            question: wire.question.trim().to_owned(),
            baseline: wire.baseline,
            frameworks,
            scenarios: wire.scenarios,
            modes,
            comparison: None,
            duet: None,
            spin: BTreeMap::new(),
        })
    }

    /// Why these, who are all that the experiment is about, cannot be compared; nothing where
    /// the baseline is among them.
    pub fn lacks_baseline(&self, names: &[String]) -> Option<String> {
        (!names.contains(&self.baseline)).then(|| not_among(&self.baseline, names))
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
            interval_ms: protocol.interval.map(|i| i.as_millis() as u64),
            comparison: self.comparison.clone(),
            duet: self.duet.as_ref().map(Duet::design),
            spin: self.spin.clone(),
            level: (!protocol.precision.is_empty()).then_some(stats::stopping::LEVEL),
            primary: self.primary.iter().map(|m| m.name().to_owned()).collect(),
            margins: self.margins.iter().map(named).collect(),
        }
    }

    /// What a server burns on purpose for each request, in ns; nothing where none does. With
    /// a control in the experiment, the others burn as little as there is: counting costs
    /// them as much as it costs the control.
    pub fn spin_of(&self, framework: &str) -> Option<u64> {
        let least = || Some(super::duet::LEAST_SPIN).filter(|_| !self.spin.is_empty());
        self.spin.get(framework).copied().or_else(least)
    }

    /// The launches of two servers at a time, in their order.
    pub fn pairs(&self, schedule: &Schedule, seed: u64) -> Vec<Pair> {
        let Some(duet) = &self.duet else {
            return Vec::new();
        };
        let new = self.comparison.as_ref().map_or("", |c| c.new.as_str());
        duet.draw(schedule, &self.baseline, new, seed)
    }

    /// What goes into the campaign file, for this number of servers and an instrument that spins
    /// for so long before it sleeps.
    pub fn design(&self, quick: bool, servers: u32, spin: Duration) -> Design {
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
                    spin_ms: Some(spin.as_millis() as u64),
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

/// Checks who takes part, and the baseline where the file itself says who that is.
fn line_up(wire: WireFrameworks, baseline: &str) -> Result<LineUp, Problem> {
    let none = || {
        Problem::at(
            "frameworks",
            "frameworks names none: nothing would be measured",
        )
    };
    match wire {
        WireFrameworks::Word(All::All) => Ok(LineUp::All),
        WireFrameworks::Names(names) => {
            if names.is_empty() {
                return Err(none());
            }
            if let Some(again) = claims::again(&names) {
                let what = format!("framework `{}` is named twice", names[again]);
                let place = vec!["frameworks".into(), again.into()];
                return Err(Problem { place, what });
            }
            if !names.iter().any(|name| name == baseline) {
                return Err(Problem::at("baseline", not_among(baseline, &names)));
            }
            Ok(LineUp::Names(names))
        }
        WireFrameworks::Classes(WireClasses { classes }) => {
            if classes.is_empty() {
                return Err(none());
            }
            if let Some(again) = claims::again(&classes) {
                let what = "a class is named twice".to_owned();
                let place = vec!["frameworks".into(), "classes".into(), again.into()];
                return Err(Problem { place, what });
            }
            Ok(LineUp::Classes(classes.into_iter().collect()))
        }
    }
}

/// That a baseline takes no part, in a sentence with those who do.
fn not_among(baseline: &str, names: &[String]) -> String {
    format!(
        "the baseline is `{baseline}`, and the frameworks that take part are {}: all are compared with the baseline, so add it to them or make one of them the baseline",
        names.join(", ")
    )
}

/// Checks a mode; an error names its place in the mode.
fn checked_mode(wire: WireMode, before: &[Mode]) -> Result<Mode, Problem> {
    let bad = |key, what: String| Err(Problem::at(key, what));
    if before.iter().any(|m| m.name == wire.name) {
        return bad("name", format!("mode `{}` is there twice", wire.name));
    }
    if !(1..=20_000).contains(&wire.connections) {
        let what = format!(
            "connections is {}, allowed are 1 to 20000",
            wire.connections
        );
        return bad("connections", what);
    }
    let arrival = match (wire.kind, wire.rate) {
        (ModeKind::Saturation, None) => Arrival::Closed,
        (ModeKind::Rate, Some(rate)) if (1.0..=1e6).contains(&rate) => Arrival::Rate(rate),
        (ModeKind::Rate, Some(rate)) => {
            let what = format!("rate is {rate}, allowed are 1 to 1000000 per second");
            return bad("rate", what);
        }
        (ModeKind::Saturation, Some(_)) => {
            return bad("rate", "a mode of kind `saturation` has no rate".to_owned());
        }
        (ModeKind::Rate, None) => {
            let what = format!("mode `{}` of kind `rate` needs a rate", wire.name);
            return bad("kind", what);
        }
    };
    Ok(Mode {
        name: wire.name,
        connections: wire.connections,
        arrival,
    })
}

#[cfg(test)]
mod tests {

    use super::*;

    const HEADLINE: &str = include_str!("../../experiments/headline.yaml");

    /// What the headline experiment declares, as it stands in its file.
    const DECLARED: &str = "primary: [throughput, cpu_per_request, latency_p99]
margin_percent: {throughput: 3, cpu_per_request: 2, latency_p99: 5}
";

    fn load(text: &str) -> Result<Experiment, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headline.yaml");
        std::fs::write(&path, text).unwrap();
        Experiment::load(&path).map_err(|e| e.to_string())
    }

    #[test]
    fn an_editors_mark_at_the_beginning_is_passed_by() {
        let marked = format!("\u{feff}{HEADLINE}");
        assert_eq!(load(&marked).unwrap(), load(HEADLINE).unwrap());
        let error = load(&marked.replacen("baseline: nethttp", "baseline: nope", 1));
        assert!(error.unwrap_err().contains("headline.yaml:7: "));
    }

    #[test]
    fn the_headline_experiment_is_sound() {
        let experiment = load(HEADLINE).unwrap();
        assert!(experiment.full.blocks >= 12 && experiment.full.launches >= 6);
        assert_eq!(experiment.full.starts, 20);
    }

    #[test]
    fn the_articles_protocol_is_sound() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("article.yaml");
        let text = include_str!("../../experiments/article.yaml");
        std::fs::write(&path, text).unwrap();
        let experiment = Experiment::load(&path).unwrap();
        assert_eq!(experiment.full.kind, ProtocolKind::Article);
        assert_eq!(experiment.full.blocks, 5);
    }

    #[test]
    fn long_connections_are_watched_for_three_minutes_and_stay_within_bounds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("longconn.yaml");
        let text = include_str!("../../experiments/longconn.yaml");
        let load = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Experiment::load(&path).map_err(|e| e.to_string())
        };
        let experiment = load(text).unwrap();
        assert_eq!(experiment.full.kind, ProtocolKind::Soak);
        assert!(experiment.full.window >= Duration::from_secs(180));
        assert_eq!(experiment.modes[0].connections, 10_000);
        for (from, to, says) in [
            (
                "interval_ms: 10000",
                "interval_ms: 7000",
                "a whole number of them",
            ),
            ("interval_ms: 10000", "interval_ms: 60000", "1000 to 22500"),
            ("  interval_ms: 10000\n", "", "needs `interval_ms`"),
            (
                "interval_ms: 10000",
                "interval_ms: 10000\n  samples: 5",
                "has no `samples`",
            ),
            (
                "    kind: rate\n    rate: 1000",
                "    kind: saturation",
                "mostly idle need",
            ),
        ] {
            assert!(text.contains(from), "{from}");
            let error = load(&text.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(says), "{to}: {error}");
        }
    }

    #[test]
    fn precision_is_opt_in() {
        let experiment = load(HEADLINE).unwrap();
        assert!(experiment.full.precision.is_empty());
        let from = "  blocks: 12\n";
        let to = "  blocks: 12\n  precision_percent: {cpu_per_request: 1.5}\n";
        let mut experiment = load(&HEADLINE.replacen(from, to, 1)).unwrap();
        let own = BTreeMap::from([(Metric::CpuPerRequest, 0.015)]);
        assert_eq!(experiment.full.precision, own);
        experiment.full.be_precise(&experiment.primary);
        assert_eq!(experiment.full.precision, own);
        experiment.quick.be_precise(&experiment.primary);
        assert_eq!(experiment.quick.precision.len(), 3);
    }

    #[test]
    fn what_will_be_said_is_declared_before() {
        let method = load(HEADLINE).unwrap().method(false);
        let primary = ["throughput", "cpu_per_request", "latency_p99"];
        assert_eq!(method.primary, primary);
        assert_eq!(method.margins["cpu_per_request"], 0.02);
        assert_eq!(method.margins["latency_p99"], 0.05);
        assert_eq!((method.margins["throughput"], method.level), (0.03, None));
        let own = "primary: [throughput]\nmargin_percent: {throughput: 1, startup: 20}\nstartup:\n";
        let text = HEADLINE
            .replace(DECLARED, "")
            .replacen("startup:\n", own, 1);
        let mut experiment = load(&text).unwrap();
        experiment.full.be_precise(&experiment.primary);
        let method = experiment.method(false);
        assert_eq!(method.primary, ["throughput"]);
        assert_eq!(
            (method.margins["throughput"], method.margins["startup"]),
            (0.01, 0.2)
        );
        let waits: Vec<_> = method.precision.into_keys().collect();
        assert_eq!(waits, ["throughput"]);
        assert_eq!(method.level, Some(0.97));
    }

    #[test]
    fn errors_name_the_line_and_what_is_allowed() {
        for (from, to, says, line) in [
            ("json, params", "json, parms", "plaintext", 9),
            ("kind: rate", "kind: fast", "saturation", 18),
            ("    rate: 4000\n", "", "needs a rate", 18),
            ("rate: 4000", "rate: -1", "1 to 1000000", 19),
            ("connections: 64", "connections: 0", "1 to 20000", 15),
            ("window_ms: 600", "window_ms: 1", "50 to 600000", 31),
            ("starts: 20", "starts: 4294967295", "0 to 10000", 26),
            ("blocks: 12", "blocks: 4294967295", "1 to 10000", 29),
            (
                "launches: 6",
                "launches: 13",
                "1 to the number of blocks (12)",
                28,
            ),
            (
                "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
                "frameworks: some",
                "must be `all` or a list",
                8,
            ),
            (
                "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
                "frameworks: {classes: [fast]}",
                "idiomatic, tuned, engine, reference",
                8,
            ),
            (
                "  launches: 6\n",
                "  kind: article\n  launches: 6\n",
                "has no `launches`; it has samples, warm_up_ms",
                29,
            ),
            ("  launches: 6\n", "", "needs `launches`", 27),
            (
                "  blocks: 12\n",
                "  blocks: 12\n  precision_percent: {rss: 1}\n",
                "latency_p99",
                30,
            ),
            (
                "  blocks: 12\n",
                "  blocks: 12\n  precision_percent: {throughput: 0}\n",
                "0.01 to 100",
                30,
            ),
            ("baseline: nethttp", "baseline: nope", "`nope`", 7),
            (
                "baseline: nethttp",
                "baseline: hertz",
                "take part are chi, echo, fasthttp, fiber, gin, nethttp",
                7,
            ),
            (
                "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
                "frameworks:\n  - gin\n  - nethttp\n  - gin",
                "framework `gin` is named twice",
                11,
            ),
            (
                "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
                "frameworks: []",
                "names none",
                8,
            ),
            (
                "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
                "frameworks: {classes: []}",
                "names none",
                8,
            ),
            (
                "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
                "frameworks: {classes: [engine, engine]}",
                "named twice",
                8,
            ),
            (
                DECLARED,
                "primary: [latency_p99, throughput, latency_p99]\n",
                "`latency_p99` is named twice",
                23,
            ),
            (DECLARED, "primary: []\n", "name at least one metric", 23),
            (DECLARED, "primary: [rss]\n", "unknown variant `rss`", 23),
            (DECLARED, "margin_percent: {rss: 0}\n", "0.01 to 100", 23),
            (DECLARED, "margin_percent: {errors: 1}\n", "latency_p99", 23),
            (
                "name: headline",
                "name: other",
                "the file's is `headline`",
                2,
            ),
            (
                "question: >",
                "questions: >",
                "unknown field `questions`",
                4,
            ),
        ] {
            assert!(HEADLINE.contains(from), "{from}");
            let err = load(&HEADLINE.replacen(from, to, 1)).unwrap_err();
            let place = format!("headline.yaml:{line}: ");
            assert!(err.contains(&place), "{place} {to}: {err}");
            assert!(err.contains(says), "{to}: {err}");
        }
    }

    /// Each of these keys is there before, in another mode, at the top or in the full protocol.
    #[test]
    fn the_line_is_that_of_the_key_that_is_wrong_and_not_of_one_of_its_name() {
        let (head, second) = HEADLINE.split_once("  - name: rate\n").unwrap();
        let second = format!("  - name: rate\n{second}");
        let (full, quick) = second.split_once("quick:\n").unwrap();
        let text = |full: &str, quick: &str| format!("{head}{full}quick:\n{quick}");
        for (from, to, says, line) in [
            ("connections: 64", "connections: 99999", "is 99999", 20),
            ("name: rate", "name: saturation", "is there twice", 17),
            ("kind: rate", "kind: saturation", "has no rate", 19),
            ("kind: rate", "kind: fast", "unknown variant `fast`", 18),
            ("connections: 64", "rate: 5", "`rate` is there twice", 20),
            ("connections: 64", "connection: 64", "unknown field", 20),
            ("throughput: 3,", "throughput: 300,", "0.01 to 100", 24),
            (
                "cpu_per_request: 2,",
                "throughput: 2,",
                "the key `throughput` is there twice",
                24,
            ),
        ] {
            assert!(full.contains(from), "{from}");
            let err = load(&text(&full.replacen(from, to, 1), quick)).unwrap_err();
            let place = format!("headline.yaml:{line}: ");
            assert!(
                err.contains(&place) && err.contains(says),
                "{place}{to}: {err}"
            );
        }
        for (from, to, says, line) in [
            ("launches: 2", "launches: 13", "number of blocks (4)", 36),
            ("    launches: 2\n", "", "needs `launches`", 35),
            ("window_ms: 200", "window_ms: 1", "50 to 600000", 39),
            ("lead_in_ms: 100", "samples: 100", "has no `samples`", 38),
            ("starts: 5", "starts: -5", "invalid type", 34),
            ("blocks: 4", "launches: 4", "`launches` is there twice", 37),
            (
                "lead_in_ms: 100",
                "lead_in_ms: 100\n    precision_percent: {throughput: 1}",
                "set blocks to 12",
                37,
            ),
        ] {
            assert!(quick.contains(from), "{from}");
            let err = load(&text(full, &quick.replacen(from, to, 1))).unwrap_err();
            let place = format!("headline.yaml:{line}: ");
            assert!(
                err.contains(&place) && err.contains(says),
                "{place}{to}: {err}"
            );
        }
    }
}
