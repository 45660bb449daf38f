//! Trials of the lab itself: campaigns whose true answer is known, with seeds that are
//! declared before they run.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use builder::altered::{Alteration, altered};
use builder::versions::VersionError;
use catalog::Scenario;
use catalog::framework::Framework;
use place::Problem;
use place::file::{YamlError, YamlFile};
use record::{Comparison, DuetKind, Metric, ProtocolKind};
use serde::Deserialize;
use stats::stopping::LOOKS;

use super::claims;
use super::duet::Duet;
use super::experiment::{Arrival, Experiment, LineUp, Mode, Protocol};

const SCHEMA: &str = "trial/1";

/// Below so many launches the signed-rank test has no interval at the level of looks.
const LEAST_LAUNCHES: u32 = 7;

/// The name of the self-check, as an experiment.
pub const SELFCHECK: &str = "selfcheck";

/// A trial, as its file declares it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// [`SCHEMA`].
    schema: String,
    /// Its name, that of the file.
    pub name: String,
    /// One line.
    pub title: String,
    /// What it is to show.
    pub question: String,
    /// The framework whose copies are compared.
    pub framework: String,
    /// What is asked.
    pub scenario: Scenario,
    /// The seed of the first try; each further one has the next number.
    pub seed: u64,
    /// How many tries.
    pub tries: u32,
    /// What one try is.
    #[serde(deserialize_with = "place::yaml::whole")]
    pub design: TrialDesign,
    /// What has to come out of it.
    pub demand: Demand,
}

/// What one try of a trial is: a campaign.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TrialDesign {
    /// Live copies of one server take turns; disjoint pairs of them are compared.
    Copies {
        /// An even number.
        copies: u32,
        /// Kept busy.
        connections: u32,
        /// Fresh starts.
        launches: u32,
        /// Over all launches.
        blocks: u32,
        /// Thrown away.
        lead_in_ms: u64,
        /// Measured.
        window_ms: u64,
    },
    /// A copy with extra work beside the framework, both at once.
    Duet {
        /// Requests per second to each.
        rate: f64,
        /// To each.
        connections: u32,
        /// Thrown away.
        lead_in_ms: u64,
        /// Measured.
        window_ms: u64,
        /// Extra work of a request.
        spin_ns: u64,
        /// Numbers of launches at which to look; the last is the cap.
        looks: Vec<u32>,
        /// The half-width that ends a try.
        half_width_percent: f64,
    },
    /// A version that does the same beside the framework, both at once.
    Identical {
        /// Requests per second to each.
        rate: f64,
        /// To each.
        connections: u32,
        /// Thrown away.
        lead_in_ms: u64,
        /// Measured.
        window_ms: u64,
        /// Numbers of launches at which to look; the last is the cap.
        looks: Vec<u32>,
        /// The half-width that ends a try.
        half_width_percent: f64,
    },
    /// A copy with extra work and the framework take turns, in closed loop.
    Interleaved {
        /// Kept busy.
        connections: u32,
        /// Fresh starts up to the first look.
        launches: u32,
        /// Thrown away.
        lead_in_ms: u64,
        /// Measured.
        window_ms: u64,
        /// Extra work of a request.
        spin_ns: u64,
        /// The half-width that ends a try.
        half_width_percent: f64,
    },
    /// Two copies of one server, one after the other, as articles do it.
    Article {
        /// Kept busy.
        connections: u32,
        /// Once for each server.
        warm_up_ms: u64,
        /// In a row.
        samples: u32,
        /// Of each sample.
        window_ms: u64,
        /// From which difference of two medians on an article would rank them apart.
        apart_percent: f64,
    },
}

/// What has to come out of a trial; nothing where it only reports.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Demand {
    /// In how many tries at least the difference has to be found.
    pub found: Option<u32>,
    /// In how many tries at least the truth has to lie in the interval.
    pub holds: Option<u32>,
    /// How long a try may take at most.
    pub seconds: Option<f64>,
    /// Whether rejections have to stay within the binomial bound of the intervals' level.
    pub binomial: bool,
}

impl Trial {
    /// Reads and checks a trial's file.
    ///
    /// # Errors
    /// A sentence with file and line.
    pub fn load(path: &Path) -> Result<Self, YamlError> {
        let file = YamlFile::read(path)?;
        let trial: Self = file.parse()?;
        file.require_schema(&trial.schema, SCHEMA)?;
        let bad = |key: &str, problem: &str| Err(file.bad_key(key, problem));
        let bad_design = |key: &str, problem: &str| {
            let problem = Problem::at(key, problem).within(["design".into()]);
            Err(file.refuse(problem))
        };
        if path.file_stem().is_none_or(|stem| *stem != *trial.name) {
            return bad("name", "name differs from that of the file");
        }
        if trial.tries == 0 {
            return bad("tries", "tries is 0: nothing would be tried");
        }
        match &trial.design {
            TrialDesign::Copies { copies, .. } if *copies < 2 || copies % 2 == 1 => {
                bad_design("copies", "copies must be an even number from 2 on")
            }
            TrialDesign::Duet { looks, .. } | TrialDesign::Identical { looks, .. }
                if looks.is_empty() || looks.windows(2).any(|w| w[0] >= w[1]) =>
            {
                bad_design("looks", "looks must be numbers of launches that grow")
            }
            TrialDesign::Duet { looks, .. } | TrialDesign::Identical { looks, .. }
                if looks[0] < LEAST_LAUNCHES =>
            {
                bad_design(
                    "looks",
                    "the first look must be at 7 launches or more: fewer have no interval at 97 %",
                )
            }
            TrialDesign::Duet { rate, .. } | TrialDesign::Identical { rate, .. }
                if !(1.0..=1e6).contains(rate) =>
            {
                bad_design("rate", "rate must be 1 to 1000000 per second")
            }
            _ => match trial.beyond() {
                Some((key @ "tries", problem)) => bad(key, &problem),
                Some((key @ ("found" | "holds" | "seconds"), problem)) => {
                    let problem = Problem::at(key, problem).within(["demand".into()]);
                    Err(file.refuse(problem))
                }
                Some((key, problem)) => bad_design(key, &problem),
                None => Ok(trial),
            },
        }
    }

    /// The first number that ends a loop, or is a share or a time, and cannot be what it is.
    fn beyond(&self) -> Option<(&'static str, String)> {
        let whole = |key, value: u64, least, most| (key, value as f64, least, most);
        let tries = whole("tries", self.tries.into(), 1.0, 10_000.0);
        let seconds = self.demand.seconds.map(|s| ("seconds", s, 1.0, 86_400.0));
        let demanded = [("found", self.demand.found), ("holds", self.demand.holds)]
            .map(|(key, n)| n.map(|n| whole(key, n.into(), 0.0, self.tries.into())));
        let connections = |n: u32| whole("connections", n.into(), 1.0, 20_000.0);
        let times = |lead_in: (&'static str, u64), window: u64| {
            [
                whole(lead_in.0, lead_in.1, 0.0, 600_000.0),
                whole("window_ms", window, 50.0, 600_000.0),
            ]
        };
        let spin = |ns: u64| whole("spin_ns", ns, 1.0, 1e9);
        let width = |percent: f64| ("half_width_percent", percent, 0.01, 10_000.0);
        let mut numbers: Vec<_> = (std::iter::once(tries).chain(seconds))
            .chain(demanded.into_iter().flatten())
            .collect();
        match &self.design {
            TrialDesign::Copies {
                copies,
                connections: n,
                launches,
                blocks,
                lead_in_ms,
                window_ms,
            } => {
                numbers.extend([
                    whole("copies", (*copies).into(), 2.0, 100.0),
                    connections(*n),
                    whole("blocks", (*blocks).into(), 1.0, 10_000.0),
                    whole("launches", (*launches).into(), 1.0, (*blocks).into()),
                ]);
                numbers.extend(times(("lead_in_ms", *lead_in_ms), *window_ms));
            }
            TrialDesign::Duet {
                connections: n,
                lead_in_ms,
                window_ms,
                spin_ns,
                looks,
                half_width_percent,
                ..
            } => {
                numbers.extend([connections(*n), spin(*spin_ns), width(*half_width_percent)]);
                numbers.extend(
                    looks
                        .iter()
                        .map(|l| whole("looks", (*l).into(), 1.0, 10_000.0)),
                );
                numbers.extend(times(("lead_in_ms", *lead_in_ms), *window_ms));
            }
            TrialDesign::Identical {
                connections: n,
                lead_in_ms,
                window_ms,
                looks,
                half_width_percent,
                ..
            } => {
                numbers.extend([connections(*n), width(*half_width_percent)]);
                numbers.extend(
                    looks
                        .iter()
                        .map(|l| whole("looks", (*l).into(), 1.0, 10_000.0)),
                );
                numbers.extend(times(("lead_in_ms", *lead_in_ms), *window_ms));
            }
            TrialDesign::Interleaved {
                connections: n,
                launches,
                lead_in_ms,
                window_ms,
                spin_ns,
                half_width_percent,
            } => {
                let most = LOOKS[0] as f64;
                numbers.extend([connections(*n), spin(*spin_ns), width(*half_width_percent)]);
                numbers.push(whole("launches", (*launches).into(), 1.0, most));
                numbers.extend(times(("lead_in_ms", *lead_in_ms), *window_ms));
            }
            TrialDesign::Article {
                connections: n,
                warm_up_ms,
                samples,
                window_ms,
                apart_percent,
            } => {
                numbers.extend([
                    connections(*n),
                    whole("samples", (*samples).into(), 1.0, 10_000.0),
                    ("apart_percent", *apart_percent, 0.0, 100.0),
                ]);
                numbers.extend(times(("warm_up_ms", *warm_up_ms), *window_ms));
            }
        }
        // Also of what is not a number.
        (numbers.into_iter())
            .find(|(_, value, least, most)| !(least..=most).contains(&value))
            .map(|(key, value, least, most)| {
                (
                    key,
                    format!("{key} is {value}, allowed are {least} to {most}"),
                )
            })
    }

    /// The campaign of a try, over [`Self::frameworks`].
    pub fn experiment(&self) -> Experiment {
        let base = self.framework.as_str();
        let mut experiment = match &self.design {
            TrialDesign::Copies {
                copies,
                connections,
                launches,
                blocks,
                lead_in_ms,
                window_ms,
            } => {
                let protocol = crossed(*launches, *blocks, *lead_in_ms, *window_ms);
                let mut experiment = blank(base, self.scenario, *connections, protocol);
                experiment.frameworks = LineUp::Names(names(base, *copies));
                experiment
            }
            TrialDesign::Duet {
                rate,
                connections,
                lead_in_ms,
                window_ms,
                spin_ns,
                looks,
                half_width_percent,
            } => {
                let mut experiment = blank(base, self.scenario, *connections, crossed(0, 0, 0, 50));
                experiment.duet = Some(Duet {
                    scenario: self.scenario,
                    rate: *rate,
                    connections: *connections,
                    kinds: vec![DuetKind::Control],
                    launches: looks.last().copied().unwrap_or_default(),
                    lead_in: Duration::from_millis(*lead_in_ms),
                    window: Duration::from_millis(*window_ms),
                    spin: Duration::from_nanos(*spin_ns),
                    looks: looks.clone(),
                    layouts: looks.first().copied().unwrap_or_default(),
                    half_width: half_width_percent / 100.0,
                });
                experiment
            }
            TrialDesign::Identical {
                rate,
                connections,
                lead_in_ms,
                window_ms,
                looks,
                half_width_percent,
            } => {
                let mut experiment = blank(base, self.scenario, *connections, crossed(0, 0, 0, 50));
                experiment.duet = Some(Duet {
                    scenario: self.scenario,
                    rate: *rate,
                    connections: *connections,
                    kinds: vec![DuetKind::Versions],
                    launches: looks.last().copied().unwrap_or_default(),
                    lead_in: Duration::from_millis(*lead_in_ms),
                    window: Duration::from_millis(*window_ms),
                    spin: Duration::ZERO,
                    looks: looks.clone(),
                    layouts: looks.first().copied().unwrap_or_default(),
                    half_width: half_width_percent / 100.0,
                });
                let new = format!("{base}-new");
                experiment.frameworks = LineUp::Names(vec![base.to_owned(), new.clone()]);
                experiment.comparison = Some(Comparison {
                    base: base.to_owned(),
                    new,
                    base_is: "the framework".to_owned(),
                    new_is: "a version that does the same".to_owned(),
                });
                experiment
            }
            TrialDesign::Interleaved {
                connections,
                launches,
                lead_in_ms,
                window_ms,
                spin_ns,
                half_width_percent,
            } => {
                let mut protocol = crossed(*launches, LOOKS[0] as u32, *lead_in_ms, *window_ms);
                let target = (Metric::CpuPerRequest, half_width_percent / 100.0);
                protocol.precision = BTreeMap::from([target]);
                let mut experiment = blank(base, self.scenario, *connections, protocol);
                experiment.spin = BTreeMap::from([(spinning(base), *spin_ns)]);
                experiment.frameworks = LineUp::Names(vec![base.to_owned(), spinning(base)]);
                experiment
            }
            TrialDesign::Article {
                connections,
                warm_up_ms,
                samples,
                window_ms,
                ..
            } => {
                let mut protocol = crossed(1, *samples, *warm_up_ms, *window_ms);
                protocol.kind = ProtocolKind::Article;
                blank(base, self.scenario, *connections, protocol)
            }
        };
        experiment.name.clone_from(&self.name);
        experiment.title.clone_from(&self.title);
        experiment.question.clone_from(&self.question);
        experiment
    }

    /// What takes part in a try, by the names that they have in its campaign: the framework and
    /// its copies, or a version made in `folder`.
    ///
    /// # Errors
    /// [`VersionError`] when a version cannot be made.
    pub fn frameworks(
        &self,
        framework: &Framework,
        number: u32,
        folder: &Path,
    ) -> Result<BTreeMap<String, Framework>, VersionError> {
        let mut frameworks = named(framework, &self.experiment());
        if let TrialDesign::Identical { .. } = self.design {
            let seed = self.seed + u64::from(number) - 1;
            let version = altered(framework, self.alteration(number), seed, folder)?;
            let name = format!("{}-new", framework.name);
            let mut new = version.framework;
            new.name.clone_from(&name);
            frameworks.insert(name, new);
        }
        Ok(frameworks)
    }

    /// How the version of a try was altered: tries take turns.
    fn alteration(&self, number: u32) -> Alteration {
        match number % 2 {
            1 => Alteration::Unused,
            _ => Alteration::OffPath,
        }
    }
}

/// The self-check: a short form of the trials by copies and by duet, in one campaign.
pub fn selfcheck(framework: &str) -> Experiment {
    let mut experiment = blank(framework, Scenario::Json, 64, crossed(6, 12, 100, 200));
    experiment.name = SELFCHECK.to_owned();
    experiment.title = "Is this machine fit to judge?".to_owned();
    experiment.question =
        "Are copies of one server told apart, and is a known extra work found?".to_owned();
    experiment.frameworks = LineUp::Names(names(framework, 8));
    experiment.duet = Some(Duet {
        kinds: vec![DuetKind::Twins, DuetKind::Control],
        launches: 40,
        looks: Vec::new(),
        layouts: 20,
        ..Duet::full(Scenario::Json)
    });
    experiment.quick = crossed(3, 6, 50, 100);
    experiment
}

/// The framework and its copies that an experiment names.
pub fn named(framework: &Framework, experiment: &Experiment) -> BTreeMap<String, Framework> {
    let names = match &experiment.frameworks {
        LineUp::Names(names) => names.clone(),
        _ => vec![framework.name.clone()],
    };
    let copy = |name: String| {
        let mut copy = framework.clone();
        if let Some(which) = name.strip_prefix(&format!("{}-", framework.name)) {
            copy.title = format!("{} ({which})", copy.title);
        }
        copy.name.clone_from(&name);
        (name, copy)
    };
    names.into_iter().map(copy).collect()
}

/// The names under which `copies` servers of one framework take part; the framework's own
/// stands for two, as the baseline runs twice.
fn names(framework: &str, copies: u32) -> Vec<String> {
    let others = (3..=copies).map(|n| format!("{framework}-copy{n}"));
    std::iter::once(framework.to_owned())
        .chain(others)
        .collect()
}

/// The name of the copy with extra work.
pub fn spinning(framework: &str) -> String {
    format!("{framework}-spin")
}

fn blank(baseline: &str, scenario: Scenario, connections: u32, protocol: Protocol) -> Experiment {
    Experiment {
        name: String::new(),
        title: String::new(),
        question: String::new(),
        baseline: baseline.to_owned(),
        frameworks: LineUp::Names(vec![baseline.to_owned()]),
        scenarios: vec![scenario],
        modes: vec![Mode {
            name: "saturation".to_owned(),
            connections,
            arrival: Arrival::Closed,
        }],
        primary: claims::usual_primary(),
        margins: claims::usual_margins(),
        full: protocol.clone(),
        quick: protocol,
        comparison: None,
        duet: None,
        spin: BTreeMap::new(),
    }
}

fn crossed(launches: u32, blocks: u32, lead_in_ms: u64, window_ms: u64) -> Protocol {
    Protocol {
        kind: ProtocolKind::Crossed,
        launches,
        blocks,
        lead_in: Duration::from_millis(lead_in_ms),
        window: Duration::from_millis(window_ms),
        starts: 0,
        interval: None,
        precision: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Schedule;

    fn declared() -> Vec<Trial> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../trials");
        let mut trials = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            trials.push(Trial::load(&entry.unwrap().path()).unwrap());
        }
        trials
    }

    #[test]
    fn the_declared_trials_are_sound() {
        let trials = declared();
        assert_eq!(trials.len(), 6);
        for trial in trials {
            let experiment = trial.experiment();
            let LineUp::Names(names) = &experiment.frameworks else {
                panic!("{}: not a list", trial.name);
            };
            let schedule = Schedule::draw(&experiment, &experiment.full, names, trial.seed);
            let pairs = experiment.pairs(&schedule, trial.seed);
            assert!(schedule.windows() + pairs.len() > 0, "{}", trial.name);
        }
    }

    #[test]
    fn the_seeds_of_no_two_tries_are_equal() {
        let mut seeds: Vec<u64> = (declared().iter())
            .flat_map(|t| (0..u64::from(t.tries)).map(|k| t.seed + k))
            .collect();
        let all = seeds.len();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), all);
    }

    #[test]
    fn bad_trials_are_refused_by_line() {
        let good = include_str!("../../trials/duet-1.yaml");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("duet-1.yaml");
        for (from, to, says, line) in [
            // A key of the design, and one of that name beside it.
            ("rate: 8000", "rate: 0", "1 to 1000000", 12),
            ("tries: 40", "rate: 40", "unknown field `rate`", 9),
            ("spin_ns: 250", "spin: 250", "unknown field `spin`", 11),
            ("looks: [24, 32,", "looks: [32, 24,", "that grow", 17),
            (
                "looks: [24, 32,",
                "looks: [6, 32,",
                "7 launches or more",
                17,
            ),
            ("tries: 40", "tries: 0", "nothing would be tried", 9),
            ("kind: duet", "kind: duel", "unknown variant", 11),
            ("name: duet-1", "name: other", "differs from", 2),
            (
                "tries: 40",
                "tries: 4294967295",
                "allowed are 1 to 10000",
                9,
            ),
            (
                "spin_ns: 250",
                "spin_ns: 0",
                "allowed are 1 to 1000000000",
                16,
            ),
            ("window_ms: 500", "window_ms: 5000000", "50 to 600000", 15),
            (
                "percent: 0.5",
                "percent: .nan",
                "allowed are 0.01 to 100",
                18,
            ),
            ("found: 36", "found: 41", "allowed are 0 to 40", 20),
        ] {
            assert!(good.contains(from), "{from}");
            std::fs::write(&path, good.replacen(from, to, 1)).unwrap();
            let err = Trial::load(&path).unwrap_err().to_string();
            let place = format!("duet-1.yaml:{line}: ");
            assert!(
                err.contains(&place) && err.contains(says),
                "{place}{to}: {err}"
            );
        }
    }
}
