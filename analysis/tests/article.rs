//! A campaign in the layout of articles.

mod support;

use std::path::Path;

use record::{CampaignWriter, Cell, Flag, Metric, Observation, Validity};
use serde_json::json;
use support::{Plan, report_of};

/// The samples of each server, in the order in which they were taken.
const SAMPLES: [(&str, &str, [f64; 5]); 3] = [
    (
        "nethttp",
        "",
        [50_000.0, 52_000.0, 51_000.0, 58_000.0, 51_500.0],
    ),
    (
        "gin",
        "",
        [55_000.0, 54_000.0, 20_000.0, 54_500.0, 56_000.0],
    ),
    (
        "nethttp",
        "twin",
        [48_000.0, 47_000.0, 47_500.0, 49_000.0, 48_500.0],
    ),
];

/// The campaign; Gin's windows were limited by the instrument where `bound` says so.
fn article(results: &Path, bound: bool) -> std::path::PathBuf {
    let mut plan = Plan {
        starts: 0,
        ..Plan::default()
    };
    plan.servers
        .retain(|s| ["gin", "nethttp"].contains(&s.name.as_str()));
    let folder = plan.write(results);
    let mut file = record::Campaign::open(&folder).unwrap().file;
    std::fs::remove_dir_all(&folder).unwrap();
    file.method = serde_json::from_value(json!({ "protocol": "article" })).unwrap();
    file.design.launches = 3;
    file.design.blocks = 5;
    file.design.scenarios.truncate(1);
    file.design.modes.truncate(1);
    let mut writer = CampaignWriter::create(results, file).unwrap();
    for framework in ["gin", "nethttp"] {
        writer.observe(Observation {
            cell: Cell {
                launch: 0,
                block: 0,
                window: 0,
                framework: framework.to_owned(),
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
    for (launch, (framework, variant, samples)) in (1..).zip(SAMPLES) {
        writer.end_group(&format!("launch {launch} idle")).unwrap();
        let mut validity = Validity::ok();
        if bound && framework == "gin" {
            validity.flag(Flag::ClientBound);
        }
        for (window, rate) in (1..).zip(samples) {
            for (metric, value) in [
                (Metric::Throughput, rate),
                (Metric::CpuPerRequest, 9e5 / rate),
            ] {
                writer.observe(Observation {
                    cell: Cell {
                        launch,
                        block: launch,
                        window,
                        framework: framework.to_owned(),
                        variant: variant.to_owned(),
                        scenario: "plaintext".to_owned(),
                        mode: "saturation".to_owned(),
                    },
                    metric,
                    value,
                    validity: validity.clone(),
                });
            }
        }
        writer.end_group(&format!("block {launch}")).unwrap();
        writer
            .end_group(&format!("launch {launch} memory"))
            .unwrap();
    }
    writer
        .update(|file| file.status = record::Status::Complete)
        .unwrap();
    folder
}

#[test]
fn the_median_is_printed_with_what_it_lacks() {
    let results = tempfile::tempdir().unwrap();
    let report = report_of(&article(results.path(), false));
    let markdown = report.markdown();
    assert!(markdown.contains("## What an article would print"));
    // In the order of the medians, the second copy among them.
    let at = |line: &str| {
        markdown
            .find(line)
            .unwrap_or_else(|| panic!("{line}\n{markdown}"))
    };
    assert!(
        at("| Gin | 54,500 | 20,000 to 56,000 |") < at("| net/http | 51,500 | 50,000 to 58,000 |")
    );
    assert!(at("| net/http | 51,500") < at("| net/http, second copy | 48,000 |"));
    assert!(markdown.contains("The two copies of net/http, one binary, came out 7.3 % apart."));
    assert!(markdown.contains("- No interval: "));
    assert!(markdown.contains("**No comparison:** measured the way articles do"));
    for word in [
        "**faster**",
        "**slower**",
        "How to read this",
        "noise floor",
    ] {
        assert!(!markdown.contains(word), "{word}");
    }
    let summary = report.summary();
    let gin = &summary["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["framework"] == "gin")
        .unwrap();
    assert_eq!(gin["estimate"], 54_500.0);
    assert!(gin["low"].is_null() && gin["ratio"].is_null() && gin["rank"].is_null());
    // Five windows in a row show no change of level.
    assert!(markdown.contains("too few windows"));
}

#[test]
fn a_rate_that_the_instrument_limited_is_marked() {
    let results = tempfile::tempdir().unwrap();
    let report = report_of(&article(results.path(), true));
    let markdown = report.markdown();
    assert!(markdown.contains("| Gin | ≥ 54,500 | 20,000 to 56,000 |"));
    assert!(markdown.contains("- ≥: the instrument was the bottleneck"));
    assert!(markdown.contains("| net/http | 51,500 |"));
}
