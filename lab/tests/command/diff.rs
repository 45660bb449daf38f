//! `lab diff` of one campaign that compared versions, and of two revisions' reports.

use std::path::{Path, PathBuf};
use std::process::Command;

use record::{CampaignFile, Comparison};

use crate::published::{campaign, campaign_of};
use crate::support::{Run, lab, run};

/// A campaign that compared a base with a version of so many times its requests per second.
fn compared(results: &Path, id: &str, times: f64) -> PathBuf {
    let servers = [
        ("nethttp", "", 1000.0),
        ("nethttp", "twin", 1001.0),
        ("nethttp-new", "", 1000.5 * times),
    ];
    campaign_of(results, id, &servers, versions)
}

fn versions(file: &mut CampaignFile) {
    file.method.comparison = Some(Comparison {
        base: "nethttp".to_owned(),
        new: "nethttp-new".to_owned(),
        base_is: "the old one".to_owned(),
        new_is: "the new one".to_owned(),
    });
}

fn diff(folder: &Path, words: &[&str]) -> Run {
    let mut command = lab(&["diff"]);
    command.arg(folder).args(words);
    run(command)
}

#[test]
fn a_regression_beyond_the_threshold_is_bad_news_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    for (id, times, threshold, status, says) in [
        (
            "slower",
            0.95,
            "2%",
            1,
            "Regression of 2.0 % or more: requests/s, json -5",
        ),
        (
            "little",
            0.95,
            "10%",
            0,
            "No regression of 10 % or more was found",
        ),
        (
            "faster",
            1.05,
            "2%",
            0,
            "1 of 2 figures moved beyond noise. No regression",
        ),
        (
            "same",
            1.0,
            "2%",
            0,
            "none of 2 figures moved beyond noise. No regression",
        ),
    ] {
        let campaign = compared(folder.path(), id, times);
        let found = diff(&campaign, &["--threshold", threshold]);
        found.expect_status(status);
        assert!(found.stdout().contains(says), "{}", found.stdout());
        diff(&campaign, &[]).expect_status(0);
        // Against itself there is nothing to tell.
        let itself = diff(
            &campaign,
            &[campaign.to_str().unwrap(), "--threshold", "0%"],
        );
        itself.expect_status(0);
        assert!(
            itself.stdout().contains("Nothing changed"),
            "{}",
            itself.stdout()
        );
    }
    let same = diff(&folder.path().join("same"), &["--json"]);
    same.expect_status(0);
    let same: serde_json::Value = serde_json::from_str(&same.stdout()).unwrap();
    assert_eq!(
        same["versions"]["rest"][0]["verdict"], "undecided",
        "{same}"
    );
    let text = diff(&folder.path().join("slower"), &["--benchstat"]).stdout();
    assert!(
        text.contains("BenchmarkJson/framework=nethttp-new/mode=saturation 1 "),
        "{text}"
    );
}

#[test]
fn a_threshold_that_judges_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (
        campaign(folder.path(), "a", |_| {}),
        campaign(folder.path(), "b", |_| {}),
    );
    for (words, says) in [
        (
            vec![b.to_str().unwrap(), "--threshold", "2%"],
            "measure both versions in one campaign",
        ),
        (
            vec!["--threshold", "2%"],
            "campaign a did not compare two versions",
        ),
        (vec!["--threshold", "2"], "it is not a percentage"),
    ] {
        let refused = diff(&a, &words);
        refused.expect_status(2);
        assert!(refused.stderr().contains(says), "{}", refused.stderr());
    }
    let nothing = diff(Path::new("no-such-thing"), &[]);
    nothing.expect_status(2);
    assert!(nothing.stderr().contains("`no-such-thing` is no folder"));
}

#[test]
fn two_revisions_are_told_apart_by_their_reports() {
    let folder = tempfile::tempdir().unwrap();
    let checkout = folder.path().join("checkout");
    for place in ["frameworks", "lab/experiments"] {
        std::fs::create_dir_all(checkout.join(place)).unwrap();
    }
    let git = |words: &[&str]| {
        let status = Command::new("git")
            .args([
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(words)
            .current_dir(&checkout)
            .stdout(std::process::Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{words:?}");
    };
    let publish = |campaign: &Path| {
        let mut command = lab(&["report", "--publish", "--unpinned", "--to"]);
        command.arg(checkout.join("reports")).arg(campaign);
        run(command).expect_status(0);
        git(&["add", "."]);
        git(&["commit", "-m", "A report"]);
    };
    git(&["init", "-q"]);
    publish(&campaign(folder.path(), "a", |_| {}));
    git(&["tag", "first"]);
    publish(&campaign(folder.path(), "b", |file| {
        file.host.insert("kernel".to_owned(), "6.2".to_owned());
    }));
    publish(&campaign_of(
        folder.path(),
        "c",
        &[
            ("nethttp", "", 1000.0),
            ("nethttp", "twin", 1001.0),
            ("nethttp-new", "", 900.0),
        ],
        |file| {
            versions(file);
            file.design.experiment = "compare".to_owned();
        },
    ));
    let told = |words: &[&str]| {
        let mut command = lab(&["diff"]);
        command.args(words).current_dir(&checkout);
        run(command)
    };
    let both = told(&["first..HEAD"]);
    both.expect_status(0);
    let text = both.stdout();
    for words in [
        "**unpinned/tiny**",
        "| host | kernel | 6.1 | 6.2 |",
        "not comparable: different campaigns",
        "The report `unpinned/compare` is new.",
        "the new one against the old one: 1 of 2 figures moved beyond noise.",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    told(&["first..HEAD", "--threshold", "2%"]).expect_status(1);
    // The comparison was there before: HEAD adds nothing that could be judged.
    let nothing = told(&["HEAD~0", "HEAD", "--threshold", "2%"]);
    nothing.expect_status(0);
    assert!(nothing.stdout().contains("Nothing changed"));
    told(&["first~1..HEAD"]).expect_status(2);
    // What moves is the same report, and what comes into its place another one.
    git(&["tag", "second"]);
    git(&["mv", "reports/unpinned/tiny", "reports/unpinned/small"]);
    publish(&campaign(folder.path(), "d", |_| {}));
    let moved = told(&["second..HEAD"]).stdout();
    for words in [
        "The report `unpinned/tiny` is `unpinned/small` now.",
        "The report `unpinned/tiny` is new.",
        "**unpinned/small**\n\nNothing changed: both sides are campaign b.",
    ] {
        assert!(moved.contains(words), "{words} is not in {moved}");
    }
    assert!(!moved.contains("**unpinned/tiny**"), "{moved}");
    // A folder of reports beside a revision.
    let beside = told(&["first", "reports"]);
    beside.expect_status(0);
    assert!(beside.stdout().contains("**unpinned/tiny**"));

    let mut command = lab(&["history", "unpinned", "--from"]);
    command.arg(checkout.join("reports"));
    let history = run(command);
    history.expect_status(0);
    assert!(
        history.stdout().contains("nethttp-new"),
        "{}",
        history.stdout()
    );
}
