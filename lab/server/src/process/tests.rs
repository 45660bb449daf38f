//! What a server is started with, as the kernel tells it of a real process.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use host::cpus;

use super::*;
use crate::memory::{MemoryReader, Resident};

/// Longer than any machine takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that runs until it is killed, and needs no words on its command line.
const ENDLESS: &str = "#!/usr/bin/tail -f\n";

fn program(folder: &std::path::Path, script: &str) -> Binary {
    let path = folder.join("program");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    Binary {
        path,
        ..Binary::default()
    }
}

fn started(folder: &std::path::Path, options: StartOptions) -> Server {
    started_as(folder, ENDLESS, options)
}

fn started_as(folder: &std::path::Path, script: &str, options: StartOptions) -> Server {
    let binary = program(folder, script);
    let options = StartOptions {
        stderr: folder.join("stderr.txt"),
        ..options
    };
    let begun = Instant::now();
    loop {
        match Server::start(&binary, &options) {
            Ok(server) => return server,
            // Another test's child may hold the file open for writing until its own exec.
            Err(e) => match &e.fault {
                Fault::Start(e) if e.raw_os_error() == Some(libc::ETXTBSY) => {}
                _ => panic!("{e}"),
            },
        }
        assert!(begun.elapsed() < PATIENCE);
    }
}

fn read(pid: i32, file: &str) -> String {
    String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/{file}")).unwrap()).into_owned()
}

fn status(pid: i32, field: &str) -> String {
    let status = read(pid, "status");
    let line = status.lines().find_map(|l| l.strip_prefix(field));
    line.unwrap().trim_start_matches(':').trim().to_owned()
}

#[track_caller]
fn soon(what: &str, look: impl Fn() -> bool) {
    let begun = Instant::now();
    while !look() {
        assert!(begun.elapsed() < PATIENCE, "{what}: never");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test]
async fn a_server_is_pinned_padded_and_told_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let cpu = *cpus::allowed().unwrap().last().unwrap();
    let server = started(
        folder.path(),
        StartOptions {
            cpus: vec![cpu],
            env: vec![("GOMAXPROCS", "1".to_owned())],
            padding: 1234,
            ..StartOptions::default()
        },
    );
    // spawn returns after the exec.
    assert_eq!(status(server.pid(), "Cpus_allowed_list"), cpu.to_string());
    let told = read(server.pid(), "environ");
    let told: BTreeMap<_, _> = (told.split_terminator('\0'))
        .map(|entry| entry.split_once('=').unwrap())
        .collect();
    let address = server.address().to_string();
    let padding = "x".repeat(1234);
    let wanted = BTreeMap::from([
        ("GOMAXPROCS", "1"),
        ("LISTEN", &*address),
        ("PADDING", &*padding),
    ]);
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn a_server_without_cpus_of_its_own_may_use_the_labs() {
    let folder = tempfile::tempdir().unwrap();
    let server = started(folder.path(), StartOptions::default());
    let own = std::process::id() as i32;
    assert_eq!(
        status(server.pid(), "Cpus_allowed_list"),
        status(own, "Cpus_allowed_list")
    );
    assert!(!read(server.pid(), "environ").contains("PADDING"));
}

#[tokio::test]
async fn a_paused_server_is_stopped_until_it_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = started(folder.path(), StartOptions::default());
    let pid = server.pid();
    for _ in 0..2 {
        server.pause();
        soon("stopped", || status(pid, "State").starts_with('T'));
        server.resume();
        soon("running", || !status(pid, "State").starts_with('T'));
    }
}

#[tokio::test]
async fn its_memory_is_what_the_kernel_says_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let server = started(folder.path(), StartOptions::default());
    let pid = server.pid();
    // It holds still once it waits for its file to grow.
    let kernels = || -> u64 {
        let text = status(pid, "VmRSS");
        text.strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    };
    let told = || {
        let by_reader = MemoryReader::default().resident(pid).unwrap();
        [by_reader, Resident::of(pid).unwrap().rss]
    };
    soon("the same, three times", || {
        let (before, told, after) = (kernels(), told(), kernels());
        // The kernel counts a few pages lazily in one of its accounts and exactly in the other.
        let close = |bytes: u64| bytes.abs_diff(before) <= 64 * 4096;
        before == after && before > 0 && told.into_iter().all(close)
    });
}

#[tokio::test]
async fn what_a_server_leaves_ends_when_its_end_is_seen_and_nobody_is_signalled_after() {
    let folder = tempfile::tempdir().unwrap();
    let child = folder.path().join("child");
    let script = format!(
        "#!/bin/sh\n/bin/sleep 600 &\necho $! > {}\n",
        child.display()
    );
    let mut server = started_as(folder.path(), &script, StartOptions::default());
    let begun = Instant::now();
    while server.ended().is_none() {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(2));
    }
    let pid: i32 = fs::read_to_string(child).unwrap().trim().parse().unwrap();
    soon("its child is gone", || {
        // Whoever adopts it may leave it unread for a while.
        let status = fs::read_to_string(format!("/proc/{pid}/status"));
        status.map_or(true, |text| text.contains("State:\tZ"))
    });
    // By now the number may be that of another group.
    assert!(server.reaped);
}

#[tokio::test]
async fn a_server_has_a_session_of_its_own_and_no_rights_over_others() {
    let folder = tempfile::tempdir().unwrap();
    let server = started(folder.path(), StartOptions::default());
    // SAFETY: no pointers.
    assert_eq!(unsafe { libc::getsid(server.pid()) }, server.pid());
    assert_eq!(status(server.pid(), "NoNewPrivs"), "1");
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        let has = u64::from_str_radix(&status(server.pid(), set), 16).unwrap();
        // Whose files it may read, where the lab is root.
        let files = 1 << 1 | 1 << 2;
        let left = match set {
            // A lab that is not root cannot take anything out of it, and needs not.
            "CapBnd" if unsafe { libc::geteuid() } != 0 => continue,
            _ => has & !files,
        };
        assert_eq!(left, 0, "{set}: {has:x}");
    }
    let limits = read(server.pid(), "limits");
    for limit in ["Max nice priority", "Max realtime priority"] {
        let line = limits.lines().find(|l| l.starts_with(limit)).unwrap();
        let words: Vec<_> = line[limit.len()..].split_whitespace().collect();
        assert_eq!(words, ["0", "0"], "{line}");
    }
}
