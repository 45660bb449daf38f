//! The Go program that finds facts: run, and its lines read.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use claims::{Fact, Kind};
use serde::Deserialize;

use crate::found;

/// The program did not find all facts.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// `go` cannot be started.
    #[error("go cannot be run in {}: {source}", folder.display())]
    Start {
        /// The program's folder.
        folder: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// It said why on its way.
    #[error("the program in {} ended with {status}: {said}", folder.display())]
    Ended {
        /// The program's folder.
        folder: PathBuf,
        /// Its exit status.
        status: std::process::ExitStatus,
        /// The end of what it said.
        said: String,
    },
    /// It printed something else than facts.
    #[error("the program in {} printed what is no fact: {problem}", folder.display())]
    Line {
        /// The program's folder.
        folder: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// A line of the program's output.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    fact: String,
    kind: Kind,
    unit: String,
    what: String,
    values: Vec<f64>,
    copies: Option<Vec<f64>>,
}

/// Builds and runs the program in its folder, with the Go that builds the servers.
pub(crate) fn run(folder: &Path) -> Result<Vec<Fact>, ProgramError> {
    let mut command = builder::go::command(folder);
    let output = (command.args(["run", "."]))
        .stderr(Stdio::piped())
        .output()
        .map_err(|source| ProgramError::Start {
            folder: folder.to_owned(),
            source,
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = said.lines().rev().take(12).collect();
        return Err(ProgramError::Ended {
            folder: folder.to_owned(),
            status: output.status,
            said: lines.into_iter().rev().collect::<Vec<_>>().join("; "),
        });
    }
    let text = String::from_utf8_lossy(&output.stdout);
    (text.lines())
        .map(|line| {
            let read = serde_json::from_str::<Line>(line).map_err(|e| e.to_string());
            read.and_then(fact).map_err(|problem| ProgramError::Line {
                folder: folder.to_owned(),
                problem: format!("{problem} in `{line}`"),
            })
        })
        .collect()
}

fn fact(line: Line) -> Result<Fact, String> {
    let found = match line.kind {
        Kind::Exact => found::exact(&line.values),
        Kind::Counted => found::counted(&line.values),
        Kind::Timed => found::timed(&line.values, line.copies.as_deref().unwrap_or_default()),
        Kind::Simulated => Err("a program does not simulate".to_owned()),
    }?;
    Ok(Fact {
        fact: line.fact,
        kind: line.kind,
        unit: line.unit,
        value: found.value,
        low: found.low,
        high: found.high,
        n: found.n,
        what: line.what,
    })
}
