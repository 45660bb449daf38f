//! What is broken in the machine is told before any server is judged, and not as a server's failure.

use std::process::Command;

use crate::prebuilt::prebuilt;
use crate::support::{Bench, alone, lab, root, run, within};

/// Whether a program of the system's can be used here; says which test is skipped where not.
fn works(words: &[&str], test: &str) -> bool {
    let works = Command::new(words[0])
        .args(&words[1..])
        .output()
        .is_ok_and(|o| o.status.success());
    if !works {
        eprintln!("skipped: {test}: `{}` does not work here", words.join(" "));
    }
    works
}

#[test]
fn without_loopback_no_server_is_judged() {
    // A network of its own, in which nothing is up yet.
    if !works(
        &["unshare", "-n", "true"],
        "without_loopback_no_server_is_judged",
    ) {
        return;
    }
    let _alone = alone();
    let go = "exec \"$0\" \"$@\"";
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp"], 1, 100);
    for inner in [lab(&["check", "nethttp"]), bench.bench(&experiment, &[])] {
        let ended = run(within(&["unshare", "-n"], go, &inner));
        ended.expect_status(3);
        let (out, words) = (ended.stdout(), ended.stderr());
        assert!(
            words.contains("lab: the loopback device cannot be used"),
            "{words}"
        );
        assert!(words.contains("ip link set lo up"), "{words}");
        assert!(!format!("{out}{words}").contains("FAILED"), "{out}{words}");
    }
    assert!(!bench.results().exists(), "nothing was begun");
}

#[test]
fn a_read_only_checkout_is_told_and_no_server_is_judged() {
    if !works(
        &["unshare", "-m", "true"],
        "a_read_only_checkout_is_told_and_no_server_is_judged",
    ) {
        return;
    }
    let ended = run(where_servers_cannot_be_kept(&lab(&["check", "nethttp"])));
    let folder = root().join("target/servers");
    let folder = folder.display();
    ended.expect_status(3);
    let (out, words) = (ended.stdout(), ended.stderr());
    assert!(
        words.contains(&format!("lab: {folder} cannot be written")),
        "{words}"
    );
    assert!(!format!("{out}{words}").contains("FAILED"), "{out}{words}");
}

/// A command where the folder that servers are built into is read-only.
fn where_servers_cannot_be_kept(inner: &Command) -> Command {
    let folder = root().join("target/servers");
    std::fs::create_dir_all(&folder).unwrap();
    let folder = folder.display();
    let script = format!(
        "mount --bind '{folder}' '{folder}' && mount -o remount,ro,bind '{folder}' && exec \"$0\" \"$@\""
    );
    within(&["unshare", "-m"], &script, inner)
}

#[test]
fn servers_that_came_built_are_measured_from_a_checkout_that_nobody_can_write_to() {
    if !works(
        &["unshare", "-m", "true"],
        "servers_that_came_built_are_measured_from_a_checkout_that_nobody_can_write_to",
    ) {
        return;
    }
    let _alone = alone();
    let bench = Bench::new();
    let servers = prebuilt(bench.path());
    let experiment = bench.experiment(&["nethttp"], 2, 100);
    let mut command = bench.bench(&experiment, &[]);
    command.arg("--frameworks-from").arg(&servers);
    run(where_servers_cannot_be_kept(&command)).expect_nobody_blamed();
    assert_eq!(bench.latest().file.status, record::Status::Complete);
    let left = bench.results().join(".fresh");
    assert!(!left.exists(), "copies of executables are left");
}
