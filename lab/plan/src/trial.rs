//! Trials of the lab itself: experiments whose true answer is known, with what has to come out
//! of them, and seeds that are declared before they run.

mod design;
mod servers;
#[cfg(test)]
mod tests;

use std::path::Path;

use catalog::Scenario;
use place::Problem;
use place::file::{YamlError, YamlFile};
use serde::Deserialize;

use crate::experiment::Experiment;
use design::{Bounded, Objection, whole};

pub use design::{Apart, AtOnce, Copies, Counted, Interleaved, TrialDesign};
pub(crate) use servers::copies;
pub use servers::named;
use servers::spinning;

const SCHEMA: &str = "trial/1";

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
        if path.file_stem().is_none_or(|stem| *stem != *trial.name) {
            return bad("name", "name differs from that of the file");
        }
        if trial.tries == 0 {
            return bad("tries", "tries is 0: nothing would be tried");
        }
        let within = |part: &str, (key, what): Objection| {
            Err(file.refuse(Problem::at(key, what).within([part.into()])))
        };
        if let Some(objection) = trial.design.objection() {
            return within("design", objection);
        }
        let demand = &trial.demand;
        let numbers = [
            ("", vec![whole("tries", trial.tries.into(), 1.0, 10_000.0)]),
            ("demand", demand.numbers(trial.tries)),
            ("design", trial.design.numbers()),
        ];
        for (part, numbers) in numbers {
            match (part, beyond(numbers)) {
                (_, None) => {}
                ("", Some((key, what))) => return bad(key, &what),
                (part, Some(objection)) => return within(part, objection),
            }
        }
        Ok(trial)
    }

    /// The campaign of a try, over [`Self::frameworks`].
    pub fn experiment(&self) -> Experiment {
        Experiment {
            name: self.name.clone(),
            title: self.title.clone(),
            question: self.question.clone(),
            ..self.design.experiment(self)
        }
    }

    /// The seed of a try, which are numbered from 1.
    pub fn seed_of(&self, number: u32) -> u64 {
        self.seed + u64::from(number) - 1
    }
}

impl Demand {
    fn numbers(&self, tries: u32) -> Vec<Bounded> {
        let seconds = self.seconds.map(|s| ("seconds", s, 1.0, 86_400.0));
        let counts = [("found", self.found), ("holds", self.holds)]
            .map(|(key, n)| n.map(|n| whole(key, n.into(), 0.0, tries.into())));
        (seconds.into_iter())
            .chain(counts.into_iter().flatten())
            .collect()
    }
}

/// The first number that ends a loop, or is a share or a time, and cannot be what it is; also one
/// that is not a number.
fn beyond(numbers: Vec<Bounded>) -> Option<Objection> {
    (numbers.into_iter())
        .find(|(_, value, least, most)| !(least..=most).contains(&value))
        .map(|(key, value, least, most)| {
            let what = format!("{key} is {value}, allowed are {least} to {most}");
            (key, what)
        })
}
