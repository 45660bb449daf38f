//! From a framework's folder to its server: built the same way for all of them, and never twice from
//! the same sources.
//!
//! ```text
//! go          the `go` command: one Go for everybody, in an environment of the lab's own
//! rust        the same for servers in Rust, by Cargo
//! toolchain   what tells this toolchain from any other
//! code        what of an executable decides how it runs
//! key         everything that decides what a binary is -> one name
//! store       binaries under their keys, each with its receipt
//! layout      the same program with its functions in other places
//! symbols     the same program with the names of its functions
//! line_up     a whole line-up: what is in the store is taken, the rest is compiled side by side
//! git         what git says of a checkout
//! versions    another version of a framework, in a folder of the lab's own
//! altered     versions that do the same, which the lab itself is tried on
//! vendor      the hashes by which a Nix build pins what the servers are built from
//! outdated    what is newer than the versions that the folders pin
//! scaffold    the folder of a framework that is new
//! ```

pub mod altered;
mod code;
pub mod git;
pub mod go;
mod key;
mod layout;
mod line_up;
pub mod outdated;
pub mod rust;
pub mod scaffold;
mod store;
mod symbols;
mod toolchain;
pub mod vendor;
pub mod versions;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use catalog::Framework;
use catalog::framework::Language;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use go::GO_ENV;
pub use layout::layouts;
pub use line_up::{LineUp, Step, build_all};
pub use symbols::with_symbols;
use sys::spawn::{self, Confinement};
use sys::stderr;
pub use toolchain::Toolchain;

/// The flags of every `go build`.
pub const GO_FLAGS: [&str; 4] = ["-trimpath", "-buildvcs=false", "-ldflags", LINK];

/// Without the linker's id of the build, which is made of the sources: two sources that give the
/// same code then give the same file.
const LINK: &str = "-s -w -buildid=";

/// An executable, with its receipt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binary {
    /// The executable.
    #[serde(skip)]
    pub path: PathBuf,
    /// Its SHA-256 in hex.
    pub sha256: String,
    /// The SHA-256 of its code and data, see [`code::digest`]; nothing where it has none.
    pub code: Option<String>,
    /// Its size.
    pub bytes: u64,
    /// The toolchain's version as the executable names it, `go1.26.8`.
    pub toolchain: String,
    /// The modules linked in, with their versions.
    pub modules: BTreeMap<String, String>,
    /// Modules that others were linked in the place of: `../kit`, `example.com/fork v1.2.3`.
    pub replaced: BTreeMap<String, String>,
    /// What the executable says of the environment that shaped it: `GOARCH`, `GOEXPERIMENT`.
    pub environment: BTreeMap<String, String>,
    /// Its other settings, as `-pgo` and `DefaultGODEBUG`.
    pub settings: BTreeMap<String, String>,
}

/// Why there is no server to measure. Each is a sentence that goes on after the framework's name.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BuildError {
    /// The toolchain is not there.
    #[error("cannot be built: there is no `go` on PATH; install Go 1.26 or newer")]
    NoGo,
    /// The toolchain says no.
    #[error("does not build; the whole output is in {}", log.display())]
    Failed {
        /// The build's output.
        log: PathBuf,
        /// What it says, on one line.
        last: Option<String>,
    },
    /// The lab could not run the toolchain, or read or keep what it needs.
    #[error("cannot be built: {what}: {why}")]
    Io {
        /// What was tried.
        what: String,
        /// The system's words.
        why: String,
    },
}

impl BuildError {
    fn io<E: std::fmt::Display>(what: impl Into<String>) -> impl FnOnce(E) -> Self {
        let what = what.into();
        move |e| Self::Io {
            what,
            why: e.to_string(),
        }
    }
}

/// Gives a framework's server: from the store below `folder`, or compiled into it, with the
/// compiler's output in `log` where it has anything to say.
///
/// # Errors
/// [`BuildError`].
pub async fn build(framework: &Framework, folder: &Path, log: &Path) -> Result<Binary, BuildError> {
    if let Some(server) = &framework.prebuilt {
        return prebuilt(server).await;
    }
    let toolchain = Toolchain::find(folder).await?;
    let wanted = store::Wanted::new(framework, folder, &toolchain)?;
    match wanted.found() {
        Some(binary) => Ok(binary),
        None => compile(framework, &wanted, log).await,
    }
}

/// Compiles a server into its place in the store, unless somebody else just has.
async fn compile(
    framework: &Framework,
    wanted: &store::Wanted,
    log: &Path,
) -> Result<Binary, BuildError> {
    let place = wanted.begin()?;
    if let Some(binary) = wanted.found() {
        return Ok(binary);
    }
    let target = place.beside("cargo");
    let command = match framework.language {
        Language::Go => {
            let mut command = go::command(&framework.folder);
            let flags = command.arg("build").args(GO_FLAGS);
            flags.arg("-o").arg(place.binary()).arg(".");
            command
        }
        Language::Rust => rust::build(&framework.folder, &target)?,
    };
    let output = run(command).await?;
    let text = [output.stdout, output.stderr].concat();
    let talks = framework.language == Language::Go && !text.is_empty();
    if !output.status.success() || talks {
        std::fs::write(log, &text).map_err(BuildError::io("the build's output cannot be kept"))?;
    }
    if !output.status.success() {
        return Err(BuildError::Failed {
            log: log.to_owned(),
            last: stderr::said_by_go(&String::from_utf8_lossy(&text)),
        });
    }
    let binary = match framework.language {
        Language::Go => receipt(place.binary()).await?,
        Language::Rust => {
            let built = rust::built(&target, &framework.name);
            let what = format!("{} cannot be kept", built.display());
            std::fs::copy(built, place.binary()).map_err(BuildError::io(what))?;
            rust::receipt(&framework.folder, place.binary())?
        }
    };
    place.keep(&binary)
}

/// A server that somebody else built, under the path that does not change: a package manager's
/// store names its contents.
///
/// # Errors
/// [`BuildError`] when it cannot be read.
pub async fn prebuilt(server: &Path) -> Result<Binary, BuildError> {
    let what = format!("{} cannot be found", server.display());
    let path = server.canonicalize().map_err(BuildError::io(what))?;
    receipt(path).await
}

/// Reads what an executable is made of.
async fn receipt(path: PathBuf) -> Result<Binary, BuildError> {
    let what = format!("{} cannot be read", path.display());
    let content = std::fs::read(&path).map_err(BuildError::io(&what))?;
    // Any version of Go reads what any other has built.
    let mut command = go::local();
    command.arg("version").arg("-m").arg(&path);
    let output = run(command).await?;
    let binary = Binary {
        sha256: sha256_of(&content),
        code: code::digest(&content),
        bytes: content.len() as u64,
        path,
        ..parse_receipt(&String::from_utf8_lossy(&output.stdout))
    };
    Ok(binary)
}

/// The SHA-256 of a file, in hex.
///
/// # Errors
/// When it cannot be read.
pub fn sha256(path: &Path) -> std::io::Result<String> {
    Ok(sha256_of(&std::fs::read(path)?))
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256_of(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The output of `go version -m FILE`: the toolchain, the modules with their versions, the
/// environment.
fn parse_receipt(text: &str) -> Binary {
    let toolchain = text
        .lines()
        .next()
        .and_then(|l| l.rsplit(": ").next())
        .unwrap_or_default()
        .trim()
        .to_owned();
    let (mut modules, mut replaced) = (BTreeMap::new(), BTreeMap::new());
    let (mut environment, mut settings) = (BTreeMap::new(), BTreeMap::new());
    let mut last = "";
    for line in text.lines() {
        let words: Vec<&str> = line.trim_start_matches('\t').split('\t').collect();
        match words[..] {
            ["dep", module, version, ..] => {
                modules.insert(module.to_owned(), version.to_owned());
                last = module;
            }
            // The version that was linked in place of the one required above.
            ["=>", module, version, ..] => {
                modules.insert(last.to_owned(), version.to_owned());
                let by = match version {
                    // A folder has no version of its own.
                    "(devel)" | "" => module.to_owned(),
                    _ => format!("{module} {version}"),
                };
                replaced.insert(last.to_owned(), by);
            }
            ["build", setting] => {
                let of_go = |name: &str| name.starts_with("GO") || name.starts_with("CGO_");
                if let Some((name, value)) = setting.split_once('=') {
                    let all = match of_go(name) {
                        true => &mut environment,
                        false => &mut settings,
                    };
                    all.insert(name.to_owned(), value.to_owned());
                }
            }
            _ => {}
        }
    }
    Binary {
        toolchain,
        modules,
        replaced,
        environment,
        settings,
        ..Binary::default()
    }
}

async fn run(command: std::process::Command) -> Result<std::process::Output, BuildError> {
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    spawn::confine(command.as_std_mut(), Confinement::default());
    command.output().await.map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => BuildError::NoGo,
        _ => BuildError::io("`go` cannot be run")(e),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_names_toolchain_and_modules() {
        let text = "/x/gin: go1.26.8\n\tpath\tbench.lab/gin\n\tmod\tbench.lab/gin\t(devel)\t\n\tdep\tgithub.com/gin-gonic/gin\tv1.12.0\th1:abc=\n\tdep\tbench.lab/kit\tv0.0.0\n\t=>\t../kit\t(devel)\t\n\tbuild\t-compiler=gc\n\tbuild\tCGO_ENABLED=0\n\tbuild\tGOEXPERIMENT=jsonv2\n";
        let binary = parse_receipt(text);
        assert_eq!(binary.toolchain, "go1.26.8");
        assert_eq!(binary.modules["github.com/gin-gonic/gin"], "v1.12.0");
        assert_eq!(binary.modules.len(), 2);
        let environment = [("CGO_ENABLED", "0"), ("GOEXPERIMENT", "jsonv2")];
        let environment = environment.map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(binary.environment, environment.into());
        assert_eq!(binary.settings["-compiler"], "gc");
        assert_eq!(binary.replaced["bench.lab/kit"], "../kit");
        let replaced = text.replace(
            "\th1:abc=\n",
            "\n\t=>\tgithub.com/gin-gonic/gin\tv1.10.0\th1:d=\n",
        );
        assert_eq!(
            parse_receipt(&replaced).modules["github.com/gin-gonic/gin"],
            "v1.10.0"
        );
    }
}
