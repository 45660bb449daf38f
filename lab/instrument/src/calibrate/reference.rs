//! The reference client: spins all the time, one write at each due time, a read of every busy
//! connection in each round, exact times in a list. It shares nothing with the instrument but the
//! clock, and would be useless as one: it burns a CPU at any rate.

use super::Quantiles;
use super::scenario::Scenario;
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use sys::clock;

/// What it saw.
pub struct Seen {
    pub begin: u64,
    pub quantiles: Quantiles,
}

struct Busy {
    stream: TcpStream,
    due: u64,
}

/// Runs the scenario's schedule against `address`.
pub fn run(address: &str, scenario: Scenario, scale: f64) -> Result<Seen, String> {
    let failed = |error: std::io::Error| format!("the reference client failed: {error}");
    let (open, most) = scenario.connections();
    // All that it may use, from the start: opening is not what it is there to time.
    let count = if scenario == Scenario::SlowDrain {
        most
    } else {
        open
    };
    let mut idle: VecDeque<TcpStream> = (0..count)
        .map(|_| connect(address))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    let (rate, requests) = (scenario.rate(), scenario.requests(scale));
    let mut busy: Vec<Busy> = Vec::new();
    let mut latencies = Vec::with_capacity(requests as usize);
    let mut buffer = [0u8; 4096];
    let begin = clock::now() + clock::MILLI;
    let due_of = |id: u64| begin + (id as f64 * 1e9 / rate) as u64;
    let mut next = 0;
    let end = due_of(requests) + 10 * clock::SECOND;
    while (latencies.len() as u64) < requests {
        let now = clock::now();
        if now > end {
            return Err("the reference client was not answered".into());
        }
        if next < requests
            && now >= due_of(next)
            && let Some(mut stream) = idle.pop_front()
        {
            // In one piece: the server takes a read for a request.
            let request = format!("GET /w/{next} HTTP/1.1\r\nHost: x\r\n\r\n");
            stream.write_all(request.as_bytes()).map_err(failed)?;
            busy.push(Busy {
                stream,
                due: due_of(next),
            });
            next += 1;
        }
        let mut index = 0;
        while index < busy.len() {
            match busy[index].stream.read(&mut buffer) {
                Ok(n) if n > 0 => {
                    let Busy { stream, due } = busy.swap_remove(index);
                    latencies.push(clock::now() - due);
                    idle.push_back(stream);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => index += 1,
                Err(error) => return Err(failed(error)),
                Ok(_) => return Err("the truth server closed a connection".into()),
            }
        }
    }
    Ok(Seen {
        begin,
        quantiles: Quantiles::exact(latencies),
    })
}

fn connect(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}
