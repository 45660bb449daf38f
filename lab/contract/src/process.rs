//! What the contract says of the process and not of its answers.

use std::collections::BTreeSet;
use std::path::Path;

use super::check::Failure;
use server::Server;
use server::inspect::Found;
use server::runtime::{LIVE, LIVE_AFTER, Reading};
use sys::stderr;

/// What a look at the process found, as a failure: its program, its kin, its threads, its
/// connections.
pub fn as_started(looked: Result<(), Found>) -> Result<(), Failure> {
    looked.map_err(|found| match found {
        Found::Offence(words) => Failure::new(
            "its process",
            "one process that runs the built program as it was started",
            format!("one that {words}"),
        ),
        Found::Unseen(words) => {
            Failure::new("its process", "a look at it in /proc", words).of_the_lab()
        }
    })
}

/// A reading that later ones are compared with, and how many collections had been asked for then.
pub struct Before(Reading, u64);

/// The runtime's settings are Go's own, and next to nothing is kept before the first request: two
/// collections tell, as until the first one nothing counts as kept.
pub fn untouched(server: &mut Server) -> Result<Option<Before>, Failure> {
    server.reading().map_err(runtime)?;
    let Some(probe) = server.probe() else {
        return Ok(None);
    };
    probe.ask("gc").map_err(runtime)?;
    let asked = probe.collections();
    match server.reading().map_err(runtime)? {
        Some(reading) if reading.heap_live_bytes > LIVE => Err(runtime(format!(
            "holds {} MiB before it was asked for anything, and so seldom collects",
            reading.heap_live_bytes >> 20
        ))),
        reading => Ok(reading.map(|reading| Before(reading, asked))),
    }
}

/// As [`untouched`], after load: the collector ran when it was due, and as often as it was asked; and
/// little is kept, unless it `grows` by declaration.
pub fn collected(server: &mut Server, before: Option<Before>, grows: bool) -> Result<(), Failure> {
    let all = server.probe().map_or(0, |probe| probe.collections());
    if let Some(Before(reading, asked)) = before {
        let since = server.reading_since(Some(reading), all - asked);
        since.map_err(runtime)?;
    }
    match grows {
        true => Ok(()),
        false => holds_little(server),
    }
}

/// A server that nothing is asked of holds little, after two collections; nothing is said of one
/// without a probe.
///
/// # Errors
/// How much it holds, or that it does not say.
pub fn holds_little(server: &mut Server) -> Result<(), Failure> {
    let Some(probe) = server.probe() else {
        return Ok(());
    };
    let answer = probe.ask("gc").map_err(runtime)?;
    match Reading::of(answer).map_err(runtime)?.heap_live_bytes {
        live if live > LIVE_AFTER => Err(runtime(format!(
            "holds {} MiB when nothing is asked of it any more, and so seldom collects",
            live >> 20
        ))),
        _ => Ok(()),
    }
}

fn runtime(words: String) -> Failure {
    Failure::new(
        "its Go runtime",
        "one whose settings and collections are Go's own",
        format!("one that {words}"),
    )
}

/// The server listens on the loopback device and nowhere else.
pub fn loopback_only(pid: i32) -> Result<(), Failure> {
    let mut seen = 0;
    let sockets: BTreeSet<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|fd| {
            let target = std::fs::read_link(fd.path()).ok()?;
            let inode = target
                .to_str()?
                .strip_prefix("socket:[")?
                .strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect();
    for table in ["tcp", "tcp6"] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            // sl local_address rem_address st queues tr retrnsmt uid timeout inode
            let words: Vec<_> = line.split_whitespace().collect();
            let (Some(local), Some(&"0A"), Some(inode)) =
                (words.get(1), words.get(3), words.get(9))
            else {
                continue;
            };
            let host = local.split(':').next().unwrap_or_default();
            if !sockets.contains(*inode) {
                continue;
            }
            seen += 1;
            if !is_loopback(host) {
                return Err(Failure::new(
                    "its listening sockets",
                    "the loopback device only",
                    "one that is open to other machines too",
                ));
            }
        }
    }
    // It answered, so it listens: a look that finds no socket has seen nothing.
    match seen {
        0 => Err(Failure::new(
            "its listening sockets",
            "to see them in /proc/PID/fd and /proc/PID/net",
            "none",
        )
        .of_the_lab()),
        _ => Ok(()),
    }
}

/// Whether an address as /proc/net writes it (words of four bytes, little-endian, in hex)
/// is 127.0.0.0/8, ::1 or an IPv4 loopback address in IPv6 clothes.
fn is_loopback(host: &str) -> bool {
    const MAPPED: &str = "0000000000000000FFFF0000";
    let ipv4 = host.strip_prefix(MAPPED).unwrap_or(host);
    match ipv4.len() {
        8 => ipv4.ends_with("7F"),
        _ => host == "00000000000000000000000001000000",
    }
}

/// The server printed nothing in normal work.
pub fn silent(log: &Path) -> Result<(), Failure> {
    // A log that cannot be read is not an empty one.
    if let Err(e) = std::fs::File::open(log) {
        let wanted = format!("to read {}", log.display());
        return Err(Failure::new("its output", wanted, e).of_the_lab());
    }
    match stderr::last_line(log) {
        None => Ok(()),
        Some(line) => Err(Failure::new(
            "its output",
            "nothing on stdout and stderr",
            format!("`{line}`"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_the_labs_trouble() {
        let unseen = loopback_only(i32::MAX).unwrap_err();
        assert_eq!(unseen.of, super::super::check::Of::Lab);
        let unseen = as_started(Err(Found::Unseen("x".to_owned()))).unwrap_err();
        assert_eq!(unseen.of, super::super::check::Of::Lab);
    }

    #[test]
    fn loopback_is_told_from_everywhere() {
        for (host, loopback) in [
            ("0100007F", true),
            ("0200007F", true),
            ("00000000", false),
            ("0101A8C0", false),
            ("00000000000000000000000001000000", true),
            ("00000000000000000000000000000000", false),
            ("0000000000000000FFFF00000100007F", true),
        ] {
            assert_eq!(is_loopback(host), loopback, "{host}");
        }
    }
}
