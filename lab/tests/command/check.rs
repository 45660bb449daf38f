//! `lab check`: the frameworks of the checkout hold the contract, and each way of breaking
//! it is caught.

use crate::support::{Bench, cheats_take_turns, comes_true, lab, root, run, servers};

#[test]
fn every_framework_of_the_checkout_holds_the_contract() {
    let checked = run(lab(&["check", "--variants"]));
    checked.expect_status(0);
    let folders = |place: std::path::PathBuf, file: &str| -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
        let mut all: Vec<_> = entries.map(|f| f.path()).collect();
        all.retain(|f| f.join(file).is_file());
        all
    };
    let frameworks = folders(crate::support::root().join("frameworks"), "framework.yaml");
    let variants = frameworks
        .iter()
        .flat_map(|f| folders(f.join("variants"), "go.mod"));
    let servers = frameworks.len() + variants.count();
    assert_eq!(
        checked.stdout().matches("ok      ").count(),
        servers,
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
            "recognises",
            "other client: GET /json of another client: expected 200 and",
        ),
        (
            "dateless",
            "date: GET /plaintext: expected a Date header, got none",
        ),
        (
            "dozes",
            "date: GET /plaintext: expected a Date header that moves within 3 s",
        ),
        (
            "shortcuts",
            "overlapping routes: ROUTES=8:beside: expected static routes before parameters, with backtracking, as framework.yaml declares, got first-route-wins",
        ),
        (
            "hoards",
            "memory: GET /user/{id}/post/{slug} with ever new ids: expected a live heap that keeps at most 24 bytes of each path",
        ),
        (
            "boasts",
            "memory: GET /user/{id}/post/{slug} with ever new ids: expected a live heap that grows",
        ),
        (
            "chunks",
            "framing: GET /json: expected a Content-Length, or `departs: [chunked]` in framework.yaml, got chunks",
        ),
        (
            "caches",
            "params: GET /user/00042/post/hello-world_1.0~x: expected the body `00042/hello-world_1.0~x`, got the body `1/a`",
        ),
        (
            "decodes",
            "params: GET /user/%E4%BD%A0%E5%A5%BD/post/100%25: expected the body `你好/100%`, got the body `你好/`",
        ),
        (
            "agrees",
            "unknown path: GET /nowhere: expected status 404, got status 200",
        ),
        (
            "guesses",
            "wrong method: POST /plaintext: expected status 405, got status 200",
        ),
        ("forgets", "options, distinct routes: GET /"),
        (
            "forgets",
            "options, shared routes: GET /public/api/v1/catalogue/products/by-name/",
        ),
        (
            "chatty",
            "silence: its output: expected nothing on stdout and stderr, got `routes registered: 5`",
        ),
        (
            "prefork",
            "one process: its process: expected one process that runs the built program as it was started, got one that has a child process, sleep",
        ),
        (
            "spawns",
            "one process: its process: expected one process that runs the built program as it was started, got one that has a child process, sleep",
        ),
        (
            "daemonises",
            "one process: its process: expected one process that runs the built program as it was started, got one that ha",
        ),
        (
            "clones",
            "one process: its process: expected one process that runs the built program as it was started, got one that has a process that is not below it any more, ",
        ),
        (
            "begets",
            "one process: its process: expected one process that runs the built program as it was started, got one that has a process that is not below it any more, sleep (",
        ),
        (
            "siblings",
            "one process: its process: expected one process that runs the built program as it was started, got one that has a process that is not below it any more, ",
        ),
        (
            "sidesteps",
            "each route's middlewares: SPIN_NS=1000 GET /json: expected 1000 ns burnt on each request",
        ),
        (
            "unescapes",
            "salt: GET /json after `salt \"<&>\"`: expected `<`, `&` and `>` as \\u003c",
        ),
        (
            "executes",
            "own program: its process: expected one process that runs the built program as it was started, got one that runs /tmp/second",
        ),
        (
            "renices",
            "threads as given: its process: expected one process that runs the built program as it was started, got one that has a thread with the nice value 5",
        ),
        (
            "settles",
            "threads as given: its process: expected one process that runs the built program as it was started, got one that has a thread on the CPUs {0}",
        ),
        (
            "huddles",
            "threads under load: its process: expected one process that runs the built program as it was started, got one that has a thread on the CPUs {0}",
        ),
        (
            "confides",
            "own connections: its process: expected one process that runs the built program as it was started, got one that has a connection of its own",
        ),
        (
            "datagrams",
            "own connections: its process: expected one process that runs the built program as it was started, got one that has a descriptor that no server needs, socket:[",
        ),
        (
            "doors",
            "own connections: its process: expected one process that runs the built program as it was started, got one that has a descriptor that no server needs, socket:[",
        ),
        (
            "opens",
            "own connections: its process: expected one process that runs the built program as it was started, got one that has a descriptor that no server needs, /tmp/answers",
        ),
        (
            "maps",
            "own connections: its process: expected one process that runs the built program as it was started, got one that has a descriptor that no server needs, /memfd:answers",
        ),
        (
            "whispers",
            "own connections: its process: expected one process that runs the built program as it was started, got one that has a pipe",
        ),
        (
            "shares",
            "own connections: its process: expected one process that runs the built program as it was started, got one that has memory that it may share",
        ),
        (
            "uncollected",
            "runtime settings: its Go runtime: expected one whose settings and collections are Go's own, got one that has set GOGC to off",
        ),
        (
            "limits",
            "runtime settings: its Go runtime: expected one whose settings and collections are Go's own, got one that has set GOMEMLIMIT",
        ),
        (
            "widens",
            "runtime settings: its Go runtime: expected one whose settings and collections are Go's own, got one that has set GOMAXPROCS",
        ),
        (
            "ballast",
            "runtime settings: its Go runtime: expected one whose settings and collections are Go's own, got one that holds 6",
        ),
        (
            "stones",
            "runtime settings: its Go runtime: expected one whose settings and collections are Go's own, got one that holds 1",
        ),
        (
            "burdens",
            "collector: its Go runtime: expected one whose settings and collections are Go's own, got one that holds 6",
        ),
        (
            "forces",
            "collector: its Go runtime: expected one whose settings and collections are Go's own, got one that forced",
        ),
        (
            "toggles",
            "collector: its Go runtime: expected one whose settings and collections are Go's own, got one that ",
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
    // What their users answer for, as they lie outside of the checkout.
    let warned = [
        (
            "switches",
            "source: its source: expected nothing but what class `idiomatic` allows, or `exceptions` in framework.yaml with the words in brackets, got ",
        ),
        ("switches", "[replace bench.lab/nethttp => "),
        ("kits", "[replace bench.lab/kit => ./own/kit]"),
        (
            "mute",
            "probe: framework.yaml: expected `probe` in `supports`",
        ),
    ];
    let _turn = cheats_take_turns();
    let logs = root().join("target/check");
    let bench = Bench::new();
    for (name, _) in cheats.iter().chain(&warned) {
        bench.misbehaving(name);
    }
    bench.declares("boasts", "departs: [memory-grows]");
    bench.supports_nothing("mute");
    let outside = bench.path().join("frameworks");
    let mut command = lab(&["check", "--framework-dir", outside.to_str().unwrap()]);
    let all = cheats.iter().chain(&warned);
    let names: std::collections::BTreeSet<_> = all.map(|(name, _)| *name).collect();
    command.args(names);
    let checked = run(command);
    checked.expect_status(1);
    for (name, words) in cheats {
        let wanted = format!("FAILED  {name} {words}");
        assert!(
            checked.stdout().contains(&wanted),
            "{wanted}\n{}",
            checked.stdout()
        );
        comes_true(&format!("{name} is gone"), || {
            servers(&logs, name).is_empty()
        });
    }
    for (name, words) in warned {
        let said = checked.stdout();
        let mut lines = said.lines();
        let told = lines.any(|l| l.starts_with(&format!("WARNING {name} ")) && l.contains(words));
        assert!(told, "WARNING {name} {words}\n{said}");
    }
    // The child of a server, by its command line and by what it has of its server's environment:
    // others may sleep as well.
    let left = || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        processes
            .filter(|p| {
                let read = |file: &str| std::fs::read(p.path().join(file)).unwrap_or_default();
                let told = String::from_utf8_lossy(&read("environ")).into_owned();
                read("cmdline") == b"/bin/sleep\x00600\0"
                    && told.split('\0').any(|v| v.starts_with("LISTEN=127."))
            })
            .count()
    };
    comes_true("no child of a server outlives the lab", || left() == 0);
}

#[test]
fn a_failed_check_is_json_too() {
    let _turn = cheats_take_turns();
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
    assert_eq!(json["frameworks"][0]["warned"][0]["check"], "source");
    assert_eq!(json["frameworks"][1]["failed"], serde_json::json!([]));
}
