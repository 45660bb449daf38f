//! Instructions a request, by the real emulator; without one, a sentence.

use std::fs;
use std::path::Path;
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
    let [folded, flame] = ["folded.txt", "flame.svg"].map(|name| folder.path().join(name));
    let mut command = lab(&["count", "--compare", "HEAD", "--frameworks", "nethttp"]);
    command.args(["--quick", "--no-collector", "--json", "--seed", "1"]);
    command.arg("--markdown").arg(&markdown);
    command
        .arg("--folded")
        .arg(&folded)
        .arg("--flame")
        .arg(&flame);
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
    let mean = |role: &str| {
        let these = starts.iter().filter(|s| s["role"] == role);
        let these: Vec<f64> = these.map(|s| number(&s["instructions"])).collect();
        these.iter().sum::<f64>() / these.len() as f64
    };
    let counted = mean("new") - mean("base");
    assert!((counted - total).abs() < 1e-6, "{counted} {total}");
    let groups: f64 = (said["groups"].as_array().unwrap().iter())
        .map(|g| number(&g["new"]) - number(&g["base"]))
        .sum();
    assert!((groups - total).abs() < 1e-6, "{groups} {total}");

    let text = std::fs::read_to_string(markdown).unwrap();
    assert!(text.contains("none on time"), "{text}");
    let folded = std::fs::read_to_string(folded).unwrap();
    let json = |line: &&str| line.starts_with("encoding/json;encoding/json;");
    assert!(folded.lines().any(|line| json(&line)), "{folded}");
    let flame = std::fs::read_to_string(flame).unwrap();
    assert!(
        flame.contains("nethttp (the working tree), json"),
        "{flame}"
    );
    assert!(flame.contains("<title>encoding/json: "), "{flame}");
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

/// A checkout of two commits: the second changes these files.
fn changed(files: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let write = |file: &str, text: &str| {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=x", "-c", "user.email=x@x"])
            .args(words);
        let ended = git.current_dir(root).output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
    };
    let script = ".ci/changed-frameworks";
    let ours = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(script),
    );
    write(script, &ours.unwrap());
    for name in ["chi", "gin", "vie", "zero"] {
        write(&format!("frameworks/{name}/framework.yaml"), name);
    }
    write("frameworks/chi/go.mod", "module chi\n");
    write(
        "frameworks/vie/go.mod",
        "replace x/vie => ../../reference/vie\n",
    );
    write(
        "frameworks/zero/Cargo.toml",
        "z = { path = \"../../reference/zero\" }\n",
    );
    write("frameworks/kit/kit.go", "package kit\n");
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "one"]);
    for file in files {
        write(file, "changed\n");
    }
    git(&["add", "."]);
    git(&["commit", "-qm", "two", "--allow-empty"]);
    let ended = Command::new("bash")
        .arg(root.join(script))
        .arg("HEAD~1")
        .output()
        .unwrap();
    assert!(ended.status.success(), "{ended:?}");
    String::from_utf8(ended.stdout).unwrap()
}

#[test]
fn every_framework_that_a_change_reaches_is_compared_and_no_other_one() {
    for (files, reached) in [
        (&[][..], ""),
        (&["README.md", "lab/src/main.rs"], ""),
        (&["frameworks/gin/app/app.go"], "gin\n"),
        (&["frameworks/kit/kit.go"], "chi\ngin\nvie\nzero\n"),
        (&["frameworks/kit/kit_test.go"], ""),
        (
            &["reference/vie/loop.go", "frameworks/chi/go.mod"],
            "chi\nvie\n",
        ),
        (&["reference/zero/src/lib.rs"], "zero\n"),
        (
            &["reference/vie/loop_test.go", "reference/zero/tests/x.rs"],
            "",
        ),
        // It is new: the base has nothing to compare with.
        (
            &["frameworks/new/framework.yaml", "frameworks/gin/go.mod"],
            "gin\n",
        ),
    ] {
        assert_eq!(changed(files), reached, "{files:?}");
    }
}

#[test]
fn words_that_make_no_count_are_refused() {
    for (words, says) in [
        (
            &["--scenario", "jsn"][..],
            "no scenario `jsn`; there are plaintext, json, params",
        ),
        (&["--replace", "a=b"], "--compare"),
        (&["--rounds", "1"], "2..=100"),
        (
            &["--threshold", "-1", "--compare", "HEAD"],
            "it is not a percentage",
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
