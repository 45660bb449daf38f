//! What an experiment declares before its run about what will be said of it: which comparisons
//! are its primary ones, and how large a difference has to be to matter.
//!
//! Both go into the campaign file before the first window, so that nobody can choose them with
//! the results in view.

use std::collections::{BTreeMap, BTreeSet};

use place::Problem;
use record::Metric;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A metric by which two servers are compared, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Compared(Metric);

/// A metric that can be primary, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Primary(pub(super) Metric);

impl<'de> Deserialize<'de> for Compared {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(deserializer, Metric::compared().map(|(metric, _)| metric)).map(Self)
    }
}

impl<'de> Deserialize<'de> for Primary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(deserializer, Metric::primary()).map(Self)
    }
}

impl Primary {
    /// The metric of a name.
    ///
    /// # Errors
    /// Which there are.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        among(name, Metric::primary()).map(Self)
    }
}

fn one_of<'de, D: Deserializer<'de>>(
    deserializer: D,
    allowed: impl Iterator<Item = Metric>,
) -> Result<Metric, D::Error> {
    among(&String::deserialize(deserializer)?, allowed).map_err(D::Error::custom)
}

fn among(name: &str, allowed: impl Iterator<Item = Metric>) -> Result<Metric, String> {
    let allowed: Vec<Metric> = allowed.collect();
    let found = allowed.iter().find(|metric| metric.name() == name);
    found.copied().ok_or_else(|| {
        let names: Vec<String> = allowed.iter().map(|m| format!("`{}`", m.name())).collect();
        let names = names.join(", ");
        format!("unknown variant `{name}`, expected one of {names}")
    })
}

/// The primary metrics where nothing else is said: all that can be.
pub(super) fn usual_primary() -> BTreeSet<Metric> {
    Metric::primary().collect()
}

/// The margins where nothing else is said.
pub(super) fn usual_margins() -> BTreeMap<Metric, f64> {
    Metric::compared().collect()
}

/// The primary metrics: those named, or the usual ones.
pub(super) fn primary(named: Option<&[Primary]>) -> Result<BTreeSet<Metric>, Problem> {
    let Some(named) = named else {
        return Ok(usual_primary());
    };
    if named.is_empty() {
        let problem = "primary is empty: name at least one metric, or leave the key out";
        return Err(Problem::at("primary", problem));
    }
    if let Some(again) = again(named) {
        let what = format!("`{}` is named twice", named[again].0.name());
        let place = vec!["primary".into(), again.into()];
        return Err(Problem { place, what });
    }
    Ok(named.iter().map(|p| p.0).collect())
}

/// Where a list says something for the second time.
pub(super) fn again<T: Ord>(list: &[T]) -> Option<usize> {
    let mut seen = BTreeSet::new();
    list.iter().position(|item| !seen.insert(item))
}

/// The margins as relative differences: those named, the usual ones for the rest.
pub(super) fn margins(named: &BTreeMap<Compared, f64>) -> Result<BTreeMap<Metric, f64>, Problem> {
    let mut margins = usual_margins();
    for (compared, percent) in named {
        if !(0.01..=100.0).contains(percent) {
            let problem = format!("margin_percent has {percent}, allowed are 0.01 to 100");
            let problem = Problem::at(compared.0.name(), problem);
            return Err(problem.within(["margin_percent".into()]));
        }
        margins.insert(compared.0, percent / 100.0);
    }
    Ok(margins)
}
