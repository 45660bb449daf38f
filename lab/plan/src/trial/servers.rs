//! Who takes part in a try of a trial: a framework, its copies, a version of it.

use std::collections::BTreeMap;
use std::path::Path;

use builder::altered::{Alteration, altered};
use builder::versions::VersionError;
use catalog::framework::Framework;

use super::{Trial, TrialDesign};
use crate::experiment::{Experiment, LineUp};

impl Trial {
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
        let alike = match &self.design {
            TrialDesign::Identical(_) => true,
            TrialDesign::Counted(design) => design.known == 0,
            _ => false,
        };
        if alike {
            let seed = self.seed_of(number);
            let version = altered(framework, self.alteration(number), seed, folder)?;
            let name = self.altered();
            let mut new = version.framework;
            new.name.clone_from(&name);
            frameworks.insert(name, new);
        }
        Ok(frameworks)
    }

    /// The name of a version that does the same.
    pub(super) fn altered(&self) -> String {
        format!("{}-new", self.framework)
    }

    /// How the version of a try was altered: tries take turns.
    fn alteration(&self, number: u32) -> Alteration {
        match number % 2 {
            1 => Alteration::Unused,
            _ => Alteration::OffPath,
        }
    }
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
pub(crate) fn copies(framework: &str, copies: u32) -> Vec<String> {
    let others = (3..=copies).map(|n| format!("{framework}-copy{n}"));
    std::iter::once(framework.to_owned())
        .chain(others)
        .collect()
}

/// The name of the copy with extra work.
pub(super) fn spinning(framework: &str) -> String {
    format!("{framework}-spin")
}
