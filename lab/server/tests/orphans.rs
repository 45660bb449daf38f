//! Processes that outlive their parents. A program of its own, as whose they are depends on which
//! servers of this process run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use builder::Binary;
use server::inspect::Found;
use server::{Server, StartOptions};

/// One after the other.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Longer than any machine takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a script that lies in a folder of its own, as nothing may be written where another test's
/// child still has the file open.
fn started(folder: &Path, script: &str) -> Server {
    let path = folder.join("program");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let binary = Binary {
        path,
        ..Binary::default()
    };
    let options = StartOptions {
        stderr: folder.join("stderr.txt"),
        ..StartOptions::default()
    };
    let begun = Instant::now();
    loop {
        match Server::start(&binary, &options) {
            Ok(server) => return server,
            Err(e) => assert!(begun.elapsed() < PATIENCE, "{e}"),
        }
    }
}

#[track_caller]
fn soon(what: &str, look: impl Fn() -> bool) {
    let begun = Instant::now();
    while !look() {
        assert!(begun.elapsed() < PATIENCE, "{what}: never");
        std::thread::sleep(Duration::from_millis(2));
    }
}

const HONEST: &str = "#!/bin/sh\nexec /usr/bin/tail -f /dev/null\n";

/// Runs some words of a shell in a child of the server's that outlives its parent.
fn orphaning(words: &str) -> String {
    format!("#!/bin/sh\n({words} &)\nexec /usr/bin/tail -f /dev/null\n")
}

#[track_caller]
fn has_company(server: &Server, wanted: &str) {
    soon(
        wanted,
        || matches!(server.has_no_company(), Err(Found::Offence(words)) if words.contains(wanted)),
    );
}

/// One after the other: whose an orphan is that left the session depends on who runs.
#[tokio::test]
async fn who_outlives_its_parent_is_still_its_servers() {
    let _turn = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let stays = started(folder.path(), &orphaning("sleep 600"));
    has_company(&stays, "has a process in its ");
    drop(stays);
    let mut leaves = started(folder.path(), &orphaning("setsid sleep 601"));
    has_company(
        &leaves,
        "has a process that is not below it any more, sleep (",
    );
    // It was ended, and an honest one beside it has nothing of it.
    assert_eq!(leaves.has_no_company(), Ok(()));
    let honest = started(folder.path(), HONEST);
    assert_eq!(honest.has_no_company(), Ok(()));
    leaves.pause();
    assert_eq!(honest.has_no_company(), Ok(()));
}

#[tokio::test]
async fn of_two_that_run_the_one_that_made_an_orphan_is_named_by_its_signature() {
    let _turn = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let second = tempfile::tempdir().unwrap();
    let honest = started(folder.path(), HONEST);
    let other = started(second.path(), &orphaning("setsid sleep 604"));
    let begun = Instant::now();
    while !matches!(other.has_no_company(), Err(Found::Offence(words)) if words.contains("sleep ("))
    {
        assert_eq!(honest.has_no_company(), Ok(()));
        assert!(begun.elapsed() < PATIENCE, "the orphan is not found");
    }
}

/// A limit can be lowered: who does is nobody's, and not another's.
#[tokio::test]
async fn of_two_that_run_nobody_is_accused_of_an_orphan_without_a_signature() {
    let _turn = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let second = tempfile::tempdir().unwrap();
    let mut honest = started(folder.path(), HONEST);
    let other = started(
        second.path(),
        &orphaning("prlimit --locks=1:1 setsid sleep 602"),
    );
    let both = |server: &Server| match server.has_no_company() {
        Err(Found::Unseen(words)) => words.contains("one of ") && words.contains("sleep ("),
        _ => false,
    };
    soon("it cannot be told whose it is", || both(&honest));
    drop(other);
    // Nor is it seen by who slept while it came.
    honest.pause();
    assert_eq!(honest.has_no_company(), Ok(()));
}
