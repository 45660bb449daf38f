//! Waiting for a server's first right answer.
//!
//! A blocking socket on a thread of its own: the answer is looked for every 0.2 ms, which an
//! asynchronous timer cannot do (its resolution is 1 ms), and a start takes a few ms.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use catalog::payload::PLAINTEXT;
use sys::clock::monotonic;

use super::error::Fault;
use super::patience::Patience;
use super::process::Server;

/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_micros(200);
/// How long one answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How often to look whether the process still lives.
const LOOK: Duration = Duration::from_millis(5);
/// How much of an answer is kept to quote its first line.
const LINE: usize = 256;

enum Tried {
    Answered(Duration),
    Refused,
    Wrong(String),
}

/// Waits until the server answers `GET /plaintext` rightly; gives the time of the answer on
/// the monotonic clock.
pub(super) async fn wait(server: &mut Server, within: Duration) -> Result<Duration, Fault> {
    let address = server.address();
    let patience = Patience::with(server.pid(), within);
    let mut last = None;
    loop {
        let until = Instant::now() + LOOK;
        let tried = tokio::task::spawn_blocking(move || poll(address, until))
            .await
            .map_err(|e| Fault::Start(std::io::Error::other(e)))?;
        match tried {
            Tried::Answered(at) => {
                // Another process might have answered on the port of a server that is gone.
                if let Some(status) = server.ended() {
                    return Err(Fault::ExitedEarly { status });
                }
                return Ok(at);
            }
            Tried::Refused => {}
            // Others may pass while a server starts; this one is there to stay.
            Tried::Wrong(line) if line.starts_with("`HTTP/1.1 501 ") => {
                return Err(Fault::NotWritten { line });
            }
            Tried::Wrong(what) => last = Some(what),
        }
        if let Some(status) = server.ended() {
            return Err(Fault::ExitedEarly { status });
        }
        if patience.is_over() {
            if let Some(kept) = patience.kept() {
                return Err(kept);
            }
            return Err(match last {
                None => Fault::NeverListened { address, within },
                Some(last) => Fault::NeverAnswered {
                    address,
                    within,
                    last,
                },
            });
        }
    }
}

fn poll(address: SocketAddr, until: Instant) -> Tried {
    loop {
        match TcpStream::connect_timeout(&address, ANSWER_WITHIN) {
            Ok(stream) => {
                return match ask(stream) {
                    Ok(at) => Tried::Answered(at),
                    Err(what) => {
                        std::thread::sleep(PAUSE);
                        Tried::Wrong(what)
                    }
                };
            }
            Err(_) if Instant::now() >= until => return Tried::Refused,
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
}

fn ask(mut stream: TcpStream) -> Result<Duration, String> {
    let io = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => {
            format!("no answer within {} s", ANSWER_WITHIN.as_secs())
        }
        _ => e.to_string(),
    };
    stream.set_read_timeout(Some(ANSWER_WITHIN)).map_err(io)?;
    let request = format!(
        "GET /plaintext HTTP/1.1\r\nHost: {}\r\n\r\n",
        stream.peer_addr().map_err(io)?
    );
    stream.write_all(request.as_bytes()).map_err(io)?;
    let mut parser = load::http::Parser::default();
    parser.begin(false);
    let (mut raw, mut body) = (Vec::new(), Vec::new());
    let mut buffer = [0; 4096];
    loop {
        let n = stream.read(&mut buffer).map_err(io)?;
        raw.extend_from_slice(&buffer[..n.min(LINE.saturating_sub(raw.len()))]);
        let first = || {
            String::from_utf8_lossy(raw.split(|b| *b == b'\r').next().unwrap_or_default())
                .into_owned()
        };
        if n == 0 {
            return Err(format!("the connection was closed after `{}`", first()));
        }
        let complete = parser
            .feed(&buffer[..n], &mut |part| body.extend_from_slice(part))
            .map_err(|fault| format!("`{}`, which is no answer ({fault:?})", first()))?;
        if complete.is_some_and(|a| a.status == 200) && body == PLAINTEXT.as_bytes() {
            return Ok(monotonic());
        }
        let wrong_status = raw.len() >= 12 && !raw.starts_with(b"HTTP/1.1 200");
        if complete.is_some() || wrong_status || body.len() > PLAINTEXT.len() {
            return Err(format!("`{}`", first()));
        }
    }
}
