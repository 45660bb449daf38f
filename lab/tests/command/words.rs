//! The command's words: what it refuses, and what it answers without measuring.

use crate::support::{Bench, lab, run};

#[test]
fn help_teaches() {
    let help = run(lab(&["--help"]));
    help.expect_status(0);
    for verb in [
        "bench",
        "build",
        "new",
        "plan",
        "check",
        "list",
        "report",
        "diff",
        "trials",
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
        (
            &["new", "gin", "--module", "github.com/a/b"],
            "frameworks/gin is there already",
        ),
        (
            &["new", "Gin", "--module", "github.com/a/b"],
            "cannot be a framework's name",
        ),
        (&["new", "mine", "--module", "gin"], "`gin` is no module"),
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
        (&["diff", "lab"], "cannot read lab/campaign.yaml"),
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

#[test]
fn the_whole_line_up_fits_its_twenty_two_minutes_the_way_of_articles() {
    let plan = |words: &[&str]| -> serde_json::Value {
        let plan = run(lab(words));
        plan.expect_status(0);
        serde_json::from_str(&plan.stdout()).unwrap()
    };
    let listed = plan(&["list", "--json"]);
    let frameworks = listed["frameworks"].as_array().unwrap();
    let of = |class: &str| frameworks.iter().filter(|f| f["class"] == class).count();
    assert!(of("idiomatic") >= 32 && of("engine") >= 3);
    let article = plan(&["plan", "all", "--json"]);
    let names = article["frameworks"].as_array().unwrap().len();
    assert_eq!(names, of("idiomatic") + of("engine"));
    // One launch for each server and the baseline's twin, five samples in each of three scenarios.
    assert_eq!(article["launches"], names + 1);
    assert_eq!(article["windows"], (names + 1) * 3 * 5);
    // What is left of the 22 minutes is for the contract checks.
    let seconds = article["seconds"].as_u64().unwrap();
    assert!(seconds <= 22 * 60 - 100, "{seconds}");
    // The rigorous protocol says how long it takes, too.
    let crossed = plan(&["plan", "all-crossed", "--json"]);
    assert_eq!(crossed["frameworks"].as_array().unwrap().len(), names);
    assert!(crossed["seconds"].as_u64().unwrap() > 30 * 60);
}
