//! The instrument as the runner uses it: a process of its own for each window.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use load::{Outcome, SpecDraft};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::server::spawn::{self, Confinement};
use crate::server::{build, stderr};

/// How long the instrument may take beyond what its specification allows.
const GRACE: Duration = Duration::from_secs(10);

/// How to start the instrument: a program that reads a specification on stdin and prints an
/// outcome, both JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

/// The instrument cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InstrumentError {
    /// It cannot be started.
    #[error("the instrument {} cannot be started: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// It printed no outcome.
    #[error("the instrument printed no outcome: {0}")]
    NoOutcome(String),
    /// It did not end.
    #[error("the instrument did not end within {} s and was killed", .0.as_secs())]
    Hung(Duration),
}

impl Instrument {
    /// The SHA-256 of the program, in hex.
    pub(super) fn sha256(&self) -> Result<String, InstrumentError> {
        build::sha256(&self.program).map_err(|source| InstrumentError::Start {
            program: self.program.clone(),
            source,
        })
    }

    /// Offers the load of one window; `lasts` is what the specification allows it in all.
    pub(super) async fn offer(
        &self,
        spec: &SpecDraft,
        cpus: &[usize],
        lasts: Duration,
    ) -> Result<Outcome, InstrumentError> {
        let start = |source| InstrumentError::Start {
            program: self.program.clone(),
            source,
        };
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        spawn::confine(
            &mut command,
            Confinement {
                cpus: cpus.to_vec(),
                ..Confinement::default()
            },
        );
        let mut child = command.spawn().map_err(start)?;
        let json = serde_json::to_vec(spec).map_err(|e| start(e.into()))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(&json).await.map_err(start)?;
        }
        let within = lasts + GRACE;
        let output = tokio::time::timeout(within, child.wait_with_output())
            .await
            .map_err(|_| InstrumentError::Hung(within))?
            .map_err(start)?;
        // Its exit status repeats the verdict that stands in the outcome.
        serde_json::from_slice(&output.stdout).map_err(|e| {
            let words = stderr::last_line_of(&String::from_utf8_lossy(&output.stderr));
            InstrumentError::NoOutcome(words.unwrap_or_else(|| e.to_string()))
        })
    }
}
