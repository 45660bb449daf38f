//! The checkout: where frameworks and experiments are found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use catalog::framework::{FILE, Framework};
use place::file::YamlError;

use super::experiment::Experiment;

/// A checkout of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    root: PathBuf,
}

/// Why something of the project cannot be found or used.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The command was not given inside of a checkout.
    #[error(
        "{} is not inside a checkout of the lab (no folder above it has frameworks/ and lab/experiments/): change into one",
        .0.display()
    )]
    NotACheckout(PathBuf),
    /// There is no framework of that name.
    #[error("there is no framework `{name}`; there are {}", known.join(", "))]
    UnknownFramework {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// There is no experiment of that name.
    #[error("there is no experiment `{name}`; there are {}, or give the path of a file", known.join(", "))]
    UnknownExperiment {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A folder given as a framework is none.
    #[error("{} is not a framework: it has no {FILE}", .0.display())]
    NotAFramework(PathBuf),
    /// A folder given as one of built servers holds none.
    #[error("{} holds no built servers: there is no NAME/{FILE} in it", .0.display())]
    NothingPrebuilt(PathBuf),
    /// A framework's or an experiment's file is bad.
    #[error(transparent)]
    File(#[from] YamlError),
    /// A folder cannot be listed.
    #[error("cannot list {}: {source}", path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
}

impl Project {
    /// Finds the checkout that a folder lies in.
    ///
    /// # Errors
    /// [`ProjectError::NotACheckout`].
    pub fn find(from: &Path) -> Result<Self, ProjectError> {
        from.ancestors()
            .find(|p| p.join("frameworks").is_dir() && p.join("lab/experiments").is_dir())
            .map(|root| Self {
                root: root.to_owned(),
            })
            .ok_or_else(|| ProjectError::NotACheckout(from.to_owned()))
    }

    /// The checkout's top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the Go servers share.
    fn kit(&self) -> PathBuf {
        self.root.join("frameworks/kit")
    }

    /// Where the servers are built.
    pub fn build_folder(&self) -> PathBuf {
        self.root.join("target/servers")
    }

    /// All frameworks of the checkout and of `extra` folders, by name.
    ///
    /// An extra folder may be a framework or hold frameworks; one that has the name of a
    /// framework of the checkout takes its place.
    ///
    /// # Errors
    /// [`ProjectError`] at the first folder that cannot be used.
    pub fn frameworks(
        &self,
        extra: &[PathBuf],
    ) -> Result<BTreeMap<String, Framework>, ProjectError> {
        let mut found = BTreeMap::new();
        for folder in framework_folders(&self.root.join("frameworks"))? {
            let mut framework = Framework::load(&folder)?;
            framework.origin.kit = Some(self.kit());
            found.insert(framework.name.clone(), framework);
        }
        found.extend(self.frameworks_outside(extra)?);
        Ok(found)
    }

    /// The frameworks of folders outside of the checkout, by name.
    ///
    /// # Errors
    /// As [`Self::frameworks`].
    pub fn frameworks_outside(
        &self,
        folders: &[PathBuf],
    ) -> Result<BTreeMap<String, Framework>, ProjectError> {
        let mut found = BTreeMap::new();
        for folder in folders {
            let folder = folder.canonicalize().map_err(|source| ProjectError::List {
                path: folder.clone(),
                source,
            })?;
            let folders = if is_framework(&folder) {
                vec![folder]
            } else {
                let inside = framework_folders(&folder)?;
                if inside.is_empty() {
                    return Err(ProjectError::NotAFramework(folder));
                }
                inside
            };
            for folder in folders {
                let mut framework = Framework::load(&folder)?;
                framework.origin.kit = Some(self.kit());
                framework.origin.outside = !folder.starts_with(&self.root);
                found.insert(framework.name.clone(), framework);
            }
        }
        Ok(found)
    }

    /// The frameworks of a folder whose servers are already built, by name: `NAME/framework.yaml`
    /// and `NAME/bin/NAME`.
    ///
    /// # Errors
    /// As [`Self::frameworks`].
    pub fn frameworks_prebuilt(folder: &Path) -> Result<BTreeMap<String, Framework>, ProjectError> {
        let folders = framework_folders(folder)?;
        if folders.is_empty() {
            return Err(ProjectError::NothingPrebuilt(folder.to_owned()));
        }
        let mut found = BTreeMap::new();
        for folder in folders {
            let framework = Framework::load_prebuilt(&folder)?;
            found.insert(framework.name.clone(), framework);
        }
        Ok(found)
    }

    /// The experiment of a name, or in a file.
    ///
    /// # Errors
    /// [`ProjectError`] when there is none or it cannot be used.
    pub fn experiment(&self, name: &str) -> Result<Experiment, ProjectError> {
        if name.ends_with(".yaml") {
            return Ok(Experiment::load(Path::new(name))?);
        }
        let path = self
            .root
            .join("lab/experiments")
            .join(format!("{name}.yaml"));
        if !path.exists() {
            return Err(ProjectError::UnknownExperiment {
                name: name.to_owned(),
                known: self.experiments()?,
            });
        }
        Ok(Experiment::load(&path)?)
    }

    /// The names of all experiments.
    ///
    /// # Errors
    /// [`ProjectError::List`].
    pub fn experiments(&self) -> Result<Vec<String>, ProjectError> {
        let mut names: Vec<_> = entries(&self.root.join("lab/experiments"))?
            .into_iter()
            // Not an editor's lock file, which is a link to nothing.
            .filter(|p| p.extension().is_some_and(|e| e == "yaml") && p.is_file())
            .filter_map(|p| Some(p.file_stem()?.to_string_lossy().into_owned()))
            .collect();
        names.sort();
        Ok(names)
    }
}

/// Picks frameworks and variants (`hertz@sonic`) by name, in the order of their names; all
/// frameworks when none is named.
///
/// # Errors
/// [`ProjectError::UnknownFramework`].
pub fn pick(
    all: &BTreeMap<String, Framework>,
    names: &[String],
) -> Result<BTreeMap<String, Framework>, ProjectError> {
    if names.is_empty() {
        return Ok(all.clone());
    }
    names
        .iter()
        .map(|name| {
            all.get(name)
                .cloned()
                .or_else(|| variant(all, name))
                .map(|f| (name.clone(), f))
                .ok_or_else(|| ProjectError::UnknownFramework {
                    name: name.clone(),
                    known: with_variants(all.clone()).into_keys().collect(),
                })
        })
        .collect()
}

/// Adds the variants of the frameworks.
pub fn with_variants(mut chosen: BTreeMap<String, Framework>) -> BTreeMap<String, Framework> {
    let variants: Vec<_> = chosen.values().flat_map(Framework::variants).collect();
    chosen.extend(variants.into_iter().map(|f| (f.name.clone(), f)));
    chosen
}

fn variant(all: &BTreeMap<String, Framework>, name: &str) -> Option<Framework> {
    let (framework, _) = name.split_once('@')?;
    all.get(framework)?.variants().find(|f| f.name == name)
}

/// Whether a folder says that it is a framework; what stands there need be no file, which whoever
/// reads it tells.
fn is_framework(folder: &Path) -> bool {
    folder.join(FILE).symlink_metadata().is_ok()
}

fn framework_folders(path: &Path) -> Result<Vec<PathBuf>, ProjectError> {
    let mut folders = entries(path)?;
    folders.retain(|p| is_framework(p));
    folders.sort();
    Ok(folders)
}

fn entries(path: &Path) -> Result<Vec<PathBuf>, ProjectError> {
    std::fs::read_dir(path)
        .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect())
        .map_err(|source| ProjectError::List {
            path: path.to_owned(),
            source,
        })
}
