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
    let bench = run(lab(&["bench", "--help"])).stdout();
    let line = bench.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = line.split_once("Exit status: ").unwrap().1;
    for status in ["0 all", "; 1 a", "; 2 the call", "; 3 it cannot be told"] {
        assert!(said.contains(status), "{status}: {bench}");
    }
    // Others' long words are shown as well, not only the line that stands in the list of verbs.
    for (verb, says) in [("calibrate", "status 1"), ("plan", "Nothing is built")] {
        let help = run(lab(&[verb, "--help"])).stdout();
        assert!(help.contains(says), "{verb}: {help}");
    }
}

#[test]
fn every_help_ends_with_an_example() {
    for verb in [
        &["bench"][..],
        &["plan"],
        &["build"],
        &["new"],
        &["check"],
        &["host"],
        &["host", "audit"],
        &["host", "apply"],
        &["host", "restore"],
        &["conformance"],
        &["count"],
        &["claims"],
        &["list"],
        &["report"],
        &["collect"],
        &["diff"],
        &["history"],
        &["site"],
        &["trials"],
        &["load"],
        &["calibrate"],
        &["outdated"],
        &["vendor-hashes"],
        &["hosts"],
        &["completions"],
    ] {
        let help = run(lab(&[verb, &["--help"]].concat())).stdout();
        let example = help.rsplit("\n\n").next().unwrap_or_default();
        assert!(example.starts_with("Example"), "{verb:?}: {help}");
    }
}

#[test]
fn a_folder_without_a_campaign_is_told_with_what_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("results");
    std::fs::create_dir_all(results.join("mine-1")).unwrap();
    let report = |name: &str| {
        let mut command = lab(&["report"]);
        command.arg(results.join(name));
        let refused = run(command);
        refused.expect_status(2);
        refused.stderr()
    };
    assert!(
        report("latest").contains("there is no campaign in"),
        "{}",
        report("latest")
    );
    std::fs::write(results.join("mine-1/campaign.yaml"), "").unwrap();
    let said = report("mine-2");
    assert!(said.contains("did you mean `mine-1`?"), "{said}");
}

#[test]
fn the_audit_needs_no_checkout() {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = lab(&["host", "audit"]);
    command.current_dir(elsewhere.path());
    run(command).expect_status(0);
}

#[test]
fn unknown_names_are_refused_with_those_there_are() {
    for (words, says) in [
        (
            &["plan", "--frameworks", "gni"][..],
            "; did you mean `gin`?",
        ),
        (
            &["plan", "--frameworks", "gin, nobody"],
            "there is no framework `nobody`; there are ",
        ),
        (&["plan", "headlien"], "; did you mean `headline`?"),
        (
            &["plan", "--scenarios", "jsn"],
            "has no scenario `jsn`; it has plaintext, json, params; did you mean `json`?",
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
        (&["report", "lab"], "lab holds no campaign"),
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

/// A comparison with nobody is none, and would look like a campaign that went well.
#[test]
fn a_baseline_that_takes_no_part_is_refused_with_those_who_do() {
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp", "gin"], 1, 50);
    let text = std::fs::read_to_string(&experiment).unwrap();
    let refused = |text: &str, words: &[&str], says: &str| {
        std::fs::write(&experiment, text).unwrap();
        for verb in ["plan", "bench"] {
            let refused = run(lab(&[&[verb, &experiment], words].concat()));
            refused.expect_status(2);
            let stderr = refused.stderr();
            assert!(stderr.contains(says), "{verb}: {says}: {stderr}");
        }
    };
    let other = text.replace("baseline: nethttp", "baseline: nope");
    let says =
        "tiny.yaml:5: the baseline is `nope`, and the frameworks that take part are nethttp, gin";
    refused(&other, &[], says);
    let list = "frameworks: [nethttp, gin]";
    let twice = text.replace(list, "frameworks: [nethttp, gin, nethttp]");
    refused(
        &twice,
        &[],
        "tiny.yaml:6: framework `nethttp` is named twice",
    );
    // Who is of a class is known only with the frameworks that there are.
    let engines = text.replace(list, "frameworks: {classes: [engine]}");
    refused(
        &engines,
        &[],
        "the baseline is `nethttp`, and the frameworks that take part are ",
    );
    // Who names frameworks on the command line may leave the baseline out.
    std::fs::write(&experiment, &text).unwrap();
    let alone = run(lab(&["plan", &experiment, "--frameworks", "gin", "--json"]));
    alone.expect_status(0);
    let plan: serde_json::Value = serde_json::from_str(&alone.stdout()).unwrap();
    assert_eq!(plan["frameworks"], serde_json::json!(["gin"]));
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
fn the_whole_line_up_fits_its_twenty_two_minutes_in_blocks_and_the_way_of_articles() {
    let plan = |words: &[&str]| -> serde_json::Value {
        let plan = run(lab(words));
        plan.expect_status(0);
        serde_json::from_str(&plan.stdout()).unwrap()
    };
    let listed = plan(&["list", "--json"]);
    let frameworks = listed["frameworks"].as_array().unwrap();
    let of = |class: &str| frameworks.iter().filter(|f| f["class"] == class).count();
    assert!(of("idiomatic") >= 32 && of("engine") >= 3);
    let names = of("idiomatic") + of("engine");
    let taking_part = |plan: &serde_json::Value| plan["frameworks"].as_array().unwrap().len();
    let seconds = |plan: &serde_json::Value| plan["seconds"].as_u64().unwrap();
    // What is left of the 22 minutes is for the contract checks.
    let most = 22 * 60 - 100;
    let article = plan(&["plan", "article-all", "--json"]);
    assert_eq!(taking_part(&article), names);
    // One launch for each server and the baseline's twin, five samples in each of three scenarios.
    assert_eq!(article["launches"], names + 1);
    assert_eq!(article["windows"], (names + 1) * 3 * 5);
    assert!(seconds(&article) <= most, "{article}");
    // Crossed: everybody has eight windows of each scenario, the baseline twice as many servers.
    let crossed = plan(&["plan", "all", "--json"]);
    assert_eq!(taking_part(&crossed), names);
    assert!(crossed["windows"].as_u64().unwrap() as usize >= (names + 1) * 3 * 8);
    // With a quarter of the blocks measured again.
    assert!(seconds(&crossed) * 5 / 4 <= most, "{crossed}");
    // The long form says how long it takes, too.
    let long = plan(&["plan", "all-long", "--json"]);
    assert_eq!(taking_part(&long), names);
    assert!(seconds(&long) > 30 * 60);
}

#[test]
fn what_fails_before_a_campaign_begins_is_a_wrong_call_and_offers_no_resume() {
    let bench = Bench::new();
    // A file where the results should be kept.
    std::fs::write(bench.results(), "").unwrap();
    let _alone = crate::support::alone();
    let refused = run(bench.bench(&bench.experiment(&["nethttp"], 1, 50), &[]));
    refused.expect_status(2);
    let stderr = refused.stderr();
    let results = bench.results();
    let says = format!("lab: --out {0}: {0} is no folder", results.display());
    assert!(stderr.contains(&says), "{stderr}");
    assert!(!stderr.contains("--resume"), "{stderr}");
    let below = results.join("below");
    let refused = run(lab(&["calibrate", "--out", below.to_str().unwrap()]));
    refused.expect_status(2);
    assert!(refused.stderr().contains("is no folder"));
}

/// Reading a FIFO would wait for a writer that never comes.
#[test]
fn what_is_no_file_is_named_and_never_read() {
    let fifo = |path: &std::path::Path| {
        let path = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
        // SAFETY: the path is a string that lives through the call.
        assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
    };
    let bench = Bench::new();
    let experiment = bench.path().join("pipe.yaml");
    fifo(&experiment);
    let folder = bench.path().join("frameworks/odd");
    std::fs::create_dir_all(&folder).unwrap();
    fifo(&folder.join("framework.yaml"));
    let outside = bench.path().join("frameworks");
    for (words, says) in [
        (
            ["plan", experiment.to_str().unwrap()],
            "pipe.yaml is a FIFO",
        ),
        (
            ["bench", experiment.to_str().unwrap()],
            "pipe.yaml is a FIFO",
        ),
        (["list", "--framework-dir"], "odd/framework.yaml is a FIFO"),
        (["plan", "--framework-dir"], "odd/framework.yaml is a FIFO"),
        (["check", "--framework-dir"], "odd/framework.yaml is a FIFO"),
    ] {
        let mut command = lab(&words);
        if words[1].starts_with("--") {
            command.arg(&outside);
        }
        let refused = run(command);
        refused.expect_status(2);
        let stderr = refused.stderr();
        assert!(stderr.contains(says), "{words:?}: {stderr}");
    }
}

#[test]
fn the_systems_words_are_said_once() {
    let bench = Bench::new();
    let gone = bench.path().join("gone");
    let gone = gone.to_str().unwrap();
    let file = format!("{gone}.yaml");
    for words in [
        &["plan", &file][..],
        &["bench", &file],
        &["site", "--out", gone, "--from", gone],
        &["collect", gone],
        &["plan", "--framework-dir", gone],
        &["plan", "--frameworks-from", gone],
    ] {
        let refused = run(lab(words));
        refused.expect_status(2);
        let stderr = refused.stderr();
        assert_eq!(
            stderr.matches("(os error 2)").count(),
            1,
            "{words:?}: {stderr}"
        );
        assert!(stderr.contains(gone), "{words:?}: {stderr}");
    }
}

#[test]
fn a_path_that_is_not_utf_8_ends_no_verb_in_a_panic() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let bench = Bench::new();
    let odd = bench.path().join(OsStr::from_bytes(b"odd\xff"));
    bench.misbehaving("none");
    std::fs::rename(bench.path().join("frameworks"), &odd).unwrap();
    let experiment = bench.experiment(&["nethttp"], 1, 50);
    let with = |words: &[&str]| {
        let mut command = lab(words);
        command.arg(&odd);
        let ended = run(command);
        assert!(!ended.stderr().contains("panicked"), "{}", ended.stderr());
        ended
    };
    with(&["list", "--json", "--framework-dir"]).expect_status(0);
    with(&["report"]).expect_status(2);
    with(&["diff"]).expect_status(2);
    with(&["collect"]).expect_status(2);
    with(&["history"]).expect_status(2);
    let site = bench.path().join("site");
    with(&["site", "--out", site.to_str().unwrap(), "--from"]);
    with(&["plan"]).expect_status(2);
    let refused = with(&["bench", &experiment, "--out"]);
    refused.expect_status(2);
    assert!(
        refused.stderr().contains("is not UTF-8"),
        "{}",
        refused.stderr()
    );
    let plan = with(&["plan", "--json", "--framework-dir"]);
    plan.expect_status(0);
}

#[test]
fn gits_own_words_and_remedy_are_passed_on() {
    let owned_by_another = |mut command: std::process::Command| {
        command
            .env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env_remove("GIT_CONFIG_COUNT");
        let refused = run(command);
        refused.expect_status(2);
        let stderr = refused.stderr();
        for says in ["dubious ownership", "--add safe.directory"] {
            assert!(stderr.contains(says), "{stderr}");
        }
        stderr
    };
    for words in [
        &["diff", "HEAD..HEAD"][..],
        &["bench", "--frameworks", "gin", "--compare", "HEAD"],
    ] {
        let stderr = owned_by_another(lab(words));
        assert!(!stderr.contains("neither a folder nor"), "{stderr}");
    }
    // A campaign can do without its revision, but says so: this one ends before it begins.
    let _alone = crate::support::alone();
    let bench = Bench::new();
    std::fs::write(bench.results(), "").unwrap();
    let stderr = owned_by_another(bench.bench(&bench.experiment(&["nethttp"], 1, 50), &[]));
    assert!(
        stderr.contains("servers is unknown") && stderr.contains("--revision"),
        "{stderr}"
    );
}
