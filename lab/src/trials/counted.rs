//! A try by counted instructions: no campaign, but a comparison as `lab count` makes it.

use std::fs;
use std::path::Path;
use std::time::Instant;

use ::count::verdict::{Compared, Control, Direction};
use ::count::{Measured, Protocol, Role, Subjects};
use analysis::trials::Tried;
use anyhow::{Context, bail};
use catalog::Framework;
use plan::Project;
use plan::trial::{Counted as Design, Trial, TrialDesign};

use super::table::Try;
use crate::Answer;
use crate::count::Counter;
use crate::count::prepare::prepare;

/// The columns of the table behind the rows.
pub const COLUMNS: &str = "try,round,role,instructions,monitor,dry,requests";

/// What came of a try.
pub struct Counted {
    pub row: Try,
    pub tried: Tried,
    pub starts: Vec<String>,
}

/// Makes one try; the answer where it came to no end.
pub fn one(
    project: &Project,
    trial: &Trial,
    framework: &Framework,
    number: u32,
    place: &Path,
) -> anyhow::Result<Result<Counted, Answer>> {
    let TrialDesign::Counted(design) = &trial.design else {
        bail!("trial `{}` is none by counted instructions", trial.name);
    };
    let known = design.known;
    fs::create_dir_all(place).with_context(|| format!("cannot create {}", place.display()))?;
    let protocol = protocol(design);
    let versions = trial.frameworks(framework, number, &place.join("version"))?;
    let base = prepare(project, &versions[&framework.name], "base")?;
    let new = match known {
        0 => prepare(
            project,
            &versions[&format!("{}-new", framework.name)],
            "new",
        )?,
        _ => prepare(project, &versions[&framework.name], "base")?,
    };
    let counter = Counter::find(project)?;
    let seed = trial.seed_of(number);
    let subjects = Subjects {
        base: base.subject,
        new: new.subject,
    };
    // From here on, as a user waits for it after the build.
    let begun = Instant::now();
    let starts = match counter.starts(&protocol, &subjects, trial.scenario, seed)? {
        Ok(starts) => starts,
        Err(answer) => return Ok(Err(answer)),
    };
    let seconds = begun.elapsed().as_secs_f64();
    let numbers = |role| -> Vec<f64> {
        let these = starts.iter().filter(|m| m.role == role);
        these.map(|m| m.instructions).collect()
    };
    let name = &framework.name;
    let (compared, truth, what) = match known {
        0 => {
            let (base, new) = (numbers(Role::Base), numbers(Role::New));
            let compared = Compared::of(&base, &new, protocol.level)?;
            (compared, 1.0, format!("instructions {name}-new/{name}"))
        }
        known => {
            let (base, new) = (numbers(Role::Reference), numbers(Role::Control));
            let compared = Compared::of(&base, &new, protocol.level)?;
            let control = Control::of(known.into(), compared, None);
            (
                compared,
                control.truth,
                format!("instructions {name}-control/{name}"),
            )
        }
    };
    let rows = starts.iter().map(|one| row(number, one)).collect();
    Ok(Ok(Counted {
        row: Try {
            seed,
            id: format!("{}-{number:03}", trial.name),
            seconds: Some(seconds),
        },
        tried: Tried {
            what,
            n: compared.base_starts.min(compared.new_starts),
            ratio: compared.ratio,
            interval: Some([compared.low, compared.high, compared.level]),
            truth: Some(truth),
            found: compared.direction() != Direction::None,
        },
        starts: rows,
    }))
}

fn row(number: u32, one: &Measured) -> String {
    let monitor = one.monitor.map_or_else(String::new, |n| format!("{n:.1}"));
    format!(
        "{number},{},{},{:.2},{monitor},{},{}",
        one.round,
        one.role.name(),
        one.instructions,
        one.dry,
        one.requests
    )
}

fn protocol(design: &Design) -> Protocol {
    let Design {
        connections,
        warm_up,
        requests,
        starts,
        known,
        level,
    } = *design;
    let (base, new) = match known {
        0 => (Role::Base, Role::New),
        _ => (Role::Reference, Role::Control),
    };
    Protocol {
        connections: connections as usize,
        resting: connections as usize / 2,
        warm_up: warm_up.into(),
        requests: requests.into(),
        rounds: starts / 2,
        round: vec![base, base, new, new],
        level,
        known: known.into(),
        ..Protocol::default()
    }
}
