//! The truth server: one thread that spins on its CPU, so that it is as punctual as its clock,
//! and writes down for each request when the kernel had it and when its answer was given to the
//! socket. Time that the server itself was kept from running lies between the two: it is part of
//! what it did to the request, whoever asked.
//!
//! `GET /w/ID` is a request; `GET /log` answers with the log and the freezes, as JSON.

use super::scenario::{FREEZE_EVERY, FROZEN, Scenario};
use load::{ask_for_stamps, receive_stamped};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use sys::clock;

/// One request, monotonic nanoseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Served {
    /// The number in its path.
    pub id: u64,
    /// When the kernel received it, by its receive stamp.
    pub arrived: u64,
    /// When its answer had been given to the socket.
    pub answered: u64,
}

/// What the server knows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Log {
    /// In the order of their answers.
    pub requests: Vec<Served>,
    /// Begin and end of each freeze.
    pub freezes: Vec<(u64, u64)>,
}

/// An answer that is due: time, connection, id, when its request arrived.
type Due = Reverse<(u64, usize, u64, u64)>;

/// Serves `scenario` on `listener` until the process is killed.
pub fn serve(scenario: Scenario, requests: u64, listener: &TcpListener) -> std::io::Result<()> {
    // Connections inherit it.
    ask_for_stamps(listener.as_raw_fd()).map_err(std::io::Error::from_raw_os_error)?;
    let mut log = Log::default();
    log.requests.reserve(requests as usize);
    // There is nothing to be punctual for before the first client.
    let mut streams = vec![Some(prepare(listener.accept()?.0)?)];
    listener.set_nonblocking(true)?;
    let mut due: BinaryHeap<Due> = BinaryHeap::new();
    let mut buffer = [0u8; 4096];
    let mut next_freeze = u64::MAX;
    loop {
        if clock::now() >= next_freeze {
            log.freezes.push((next_freeze, next_freeze + FROZEN));
            while clock::now() < next_freeze + FROZEN {
                std::hint::spin_loop();
            }
            next_freeze += FREEZE_EVERY;
        }
        while let Ok((stream, _)) = listener.accept() {
            streams.push(Some(prepare(stream)?));
        }
        answer_due(&mut due, &mut streams, &mut log);
        let offset = clock::realtime() as i64 - clock::now() as i64;
        for index in 0..streams.len() {
            let Some(stream) = &mut streams[index] else {
                continue;
            };
            let (received, stamp) = receive_stamped(stream.as_raw_fd(), &mut buffer, offset);
            let n = match received {
                Ok(n) if n > 0 => n,
                Err(libc::EAGAIN) => continue,
                _ => {
                    streams[index] = None;
                    continue;
                }
            };
            let read = clock::now();
            if scenario == Scenario::Freeze && next_freeze == u64::MAX {
                // The first freeze is half a period after the first request.
                next_freeze = read + FREEZE_EVERY / 2;
            }
            match id(&buffer[..n]) {
                Some(id) => {
                    let arrived = stamp.unwrap_or(read).min(read);
                    let at = read + scenario.service(id, requests);
                    due.push(Reverse((at, index, id, arrived)));
                    answer_due(&mut due, &mut streams, &mut log);
                }
                None => send_log(stream, &log)?,
            }
        }
    }
}

fn prepare(stream: TcpStream) -> std::io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}

fn answer_due(due: &mut BinaryHeap<Due>, streams: &mut [Option<TcpStream>], log: &mut Log) {
    while let Some(Reverse((at, index, id, arrived))) = due.peek().copied() {
        if at > clock::now() {
            return;
        }
        due.pop();
        let body = id.to_string();
        let text = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        if let Some(stream) = &mut streams[index]
            && stream.write_all(text.as_bytes()).is_err()
        {
            streams[index] = None;
        }
        log.requests.push(Served {
            id,
            arrived,
            answered: clock::now(),
        });
    }
}

/// The id in `GET /w/ID HTTP/1.1`.
fn id(request: &[u8]) -> Option<u64> {
    let rest = request.strip_prefix(b"GET /w/")?;
    let end = memchr::memchr(b' ', rest)?;
    std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
}

fn send_log(stream: &mut TcpStream, log: &Log) -> std::io::Result<()> {
    let body = serde_json::to_vec(log)?;
    stream.set_nonblocking(false)?;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)?;
    stream.set_nonblocking(true)
}
