//! The self-check: a short form of the trials by copies and by duet, in one campaign.

use catalog::Scenario;
use record::DuetKind;

use super::duet::Duet;
use crate::experiment::{Experiment, LineUp, Protocol};
use crate::trial::copies;

/// The name of the self-check, as an experiment.
pub const SELFCHECK: &str = "selfcheck";

/// The self-check over copies of a framework.
pub fn selfcheck(framework: &str) -> Experiment {
    let protocol = Protocol::crossed(6, 12, 100, 200);
    let mut experiment = Experiment::of_one(framework, Scenario::Json, 64, protocol);
    experiment.name = SELFCHECK.to_owned();
    experiment.title = "Is this machine fit to judge?".to_owned();
    experiment.question =
        "Are copies of one server told apart, and is a known extra work found?".to_owned();
    experiment.frameworks = LineUp::Names(copies(framework, 8));
    experiment.duet = Some(Duet {
        kinds: vec![DuetKind::Twins, DuetKind::Control],
        launches: 40,
        looks: Vec::new(),
        layouts: 20,
        ..Duet::full(Scenario::Json)
    });
    experiment.quick = Protocol::crossed(3, 6, 50, 100);
    experiment
}

/// The smoke test's form of its launches of two servers at a time.
pub fn quick(duet: &mut Duet) {
    let quick = Duet::quick(duet.scenario);
    (duet.launches, duet.lead_in, duet.window) = (6, quick.lead_in, quick.window);
}
