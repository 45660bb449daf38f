//! Servers that somebody else built, the hashes that pin them, and repetitions of a campaign.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use record::Campaign;

use crate::support::{Bench, alone, lab, root, run};

const EXPERIMENT: &str = "schema: experiment/1
name: repeated
title: A campaign in several parts
question: Do the parts become one?
baseline: nethttp
frameworks: [nethttp]
scenarios: [plaintext]
modes:
  - {name: saturation, kind: saturation, connections: 4}
startup: {starts: 2}
protocol: {launches: 2, blocks: 6, lead_in_ms: 0, window_ms: 50}
quick:
  startup: {starts: 1}
  protocol: {launches: 1, blocks: 1, lead_in_ms: 0, window_ms: 50}
";

/// A folder as the flake's `frameworks` is one: net/http, built as the lab builds it.
pub fn prebuilt(folder: &Path) -> PathBuf {
    let source = root().join("frameworks/nethttp");
    let place = folder.join("servers/nethttp");
    fs::create_dir_all(place.join("bin")).unwrap();
    fs::copy(source.join("framework.yaml"), place.join("framework.yaml")).unwrap();
    let built = Command::new("go")
        .args(["build", "-ldflags", "-s -w", "-o"])
        .arg(place.join("bin/nethttp"))
        .arg(".")
        .current_dir(&source)
        .env("CGO_ENABLED", "0")
        .env("GOFLAGS", "-trimpath -buildvcs=false")
        .status()
        .unwrap();
    assert!(built.success());
    folder.join("servers")
}

#[test]
fn servers_that_came_built_are_held_to_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let servers = prebuilt(folder.path());
    let check = || {
        let mut command = lab(&["check", "--frameworks-from"]);
        command.arg(&servers);
        run(command)
    };
    let good = check();
    good.expect_status(0);
    assert!(
        good.stdout().contains("ok      nethttp"),
        "{}",
        good.stdout()
    );
    assert_eq!(good.stdout().lines().count(), 1, "{}", good.stdout());

    fs::remove_file(servers.join("nethttp/bin/nethttp")).unwrap();
    let missing = check();
    missing.expect_status(1);
    let says = missing.stdout();
    assert!(says.contains("FAILED  nethttp"), "{says}");
    assert!(says.contains("bin/nethttp cannot be found"), "{says}");

    fs::remove_dir_all(servers.join("nethttp")).unwrap();
    let empty = check();
    empty.expect_status(2);
    assert!(
        empty.stderr().contains("holds no built servers"),
        "{}",
        empty.stderr()
    );
}

#[test]
fn two_repetitions_over_built_servers_become_one_campaign() {
    let _alone = alone();
    let bench = Bench::new();
    let servers = prebuilt(bench.path());
    let experiment = bench.path().join("repeated.yaml");
    fs::write(&experiment, EXPERIMENT).unwrap();
    let measure = |number: &str, seed: &str| {
        let results = bench.path().join(format!("part{number}-{seed}"));
        // A busy machine may have no value of a window; who collects asks to measure that again.
        for _ in 0..8 {
            let mut command = lab(&[
                "bench",
                "--revision",
                "0123abc",
                "--seed",
                seed,
                "--repetition",
            ]);
            command.arg(number).arg(&experiment);
            command.arg("--frameworks-from").arg(&servers);
            command.arg("--out").arg(&results);
            run(command).expect_nobody_blamed();
            let (_, held) = (Campaign::open(&results.join("latest")).unwrap().rows()).unwrap();
            if held.findings.is_empty() {
                break;
            }
        }
        results
    };
    let parts = [measure("1", "5"), measure("2", "5")];
    let file = |part: &Path| Campaign::open(&part.join("latest")).unwrap().file;
    let (first, second) = (file(&parts[0]), file(&parts[1]));
    assert_eq!(first.lab.revision, "0123abc");
    let server = servers.join("nethttp/bin/nethttp").canonicalize().unwrap();
    assert_eq!(
        first.course.servers["nethttp"],
        server.display().to_string()
    );
    assert!(
        first.toolchains["go"].starts_with("go1."),
        "{:?}",
        first.toolchains
    );
    assert_ne!(first.seed, second.seed, "each draws its own orders");

    let collect = |parts: &[PathBuf]| {
        let mut command = lab(&["collect", "--out"]);
        command.arg(bench.results()).args(parts);
        run(command)
    };
    collect(&parts).expect_status(0);
    let joined = Campaign::open(&bench.results().join("latest")).unwrap();
    assert_eq!(joined.file.design.launches, 4);
    assert_eq!(joined.file.course.collected.len(), 2);
    let report = fs::read_to_string(joined.dir.report().join("report.md")).unwrap();
    assert!(report.contains("Launches 3 to 4: repetition 2"), "{report}");

    let stranger = measure("3", "6");
    let refused = collect(&[parts[0].clone(), stranger]);
    refused.expect_status(2);
    let says = refused.stderr();
    assert!(
        says.contains("the seed they share is 5 in the first and 6 in the second"),
        "{says}"
    );

    // Of runs that do not know it, who collects them says the revision; of others nobody can.
    let collect_as = |revision: &str| {
        let mut command = lab(&["collect", "--revision", revision, "--out"]);
        command.arg(bench.path().join("named")).args(&parts);
        run(command)
    };
    let refused = collect_as("4567def");
    refused.expect_status(2);
    let says = refused.stderr();
    assert!(
        says.contains("is of revision 0123abc, and --revision says 4567def"),
        "{says}"
    );
    for part in &parts {
        let place = part.join("latest/campaign.yaml");
        let text = fs::read_to_string(&place).unwrap();
        let text = record::campaign::unsealed(&text);
        let unknown = text.replace("revision: 0123abc", "revision: unknown");
        assert_ne!(text, unknown);
        fs::write(&place, unknown).unwrap();
    }
    collect_as("4567def").expect_status(0);
    let named = Campaign::open(&bench.path().join("named/latest")).unwrap();
    assert_eq!(named.file.lab.revision, "4567def");
}

#[test]
fn a_repetition_needs_the_seed_that_it_shares() {
    let refused = run(lab(&["bench", "--repetition", "1"]));
    refused.expect_status(2);
    assert!(refused.stderr().contains("--seed"), "{}", refused.stderr());
}

#[test]
fn a_hash_that_is_not_of_what_was_vendored_is_named_with_the_remedy() {
    let committed = run(lab(&["vendor-hashes", "--check", "nethttp", "chi"]));
    committed.expect_status(0);
    assert!(
        committed
            .stdout()
            .contains("2 frameworks and variants, 0 hashes differ"),
        "{}",
        committed.stdout()
    );

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("chi")).unwrap();
    fs::write(folder.path().join("chi/modules.txt"), "# another\n").unwrap();
    let mut command = lab(&["vendor-hashes", "--check", "chi", "--vendored"]);
    command.arg(folder.path());
    let stale = run(command);
    stale.expect_status(1);
    let says = stale.stdout();
    assert!(says.contains("`lab vendor-hashes chi` writes it"), "{says}");
}
