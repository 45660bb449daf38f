//! The instrument as the runner uses it: a process of its own for each window.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use load::{Outcome, SpecDraft};
use server::process;
use sys::spawn::{self, Confinement};
use sys::stderr;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::blame;

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
    /// The server took none, or not all, of the connections that are opened before the load.
    #[error("{0}")]
    Unconnected(String),
    /// It did not end.
    #[error("the instrument did not end within {} s and was killed", .0.as_secs())]
    Hung(Duration),
}

impl Instrument {
    /// The SHA-256 of the program, in hex.
    pub(super) fn sha256(&self) -> Result<String, InstrumentError> {
        builder::sha256(&self.program).map_err(|source| InstrumentError::Start {
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
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        spawn::confine(
            command.as_std_mut(),
            Confinement {
                cpus: cpus.to_vec(),
                ..Confinement::default()
            },
        );
        let mut child = command.spawn().map_err(start)?;
        let json = serde_json::to_vec(spec).map_err(|e| start(e.into()))?;
        if let Some(mut stdin) = child.stdin.take() {
            match stdin.write_all(&json).await {
                // It ended before it had read all: how, its status tells.
                Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {}
                written => written.map_err(start)?,
            }
        }
        let within = lasts + GRACE;
        let output = tokio::time::timeout(within, child.wait_with_output())
            .await
            .map_err(|_| InstrumentError::Hung(within))?
            .map_err(start)?;
        // Its exit status repeats the verdict that stands in the outcome.
        serde_json::from_slice(&output.stdout).map_err(|e| {
            let words = stderr::last_line_of(&String::from_utf8_lossy(&output.stderr));
            InstrumentError::of(words.unwrap_or_else(|| silent(output.status, &e)))
        })
    }
}

/// How an instrument without last words ended. That a killed one left no JSON goes without saying.
fn silent(status: ExitStatus, json: &serde_json::Error) -> String {
    let ended = process::describe(status);
    match status.code() {
        Some(_) => format!("it {ended} ({json})"),
        None => format!("it {ended}"),
    }
}

impl InstrumentError {
    /// An end without an outcome, by the instrument's last words ([`load::LoadError`]): connections that
    /// a server refused are the server's, all else is the instrument's or the machine's.
    fn of(words: String) -> Self {
        let refused = words.contains(" connections to ") && words.contains(" could be opened");
        match refused && !blame::is_ours(&words) {
            true => Self::Unconnected(words),
            false => Self::NoOutcome(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_killed_instrument_only_the_signal_is_told() {
        use std::os::unix::process::ExitStatusExt;
        let json = serde_json::from_slice::<Outcome>(b"").unwrap_err();
        // As wait(2) gives them: the signal in the low bits, the exit code above.
        let killed = silent(ExitStatus::from_raw(libc::SIGKILL), &json);
        assert!(killed.starts_with("it was killed by signal 9"), "{killed}");
        assert!(!killed.contains("EOF"), "{killed}");
        let ended = silent(ExitStatus::from_raw(1 << 8), &json);
        assert!(
            ended.contains("status 1") && ended.contains("EOF"),
            "{ended}"
        );
    }

    #[test]
    fn only_refused_connections_are_the_servers() {
        let refused = |reason: &str| {
            let error = load::LoadError::Connect {
                address: "127.0.0.1:8080".to_owned(),
                opened: 4,
                wanted: 64,
                reason: reason.to_owned(),
                advice: "",
            };
            InstrumentError::of(format!("load: {error}"))
        };
        let of = |number| std::io::Error::from_raw_os_error(number).to_string();
        let theirs = refused(&of(libc::ECONNREFUSED));
        assert!(
            matches!(theirs, InstrumentError::Unconnected(_)),
            "{theirs}"
        );
        for ours in [
            libc::EADDRNOTAVAIL,
            libc::EMFILE,
            libc::ENOBUFS,
            libc::ENETUNREACH,
        ] {
            let error = refused(&of(ours));
            assert!(matches!(error, InstrumentError::NoOutcome(_)), "{error}");
        }
        let killed = InstrumentError::of("EOF while parsing a value".to_owned());
        assert!(matches!(killed, InstrumentError::NoOutcome(_)));
    }
}
