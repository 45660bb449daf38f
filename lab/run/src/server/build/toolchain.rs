//! Which Go toolchain this is, without running it where that can be told from its files.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{BuildError, go, key, run};

/// The programs of a toolchain that decide what a binary is.
const PROGRAMS: [&str; 3] = ["asm", "compile", "link"];

/// The Go toolchain on PATH.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// As `go version` says it: `go version go1.26.8 linux/amd64`.
    pub version: String,
    /// Changes whenever the toolchain does.
    pub(super) fingerprint: String,
}

impl Toolchain {
    /// Finds it. What `go version` says is asked once for each toolchain and then kept in
    /// `folder`, so that a line-up that is built already needs no run of `go` at all.
    ///
    /// # Errors
    /// [`BuildError::NoGo`], or what the system says.
    pub async fn find(folder: &Path) -> Result<Self, BuildError> {
        let path = on_path("go", std::env::var_os("PATH")).ok_or(BuildError::NoGo)?;
        let path = path.canonicalize().unwrap_or(path);
        let mut facts = key::Facts::new("toolchain");
        match path.ancestors().nth(2).filter(|root| installed(root)) {
            Some(root) => state_of(&path, root, &mut facts),
            // A wrapper that picks a toolchain by rules of its own: only it knows which.
            None => {
                for words in [&["version"][..], &["env", "GOROOT"]] {
                    let mut command = go();
                    command.args(words);
                    facts.add(words[0], &run(command).await?.stdout);
                }
            }
        }
        let fingerprint = facts.digest();
        let kept = folder.join(format!("toolchain-{fingerprint}.txt"));
        if let Ok(version) = fs::read_to_string(&kept) {
            return Ok(Self {
                version,
                fingerprint,
            });
        }
        let mut command = go();
        command.arg("version");
        let output = run(command).await?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&kept, &version))
            .map_err(BuildError::io("the build folder cannot be written"))?;
        Ok(Self {
            version,
            fingerprint,
        })
    }
}

/// Whether a folder is a toolchain's root, as the Go project and distributions install it.
fn installed(root: &Path) -> bool {
    root.join("VERSION").is_file() && root.join("pkg/tool").is_dir()
}

/// A release's `VERSION` stands for its standard library, size and time for its programs: a
/// toolchain that is built anew in place gets new ones.
fn state_of(go: &Path, root: &Path, facts: &mut key::Facts) {
    facts.add("path", go.as_os_str().as_encoded_bytes());
    facts.add(
        "VERSION",
        &fs::read(root.join("VERSION")).unwrap_or_default(),
    );
    facts.add("go.env", &fs::read(root.join("go.env")).unwrap_or_default());
    let mut programs = vec![go.to_owned()];
    let folders = fs::read_dir(root.join("pkg/tool")).into_iter().flatten();
    for folder in folders.flatten() {
        programs.extend(PROGRAMS.map(|program| folder.path().join(program)));
    }
    programs.sort();
    for program in programs {
        let state = fs::metadata(&program)
            .and_then(|m| Ok(format!("{} {:?}", m.len(), m.modified()?)))
            .unwrap_or_default();
        facts.add(&program.display().to_string(), state.as_bytes());
    }
}

/// The first executable file of a name in the folders of PATH.
fn on_path(name: &str, path: Option<OsString>) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    std::env::split_paths(&path?)
        .map(|folder| folder.join(name))
        .find(|file| {
            fs::metadata(file).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
        })
}
