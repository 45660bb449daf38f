//! The probe: one-line commands to a server's runtime, one-line JSON answers.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// How long an answer may take: far longer than a garbage collection does on a busy machine.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The lab's end of the socket that a server inherits as `PROBE_FD`.
#[derive(Debug)]
pub struct Probe {
    stream: BufReader<UnixStream>,
    collections: u64,
}

impl Probe {
    /// Takes the lab's end.
    ///
    /// # Errors
    /// When the socket takes no timeout.
    pub fn new(stream: UnixStream) -> std::io::Result<Self> {
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.set_write_timeout(Some(ANSWER_WITHIN))?;
        Ok(Self {
            stream: BufReader::new(stream),
            collections: 0,
        })
    }

    /// How many collections it asked for: each `gc` is two.
    pub fn collections(&self) -> u64 {
        self.collections
    }

    /// Sends a command and reads its answer. Blocks for at most a few seconds.
    ///
    /// # Errors
    /// A sentence: no answer, no JSON, or the server's own refusal.
    pub fn ask(&mut self, command: &str) -> Result<serde_json::Value, String> {
        let line = format!("{command}\n");
        if command == "gc" {
            self.collections += 2;
        }
        self.stream
            .get_mut()
            .write_all(line.as_bytes())
            .map_err(|e| format!("the probe does not take `{command}`: {e}"))?;
        let mut answer = String::new();
        self.stream
            .read_line(&mut answer)
            .map_err(|e| format!("the probe does not answer `{command}`: {e}"))?;
        let value: serde_json::Value = serde_json::from_str(&answer).map_err(|e| {
            format!(
                "the probe answers `{command}` with `{}`, which is no JSON: {e}",
                answer.trim()
            )
        })?;
        match value.get("error").and_then(serde_json::Value::as_str) {
            Some(error) => Err(format!("the probe refuses `{command}`: {error}")),
            None => Ok(value),
        }
    }
}
