//! What the contract says of the process and not of its answers.

use std::collections::BTreeSet;
use std::path::Path;

use super::check::Failure;
use crate::server::stderr;

/// The server is one process: no prefork, no helpers whose CPU time would not be counted.
pub fn single(pid: i32) -> Result<(), Failure> {
    let children: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    if children.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        "its process",
        "no child processes",
        format!("{} (prefork must be off)", children.len()),
    ))
}

/// The server listens on the loopback device and nowhere else.
pub fn loopback_only(pid: i32) -> Result<(), Failure> {
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
            if sockets.contains(*inode) && !is_loopback(host) {
                return Err(Failure::new(
                    "its listening sockets",
                    "the loopback device only",
                    "one that is open to other machines too",
                ));
            }
        }
    }
    Ok(())
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
