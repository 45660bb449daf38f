//! The command's words: what it refuses, and what it answers without measuring.

use crate::support::{Bench, lab, run};

#[test]
fn help_teaches() {
    let help = run(lab(&["--help"]));
    help.expect_status(0);
    for verb in [
        "bench",
        "plan",
        "check",
        "list",
        "report",
        "diff",
        "load",
        "calibrate",
    ] {
        assert!(
            help.stdout().contains(&format!("\n  {verb} ")),
            "{}",
            help.stdout()
        );
        run(lab(&[verb, "--help"])).expect_status(0);
    }
}

#[test]
fn unknown_names_are_refused_with_those_there_are() {
    for (words, says) in [
        (
            &["plan", "--frameworks", "gni"][..],
            "there is no framework `gni`; there are ",
        ),
        (
            &["plan", "headlien"],
            "there is no experiment `headlien`; there are ",
        ),
        (
            &["plan", "--scenarios", "jsn"],
            "has no scenario `jsn`; it has plaintext, json, params",
        ),
        (&["check", "nobody"], "there is no framework `nobody`"),
        (
            &["plan", "/nonexistent/x.yaml"],
            "cannot read /nonexistent/x.yaml",
        ),
        (
            &["plan", "--framework-dir", "lab/src"],
            "is not a framework: it has no framework.yaml",
        ),
        (&["report", "lab"], "cannot read lab/campaign.yaml"),
        (&["diff", "lab/src", "lab"], "lab/src holds no campaign"),
        (
            &["diff", "no-such-revision..HEAD"],
            "`no-such-revision` is neither a folder nor a git revision",
        ),
        (&["diff", "lab"], "lab diff needs two sides"),
    ] {
        let refused = run(lab(words));
        refused.expect_status(2);
        assert!(
            refused.stderr().contains(says),
            "{words:?}: {}",
            refused.stderr()
        );
    }
}

#[test]
fn outside_of_a_checkout_it_says_where_to_go() {
    let mut command = lab(&["list"]);
    command.current_dir("/");
    let refused = run(command);
    refused.expect_status(2);
    assert!(
        refused.stderr().contains("is not inside a checkout"),
        "{}",
        refused.stderr()
    );
}

#[test]
fn bad_yaml_is_refused_with_file_and_line() {
    let bench = Bench::new();
    bench.misbehaving("odd");
    let file = bench.path().join("frameworks/odd/framework.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("class: idiomatic", "class: quick")).unwrap();
    let outside = bench.path().join("frameworks");
    let refused = run(lab(&["list", "--framework-dir", outside.to_str().unwrap()]));
    refused.expect_status(2);
    let stderr = refused.stderr();
    assert!(stderr.contains("odd/framework.yaml:4: "), "{stderr}");
    assert!(
        stderr.contains("unknown variant `quick`") && stderr.contains("`engine`"),
        "{stderr}"
    );
}

#[test]
fn the_same_seed_gives_the_same_plan() {
    let plan = |seed| {
        let plan = run(lab(&["plan", "--seed", seed, "--json"]));
        plan.expect_status(0);
        plan.stdout()
    };
    assert_eq!(plan("7"), plan("7"));
    assert_ne!(plan("7"), plan("8"));
}

#[test]
fn the_headline_fits_its_ten_minutes() {
    for (words, seconds) in [
        (&["plan", "--json"][..], 600),
        (&["plan", "--quick", "--json"], 90),
    ] {
        let plan = run(lab(words));
        let json: serde_json::Value = serde_json::from_str(&plan.stdout()).unwrap();
        assert!(
            json["seconds"].as_u64().unwrap() <= seconds,
            "{}",
            json["seconds"]
        );
        assert_eq!(json["frameworks"].as_array().unwrap().len(), 6);
    }
}
