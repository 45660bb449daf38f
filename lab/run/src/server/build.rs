//! Building a framework's server, the same way for all of them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::spawn::{self, Confinement};
use super::stderr;
use crate::plan::Framework;

/// The environment of every `go build`.
pub const GO_ENV: [(&str, &str); 3] = [
    ("CGO_ENABLED", "0"),
    ("GOAMD64", "v1"),
    ("GOTOOLCHAIN", "local"),
];
/// The flags of every `go build`.
pub const GO_FLAGS: [&str; 4] = ["-trimpath", "-buildvcs=false", "-ldflags", "-s -w"];

/// An executable, with its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// The executable.
    pub path: PathBuf,
    /// Its SHA-256 in hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// The toolchain's version as the executable names it, `go1.26.8`.
    pub toolchain: String,
    /// The modules linked in, with their versions.
    pub modules: BTreeMap<String, String>,
}

/// Why there is no server to measure. Each is a sentence that goes on after the framework's name.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The toolchain is not there.
    #[error("cannot be built: there is no `go` on PATH; install Go 1.26 or newer")]
    NoGo,
    /// The toolchain says no.
    #[error("does not build; the whole output is in {}", log.display())]
    Failed {
        /// The build's output.
        log: PathBuf,
        /// Its last line.
        last: Option<String>,
    },
    /// The lab could not run the toolchain or read what it made.
    #[error("cannot be built: {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// The system's words.
        source: std::io::Error,
    },
}

/// Builds a framework's server into `folder/<name>` and keeps the build's output in `log`.
///
/// The Go toolchain's own cache makes the second build of unchanged sources nearly free.
///
/// # Errors
/// [`BuildError`].
pub async fn build(framework: &Framework, folder: &Path, log: &Path) -> Result<Binary, BuildError> {
    if let Some(server) = &framework.prebuilt {
        return prebuilt(server).await;
    }
    let io = |what: &str| {
        let what = what.to_owned();
        move |source| BuildError::Io { what, source }
    };
    std::fs::create_dir_all(folder).map_err(io("the build folder cannot be created"))?;
    let path = folder.join(&framework.name);
    // Two labs in one checkout take turns; the lock goes with the file.
    let lock = File::create(folder.join(format!("{}.lock", framework.name)));
    let _turn = lock
        .and_then(|file| file.lock().map(|()| file))
        .map_err(io("the build folder cannot be locked"))?;
    let mut command = go();
    command
        .arg("build")
        .args(GO_FLAGS)
        .arg("-o")
        .arg(&path)
        .arg(".")
        .current_dir(&framework.folder);
    let output = run(command).await?;
    let text = [output.stdout, output.stderr].concat();
    if !output.status.success() || !text.is_empty() {
        std::fs::write(log, &text).map_err(io("the build's output cannot be kept"))?;
    }
    if !output.status.success() {
        return Err(BuildError::Failed {
            log: log.to_owned(),
            last: stderr::last_line_of(&String::from_utf8_lossy(&text)),
        });
    }
    receipt(path).await
}

/// A server that somebody else built, under the path that does not change: a package manager's
/// store names its contents.
async fn prebuilt(server: &Path) -> Result<Binary, BuildError> {
    let path = server.canonicalize().map_err(|source| BuildError::Io {
        what: format!("{} cannot be found", server.display()),
        source,
    })?;
    receipt(path).await
}

/// Reads what an executable is made of.
async fn receipt(path: PathBuf) -> Result<Binary, BuildError> {
    let unreadable = |source| BuildError::Io {
        what: format!("{} cannot be read", path.display()),
        source,
    };
    let sha256 = sha256(&path).map_err(unreadable)?;
    let bytes = std::fs::metadata(&path).map_err(unreadable)?.len();
    let mut command = go();
    command.arg("version").arg("-m").arg(&path);
    let output = run(command).await?;
    let (toolchain, modules) = parse_receipt(&String::from_utf8_lossy(&output.stdout));
    Ok(Binary {
        sha256,
        bytes,
        toolchain,
        modules,
        path,
    })
}

/// The SHA-256 of a file, in hex.
///
/// # Errors
/// When it cannot be read.
pub fn sha256(path: &Path) -> std::io::Result<String> {
    let digest = Sha256::digest(std::fs::read(path)?);
    Ok(digest.iter().map(|b| format!("{b:02x}")).collect())
}

/// The output of `go version -m FILE`: the toolchain, and the modules with their versions.
fn parse_receipt(text: &str) -> (String, BTreeMap<String, String>) {
    let toolchain = text
        .lines()
        .next()
        .and_then(|l| l.rsplit(": ").next())
        .unwrap_or_default()
        .trim()
        .to_owned();
    let modules = text
        .lines()
        .filter_map(|l| {
            let mut words = l.trim_start_matches('\t').split('\t');
            match words.next()? {
                "dep" => Some((words.next()?.to_owned(), words.next()?.to_owned())),
                _ => None,
            }
        })
        .collect();
    (toolchain, modules)
}

/// The version of the Go toolchain on PATH.
///
/// # Errors
/// [`BuildError::NoGo`], or what the toolchain says.
pub async fn go_version() -> Result<String, BuildError> {
    let mut command = go();
    command.arg("version");
    let output = run(command).await?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn go() -> Command {
    let mut command = Command::new("go");
    command.envs(GO_ENV).stdin(Stdio::null());
    spawn::confine(&mut command, Confinement::default());
    command
}

async fn run(mut command: Command) -> Result<std::process::Output, BuildError> {
    command.output().await.map_err(|source| {
        if source.kind() == std::io::ErrorKind::NotFound {
            BuildError::NoGo
        } else {
            BuildError::Io {
                what: "`go` cannot be run".to_owned(),
                source,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_names_toolchain_and_modules() {
        let text = "/x/gin: go1.26.8\n\tpath\tbench.lab/gin\n\tmod\tbench.lab/gin\t(devel)\t\n\tdep\tgithub.com/gin-gonic/gin\tv1.12.0\th1:abc=\n\tdep\tbench.lab/kit\tv0.0.0\n\t=>\t../kit\t(devel)\t\n\tbuild\tCGO_ENABLED=0\n";
        let (toolchain, modules) = parse_receipt(text);
        assert_eq!(toolchain, "go1.26.8");
        assert_eq!(modules["github.com/gin-gonic/gin"], "v1.12.0");
        assert_eq!(modules.len(), 2);
    }
}
