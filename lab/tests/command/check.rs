//! `lab check`: the frameworks of the checkout hold the contract, and each way of breaking
//! it is caught.

use crate::support::{Bench, lab, run, servers};

#[test]
fn every_framework_of_the_checkout_holds_the_contract() {
    let checked = run(lab(&["check"]));
    checked.expect_status(0);
    let folders = std::fs::read_dir(crate::support::root().join("frameworks")).unwrap();
    let frameworks = folders
        .flatten()
        .filter(|f| f.path().join("framework.yaml").is_file())
        .count();
    assert_eq!(
        checked.stdout().matches("ok      ").count(),
        frameworks,
        "{}",
        checked.stdout()
    );
}

#[test]
fn each_way_of_breaking_the_contract_is_caught() {
    let cheats = [
        (
            "presses",
            "salt: GET /json after `salt 4711`: expected {\"message\":\"ok-4711\"}",
        ),
        ("mixes", "concurrent ids: GET /user/"),
        (
            "dateless",
            "date: GET /plaintext: expected a Date header, got none",
        ),
        (
            "chatty",
            "silence: its output: expected nothing on stdout and stderr, got `routes registered: 5`",
        ),
        (
            "prefork",
            "one process: its process: expected no child processes, got 1",
        ),
        ("stray", "loopback only: its listening sockets"),
        (
            "deaf",
            "stop: SIGTERM: expected exit status 0 within 5 s, got did not stop",
        ),
        (
            "exits",
            "start: GET /plaintext: expected a server that answers, got one that exited with status 3",
        ),
    ];
    let bench = Bench::new();
    for (name, _) in cheats {
        bench.misbehaving(name);
    }
    let outside = bench.path().join("frameworks");
    let mut command = lab(&["check", "--framework-dir", outside.to_str().unwrap()]);
    command.args(cheats.map(|(name, _)| name));
    let checked = run(command);
    checked.expect_status(1);
    for (name, words) in cheats {
        let wanted = format!("FAILED  {name} {words}");
        assert!(
            checked.stdout().contains(&wanted),
            "{wanted}\n{}",
            checked.stdout()
        );
        assert_eq!(servers(name), [0; 0]);
    }
    let left: Vec<_> = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|p| {
            std::fs::read_to_string(p.path().join("cmdline"))
                .is_ok_and(|c| c == "/bin/sleep\u{0}600\u{0}")
        })
        .collect();
    assert!(
        left.is_empty(),
        "a child of a server outlived the lab: {left:?}"
    );
}

#[test]
fn a_failed_check_is_json_too() {
    let bench = Bench::new();
    bench.misbehaving("dateless");
    let outside = bench.path().join("frameworks");
    let checked = run(lab(&[
        "check",
        "dateless",
        "nethttp",
        "--json",
        "--framework-dir",
        outside.to_str().unwrap(),
    ]));
    checked.expect_status(1);
    let json: serde_json::Value = serde_json::from_str(&checked.stdout()).unwrap();
    assert_eq!(json["good"], false);
    assert_eq!(json["frameworks"][0]["failed"][0]["check"], "date");
    assert_eq!(json["frameworks"][1]["failed"], serde_json::json!([]));
}
