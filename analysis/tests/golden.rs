//! The report of a known campaign, byte for byte.
//!
//! `UPDATE_GOLDEN=1 cargo test -p analysis --test golden` writes the files anew: look at the
//! difference before committing it.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Plan, report};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[test]
fn the_report_is_the_golden_one() {
    let plan = Plan::default();
    let report = report(&plan);
    let mut files: BTreeMap<String, String> = report.files.clone();
    files.insert(
        "terminal.txt".to_owned(),
        analysis::terminal::table(&report.analysis),
    );
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let _ = fs::remove_dir_all(folder());
        for (name, text) in &files {
            let path = folder().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        return;
    }
    for (name, text) in &files {
        let golden = fs::read_to_string(folder().join(name))
            .unwrap_or_else(|e| panic!("tests/golden/{name}: {e}; see the head of this file"));
        let differs = golden.lines().zip(text.lines()).position(|(a, b)| a != b);
        assert!(
            golden == *text,
            "{name} is not the golden one; first difference in line {:?}; see the head of this file",
            differs.map(|i| i + 1)
        );
    }
    let charts = fs::read_dir(folder().join("charts")).unwrap().count();
    assert_eq!(files.len(), charts + 4, "a golden file has no counterpart");
}
