//! What the contract says of the process and not of its answers.

use std::collections::BTreeSet;
use std::path::Path;

use sys::stderr;

use super::check::Failure;

/// The server is one process: no prefork, no helpers whose CPU time would not be counted.
pub fn single(pid: i32) -> Result<(), Failure> {
    let children = children_of(pid).map_err(|e| {
        Failure::new("its process", "a look at all processes in /proc", e).of_the_lab()
    })?;
    if children.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        "its process",
        "no child processes",
        format!("{} (prefork must be off)", children.len()),
    ))
}

/// The processes whose parent it is. Each process's own file says whose child it is; the list of children
/// in its parent's folder is there on some kernels only.
fn children_of(pid: i32) -> std::io::Result<Vec<String>> {
    let parent = pid.to_string();
    let mut children = Vec::new();
    let mut seen = false;
    for entry in std::fs::read_dir("/proc")? {
        let Ok(stat) = std::fs::read_to_string(entry?.path().join("stat")) else {
            // None of a process, or of one that has just ended.
            continue;
        };
        // pid (name, that may hold anything) state parent ...
        let Some((head, rest)) = stat.rsplit_once(')') else {
            continue;
        };
        let own = head.split(' ').next().unwrap_or_default();
        seen |= own == parent;
        if rest.split_whitespace().nth(1) == Some(&parent) {
            children.push(own.to_owned());
        }
    }
    match seen {
        true => Ok(children),
        false => Err(std::io::Error::other(
            "the server's own process is not there",
        )),
    }
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
    fn a_process_that_cannot_be_seen_is_no_process_without_children() {
        let own = std::process::id() as i32;
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let children = children_of(own).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(children.contains(&child.id().to_string()), "{children:?}");
        assert!(children_of(i32::MAX).is_err());
        let unseen = loopback_only(i32::MAX).unwrap_err();
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
