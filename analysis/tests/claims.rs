//! What is said of a comparison: direction, size, rank, and at which level.

mod support;

use analysis::text::number;
use record::{Class, Inconclusive, Stopped};
use stats::Interval;
use support::{Plan, Report, declared, report, report_of, server};

fn small() -> Plan {
    Plan {
        scenarios: vec!["json"],
        starts: 8,
        ..Plan::default()
    }
}

/// The entry of a framework's own row.
fn entry(report: &Report, framework: &str, metric: &str, mode: &str) -> serde_json::Value {
    let summary = report.summary();
    let results = summary["results"].as_array().unwrap();
    results
        .iter()
        .find(|r| {
            r["framework"] == framework
                && r["metric"] == metric
                && r["variant"] == ""
                && r["mode"] == mode
        })
        .unwrap_or_else(|| panic!("no {metric} of {framework}"))
        .clone()
}

#[test]
fn a_difference_has_a_direction_and_a_size() {
    let plan = Plan {
        noise: 0.004,
        servers: vec![
            server("chi", "chi", Class::Idiomatic, 1.0),
            server("echo", "Echo", Class::Idiomatic, 1.012),
            server("fiber", "Fiber", Class::Idiomatic, 0.7),
            server("nethttp", "net/http", Class::Idiomatic, 1.0),
        ],
        ..small()
    };
    let report = report(&plan);
    let said = |name: &str| {
        let entry = entry(&report, name, "throughput", "saturation");
        (entry["verdict"].clone(), entry["size"].clone())
    };
    assert_eq!(said("fiber"), ("faster".into(), "larger".into()));
    assert_eq!(said("chi"), ("undecided".into(), "equivalent".into()));
    // Certain, and too small to matter.
    assert_eq!(said("echo"), ("slower".into(), "equivalent".into()));
    let markdown = report.markdown();
    assert!(
        markdown.contains("| Size (margin 3.0 %) | Rank |"),
        "{markdown}"
    );
    assert!(markdown.contains("equivalent within 3.0 % for chi"));
    assert!(report.files["report.html"].contains(">equivalent</td>"));
    assert!(analysis::terminal::table(&report.analysis).contains(" ≈"));
}

#[test]
fn without_a_declared_margin_nothing_is_said_of_size() {
    let mut plan = small();
    plan.method.margins.clear();
    let report = report(&plan);
    assert!(!report.markdown().contains("Size (margin"));
    assert!(entry(&report, "fiber", "throughput", "saturation")["size"].is_null());
}

#[test]
fn a_limited_server_is_never_called_equivalent() {
    let mut plan = small();
    plan.noise = 0.002;
    for name in ["chi", "fiber"] {
        plan.server(name).client_bound = 1.0;
    }
    let report = report(&plan);
    let of = |name: &str| entry(&report, name, "throughput", "saturation");
    assert_eq!(of("chi")["size"], "unclear");
    assert_eq!(of("fiber")["size"], "larger");
    // It may be better than all of them, and those in front of it may be worse than they seem.
    assert_eq!(of("chi")["rank"][0], 1);
    assert_eq!(of("fiber")["rank"][0], 1);
}

#[test]
fn ranks_are_ranges_that_hold_the_order() {
    let report = report(&small());
    let rank = |name: &str| {
        let entry = entry(&report, name, "cpu_per_request", "saturation");
        let place = |i: usize| entry["rank"][i].as_u64().unwrap();
        (place(0), place(1))
    };
    assert_eq!(rank("fiber"), (1, 1));
    assert_eq!(rank("echo"), (5, 5));
    let (best, worst) = rank("chi");
    assert!(
        best < worst,
        "chi and net/http are equal: {best} to {worst}"
    );
    let control = entry(&report, "fasthttp", "cpu_per_request", "saturation");
    assert!(control["rank"].is_null(), "a control is never ranked");
}

#[test]
fn shown_intervals_are_the_adjusted_ones() {
    let report = report(&small());
    // Five frameworks, two modes: rates at saturation, CPU in both, p99 at the fixed rate.
    let members = 5.0 * 4.0;
    let entry = entry(&report, "fiber", "throughput", "saturation");
    let level = entry["ratio"]["level"].as_f64().unwrap();
    assert!((level - (1.0 - 0.05 / members)).abs() < 1e-5, "{level}");
    let table = report
        .analysis
        .table(record::Metric::Throughput, "json", "saturation");
    let row = table.unwrap().row("fiber").unwrap();
    let (low, high) = (
        entry["ratio"]["low"].as_f64(),
        entry["ratio"]["high"].as_f64(),
    );
    let bare = stats::paired::t(&row.differences, 0.95).unwrap().interval;
    assert!(low.unwrap() < bare.low && high.unwrap() > bare.high);
    let (low, high) = (low.unwrap(), high.unwrap());
    let step = number::ratio_step(row.ratio_point().unwrap(), Some(&Interval { low, high }));
    let shown = format!(
        "({}–{})",
        number::rounded(low, step),
        number::rounded(high, step)
    );
    assert!(report.markdown().contains(&shown), "{shown}");
    assert!(report.files["report.html"].contains(&shown), "{shown}");
}

fn precise(stopped: Option<Stopped>) -> Report {
    let mut plan = small();
    plan.method = declared();
    plan.method.precision = [("throughput".to_owned(), 0.03)].into();
    plan.method.looks = vec![12, 16, 20, 30, 40];
    plan.method.level = Some(0.97);
    let results = tempfile::tempdir().unwrap();
    let folder = plan.write(results.path());
    let mut campaign = record::Campaign::open(&folder).unwrap().file;
    campaign.course.stopped = stopped;
    // JSON is YAML.
    let text = serde_json::to_string(&campaign).unwrap();
    std::fs::write(folder.join("campaign.yaml"), text).unwrap();
    report_of(&folder)
}

#[test]
fn a_campaign_that_waited_for_precision_says_at_which_level_and_look() {
    let stopped = |at, inconclusive| Some(Stopped { at, inconclusive });
    let report = precise(stopped(12, None));
    let markdown = report.markdown();
    assert!(markdown.contains("Ranges in brackets are 97 % intervals."));
    assert!(markdown.contains("- Stopped on precision at 12 blocks for each scenario and mode, look 1 of 5 (at 12, 16, 20, 30 and 40): every primary ratio was precise enough by its 97 % interval before adjustment (throughput ±3.0 %)"));
    assert_eq!(report.summary()["level"], 0.97);
    assert!(report.files["charts/throughput-json-saturation.svg"].contains("97 % interval"));

    let left = Inconclusive {
        ratio: "gin json saturation throughput".to_owned(),
        half_width: Some(0.0412),
    };
    let report = precise(stopped(40, Some(left)));
    assert!(report.markdown().contains("- Inconclusive at ±4.1 %: gin json saturation throughput was not precise enough by its 97 % interval before adjustment"));
    assert!(
        report
            .markdown()
            .contains("at the cap of 40 blocks, look 5 of 5")
    );
    assert!(
        precise(None)
            .markdown()
            .contains("- Not stopped on precision: ")
    );
}
