//! Same raw data, same bytes: in other folders, time zones and languages.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use support::Plan;

const CAMPAIGN: &str = "ANALYSIS_TEST_CAMPAIGN";
const OUT: &str = "ANALYSIS_TEST_OUT";

/// What the other test runs in a process of its own.
#[test]
fn child_renders() {
    let (Some(campaign), Some(out)) = (std::env::var_os(CAMPAIGN), std::env::var_os(OUT)) else {
        return;
    };
    let analysis = analysis::analyse(Path::new(&campaign)).unwrap();
    let report = analysis::report::render(&analysis).unwrap();
    analysis::report::write(&report, Path::new(&out)).unwrap();
    fs::write(
        Path::new(&out).join("terminal.txt"),
        analysis::terminal::table(&analysis),
    )
    .unwrap();
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for folder in [folder.to_owned(), folder.join("charts")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_same_raw_data_give_the_same_bytes() {
    let plan = Plan {
        scenarios: vec!["json"],
        ..Plan::default()
    };
    let mut reports = Vec::new();
    for (zone, language, threads) in [("UTC", "C", "1"), ("Asia/Kathmandu", "de_DE.UTF-8", "4")] {
        let place = tempfile::tempdir().unwrap();
        let campaign = plan.write(place.path());
        let out = place.path().join("out");
        // A chart of an earlier report goes away.
        fs::create_dir_all(out.join("charts")).unwrap();
        fs::write(out.join("charts/stale.svg"), "").unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_renders"])
            .current_dir(place.path())
            .env("TZ", zone)
            .env("LANG", language)
            .env("LC_ALL", language)
            .env("POLARS_MAX_THREADS", threads)
            .env(CAMPAIGN, &campaign)
            .env(OUT, &out)
            .status()
            .unwrap();
        assert!(status.success());
        reports.push(files(&out));
    }
    let second = reports.pop().unwrap();
    let first = reports.pop().unwrap();
    assert_eq!(
        first.keys().collect::<Vec<_>>(),
        second.keys().collect::<Vec<_>>()
    );
    assert!(first.contains_key("report.md") && !first.contains_key("stale.svg"));
    for (name, bytes) in &first {
        assert!(*bytes == second[name], "{name} differs");
        assert!(!bytes.contains(&b'\r'), "{name} has a carriage return");
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("/tmp/"), "{name} holds a path");
    }
}
