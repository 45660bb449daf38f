//! A static look at a server's own source: only engines may look at the path by themselves.
//!
//! Black-box checks cannot tell a router from a switch that answers the same. The look is a Go
//! program, because only Go's own parser reads Go: `look/main.go`, compiled into the lab and run
//! by the toolchain that builds the servers.

use std::fs;
use std::path::Path;

use builder::Binary;
use catalog::Framework;
use catalog::framework::Language;
use record::Class;
use tokio::process::Command;

use super::check::Failure;

const PROGRAM: &str = include_str!("../../look/main.go");

/// Looks at all Go files of a framework's folder but its tests; nothing where the class or the
/// language has no such rule, or where a prebuilt server came without its source.
pub async fn look(framework: &Framework, binary: &Binary) -> Option<Result<(), Failure>> {
    let is_go = framework.language == Language::Go && framework.prebuilt.is_none();
    if framework.class == Class::Engine || !is_go {
        return None;
    }
    // The build folder, which the store of binaries lies in.
    let beside = binary
        .path
        .ancestors()
        .nth(2)
        .unwrap_or_else(|| Path::new("."));
    Some(
        findings(&framework.folder, beside)
            .await
            .map_err(|e| {
                let failure = Failure::new("its source", "Go files that can be parsed", &e);
                match e {
                    Unseen::Failed(_) => failure,
                    Unseen::Folder(_) | Unseen::NoGo(_) => failure.of_the_lab(),
                }
            })
            .and_then(|lines| match &lines[..] {
                [] => Ok(()),
                [first, more @ ..] => Err(Failure::new(
                    "its source",
                    "no look at the path but the router's (class `engine` only)",
                    match more.len() {
                        0 => first.clone(),
                        n => format!("{first} (and {n} more)"),
                    },
                )),
            }),
    )
}

/// Whether the look works at all, by a file of the lab's own that there is nothing to say of.
///
/// # Errors
/// The toolchain's words, or the system's. Where there is no `go`, nothing: each framework says so.
pub async fn works(build_folder: &Path) -> Result<(), String> {
    let folder = build_folder.join("look/nothing");
    let file = folder.join("main.go");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, "package main\n\nfunc main() {}\n"))
        .map_err(|e| format!("{} cannot be written: {e}", file.display()))?;
    match findings(&folder, build_folder).await {
        Ok(_) => Ok(()),
        Err(Unseen::NoGo(e)) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e.to_string()),
    }
}

/// Why nothing could be seen of a source.
#[derive(Debug, thiserror::Error)]
enum Unseen {
    #[error("{0}")]
    Folder(String),
    #[error("`go run` cannot be started: {0}")]
    NoGo(std::io::Error),
    #[error("{0}")]
    Failed(String),
}

/// What the program prints: a line a finding, `app/app.go:57: ...`.
async fn findings(folder: &Path, beside: &Path) -> Result<Vec<String>, Unseen> {
    let at = beside.join("look");
    // Checks may run side by side, so the program is put in place whole.
    let write = || {
        fs::create_dir_all(&at)?;
        let file = tempfile_in(&at);
        fs::write(&file, PROGRAM)?;
        fs::rename(&file, at.join("main.go"))
    };
    write().map_err(|e| Unseen::Folder(format!("{} cannot be written: {e}", at.display())))?;
    let mut command = builder::go::command(&at);
    command
        .args(["run", "main.go"])
        .arg(folder)
        .env("GO111MODULE", "off");
    let output = Command::from(command)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(Unseen::NoGo)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if !output.status.success() {
        return Err(Unseen::Failed(text(&output.stderr)));
    }
    Ok(text(&output.stdout).lines().map(str::to_owned).collect())
}

/// A name of its own for each caller.
fn tempfile_in(folder: &Path) -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("main.go.{}.{number}", std::process::id()))
}
