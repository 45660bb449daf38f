//! Tables of observations with bad fields.

mod support;

use std::path::PathBuf;

use support::{Plan, report_of};
use tempfile::TempDir;

fn small() -> Plan {
    Plan {
        scenarios: vec!["json"],
        launches: 1,
        blocks: 8,
        starts: 2,
        ..Plan::default()
    }
}

fn campaign() -> (TempDir, PathBuf) {
    let results = tempfile::tempdir().unwrap();
    let folder = small().write(results.path());
    (results, folder)
}

/// Changes the n-th row whose text holds a word, and returns its line number.
fn change(
    folder: &std::path::Path,
    word: &str,
    nth: usize,
    edit: impl Fn(&str) -> String,
) -> usize {
    let path = folder.join("observations.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    // Without the sums, which would give it away.
    let mut lines: Vec<String> = (text.lines())
        .filter(|line| !line.starts_with("# sum "))
        .map(str::to_owned)
        .collect();
    let (at, line) = lines
        .iter()
        .enumerate()
        .filter(|(_, l)| l.contains(word))
        .map(|(i, l)| (i, edit(l)))
        .nth(nth)
        .unwrap();
    lines[at] = line;
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    at + 1
}

fn value(line: &str, value: &str) -> String {
    let mut fields: Vec<&str> = line.split(',').collect();
    fields[10] = value;
    fields.join(",")
}

#[test]
fn a_bad_field_is_named_with_line_and_column() {
    type Edit = fn(&str) -> String;
    let cases: [(Edit, &str, &str); 8] = [
        (
            |l| l.replace(",throughput,", ",speed,"),
            "metric",
            "unknown metric `speed`; known are throughput, ",
        ),
        (
            |l| l.replace(",1/s,", ",1/min,"),
            "unit",
            "`throughput` is in `1/s`, not in `1/min`",
        ),
        (|l| value(l, "fast"), "value", "`fast` is not a number"),
        (|l| value(l, ""), "value", "`` is not a number"),
        (|l| value(l, "-1"), "value", "`-1` is negative"),
        (
            |l| l.replace(",ok", ",fine"),
            "validity",
            "unknown validity flag `fine`",
        ),
        (
            |l| l.replace("headline-test,1,", "headline-test,one,"),
            "launch",
            "`one` is not a whole number",
        ),
        (
            |l| l.rsplit_once(',').unwrap().0.to_owned(),
            "validity",
            "the row has 11 of 12 fields",
        ),
    ];
    for (edit, column, problem) in cases {
        let (_results, folder) = campaign();
        let line = change(&folder, ",throughput,", 3, edit);
        let error = analysis::analyse(&folder).unwrap_err().to_string();
        let place = format!("observations.csv, line {line}, column `{column}`: {problem}");
        assert!(error.contains(&place), "{error}\nshould hold: {place}");
    }
}

#[test]
fn a_window_without_a_value_is_left_out_and_counted() {
    for (text, words) in [
        ("NaN", "no value 1/8"),
        ("inf", "no value 1/8"),
        ("0", "no value 1/8"),
    ] {
        let (_results, folder) = campaign();
        change(&folder, ",echo,,json,saturation,throughput,", 0, |l| {
            value(l, text)
        });
        let report = report_of(&folder);
        assert!(report.markdown().contains(words), "{text}");
        let summary = report.summary();
        let echo = summary["results"]
            .as_array()
            .unwrap()
            .iter()
            .find(|r| r["framework"] == "echo" && r["metric"] == "throughput")
            .unwrap();
        assert_eq!((&echo["n"], &echo["windows"]), (&7.into(), &8.into()));
        assert_eq!(echo["windows_without_value"], 1);
        assert!(!report.files["summary.json"].contains("NaN"));
    }
}

#[test]
fn quoted_fields_are_read() {
    let plan = Plan {
        id: "headline,\"test\"".to_owned(),
        ..small()
    };
    let results = tempfile::tempdir().unwrap();
    let folder = plan.write(results.path());
    let table = std::fs::read_to_string(folder.join("observations.csv")).unwrap();
    assert!(table.contains("\n\"headline,\"\"test\"\"\",1,"));
    assert_eq!(analysis::analyse(&folder).unwrap().completeness, []);
}
