//! `lab bench --compare`: two versions of one framework in one campaign.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail};
use builder::versions::{self, Replacement, Version};
use catalog::Scenario;
use catalog::framework::Feature;
use plan::experiment::LineUp;
use plan::kinds::duet::Duet;
use plan::{Project, project};
use record::Comparison;

use crate::select::{Selected, Selection};

/// Which two versions.
#[derive(clap::Args)]
pub struct Compare {
    /// Compare two versions of one framework: a git revision (with --frameworks NAME: the
    /// framework's folder at that revision against the working tree), or a framework's name
    /// (with --replace)
    ///
    /// CPU time per request is measured with both versions at once (a duet), with an A/A and a
    /// positive control in the same run; capacity, latency, startup and memory by the windows
    /// of the experiment, one version at a time. A duet asks one scenario: `json`, or the only
    /// one of --scenarios.
    #[arg(long, value_name = "REV|NAME", conflicts_with_all = ["resume", "frameworks_from", "repetition"])]
    compare: Option<String>,
    /// With --compare NAME, the same framework with one of its modules replaced: by a working
    /// copy (MODULE=FOLDER) or by another version (MODULE@VERSION, MODULE=OTHER@VERSION)
    #[arg(long, value_name = "MODULE=FOLDER", requires = "compare")]
    replace: Option<String>,
    /// With --compare, count instructions instead of taking times, as `lab count` does: a minute, on a
    /// machine that others use, and a verdict on instructions alone
    #[arg(long, requires = "compare", conflicts_with_all = ["precise", "host", "server_host"])]
    count: bool,
}

impl Compare {
    /// As `lab count` asks for it.
    pub fn of(compare: &str, replace: Option<&str>) -> Self {
        Self {
            compare: Some(compare.to_owned()),
            replace: replace.map(str::to_owned),
            count: true,
        }
    }

    /// What is compared by counted instructions, and what is replaced in it; nothing where times are
    /// taken.
    pub fn counted(&self) -> Option<(&str, Option<&str>)> {
        let compare = self.compare.as_deref().filter(|_| self.count)?;
        Some((compare, self.replace.as_deref()))
    }

    /// Whether a comparison is asked for.
    pub fn is_wanted(&self) -> bool {
        self.compare.is_some()
    }

    /// Turns an experiment into the comparison that is asked for.
    pub fn resolve(&self, project: &Project, words: &Selection) -> anyhow::Result<Selected> {
        let mut experiment = words.experiment(project)?;
        if experiment.full.kind.as_crossed().is_none() {
            bail!(
                "experiment `{}` has one server after the other, which compares nothing: --compare needs one of kind `crossed`",
                experiment.name
            );
        }
        let (base, new) = self.versions(project, &words.framework_dir, &words.frameworks)?;
        let name = base.framework.name.clone();
        let scenario = match experiment.scenarios[..] {
            [only] => only,
            ref several if several.contains(&Scenario::Json) => Scenario::Json,
            ref several => several[0],
        };
        let mut duet = match words.quick {
            true => Duet::quick(scenario),
            false => Duet::full(scenario),
        };
        let supports = &base.framework.supports;
        if !supports.contains(&Feature::Spin) || !supports.contains(&Feature::Probe) {
            duet.kinds.retain(|kind| *kind != record::DuetKind::Control);
        }
        let comparison = Comparison {
            new: format!("{name}-new"),
            base: name,
            base_is: base.is,
            new_is: new.is,
        };
        let (mut base, mut new) = (base.framework, new.framework);
        experiment.name = "compare".to_owned();
        experiment.title = format!("Two versions of {}", base.title);
        experiment.question = format!(
            "What does {} change against {}?",
            comparison.new_is, comparison.base_is
        );
        new.name.clone_from(&comparison.new);
        (base.title, new.title) = (
            format!("{} (base)", base.title),
            format!("{} (new)", new.title),
        );
        experiment.baseline.clone_from(&comparison.base);
        experiment.frameworks = LineUp::Names(vec![base.name.clone(), new.name.clone()]);
        experiment.comparison = Some(comparison);
        experiment.duet = Some(duet);
        Ok(Selected {
            experiment,
            frameworks: BTreeMap::from([base, new].map(|f| (f.name.clone(), f))),
            seed: words.seed_or_now(),
            repetition: None,
        })
    }

    /// The base and the new version.
    pub fn versions(
        &self,
        project: &Project,
        framework_dir: &[PathBuf],
        frameworks: &[String],
    ) -> anyhow::Result<(Version, Version)> {
        let what = self
            .compare
            .as_deref()
            .context("no comparison is asked for")?;
        let all = project.frameworks(framework_dir)?;
        let one = |name: &str| {
            let picked = project::pick(&all, &[name.to_owned()])?;
            let mut picked = picked.into_values();
            picked
                .next()
                .context("a framework that was picked is there")
        };
        let folder = project.build_folder().join("versions");
        match (&self.replace, frameworks) {
            (Some(replacement), []) => {
                let framework = one(what)?;
                let here = std::env::current_dir().context("the current folder cannot be read")?;
                let replacement = Replacement::parse(replacement, &here)?;
                let new = versions::replaced(&framework, &replacement, &folder)?;
                let is = "the version that is pinned".to_owned();
                Ok((Version { framework, is }, new))
            }
            (None, [name]) => {
                let framework = one(name)?;
                let base = versions::at_revision(project.root(), &framework, what, &folder)?;
                let is = "the working tree".to_owned();
                Ok((base, Version { framework, is }))
            }
            (Some(_), _) => bail!(
                "--compare NAME --replace says itself which framework: leave --frameworks out"
            ),
            (None, _) => bail!(
                "--compare {what} needs one framework, to compare it with itself at that revision (--frameworks NAME), or a framework's name with --replace"
            ),
        }
    }
}
