//! Instructions that the instrument executes for a request that it asks: its hot path may not grow
//! unseen.
//!
//! It offers its load for a time, not for a number of requests, and what a start and a report take
//! is in the count. So each start is made of two runs, a short and a long one, against a server of
//! the lab's own: what the long one has more, by the requests that it has more.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;

use instructions::{Counters, Emulator};
use sys::spawn::{self, Confinement};
use sys::stderr;

use crate::CountError;

/// Connections that it asks by.
const CONNECTIONS: &str = "16";
/// Length of the two runs.
const RUNS: [&str; 2] = ["300ms", "1500ms"];
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

/// Instructions a request of the instrument `program` (`lab`, started as `lab load`), in one start.
///
/// # Errors
/// [`CountError`].
pub fn instructions(emulator: &Emulator, program: &Path) -> Result<f64, CountError> {
    let address = serve().map_err(CountError::io("serve the instrument"))?;
    let [short, long] = RUNS.map(|length| one(emulator, program, address, length));
    let ((fewer, asked), (more, answered)) = (short?, long?);
    if answered <= asked || more <= fewer {
        return Err(CountError::Wrong {
            server: program.display().to_string(),
            request: format!("load of {} and {}", RUNS[0], RUNS[1]),
            what: format!("{asked} requests in the short run, {answered} in the long one"),
        });
    }
    Ok((more - fewer) as f64 / (answered - asked) as f64)
}

/// Instructions and requests of one run.
fn one(
    emulator: &Emulator,
    program: &Path,
    address: SocketAddr,
    length: &str,
) -> Result<(u64, u64), CountError> {
    let name = || program.display().to_string();
    let counted = |source| CountError::Counters {
        server: name(),
        source,
    };
    let counters = Counters::new().map_err(counted)?;
    let mut command = emulator.command(program, &counters);
    command
        .args([
            "load",
            "--json",
            "--connections",
            CONNECTIONS,
            "--lead-in",
            "0ms",
        ])
        .args(["--duration", length, &format!("http://{address}/")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    spawn::confine(&mut command, Confinement::default());
    let output = command
        .output()
        .map_err(CountError::io("run the instrument"))?;
    let outcome: Result<serde_json::Value, _> = serde_json::from_slice(&output.stdout);
    let recorded = outcome.ok().and_then(|o| {
        // Every one that it sent costs it something, also one without an answer.
        let failed = o["counts"]["failed"].as_u64()?;
        (failed == 0)
            .then(|| o["counts"]["recorded"].as_u64())
            .flatten()
    });
    match recorded {
        Some(requests) => Ok((counters.read().map_err(counted)?.instructions(), requests)),
        None => Err(CountError::Died {
            server: name(),
            status: format!("offered no load, and ended with {}", output.status),
            words: stderr::last_line_of(&String::from_utf8_lossy(&output.stderr)),
        }),
    }
}

/// A server that answers at once, for as long as the lab runs.
fn serve() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    Ok(address)
}

fn answer(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = stream.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..n]);
        // One request at a time: that is how the instrument asks.
        if seen.ends_with(b"\r\n\r\n") {
            seen.clear();
            if stream.write_all(ANSWER).is_err() {
                return;
            }
        }
    }
}
