//! The truth server as a process, and what its log says about a schedule.

use super::Quantiles;
use super::priority::Priority;
use super::scenario::Scenario;
use super::server::{Log, Served};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use sys::pin::CpuSet;
use sys::spawn;

/// A running truth server; killed when dropped, or when this process dies.
pub struct TruthServer {
    child: Child,
    address: String,
}

impl TruthServer {
    /// Starts `program calibrate --serve ...` on `cpu`.
    pub fn start(
        program: &std::path::Path,
        scenario: Scenario,
        requests: u64,
        cpu: usize,
        priority: Priority,
    ) -> Result<Self, String> {
        let mut command = Command::new(program);
        command
            .args([
                "calibrate",
                "--serve",
                &scenario.name(),
                "--requests",
                &requests.to_string(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        spawn::end_with_parent(&mut command);
        // SAFETY: the closure only makes system calls.
        unsafe {
            command.pre_exec(move || {
                pin(cpu);
                priority.take();
                Ok(())
            });
        }
        let failed = |what: &str| format!("the truth server {what}: {}", program.display());
        let mut child = command
            .spawn()
            .map_err(|error| failed(&error.to_string()))?;
        let mut line = String::new();
        let out = child.stdout.take().expect("stdout is piped");
        let read = BufReader::new(out).read_line(&mut line);
        let server = Self {
            child,
            address: line.trim().to_string(),
        };
        match read {
            Ok(n) if n > 0 => Ok(server),
            _ => Err(failed("ended before it listened")),
        }
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Fetches the log.
    pub fn log(&self) -> Result<Log, String> {
        let fetch = || -> std::io::Result<Log> {
            let mut stream = TcpStream::connect(&self.address)?;
            stream.write_all(b"GET /log HTTP/1.1\r\n\r\n")?;
            let mut reader = BufReader::new(stream);
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line)?;
                if let Some(text) = line.strip_prefix("Content-Length: ") {
                    length = text.trim().parse().unwrap_or(0);
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            Ok(serde_json::from_slice(&body)?)
        };
        fetch().map_err(|error| format!("the truth server's log cannot be read: {error}"))
    }
}

impl Drop for TruthServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Binds the calling thread, and what it starts, to one CPU. Best effort: a machine with one CPU
/// has nothing to separate.
pub fn pin(cpu: usize) {
    let _ = CpuSet::of(&[cpu]).take(0);
}

/// The true latencies of requests that were due at `begin + id / rate`: from arrival to answer,
/// and for one that was due in a freeze, all the time since it was due.
pub fn quantiles(log: &Log, begin: u64, rate: f64) -> Quantiles {
    let latency = |served: &Served| {
        let due = begin + (served.id as f64 * 1e9 / rate) as u64;
        let frozen = log
            .freezes
            .iter()
            .any(|(from, to)| (*from..*to).contains(&due));
        served.answered - if frozen { due } else { served.arrived }
    };
    Quantiles::exact(log.requests.iter().map(latency).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_the_time_in_the_server_and_the_rest_of_a_freeze() {
        let served = |id, arrived, answered| Served {
            id,
            arrived,
            answered,
        };
        let log = Log {
            requests: vec![served(0, 1100, 1200), served(1, 5000, 5100)],
            freezes: vec![(1900, 4900)],
        };
        // The second is due at 2000, inside the freeze, and answered at 5100.
        let q = quantiles(&log, 1000, 1e6);
        assert_eq!((q.p50, q.max), (100, 3100));
    }
}
