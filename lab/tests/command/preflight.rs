//! What is broken in the machine is told before any server is judged, and not as a server's failure.

use std::process::Command;

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
    let folder = root().join("target/servers");
    std::fs::create_dir_all(&folder).unwrap();
    let folder = folder.display();
    let script = format!(
        "mount --bind '{folder}' '{folder}' && mount -o remount,ro,bind '{folder}' && exec \"$0\" \"$@\""
    );
    let ended = run(within(
        &["unshare", "-m"],
        &script,
        &lab(&["check", "nethttp"]),
    ));
    ended.expect_status(3);
    let (out, words) = (ended.stdout(), ended.stderr());
    assert!(
        words.contains(&format!("lab: {folder} cannot be written")),
        "{words}"
    );
    assert!(!format!("{out}{words}").contains("FAILED"), "{out}{words}");
}
