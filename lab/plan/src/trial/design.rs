//! What one try of a trial is: an experiment, with the keys that a trial's file gives it.

use std::collections::BTreeMap;
use std::time::Duration;

use record::{Comparison, DuetKind, Metric};
use serde::Deserialize;
use stats::stopping::LOOKS;

use super::{Trial, copies, spinning};
use crate::experiment::{Experiment, LineUp, Protocol};
use crate::kinds::duet::Duet;
use crate::kinds::{Article, Crossed};

/// Below so many launches the signed-rank test has no interval at the level of looks.
const LEAST_LAUNCHES: u32 = 7;

/// What one try of a trial is: a campaign.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TrialDesign {
    /// Live copies of one server take turns; disjoint pairs of them are compared.
    Copies(Copies),
    /// A copy with extra work beside the framework, both at once.
    Duet(AtOnce),
    /// A version that does the same beside the framework, both at once.
    Identical(AtOnce),
    /// A copy with extra work and the framework take turns, in closed loop.
    Interleaved(Interleaved),
    /// Two versions by counted instructions: one with a loop of known size beside one without, or,
    /// where that is none, a version that does the same.
    Counted(Counted),
    /// Two copies of one server, one after the other, as articles do it.
    Article(Apart),
}

/// Of [`TrialDesign::Copies`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copies {
    /// An even number.
    pub copies: u32,
    /// Kept busy.
    pub connections: u32,
    /// Fresh starts.
    pub launches: u32,
    /// Over all launches.
    pub blocks: u32,
    /// Thrown away.
    pub lead_in_ms: u64,
    /// Measured.
    pub window_ms: u64,
}

/// Of [`TrialDesign::Duet`] and [`TrialDesign::Identical`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtOnce {
    /// Requests per second to each.
    pub rate: f64,
    /// To each.
    pub connections: u32,
    /// Thrown away.
    pub lead_in_ms: u64,
    /// Measured.
    pub window_ms: u64,
    /// Extra work of a request, where one of the two has any.
    pub spin_ns: Option<u64>,
    /// Numbers of launches at which to look; the last is the cap.
    pub looks: Vec<u32>,
    /// The half-width that ends a try.
    pub half_width_percent: f64,
}

/// Of [`TrialDesign::Interleaved`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interleaved {
    /// Kept busy.
    pub connections: u32,
    /// Fresh starts up to the first look.
    pub launches: u32,
    /// Thrown away.
    pub lead_in_ms: u64,
    /// Measured.
    pub window_ms: u64,
    /// Extra work of a request.
    pub spin_ns: u64,
    /// The half-width that ends a try.
    pub half_width_percent: f64,
}

/// Of [`TrialDesign::Counted`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// Open; half of them rest.
    pub connections: u32,
    /// Before the batch.
    pub warm_up: u32,
    /// Of the batch.
    pub requests: u32,
    /// Of each version.
    pub starts: u32,
    /// Extra instructions of a request, an even number.
    pub known: u32,
    /// The confidence level of the interval.
    pub level: f64,
}

/// Of [`TrialDesign::Article`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apart {
    /// Kept busy.
    pub connections: u32,
    /// Once for each server.
    pub warm_up_ms: u64,
    /// In a row.
    pub samples: u32,
    /// Of each sample.
    pub window_ms: u64,
    /// From which difference of two medians on an article would rank them apart.
    pub apart_percent: f64,
}

/// What is wrong, and with which key.
pub(super) type Objection = (&'static str, String);
/// A number with its key, the least and the most that it may be.
pub(super) type Bounded = (&'static str, f64, f64, f64);

/// A number that counts something.
pub(super) fn whole(key: &'static str, value: u64, least: f64, most: f64) -> Bounded {
    (key, value as f64, least, most)
}

fn connections(number: u32) -> Bounded {
    whole("connections", number.into(), 1.0, 20_000.0)
}

fn times(lead_in: (&'static str, u64), window: u64) -> [Bounded; 2] {
    [
        whole(lead_in.0, lead_in.1, 0.0, 600_000.0),
        whole("window_ms", window, 50.0, 600_000.0),
    ]
}

fn spin(ns: u64) -> Bounded {
    whole("spin_ns", ns, 1.0, 1e9)
}

fn width(percent: f64) -> Bounded {
    ("half_width_percent", percent, 0.01, 10_000.0)
}

impl TrialDesign {
    /// The experiment of a trial, which gets its name afterwards.
    pub(super) fn experiment(&self, trial: &Trial) -> Experiment {
        match self {
            Self::Copies(design) => design.experiment(trial),
            Self::Duet(design) => design.control(trial),
            Self::Identical(design) => design.versions(trial),
            Self::Interleaved(design) => design.experiment(trial),
            Self::Counted(design) => design.experiment(trial),
            Self::Article(design) => design.experiment(trial),
        }
    }

    /// What it cannot be, beside numbers out of bounds.
    pub(super) fn objection(&self) -> Option<Objection> {
        let says = |key, what: &str| Some((key, what.to_owned()));
        match self {
            Self::Copies(design) if design.copies < 2 || design.copies % 2 == 1 => {
                says("copies", "copies must be an even number from 2 on")
            }
            Self::Duet(design) if design.spin_ns.is_none() => {
                says("kind", "a design of kind `duet` needs `spin_ns`")
            }
            Self::Identical(design) if design.spin_ns.is_some() => says(
                "spin_ns",
                "a design of kind `identical` has no `spin_ns`: its versions do the same",
            ),
            Self::Duet(design) | Self::Identical(design) => design.objection(),
            Self::Counted(design) if design.known % 2 == 1 => says(
                "known",
                "known must be even: the loop has two instructions a turn",
            ),
            Self::Counted(design) if design.starts % 2 == 1 => says(
                "starts",
                "starts must be even: a round has two of each version",
            ),
            _ => None,
        }
    }

    /// Its numbers with their bounds.
    pub(super) fn numbers(&self) -> Vec<Bounded> {
        let mut numbers = Vec::new();
        match self {
            Self::Copies(d) => {
                numbers.extend([
                    whole("copies", d.copies.into(), 2.0, 100.0),
                    connections(d.connections),
                    whole("blocks", d.blocks.into(), 1.0, 10_000.0),
                    whole("launches", d.launches.into(), 1.0, d.blocks.into()),
                ]);
                numbers.extend(times(("lead_in_ms", d.lead_in_ms), d.window_ms));
            }
            Self::Duet(d) | Self::Identical(d) => {
                numbers.push(connections(d.connections));
                numbers.extend(d.spin_ns.map(spin));
                numbers.push(width(d.half_width_percent));
                let looks = d.looks.iter();
                numbers.extend(looks.map(|l| whole("looks", (*l).into(), 1.0, 10_000.0)));
                numbers.extend(times(("lead_in_ms", d.lead_in_ms), d.window_ms));
            }
            Self::Interleaved(d) => {
                let most = LOOKS[0] as f64;
                numbers.extend([connections(d.connections), spin(d.spin_ns)]);
                numbers.push(width(d.half_width_percent));
                numbers.push(whole("launches", d.launches.into(), 1.0, most));
                numbers.extend(times(("lead_in_ms", d.lead_in_ms), d.window_ms));
            }
            Self::Counted(d) => numbers.extend([
                whole("connections", d.connections.into(), 2.0, 20_000.0),
                whole("warm_up", d.warm_up.into(), 0.0, 1e6),
                whole("requests", d.requests.into(), 100.0, 1e6),
                whole("starts", d.starts.into(), 4.0, 1_000.0),
                whole("known", d.known.into(), 0.0, 1e9),
                ("level", d.level, 0.5, 0.9999),
            ]),
            Self::Article(d) => {
                numbers.extend([
                    connections(d.connections),
                    whole("samples", d.samples.into(), 1.0, 10_000.0),
                    ("apart_percent", d.apart_percent, 0.0, 100.0),
                ]);
                numbers.extend(times(("warm_up_ms", d.warm_up_ms), d.window_ms));
            }
        }
        numbers
    }
}

impl Copies {
    fn experiment(&self, trial: &Trial) -> Experiment {
        let protocol =
            Protocol::crossed(self.launches, self.blocks, self.lead_in_ms, self.window_ms);
        let base = &trial.framework;
        let mut experiment = Experiment::of_one(base, trial.scenario, self.connections, protocol);
        experiment.frameworks = LineUp::Names(copies(base, self.copies));
        experiment
    }
}

impl AtOnce {
    fn objection(&self) -> Option<Objection> {
        let says = |key, what: &str| Some((key, what.to_owned()));
        match &self.looks[..] {
            [] => says("looks", "looks must be numbers of launches that grow"),
            looks if looks.windows(2).any(|w| w[0] >= w[1]) => {
                says("looks", "looks must be numbers of launches that grow")
            }
            [first, ..] if *first < LEAST_LAUNCHES => says(
                "looks",
                "the first look must be at 7 launches or more: fewer have no interval at 97 %",
            ),
            _ if !(1.0..=1e6).contains(&self.rate) => {
                says("rate", "rate must be 1 to 1000000 per second")
            }
            _ => None,
        }
    }

    /// Nothing but launches of two servers at a time.
    fn experiment(&self, trial: &Trial, kind: DuetKind) -> Experiment {
        // No block is measured.
        let protocol = Protocol::crossed(0, 0, 0, 50);
        let mut experiment =
            Experiment::of_one(&trial.framework, trial.scenario, self.connections, protocol);
        experiment.duet = Some(Duet {
            scenario: trial.scenario,
            rate: self.rate,
            connections: self.connections,
            kinds: vec![kind],
            launches: self.looks.last().copied().unwrap_or_default(),
            lead_in: Duration::from_millis(self.lead_in_ms),
            window: Duration::from_millis(self.window_ms),
            spin: Duration::from_nanos(self.spin_ns.unwrap_or_default()),
            looks: self.looks.clone(),
            layouts: self.looks.first().copied().unwrap_or_default(),
            half_width: self.half_width_percent / 100.0,
        });
        experiment
    }

    fn control(&self, trial: &Trial) -> Experiment {
        self.experiment(trial, DuetKind::Control)
    }

    fn versions(&self, trial: &Trial) -> Experiment {
        let mut experiment = self.experiment(trial, DuetKind::Versions);
        let (base, new) = (trial.framework.clone(), trial.altered());
        experiment.frameworks = LineUp::Names(vec![base.clone(), new.clone()]);
        experiment.comparison = Some(Comparison {
            base,
            new,
            base_is: "the framework".to_owned(),
            new_is: "a version that does the same".to_owned(),
        });
        experiment
    }
}

impl Interleaved {
    fn experiment(&self, trial: &Trial) -> Experiment {
        let target = (Metric::CpuPerRequest, self.half_width_percent / 100.0);
        let protocol = Protocol::of(Crossed {
            launches: self.launches,
            blocks: LOOKS[0] as u32,
            lead_in: Duration::from_millis(self.lead_in_ms),
            window: Duration::from_millis(self.window_ms),
            precision: BTreeMap::from([target]),
        });
        let base = &trial.framework;
        let mut experiment = Experiment::of_one(base, trial.scenario, self.connections, protocol);
        experiment.spin = BTreeMap::from([(spinning(base), self.spin_ns)]);
        experiment.frameworks = LineUp::Names(vec![base.clone(), spinning(base)]);
        experiment
    }
}

impl Counted {
    /// Who takes part: it is measured by other means than a campaign (`lab/src/trials/counted.rs`).
    fn experiment(&self, trial: &Trial) -> Experiment {
        let protocol = Protocol::crossed(0, 0, 0, 50);
        Experiment::of_one(&trial.framework, trial.scenario, self.connections, protocol)
    }
}

impl Apart {
    fn experiment(&self, trial: &Trial) -> Experiment {
        let protocol = Protocol::of(Article {
            samples: self.samples,
            warm_up: Duration::from_millis(self.warm_up_ms),
            window: Duration::from_millis(self.window_ms),
        });
        Experiment::of_one(&trial.framework, trial.scenario, self.connections, protocol)
    }
}
