//! The campaign that a try of a trial is, and who takes part in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use builder::altered::{Alteration, altered};
use builder::versions::VersionError;
use catalog::Scenario;
use catalog::framework::Framework;
use record::{Comparison, DuetKind, Metric, ProtocolKind};
use stats::stopping::LOOKS;

use super::{SELFCHECK, Trial, TrialDesign};
use crate::claims;
use crate::duet::Duet;
use crate::experiment::{Arrival, Experiment, LineUp, Mode, Protocol};

impl Trial {
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
        claims: None,
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
