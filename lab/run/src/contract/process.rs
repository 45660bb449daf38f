//! What the contract says of the process and not of its answers.

use std::net::SocketAddr;
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

/// The server listens on the loopback address that it was given and nowhere else.
pub fn loopback_only(pid: i32, address: SocketAddr) -> Result<(), Failure> {
    let port = format!("{:04X}", address.port());
    for (table, allowed) in [
        ("tcp", "0100007F"),
        ("tcp6", "00000000000000000000000001000000"),
    ] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let mut words = line.split_whitespace().skip(1);
            let (Some(local), Some(_), Some(state)) = (words.next(), words.next(), words.next())
            else {
                continue;
            };
            // State 0A is LISTEN.
            if state == "0A"
                && let Some((host, p)) = local.split_once(':')
                && p == port
                && host != allowed
            {
                return Err(Failure::new(
                    "its listening socket",
                    format!("{address} only"),
                    "one that is open to other machines too",
                ));
            }
        }
    }
    Ok(())
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
