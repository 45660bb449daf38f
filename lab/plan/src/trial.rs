//! Trials of the lab itself: campaigns whose true answer is known, with seeds that are
//! declared before they run.

mod experiment;
#[cfg(test)]
mod tests;

use std::path::Path;

use catalog::Scenario;
use place::Problem;
use place::file::{YamlError, YamlFile};
use serde::Deserialize;
use stats::stopping::LOOKS;

pub use experiment::{named, selfcheck, spinning};

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
    /// Two versions by counted instructions: one with a loop of known size beside one without, or,
    /// where that is none, a version that does the same.
    Counted {
        /// Open; half of them rest.
        connections: u32,
        /// Before the batch.
        warm_up: u32,
        /// Of the batch.
        requests: u32,
        /// Of each version.
        starts: u32,
        /// Extra instructions of a request, an even number.
        known: u32,
        /// The confidence level of the interval.
        level: f64,
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
            TrialDesign::Counted { known, .. } if known % 2 == 1 => bad_design(
                "known",
                "known must be even: the loop has two instructions a turn",
            ),
            TrialDesign::Counted { starts, .. } if starts % 2 == 1 => bad_design(
                "starts",
                "starts must be even: a round has two of each version",
            ),
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
            TrialDesign::Counted {
                connections: n,
                warm_up,
                requests,
                starts,
                known,
                level,
            } => {
                numbers.extend([
                    whole("connections", (*n).into(), 2.0, 20_000.0),
                    whole("warm_up", (*warm_up).into(), 0.0, 1e6),
                    whole("requests", (*requests).into(), 100.0, 1e6),
                    whole("starts", (*starts).into(), 4.0, 1_000.0),
                    whole("known", (*known).into(), 0.0, 1e9),
                    ("level", *level, 0.5, 0.9999),
                ]);
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
}
