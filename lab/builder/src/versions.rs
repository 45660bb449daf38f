//! Another version of a framework, made in a folder of the lab's own: the user's tree is never
//! touched.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use catalog::framework::{FILE, Framework, Origin};
use place::file::YamlError;
use serde::Deserialize;
use sys::stderr;

use super::git::{self, GitError};
use crate::{go, key};

/// The module of the kit, which every server in Go has.
const KIT: &str = "bench.lab/kit";

/// Why there is no other version.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// Git does not know the revision.
    #[error(
        "there is no git revision `{revision}` in {}: `git log --oneline` lists what there is; --compare with the name of a framework needs --replace",
        root.display()
    )]
    UnknownRevision {
        /// What was asked for.
        revision: String,
        /// The checkout.
        root: PathBuf,
    },
    /// Git does not say.
    #[error("the revision `{revision}` cannot be looked up: {source}")]
    Git {
        /// What was asked for.
        revision: String,
        /// Why not.
        source: GitError,
    },
    /// The framework was not there yet.
    #[error("revision {revision} has no frameworks/{name}: choose one that has it")]
    NotThen {
        /// The framework.
        name: String,
        /// The revision.
        revision: String,
    },
    /// The framework is not part of the checkout.
    #[error(
        "{name} lies in {}, outside of the checkout, whose revisions say nothing of it: use --replace",
        folder.display()
    )]
    Outside {
        /// The framework.
        name: String,
        /// Its folder.
        folder: PathBuf,
    },
    /// `--replace` is not understood.
    #[error(
        "--replace takes MODULE=FOLDER, MODULE=MODULE@VERSION or MODULE@VERSION, such as github.com/gin-gonic/gin=../my-checkout, not `{0}`"
    )]
    Replacement(String),
    /// The folder of a replacement is no module.
    #[error("{} is no Go module: it has no go.mod", .0.display())]
    NoModule(PathBuf),
    /// The framework has nothing to do with the module.
    #[error(
        "{name} does not use the module {module}, so replacing it would compare {name} with itself; it uses {}",
        used.join(", ")
    )]
    Unused {
        /// The framework.
        name: String,
        /// The module.
        module: String,
        /// What it uses, directly.
        used: Vec<String>,
    },
    /// A program said no.
    #[error("`{command}` failed{}: {words}", place.as_ref().map_or_else(String::new, |p| format!(" in {}", p.display())))]
    Command {
        /// What was run.
        command: String,
        /// Where.
        place: Option<PathBuf>,
        /// What it said, on one line.
        words: String,
    },
    /// What a program said cannot be read.
    #[error("cannot read what `go mod edit -json` says of {}: {problem}", path.display())]
    Unreadable {
        /// The framework's copy.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A folder could not be made or emptied.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// The framework's file is bad.
    #[error(transparent)]
    File(#[from] YamlError),
}

/// The folder of the modules that servers of class `reference` are built from, beside `frameworks`.
const BESIDE: &str = "reference";

/// A version of a framework that is not the one in its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The framework, under its own name.
    pub framework: Framework,
    /// Which version it is, in words.
    pub is: String,
}

/// A framework as it was at a revision, with the kit of that revision.
///
/// # Errors
/// [`VersionError`] when git has no such revision or it has no such framework.
pub fn at_revision(
    root: &Path,
    framework: &Framework,
    revision: &str,
    folder: &Path,
) -> Result<Version, VersionError> {
    let name = &framework.name;
    if framework.folder.parent() != Some(&root.join("frameworks")) {
        return Err(VersionError::Outside {
            name: name.clone(),
            folder: framework.folder.clone(),
        });
    }
    let failed = |source| VersionError::Git {
        revision: revision.to_owned(),
        source,
    };
    let commit = git::commit(root, revision).map_err(failed)?;
    let commit = commit.ok_or_else(|| VersionError::UnknownRevision {
        revision: revision.to_owned(),
        root: root.to_owned(),
    })?;
    let short = git::ask(root, &["rev-parse", "--short", &commit]).map_err(failed)?;
    let short = short.trim();
    fresh(folder)?;
    let archive = folder.join("frameworks.tar");
    let mut git = git::command(root);
    git.args(["archive", "--format=tar"]);
    git.arg("-o").arg(&archive);
    git.args([short, "frameworks"]);
    // Designs that servers are built from lie beside; older revisions have none.
    let has = git::ask(root, &["ls-tree", "--name-only", short, BESIDE]).map_err(failed)?;
    if !has.trim().is_empty() {
        git.arg(BESIDE);
    }
    run(git, None)?;
    let mut tar = Command::new("tar");
    tar.arg("-xf").arg(&archive).arg("-C").arg(folder);
    run(tar, None)?;
    let then = folder.join("frameworks").join(name);
    if !then.join(FILE).is_file() {
        return Err(VersionError::NotThen {
            name: name.clone(),
            revision: revision.to_owned(),
        });
    }
    let mut framework = Framework::load(&then)?;
    framework.origin.kit = Some(folder.join("frameworks/kit"));
    framework.origin.earlier = true;
    Ok(Version {
        framework,
        is: if revision.starts_with(short) {
            format!("revision {short}")
        } else {
            format!("revision {revision} ({short})")
        },
    })
}

/// A module in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    module: String,
    by: By,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    Folder(PathBuf),
    Version { module: String, version: String },
}

impl Replacement {
    /// Reads `MODULE=FOLDER`, `MODULE=MODULE@VERSION` or `MODULE@VERSION`; a folder is looked
    /// for from `here`.
    ///
    /// # Errors
    /// [`VersionError::Replacement`], or [`VersionError::NoModule`] for a folder without go.mod.
    pub fn parse(words: &str, here: &Path) -> Result<Self, VersionError> {
        let bad = || VersionError::Replacement(words.to_owned());
        let versioned = |module: &str, by: &str| {
            let (other, version) = by.split_once('@')?;
            let other = if other.is_empty() { module } else { other };
            (!module.is_empty() && !version.is_empty()).then(|| Self {
                module: module.to_owned(),
                by: By::Version {
                    module: other.to_owned(),
                    version: version.to_owned(),
                },
            })
        };
        let Some((module, by)) = words.split_once('=') else {
            let module = words.split_once('@').map_or("", |(module, _)| module);
            return versioned(module, words).ok_or_else(bad);
        };
        if module.is_empty() || module.contains('@') || by.is_empty() {
            return Err(bad());
        }
        let folder = here.join(by);
        if by.contains('@') && !folder.is_dir() {
            return versioned(module, by).ok_or_else(bad);
        }
        if !folder.join("go.mod").is_file() {
            return Err(VersionError::NoModule(folder));
        }
        Ok(Self {
            module: module.to_owned(),
            by: By::Folder(folder.canonicalize().map_err(|source| VersionError::Io {
                what: "find",
                path: folder.clone(),
                source,
            })?),
        })
    }

    /// Both sides of a `replace` in go.mod.
    fn directive(&self) -> String {
        match &self.by {
            By::Folder(folder) => format!("{}={}", self.module, folder.display()),
            By::Version { module, version } => format!("{}={module}@{version}", self.module),
        }
    }

    /// In words; a folder by its last name, as raw data tell no paths of a machine.
    fn words(&self) -> String {
        match &self.by {
            By::Folder(folder) => {
                let name = folder.file_name().unwrap_or_default().to_string_lossy();
                format!("{} from the folder {name}", self.module)
            }
            By::Version { module, version } if *module == self.module => {
                format!("{module} {version}")
            }
            By::Version { module, version } => {
                format!("{module} {version} in place of {}", self.module)
            }
        }
    }
}

/// A copy of a framework's folder with one of its modules replaced; everything else stays as
/// it is pinned, unless the other module asks for more.
///
/// # Errors
/// [`VersionError`] when the framework does not use the module or Go does not take the other.
pub fn replaced(
    framework: &Framework,
    replacement: &Replacement,
    folder: &Path,
) -> Result<Version, VersionError> {
    fresh(folder)?;
    let copy = folder.join(&framework.name);
    let mut cp = Command::new("cp");
    cp.args(["-R", "--"]).arg(&framework.folder).arg(&copy);
    run(cp, None)?;
    let module = ModFile::read(&copy)?;
    let required = |r: &Required| r.path == replacement.module;
    if !module.require.iter().any(required) {
        let direct = module.require.iter().filter(|r| !r.indirect);
        return Err(VersionError::Unused {
            name: framework.name.clone(),
            module: replacement.module.clone(),
            used: direct.map(|r| r.path.clone()).collect(),
        });
    }
    let mut edit = go::command(&copy);
    edit.args(["mod", "edit"]);
    let mut named = BTreeSet::new();
    // The copy lies elsewhere, so what it names beside itself is named in full.
    for replace in module.replace.iter().flatten() {
        if replace.new.version.is_empty() {
            let place = framework.folder.join(&replace.new.path);
            edit.arg(format!("-replace={}={}", replace.old.path, place.display()));
            named.insert(replace.old.path.clone());
        }
    }
    edit.arg(format!("-replace={}", replacement.directive()));
    run(edit, Some(&copy))?;
    // Writes into go.mod and go.sum what the other module needs, and compiles nothing.
    let mut list = go::command(&copy);
    list.args(["list", "-mod=mod", "-deps", "-f", "{{.Name}}", "."]);
    run(list, Some(&copy))?;
    let mut copied = Framework::load(&copy)?;
    copied.origin.clone_from(&framework.origin);
    copied.origin.replaced.insert(replacement.module.clone());
    // What it is held to be otherwise is the kit of the checkout, by another name.
    named.remove(KIT);
    copied.origin.replaced.extend(named);
    Ok(Version {
        framework: copied,
        is: replacement.words(),
    })
}

/// A copy of a framework's folder, with the kit beside it and what else it is built from where it
/// looks for that, below `folder`.
///
/// # Errors
/// [`VersionError`] when it cannot be copied.
pub fn copied(framework: &Framework, folder: &Path) -> Result<Version, VersionError> {
    fresh(folder)?;
    let beside = framework.folder.parent().unwrap_or(Path::new(".."));
    let frameworks = folder.join("frameworks");
    let copy = |source: &Path, to: &Path| {
        std::fs::create_dir_all(to).map_err(|source| VersionError::Io {
            what: "create",
            path: to.to_owned(),
            source,
        })?;
        let mut cp = Command::new("cp");
        cp.args(["-R", "--"]).arg(source).arg(to);
        run(cp, None)
    };
    copy(&framework.folder, &frameworks)?;
    copy(&beside.join("kit"), &frameworks)?;
    for module in key::beside(framework) {
        if let Some(name) = module.strip_prefix("../../reference/") {
            let to = folder.join(BESIDE).join(name);
            copy(
                &framework.folder.join(&module),
                to.parent().unwrap_or(folder),
            )?;
        }
    }
    let mut copied = Framework::load(&frameworks.join(&framework.name))?;
    copied.origin = Origin {
        kit: Some(frameworks.join("kit")),
        ..framework.origin.clone()
    };
    Ok(Version {
        framework: copied,
        is: "a copy".to_owned(),
    })
}

/// What is asked of a go.mod.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModFile {
    #[serde(default)]
    require: Vec<Required>,
    replace: Option<Vec<Replaced>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Required {
    path: String,
    #[serde(default)]
    indirect: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Replaced {
    old: Named,
    new: Named,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    path: String,
    #[serde(default)]
    version: String,
}

impl ModFile {
    fn read(folder: &Path) -> Result<Self, VersionError> {
        let mut edit = go::command(folder);
        edit.args(["mod", "edit", "-json"]);
        serde_json::from_str(&run(edit, Some(folder))?).map_err(|e| VersionError::Unreadable {
            path: folder.to_owned(),
            problem: e.to_string(),
        })
    }
}

fn fresh(folder: &Path) -> Result<(), VersionError> {
    let io = |what, source| VersionError::Io {
        what,
        path: folder.to_owned(),
        source,
    };
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|e| io("empty", e))?;
    }
    std::fs::create_dir_all(folder).map_err(|e| io("create", e))
}

/// Runs a program to its end and gives what it printed.
fn run(mut command: Command, place: Option<&Path>) -> Result<String, VersionError> {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let failed = |words: String, said: String| VersionError::Command {
        command: words,
        place: place.map(Path::to_owned),
        words: said,
    };
    let words = words.join(" ");
    let output = match command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(e) => return Err(failed(words, e.to_string())),
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    // Git's and tar's words pass through it as they are.
    let said = stderr::said_by_go(&String::from_utf8_lossy(&output.stderr));
    Err(failed(
        words,
        said.unwrap_or_else(|| output.status.to_string()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_are_read() {
        let here = tempfile::tempdir().unwrap();
        let parse = |words: &str| Replacement::parse(words, here.path());
        let of = |words: &str| parse(words).unwrap().directive();
        assert_eq!(of("m/a@v1.2.3"), "m/a=m/a@v1.2.3");
        assert_eq!(of("m/a=@v1.2.3"), "m/a=m/a@v1.2.3");
        assert_eq!(of("m/a=m/b@v1.2.3"), "m/a=m/b@v1.2.3");
        assert_eq!(parse("m/a@v1").unwrap().words(), "m/a v1");
        for bad in ["", "m/a", "=x", "m/a=", "@v1", "m/a@", "m@v1=x"] {
            let err = parse(bad).unwrap_err();
            assert!(matches!(err, VersionError::Replacement(_)), "{bad}: {err}");
        }
        assert!(matches!(parse("m/a=."), Err(VersionError::NoModule(_))));
        std::fs::write(here.path().join("go.mod"), "module m/a\n").unwrap();
        let folder = here.path().canonicalize().unwrap();
        assert_eq!(of("m/a=."), format!("m/a={}", folder.display()));
    }

    #[test]
    fn a_copy_finds_the_kit_and_the_design_where_it_looks_for_them() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = place.path().join("checkout").join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        write("frameworks/kit/go.mod", "module bench.lab/kit\n");
        write("reference/mine/go.mod", "module bench.lab/reference/mine\n");
        write(
            "frameworks/mine/go.mod",
            "module bench.lab/mine\n\nreplace (\n\tbench.lab/kit => ../kit\n\tbench.lab/reference/mine => ../../reference/mine\n)\n",
        );
        write(
            "frameworks/mine/framework.yaml",
            "schema: framework/1\nname: mine\ntitle: Mine\nclass: reference\nlanguage: go\nengine: own\nrouter: none\nmodule: bench.lab/reference/mine\nhomepage: https://example.org\nsupports: []\nhead: 200\nwrong_method: 405\nsettings: []\n",
        );
        let folder = place.path().join("checkout/frameworks/mine");
        let framework = Framework::load(&folder).unwrap();
        let copy = copied(&framework, &place.path().join("copy")).unwrap();
        let folder = &copy.framework.folder;
        for beside in ["../kit/go.mod", "../../reference/mine/go.mod"] {
            assert!(folder.join(beside).is_file(), "{beside}");
        }
        assert!(folder.starts_with(place.path().join("copy")));
    }
}
