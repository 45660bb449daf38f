//! An experiment's file: what may stand in it, and the experiment that it makes.

use std::collections::BTreeMap;
use std::path::Path;

use catalog::Scenario;
use place::Problem;
use place::file::{YamlError, YamlFile};
use record::{Class, ModeKind};
use serde::Deserialize;

use super::{Arrival, Experiment, LineUp, Mode};
use crate::claims::{self, Compared, Primary};
use crate::kinds::keys::WireProtocol;
use crate::protocol::{self, WireStartup};

const SCHEMA: &str = "experiment/1";

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
    #[serde(default)]
    known: Vec<String>,
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
    share_percent: Option<f64>,
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
            protocol.plan().suits(&modes, &primary)?;
            Ok(protocol)
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
            known: wire.known,
            frameworks,
            scenarios: wire.scenarios,
            modes,
            comparison: None,
            duet: None,
            spin: BTreeMap::new(),
            claims: None,
        })
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
pub(super) fn not_among(baseline: &str, names: &[String]) -> String {
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
    if let (ModeKind::Saturation | ModeKind::Rate, Some(_)) = (wire.kind, wire.share_percent) {
        let what = format!(
            "mode `{}` is not of kind `share` and has no share",
            wire.name
        );
        return bad("share_percent", what);
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
        (ModeKind::Share, Some(_)) => {
            let what = "a mode of kind `share` has no rate: it follows from share_percent";
            return bad("rate", what.to_owned());
        }
        (ModeKind::Share, None) => Arrival::Share(share_of(&wire, before)?),
    };
    Ok(Mode {
        name: wire.name,
        connections: wire.connections,
        arrival,
    })
}

/// The part of each server's own capacity, which a mode before has to measure.
fn share_of(wire: &WireMode, before: &[Mode]) -> Result<f64, Problem> {
    let Some(percent) = wire.share_percent else {
        let what = format!("mode `{}` of kind `share` needs share_percent", wire.name);
        return Err(Problem::at("kind", what));
    };
    if !(1.0..=100.0).contains(&percent) {
        let what = format!("share_percent is {percent}, allowed are 1 to 100");
        return Err(Problem::at("share_percent", what));
    }
    if !before.iter().any(|mode| mode.arrival == Arrival::Closed) {
        let what = format!(
            "mode `{}` offers a share of what each server answers at saturation: put a mode of kind `saturation` before it",
            wire.name
        );
        return Err(Problem::at("kind", what));
    }
    Ok(percent / 100.0)
}
