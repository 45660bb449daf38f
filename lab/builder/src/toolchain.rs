//! Which Go toolchain this is, without running it where that can be told from its files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{BuildError, GO_FLAGS, go, key, run};

/// The programs of a toolchain that decide what a binary is.
const PROGRAMS: [&str; 3] = ["asm", "compile", "link"];

/// The Go toolchain that builds the servers.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// As `go version` says it: `go version go1.26.8 linux/amd64`.
    pub version: String,
    /// Whether it is the pinned one, and why not.
    pub choice: go::Choice,
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
        let path = go::on_path().ok_or(BuildError::NoGo)?;
        let choice = go::choice().clone();
        let itself = go::is_here() || choice.why_not.is_some();
        let mut facts = key::Facts::new("toolchain");
        match go::root_of(&path).filter(|_| itself) {
            Some(root) => state_of(&path, root, &mut facts),
            // One that was fetched, or a wrapper that picks by rules of its own: only `go` knows
            // which.
            None => {
                for words in [&["version"][..], &["env", "GOROOT"]] {
                    let said = ask(words).await?;
                    facts.add(words[0], said.as_bytes());
                }
            }
        }
        let fingerprint = facts.digest();
        let kept = folder.join(format!("toolchain-{fingerprint}.txt"));
        if let Ok(version) = fs::read_to_string(&kept) {
            return Ok(Self {
                version,
                choice,
                fingerprint,
            });
        }
        let version = ask(&["version"]).await?;
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&kept, &version))
            .map_err(BuildError::io("the build folder cannot be written"))?;
        Ok(Self {
            version,
            choice,
            fingerprint,
        })
    }
}

impl Toolchain {
    /// What it is and how it is called, by name, for a campaign's file.
    pub fn facts(&self) -> BTreeMap<String, String> {
        let set = go::GO_ENV.map(|(name, value)| (name, value.to_owned()));
        let more = [
            ("go", self.version.clone()),
            ("go build", GO_FLAGS.join(" ")),
            ("GOTOOLCHAIN", self.choice.toolchain.clone()),
        ];
        let all = set.into_iter().chain(more);
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Where it is not the pinned one: that, and why.
    pub fn not_pinned(&self) -> Option<String> {
        self.choice.why_not.as_ref().map(|why| {
            format!(
                "the servers were built by `{}` in the place of Go {}, which is pinned and could not be had ({why}): campaigns of the two compare two toolchains",
                self.version,
                go::PINNED
            )
        })
    }
}

async fn ask(words: &[&str]) -> Result<String, BuildError> {
    let mut command = go::command(Path::new("."));
    command.args(words);
    let output = run(command).await?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
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
