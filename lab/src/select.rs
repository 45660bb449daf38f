//! The words that `bench`, `plan` and `check` share: which experiment, which frameworks.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail};
use catalog::Framework;
use catalog::Scenario;
use plan::{Experiment, Project, project};
use record::Repetition;

/// The checkout that the command was given in.
pub fn here() -> anyhow::Result<Project> {
    let folder = std::env::current_dir().context("the current folder cannot be read")?;
    Ok(Project::find(&folder)?)
}

/// Which experiment, with which part of it.
#[derive(clap::Args)]
pub struct Selection {
    /// The experiment: a name from lab/experiments, or the path of a .yaml file
    #[arg(default_value = "headline")]
    experiment: String,
    /// Cut windows and blocks down to a smoke test (too few blocks to judge by)
    #[arg(long)]
    pub quick: bool,
    /// Go on until each primary ratio is precise (by default to +-2 % in CPU time per request,
    /// 3 % in requests/s, 10 % in p99), looking after 12, 16, 20, 30 and 40 blocks
    #[arg(long, conflicts_with = "quick")]
    pub precise: bool,
    /// Only these frameworks, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "NAMES", value_parser = trimmed)]
    pub frameworks: Vec<String>,
    /// Also the variants of these frameworks (one alone is named like hertz@sonic)
    #[arg(long)]
    variants: bool,
    /// Only these scenarios, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "NAMES", value_parser = trimmed)]
    scenarios: Vec<String>,
    /// Also a framework from outside of the checkout: its folder, or one that holds several
    #[arg(long, value_name = "DIR")]
    pub framework_dir: Vec<PathBuf>,
    /// The seed of every random order; drawn from the clock where absent, and recorded
    #[arg(long)]
    pub seed: Option<u64>,
    /// Take the servers from a folder where they are already built, DIR/NAME/bin/NAME beside
    /// DIR/NAME/framework.yaml, instead of building those of the checkout
    #[arg(long, value_name = "DIR")]
    frameworks_from: Option<PathBuf>,
    /// Make this the Nth of several campaigns that share the seed, each with its own orders drawn
    /// from the seed and N; `lab collect` makes one campaign of them
    #[arg(long, value_name = "N", requires = "seed", value_parser = clap::value_parser!(u32).range(1..))]
    repetition: Option<u32>,
}

/// A selection, resolved.
pub struct Selected {
    pub experiment: Experiment,
    pub frameworks: BTreeMap<String, Framework>,
    pub seed: u64,
    pub repetition: Option<Repetition>,
}

impl Selection {
    /// The experiment, narrowed to what is asked for.
    pub fn experiment(&self, project: &Project) -> anyhow::Result<Experiment> {
        let mut experiment = project.experiment(&self.experiment)?;
        // Named before anything is measured, as the primary comparisons are.
        experiment.claims = ::claims::digest_of(&project.root().join(::claims::FOLDER))?;
        if self.precise {
            let Some(crossed) = experiment.full.kind.as_crossed() else {
                bail!(
                    "experiment `{}` takes a fixed number of windows: --precise needs one of kind `crossed`",
                    experiment.name
                );
            };
            crossed.be_precise(&experiment.primary);
        }
        if !self.scenarios.is_empty() {
            experiment.scenarios = narrowed(&experiment, &self.scenarios)?;
        }
        Ok(experiment)
    }

    /// Looks everything up.
    pub fn resolve(&self, project: &Project) -> anyhow::Result<Selected> {
        let experiment = self.experiment(project)?;
        let all = self.known(project)?;
        let names = match &self.frameworks[..] {
            // Who names a folder wants it measured beside those of the experiment.
            [] => {
                let outside = project.frameworks_outside(&self.framework_dir)?;
                let listed = experiment.frameworks.names(&all);
                let names: Vec<_> = listed.into_iter().chain(outside.into_keys()).collect();
                // Who names frameworks may want none of them compared.
                if let Some(problem) = experiment.lacks_baseline(&names) {
                    bail!("experiment `{}` cannot be run: {problem}", experiment.name);
                }
                names
            }
            named => named.to_vec(),
        };
        let seed = self.seed_or_now();
        let repetition = (self.repetition).map(|number| Repetition {
            family: seed,
            number,
        });
        let mut frameworks = project::pick(&all, &names)?;
        if self.variants {
            frameworks = project::with_variants(frameworks);
        }
        Ok(Selected {
            frameworks,
            experiment,
            seed: repetition.map_or(seed, Repetition::seed),
            repetition,
        })
    }

    /// Every framework that can be asked for.
    fn known(&self, project: &Project) -> anyhow::Result<BTreeMap<String, Framework>> {
        let Some(folder) = &self.frameworks_from else {
            return Ok(project.frameworks(&self.framework_dir)?);
        };
        let mut known = Project::frameworks_prebuilt(folder)?;
        known.extend(project.frameworks_outside(&self.framework_dir)?);
        Ok(known)
    }

    /// The only scenario that is asked for, and `json` where none is.
    pub fn one_scenario(&self) -> anyhow::Result<Scenario> {
        match &self.scenarios[..] {
            [] => Ok(Scenario::Json),
            [only] => Ok(only.parse()?),
            _ => bail!("instructions are counted for one scenario: name one by --scenarios"),
        }
    }

    /// Of the words that were given those that only a campaign heeds.
    pub fn for_campaigns(&self) -> Vec<&'static str> {
        let given = [
            (self.precise, "--precise"),
            (self.variants, "--variants"),
            (self.frameworks_from.is_some(), "--frameworks-from"),
            (self.repetition.is_some(), "--repetition"),
        ];
        (given.into_iter())
            .filter_map(|(is_given, word)| is_given.then_some(word))
            .collect()
    }

    /// The experiment's name, as it was given.
    pub fn name(&self) -> &str {
        &self.experiment
    }

    /// The seed that was given, or one of the clock.
    pub fn seed_or_now(&self) -> u64 {
        self.seed.unwrap_or_else(seed_of_now)
    }
}

/// A name of a list, without the space that stands before it in `"gin, echo"`.
fn trimmed(word: &str) -> Result<String, String> {
    match word.trim() {
        "" => Err("a name of the list is empty".to_owned()),
        name => Ok(name.to_owned()),
    }
}

/// `; did you mean `gin`?`, if a known name is near.
pub fn meant(name: &str, known: &[&str]) -> String {
    let near = analysis::text::nearest(name, known);
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

fn narrowed(experiment: &Experiment, names: &[String]) -> anyhow::Result<Vec<Scenario>> {
    for name in names {
        if !experiment.scenarios.iter().any(|s| s.name() == name) {
            let known: Vec<_> = experiment.scenarios.iter().map(|s| s.name()).collect();
            bail!(
                "experiment `{}` has no scenario `{name}`; it has {}{}",
                experiment.name,
                known.join(", "),
                meant(name, &known)
            );
        }
    }
    let mut scenarios = experiment.scenarios.clone();
    scenarios.retain(|s| names.iter().any(|n| n == s.name()));
    Ok(scenarios)
}

pub fn seed_of_now() -> u64 {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    now.as_nanos() as u64
}
