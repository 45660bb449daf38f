//! A campaign that compared two versions: when it is a regression, and when it says nothing.

mod support;

use analysis::Analysis;
use analysis::diff::Versions;
use record::{Class, Comparison};
use support::{Plan, report, server};

/// The new version costs so many times the base; a window's own spread is `noise`.
fn campaign(cost: f64, noise: f64) -> Analysis {
    report(&plan(cost, noise)).analysis
}

fn plan(cost: f64, noise: f64) -> Plan {
    Plan {
        scenarios: vec!["json"],
        servers: vec![
            server("nethttp", "Base", Class::Idiomatic, 1.0),
            server("nethttp-new", "New", Class::Idiomatic, cost),
        ],
        comparison: Some(Comparison {
            base: "nethttp".to_owned(),
            new: "nethttp-new".to_owned(),
            base_is: "revision <v1>".to_owned(),
            new_is: "the working tree".to_owned(),
        }),
        blocks: 30,
        noise,
        ..Plan::default()
    }
}

fn versions(cost: f64, noise: f64, threshold: f64) -> Versions {
    Versions::of(&campaign(cost, noise), Some(threshold)).unwrap()
}

#[test]
fn a_regression_beyond_the_threshold_is_one() {
    let found = versions(1.05, 0.005, 0.02);
    assert!(found.is_regression());
    let metrics: Vec<&str> = found.regressions.iter().map(|m| m.metric).collect();
    assert!(metrics.contains(&"throughput") && metrics.contains(&"cpu_per_request"));
    let summary = found.summary();
    assert!(
        summary.starts_with("the working tree against revision <v1>: "),
        "{summary}"
    );
    assert!(
        summary.contains("Regressions of 2.0 % or more: requests/s, json -"),
        "{summary}"
    );
    let text = found.markdown();
    assert!(!text.contains("<v1>"), "{text}");
    assert!(
        text.contains("| requests/s, json | in turn, saturation | -"),
        "{text}"
    );
    // What moved stands above what is folded.
    assert!(text.find("**worse**").unwrap() < text.find("<details>").unwrap());
}

#[test]
fn a_version_that_fails_late_is_a_regression_of_at_least_that_size() {
    let mut plan = plan(1.0, 0.005);
    // Three in a hundred fail, after 0.8 s or at once.
    plan.server("nethttp-new").failing = (6, 800_000_000);
    let found = Versions::of(&report(&plan).analysis, Some(0.02)).unwrap();
    let late = found
        .regressions
        .iter()
        .find(|m| m.metric == "latency_p99")
        .unwrap();
    assert!(late.worse && late.ratio.unwrap() > 1_000.0, "{late:?}");
    assert!(found.markdown().contains("| ≥ +"), "{}", found.markdown());
    plan.server("nethttp-new").failing = (6, 1_000);
    let found = Versions::of(&report(&plan).analysis, Some(0.02)).unwrap();
    let at_once = found
        .rest
        .iter()
        .find(|m| m.metric == "latency_p99")
        .unwrap();
    assert_eq!((at_once.verdict, at_once.ratio), ("lower-bound", None));
    assert!(
        found.summary().contains("cannot be judged"),
        "{}",
        found.summary()
    );
}

#[test]
fn the_same_regression_below_the_threshold_is_told_and_is_none() {
    let found = versions(1.05, 0.005, 0.1);
    assert!(!found.is_regression());
    assert!(found.moved.iter().any(|m| m.worse));
    assert!(
        (found.summary())
            .contains("No regression of 10 % or more was found; not excluded in p99.9"),
        "{}",
        found.summary()
    );
    // Nobody asked.
    let found = Versions::of(&campaign(1.05, 0.005), None).unwrap();
    assert!(!found.is_regression());
    assert!(!found.summary().contains("egression"));
}

#[test]
fn an_improvement_is_no_regression() {
    let found = versions(0.9, 0.005, 0.02);
    assert!(!found.is_regression());
    assert!(found.moved.iter().all(|m| !m.worse) && !found.moved.is_empty());
    assert!(found.markdown().contains("**better**"));
}

#[test]
fn what_lies_inside_the_noise_is_said_to() {
    let found = versions(1.0, 0.02, 0.0);
    assert!(!found.is_regression());
    assert_eq!(found.moved, []);
    assert!(found.summary().contains("none of "), "{}", found.summary());
    assert!(found.summary().contains("moved beyond noise"));
    assert!(
        found.markdown().contains("inside the noise floor"),
        "{}",
        found.markdown()
    );
}

#[test]
fn what_is_not_excluded_is_said_and_the_comment_has_its_labels() {
    let noisy = Versions::of(&campaign(1.0, 0.2), Some(0.02)).unwrap();
    let text = noisy.markdown();
    assert!(
        text.starts_with("### Base v1.2.3: the working tree against revision &lt;v1&gt;\n"),
        "{text}"
    );
    assert!(text.contains("unpinned; "), "{text}");
    assert!(
        text.contains("windows under load disturbed from outside"),
        "{text}"
    );
    let summary = noisy.summary();
    let (_, open) = summary.split_once("was found; not excluded in ").unwrap();
    assert!(
        open.contains("interval -") && open.ends_with(" more."),
        "{open}"
    );
    // Every interval stands with its own level, and nothing is named twice.
    for word in ["95 % interval", "startup time startup", "memory memory"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(
        text.contains("| startup time | in turn, cold starts |"),
        "{text}"
    );
    assert!(
        text.contains("| resident memory, idle | in turn, once a launch |"),
        "{text}"
    );
    let quiet = versions(1.0, 0.0001, 0.9).summary();
    assert!(
        quiet.ends_with(
            "No regression of 90 % or more was found, and the intervals of all figures exclude one."
        ),
        "{quiet}"
    );
}

#[test]
fn a_campaign_of_frameworks_compares_no_versions() {
    let plan = Plan {
        scenarios: vec!["json"],
        starts: 2,
        ..Plan::default()
    };
    assert_eq!(Versions::of(&report(&plan).analysis, Some(0.02)), None);
}
