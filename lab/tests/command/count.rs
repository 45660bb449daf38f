//! Instructions a request, by the real emulator; without one, a sentence.

use std::process::Command;

use crate::support::{alone, lab, run};

/// Whether there is an emulator; without one the reason is said, and a test passes nothing.
fn countable() -> bool {
    let there = Command::new("qemu-x86_64")
        .arg("--version")
        .output()
        .is_ok();
    let needed = std::env::var_os("LAB_NEEDS_EMULATOR").is_some();
    assert!(there || !needed, "there is no qemu-x86_64 on PATH");
    if !there {
        eprintln!("SKIPPED: there is no qemu-x86_64 on PATH");
    }
    there
}

#[test]
fn a_framework_is_compared_with_its_revision_and_its_control_is_found() {
    if !countable() {
        return;
    }
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let markdown = folder.path().join("comment.md");
    let folded = folder.path().join("folded.txt");
    let mut command = lab(&["count", "--compare", "HEAD", "--frameworks", "nethttp"]);
    command.args(["--quick", "--no-collector", "--json", "--seed", "1"]);
    command.arg("--markdown").arg(&markdown);
    command.arg("--folded").arg(&folded);
    let ended = run(command);
    // Two rounds of short batches may tell a base from itself, once in a hundred.
    assert!(matches!(ended.status(), Some(0 | 3)), "{}", ended.stderr());
    let said: serde_json::Value = serde_json::from_str(&ended.stdout()).unwrap();
    assert_eq!(said["schema"], "count/1");
    assert!(
        said["base_is"]
            .as_str()
            .unwrap()
            .starts_with("revision HEAD (")
    );
    let starts = said["starts"].as_array().unwrap();
    assert_eq!(starts.len(), 12);
    assert!(starts.iter().all(|s| s["requests"] == 1000));
    // The loop was counted to the instruction: that is exact, however few requests there are.
    let control = &said["control"];
    let counted = control["counted"].as_f64().unwrap();
    assert!(
        (counted - control["known"].as_f64().unwrap()).abs() < 1e-6,
        "{control}"
    );
    assert!(control["ratio"].as_f64().unwrap() > 1.0, "{control}");
    // Functions that moved and all others are the whole difference.
    let functions = &said["functions"];
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let moved: f64 = (functions["moved"].as_array().unwrap().iter())
        .map(|f| number(&f["new"]) - number(&f["base"]))
        .sum();
    let total = number(&functions["total"]);
    assert!(
        (moved + number(&functions["rest"]) - total).abs() < 1e-6,
        "{functions}"
    );
    let groups: f64 = (said["groups"].as_array().unwrap().iter())
        .map(|g| number(&g["new"]) - number(&g["base"]))
        .sum();
    assert!((groups - total).abs() < 1e-6, "{groups} {total}");

    let text = std::fs::read_to_string(markdown).unwrap();
    assert!(text.contains("none on time"), "{text}");
    let folded = std::fs::read_to_string(folded).unwrap();
    let json = |line: &&str| line.starts_with("encoding/json;encoding/json;");
    assert!(folded.lines().any(|line| json(&line)), "{folded}");
}

#[test]
fn without_an_emulator_it_says_so_and_how_to_get_one() {
    let mut command = lab(&["count", "--frameworks", "nethttp"]);
    command.env("PATH", "/nowhere");
    let ended = run(command);
    ended.expect_status(3);
    let said = ended.stderr();
    assert!(
        said.contains("qemu-user") && said.contains("PATH"),
        "{said}"
    );
}

#[test]
fn what_only_a_campaign_heeds_is_refused_where_instructions_are_counted() {
    for (words, named) in [
        (&["instructions", "--precise"][..], "--precise"),
        (&["instructions", "--host", "two-core-vm"], "--host"),
        (
            &["instructions", "--seed", "1", "--repetition", "2"],
            "--repetition",
        ),
        (
            &["instructions", "--variants", "--revision", "0123abc"],
            "--revision, --variants",
        ),
        (
            &[
                "longconn",
                "--compare",
                "HEAD",
                "--count",
                "--frameworks",
                "gin",
            ],
            "an experiment's name",
        ),
    ] {
        let ended = run(lab(&[&["bench"], words].concat()));
        ended.expect_status(2);
        let says = format!("heeds {named}: leave that away");
        assert!(ended.stderr().contains(&says), "{}", ended.stderr());
    }
}

#[test]
fn words_that_make_no_count_are_refused() {
    for (words, says) in [
        (
            &["--scenario", "jsn"][..],
            "there are plaintext, json, params",
        ),
        (&["--replace", "a=b"], "--compare"),
        (&["--rounds", "1"], "2..=100"),
        (
            &["--threshold", "-1", "--compare", "HEAD"],
            "from 0 to 1000",
        ),
    ] {
        let ended = run(lab(&[&["count"], words].concat()));
        ended.expect_status(2);
        assert!(
            ended.stderr().contains(says),
            "{words:?}: {}",
            ended.stderr()
        );
    }
}
