//! Which of a name's addresses the load goes to: the first, in the resolver's order, where
//! somebody listens. `localhost` is often `::1` first while the server is on 127.0.0.1.

use super::advice::{connect_advice, errno_text};
use crate::LoadError;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long all of them together are tried: enough for a server that is just starting.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long one may take to answer, where others are left.
const EACH: Duration = Duration::from_secs(1);
/// Pause between rounds.
const PAUSE: Duration = Duration::from_millis(20);

/// The first of `addresses` that takes a connection. A single one is not tried: the load's own
/// connections do that, and the server sees no other.
///
/// # Errors
/// Where none does: each with what came of it. Panics where there are none.
pub fn first_reachable(addresses: &[SocketAddr], wanted: usize) -> Result<SocketAddr, LoadError> {
    if let [only] = addresses {
        return Ok(*only);
    }
    let begun = Instant::now();
    loop {
        let mut failures = Vec::new();
        for address in addresses {
            match TcpStream::connect_timeout(address, EACH) {
                Ok(_) => return Ok(*address),
                Err(error) => {
                    failures.push((address, error.raw_os_error().unwrap_or(libc::ETIMEDOUT)));
                }
            }
        }
        if begun.elapsed() < PATIENCE {
            std::thread::sleep(PAUSE);
            continue;
        }
        // A refusal says most: somebody was there to refuse.
        let told = failures
            .iter()
            .find(|(_, errno)| *errno == libc::ECONNREFUSED)
            .or(failures.first())
            .expect("a name that resolves has an address");
        let each: Vec<String> = failures
            .iter()
            .map(|(address, errno)| format!("{address}: {}", errno_text(*errno)))
            .collect();
        return Err(LoadError::Connect {
            address: "any address of the host".into(),
            opened: 0,
            wanted,
            reason: each.join("; "),
            advice: connect_advice(told.1),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::first_reachable;
    use std::net::{SocketAddr, TcpListener};

    fn free() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    }

    #[test]
    fn the_first_address_where_somebody_listens_is_taken() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let there = server.local_addr().unwrap();
        // Refused or, without IPv6, not to be had at all: either way the next one's turn.
        let v6: SocketAddr = format!("[::1]:{}", there.port()).parse().unwrap();
        assert_eq!(first_reachable(&[v6, there], 1).unwrap(), there);
        assert_eq!(first_reachable(&[free(), there, v6], 1).unwrap(), there);
        assert_eq!(first_reachable(&[there, free()], 1).unwrap(), there);
    }

    #[test]
    fn where_nobody_listens_each_address_is_named() {
        let (a, b) = (free(), free());
        let said = first_reachable(&[a, b], 3).unwrap_err().to_string();
        for part in [
            &a.to_string(),
            &b.to_string(),
            "refused",
            "0 of 3",
            "running",
        ] {
            assert!(said.contains(part), "{said:?} does not say {part:?}");
        }
    }
}
