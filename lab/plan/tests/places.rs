//! That a new metric, chart, scenario, kind or claim goes where CONTRIBUTING.md says stays true: the
//! files are there, and nothing else names what stands in a row of theirs. What is looked for is the
//! most ordinary row of each registry; were a row more to be added, it would stand in as many files.

use std::fs;
use std::path::{Path, PathBuf};

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust source of the lab and the analysis, without tests, by its path in the checkout.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for below in ["lab", "analysis"] {
        collect(&checkout().join(below), &mut found);
    }
    assert!(found.len() > 300, "{}", found.len());
    found
}

fn collect(below: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_source = name.ends_with(".rs") && name != "tests.rs";
        if path.is_dir() && !["tests", "examples", "target"].contains(&name) {
            collect(&path, found);
        } else if is_source {
            let place = path.strip_prefix(checkout()).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            found.push((place.to_str().unwrap().to_owned(), code.to_owned()));
        }
    }
}

/// Who names these words, outside of the places that may.
fn others(words: &str, places: &[&str]) -> Vec<String> {
    let is_elsewhere = |place: &str| !places.iter().any(|allowed| place.starts_with(allowed));
    (sources().into_iter())
        .filter(|(place, text)| is_elsewhere(place) && text.contains(words))
        .map(|(place, _)| place)
        .collect()
}

/// What measures, and the kinds, which may have chapters and figures of their own.
const MEASURED: [&str; 5] = [
    "lab/record/src/metric/",
    "lab/record/src/kinds/",
    "lab/run/src/observe.rs",
    "lab/run/src/kinds/",
    "analysis/src/kinds/",
];

#[test]
fn a_metric_is_a_row_and_the_place_that_measures_it() {
    for metric in ["Metric::LatencyP50", "Metric::LatencyP999"] {
        let others = others(metric, &MEASURED);
        assert!(others.is_empty(), "{metric}: {others:#?}");
    }
}

#[test]
fn a_chart_is_a_file_a_line_and_a_name() {
    let places = [
        "lab/record/src/metric/",
        "analysis/src/report/charts/mod.rs",
    ];
    assert_eq!(others("Drawn::Starts", &places), Vec::<String>::new());
}

#[test]
fn a_scenario_is_a_row() {
    // The request that a single question is asked with by default is an object.
    for scenario in ["Scenario::Plaintext", "Scenario::Params"] {
        let others = others(scenario, &["lab/catalog/src/scenario.rs"]);
        assert!(others.is_empty(), "{scenario}: {others:#?}");
    }
}

#[test]
fn contributing_names_files_that_are_there() {
    let text = fs::read_to_string(checkout().join("CONTRIBUTING.md")).unwrap();
    let table = text.split("## Where do I add").nth(1).unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with('|')).collect();
    let what = ["a metric", "a chart", "a scenario", "a kind of", "a claim"];
    for what in what {
        let row = rows
            .iter()
            .find(|row| row.starts_with(&format!("| {what}")));
        let row = row.unwrap_or_else(|| panic!("CONTRIBUTING.md has no row for {what}"));
        let named = row.split('`').skip(1).step_by(2);
        let files: Vec<&str> = named.filter(|word| word.contains('/')).collect();
        assert!(!files.is_empty() && files.len() <= 4, "{what}: {files:?}");
        for file in files {
            assert!(checkout().join(file).exists(), "{what}: {file}");
        }
    }
}
