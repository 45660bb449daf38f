//! Trials: every try in the table, none twice, and none of another declaration.

use crate::support::{Bench, alone, lab, run};

const TRIAL: &str = "schema: trial/1
name: small
title: A small trial
question: Is every try reported?
framework: nethttp
scenario: json
seed: 5
tries: 2
design:
  kind: duet
  rate: 1000
  connections: 4
  lead_in_ms: 50
  window_ms: 100
  spin_ns: 20000
  looks: [8, 10]
  half_width_percent: 1000
demand: {}
";

/// The command for the trial in a folder.
fn trials_of(bench: &Bench, more: &[&str]) -> std::process::Command {
    let mut command = lab(&["trials"]);
    command.arg(bench.path().join("small.yaml")).args(more);
    command.arg("--out").arg(bench.results());
    command.arg("--table").arg(bench.path().join("tables"));
    command
}

#[test]
fn tries_are_reported_once_and_belong_to_their_declaration() {
    let _alone = alone();
    // A try that a machine spoilt is reported as any other, so it takes another trial to have all
    // launches of both.
    let tried = |bench: &Bench| {
        let path = bench.path().join("small.yaml");
        std::fs::write(&path, TRIAL).unwrap();
        [&["--tries", "1"][..], &[]].map(|more| run(trials_of(bench, more)))
    };
    let mut bench = Bench::new();
    let mut both = tried(&bench);
    for _ in 0..3 {
        if !both
            .iter()
            .any(|run| run.stderr().contains("Not measured: "))
        {
            break;
        }
        bench = Bench::new();
        both = tried(&bench);
    }
    let path = bench.path().join("small.yaml");
    let trials = |more: &[&str]| run(trials_of(&bench, more));
    // One of two tries is no whole trial.
    let [one, done] = both;
    one.expect_status(1);
    done.expect_status(0);
    assert!(done.stderr().contains("try 2 of 2"), "{}", done.stderr());
    assert!(!done.stderr().contains("try 1 of 2"), "{}", done.stderr());

    let file = bench.path().join("tables/small.csv");
    let table = std::fs::read_to_string(&file).unwrap();
    let rows: Vec<Vec<&str>> = (table.lines())
        .filter(|l| !l.starts_with('#'))
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    let first = |i: usize| rows.iter().map(|r| r[i]).collect::<Vec<_>>();
    assert_eq!(first(0), ["1", "2"]);
    assert_eq!(first(1), ["5", "6"]);
    // So wide an interval is reached at the first look.
    assert_eq!(first(4), ["8", "8"]);
    for truth in first(9) {
        assert!(truth.parse::<f64>().unwrap() > 1.0, "{truth}");
    }

    // What each row was computed from stands beside it.
    let launches = std::fs::read_to_string(bench.path().join("tables/small.launches.csv")).unwrap();
    let of = |number: &str| {
        let mine = launches.lines().filter(|l| l.starts_with(number));
        mine.count()
    };
    assert_eq!([of("1,"), of("2,")], [8, 8], "{launches}");

    let again = trials(&[]);
    again.expect_status(0);
    assert!(
        again.stdout().contains("2 of 2 tries"),
        "{}",
        again.stdout()
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), table);

    std::fs::write(&path, TRIAL.replace("rate: 1000", "rate: 900")).unwrap();
    let refused = trials(&[]);
    refused.expect_status(2);
    let says = "is the table of another declaration";
    assert!(refused.stderr().contains(says), "{}", refused.stderr());
}

#[test]
fn versions_that_do_the_same_are_tried_by_what_is_measured() {
    let _alone = alone();
    let bench = Bench::new();
    let path = bench.path().join("same.yaml");
    let trial = TRIAL
        .replace("name: small", "name: same")
        .replace("kind: duet", "kind: identical")
        .replace("  spin_ns: 20000\n", "")
        .replace("demand: {}", "demand:\n  binomial: true");
    std::fs::write(&path, trial).unwrap();
    let mut command = lab(&["trials"]);
    command.arg(&path);
    command.arg("--out").arg(bench.results());
    command.arg("--table").arg(bench.path().join("tables"));
    let done = run(command);
    let said = done.stdout();
    assert!(said.contains("cpu_per_request of the same bytes"), "{said}");
    assert!(said.contains("cpu_per_request of other bytes"), "{said}");
    assert!(said.contains("cpu_per_request: "), "{said}");
}
