//! Latency and CPU time at shares of what each server can answer.

mod support;

use record::Metric;
use support::{Plan, report};

#[test]
fn latency_is_shown_by_share_of_each_servers_own_capacity() {
    let plan = Plan {
        scenarios: vec!["json"],
        starts: 4,
        // The report has them by size.
        shares: vec![0.9, 0.3, 0.5],
        ..Plan::default()
    };
    let report = report(&plan);
    let page = report.markdown();
    let chapter = page
        .split("\n## ")
        .find(|c| c.starts_with("Latency and CPU time against load"));
    let chapter = chapter.expect("there is no chapter of it");
    for part in [
        "![p99 latency against load, µs: json](charts/p99-against-load-json.svg)",
        "![CPU time per request against load, µs: json](charts/cpu-against-load-json.svg)",
        "#### json, p50 µs by share",
        "#### json, p99.9 µs by share",
        "| Framework | 30 % | 50 % | 90 % |",
    ] {
        assert!(chapter.contains(part), "{part}\n{chapter}");
    }
    // Latency grows as the plan makes it grow, and the schedule holds all servers to their shares.
    let p99 = |share: &str| {
        let table = report
            .analysis
            .table(Metric::LatencyP99, "json", share)
            .unwrap();
        table.row("gin").unwrap().estimate
    };
    let (idle, half, full) = (p99("share-30"), p99("share-50"), p99("share-90"));
    assert!((half / idle - 1.4).abs() < 0.15, "{idle} {half}");
    assert!((full / half - 5.0).abs() < 0.6, "{half} {full}");
    let offered = chapter
        .split("#### json, requests/s by share")
        .nth(1)
        .unwrap();
    let of = |name: &str| {
        let row = offered
            .lines()
            .find(|l| l.starts_with(&format!("| {name} |")));
        row.unwrap_or_else(|| panic!("no {name}: {offered}"))
    };
    // Fiber answers more than Gin, and is offered more; both are at half.
    assert!(
        of("Fiber").contains("44,6") && of("Gin").contains("30,6"),
        "{offered}"
    );
    for name in ["Fiber", "Gin", "net/http, second copy"] {
        assert!(
            of(name).contains("(50 %)")
                || of(name).contains("(51 %)")
                || of(name).contains("(49 %)"),
            "{}",
            of(name)
        );
    }
    // A share is no chart of its own, and no other chapter has it.
    let charts = report.files.keys().filter(|name| name.contains("share-"));
    assert_eq!(charts.count(), 0);
    let others = page.replace(chapter, "");
    assert!(!others.contains("p99 µs, share"), "{others}");
    // All of it is there for a program, too.
    let summary = report.summary();
    let results = summary["results"].as_array().unwrap();
    let at_ninety = results.iter().filter(|r| r["mode"] == "share-90");
    let metrics: std::collections::BTreeSet<&str> =
        at_ninety.map(|r| r["metric"].as_str().unwrap()).collect();
    let wanted = [
        "cpu_per_request",
        "latency_p50",
        "latency_p99",
        "latency_p999",
    ];
    assert_eq!(metrics.into_iter().collect::<Vec<_>>(), wanted);
}

#[test]
fn who_asks_for_no_shares_has_no_such_chapter() {
    let plan = Plan {
        scenarios: vec!["json"],
        starts: 4,
        ..Plan::default()
    };
    assert!(!report(&plan).markdown().contains("against load"));
}
