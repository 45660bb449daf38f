//! What git says of a checkout, and git's own words where it says no.

use std::path::Path;
use std::process::{Command, Stdio};

/// Why git gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It cannot be started.
    #[error("`git` cannot be run: {0}")]
    NotRun(#[source] std::io::Error),
    /// It refuses, for instance a checkout that belongs to another user; its own words name the
    /// remedy.
    #[error("git says: {0}")]
    Refused(String),
}

/// The `git` command in a checkout; its input is empty.
pub fn command(root: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(root).stdin(Stdio::null());
    git
}

/// What git prints for `words`.
///
/// # Errors
/// [`GitError`].
pub fn ask(root: &Path, words: &[&str]) -> Result<String, GitError> {
    let output = command(root).args(words).output();
    let output = output.map_err(GitError::NotRun)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = said(&output.stderr);
    Err(GitError::Refused(match said.is_empty() {
        true => format!("nothing, and ends with {}", output.status),
        false => said,
    }))
}

/// The commit that a word names; nothing where git knows no such revision.
///
/// # Errors
/// [`GitError`] when git does not get as far as to look.
pub fn commit(root: &Path, revision: &str) -> Result<Option<String>, GitError> {
    let mut git = command(root);
    // What follows is a revision, whatever it begins with.
    git.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
    git.arg(format!("{revision}^{{commit}}"));
    let output = git.output().map_err(GitError::NotRun)?;
    if output.status.success() {
        let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        return Ok(Some(name));
    }
    // Of a revision that there is not, `--quiet` says nothing.
    match said(&output.stderr) {
        said if said.is_empty() => Ok(None),
        said => Err(GitError::Refused(said)),
    }
}

/// All that git said, in one line: the remedy often stands in the last of several.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}
