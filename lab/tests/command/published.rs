//! Publishing a campaign, refusing to, and telling two published ones apart.

use std::path::{Path, PathBuf};

use record::{CampaignFile, CampaignWriter, Cell, Metric, Observation, Status, Validity};
use serde_json::json;

use crate::support::{lab, run};

/// A campaign of a few made-up values; gives its folder.
pub fn campaign(results: &Path, id: &str, change: impl Fn(&mut CampaignFile)) -> PathBuf {
    let servers = [("nethttp", "", 100.0), ("nethttp", "twin", 101.0)];
    campaign_of(results, id, &servers, change)
}

/// As [`campaign`], of these frameworks, variants and requests per second.
pub fn campaign_of(
    results: &Path,
    id: &str,
    servers: &[(&str, &str, f64)],
    change: impl Fn(&mut CampaignFile),
) -> PathBuf {
    let plain = servers.iter().filter(|(_, variant, _)| variant.is_empty());
    let frameworks: Vec<_> = plain
        .map(|(name, ..)| {
            json!({
                "name": name, "title": name, "class": "idiomatic", "language": "go",
                "engine": "net/http", "router": "none", "module": "std", "version": "v1",
                "sha256": "aa", "binary_bytes": 1, "modules": {}, "excluded": null,
            })
        })
        .collect();
    let file: CampaignFile = serde_json::from_value(json!({
        "schema": record::campaign::SCHEMA,
        "id": id,
        "status": "running",
        "started": "2026-01-02T03:04:05Z",
        "finished": null,
        "command": ["bench"],
        "seed": 1,
        "quick": false,
        "pinned": false,
        "lab": { "version": "0.1.0", "revision": "0123abc" },
        "design": {
            "experiment": "tiny",
            "title": "A tiny experiment",
            "baseline": "nethttp",
            "twin": "twin",
            "scenarios": [{ "name": "json", "title": "a small object" }],
            "modes": [{ "name": "saturation", "kind": "saturation", "connections": 8, "rate": null }],
            "launches": 1, "blocks": 8, "lead_in_ms": 50, "window_ms": 100, "starts": 0,
        },
        "host": { "kernel": "6.1" },
        "toolchains": {},
        "cpus": { "server": [0], "instrument": [1] },
        "frameworks": frameworks,
        "notes": [],
    }))
    .unwrap();
    let mut writer = CampaignWriter::create(results, file).unwrap();
    for (framework, ..) in servers.iter().filter(|(_, variant, _)| variant.is_empty()) {
        writer.observe(Observation {
            cell: Cell {
                launch: 0,
                block: 0,
                window: 0,
                framework: (*framework).to_owned(),
                variant: String::new(),
                scenario: "build".to_owned(),
                mode: "size".to_owned(),
            },
            metric: Metric::BinarySize,
            value: 6.25,
            validity: Validity::ok(),
        });
    }
    writer.end_group("build").unwrap();
    writer.end_group("launch 1 idle").unwrap();
    for block in 1..=8 {
        for (framework, variant, value) in servers {
            writer.observe(Observation {
                cell: Cell {
                    launch: 1,
                    block,
                    window: 1,
                    framework: (*framework).to_owned(),
                    variant: (*variant).to_owned(),
                    scenario: "json".to_owned(),
                    mode: "saturation".to_owned(),
                },
                metric: Metric::Throughput,
                value: value + f64::from(block),
                validity: Validity::ok(),
            });
        }
        writer.end_group(&format!("block {block}")).unwrap();
    }
    writer.end_group("launch 1 memory").unwrap();
    writer
        .update(|file| {
            file.status = Status::Complete;
            change(file);
        })
        .unwrap();
    results.join(id)
}

#[test]
fn what_may_not_be_published_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("reports");
    let refused = |campaign: PathBuf, more: &[&str], says: &str| {
        let mut command = lab(&["report", "--publish"]);
        command.args(more).arg("--to").arg(&reports).arg(campaign);
        let refused = run(command);
        refused.expect_status(2);
        assert!(refused.stderr().contains(says), "{}", refused.stderr());
    };
    let unpinned = campaign(folder.path(), "a", |_| {});
    refused(unpinned, &[], "campaign a is unpinned");
    let quick = campaign(folder.path(), "b", |file| file.quick = true);
    refused(quick, &["--unpinned"], "campaign b is a quick one");
    let unknown = campaign(folder.path(), "d", |file| {
        file.lab.revision = "unknown".to_owned();
    });
    refused(
        unknown,
        &["--unpinned"],
        "campaign d was measured by a lab of an unknown revision",
    );
    let dirty = campaign(folder.path(), "e", |file| {
        file.lab.revision = "0123abc-dirty".to_owned();
    });
    refused(
        dirty,
        &["--unpinned"],
        "campaign e was measured with uncommitted changes (0123abc-dirty)",
    );
    let void = campaign(folder.path(), "c", |file| file.status = Status::Interrupted);
    refused(void, &["--unpinned"], "campaign c was interrupted");
    assert!(!reports.exists());
}

#[test]
fn a_campaign_is_published_rendered_again_and_told_from_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("reports");
    let publish = |campaign: &Path| {
        let mut command = lab(&["report", "--publish", "--unpinned", "--to"]);
        command.arg(&reports).arg(campaign);
        let published = run(command);
        published.expect_status(0);
        published.stdout()
    };
    let first = campaign(folder.path(), "a", |_| {});
    assert!(publish(&first).contains("Nothing was there before."));
    let place = reports.join("unpinned/tiny");
    for file in [
        "campaign.yaml",
        "observations.csv",
        "report.md",
        "report.html",
        "summary.json",
    ] {
        assert!(place.join(file).is_file(), "{file}");
    }
    let again = publish(&first);
    assert!(
        again.contains("Nothing changed: both sides are campaign a."),
        "{again}"
    );
    let second = campaign(folder.path(), "b", |file| {
        file.host.insert("kernel".to_owned(), "6.2".to_owned());
    });
    let next = publish(&second);
    assert!(
        next.contains("Changed: 1 host fact. Results are not comparable"),
        "{next}"
    );

    let mut command = lab(&["diff", "--json"]);
    command.arg(&first).arg(&place);
    let diff = run(command);
    diff.expect_status(0);
    let diff: serde_json::Value = serde_json::from_str(&diff.stdout()).unwrap();
    let report = &diff["reports"][""];
    assert_eq!(report["changes"][0]["name"], "kernel", "{report}");
    let mut command = lab(&["diff"]);
    command.arg(&reports).arg(&reports);
    let itself = run(command);
    itself.expect_status(0);
    assert!(
        itself
            .stdout()
            .contains("**unpinned/tiny**\n\nNothing changed"),
        "{}",
        itself.stdout()
    );
}

#[test]
fn a_site_is_rendered_and_what_was_edited_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("reports");
    let mut command = lab(&["report", "--publish", "--unpinned", "--to"]);
    command
        .arg(&reports)
        .arg(campaign(folder.path(), "a", |_| {}));
    run(command).expect_status(0);

    let site = |more: &[&str]| {
        let mut command = lab(&["site", "--from"]);
        command.arg(&reports).args(more);
        run(command)
    };
    let out = folder.path().join("site");
    let words = ["--out", out.to_str().unwrap()];
    site(&words).expect_status(0);
    assert!(out.join("index.html").is_file());
    assert!(out.join("unpinned/tiny/report.html").is_file());
    let refused = site(&words);
    refused.expect_status(2);
    assert!(
        refused.stderr().contains("is not empty"),
        "{}",
        refused.stderr()
    );

    site(&["--check"]).expect_status(0);
    std::fs::write(reports.join("unpinned/tiny/report.md"), "edited").unwrap();
    let wrong = site(&["--check"]);
    wrong.expect_status(1);
    let named = "unpinned/tiny: report.md differs from what the raw data give";
    assert!(wrong.stdout().contains(named), "{}", wrong.stdout());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let campaign = campaign(folder.path(), "a", |_| {});
    for words in [&["diff", "--benchstat"][..], &["diff", "--json"]] {
        let mut command = lab(words);
        command
            .args([&campaign, &campaign])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{said}");
        assert_eq!(said, "");
    }
}
