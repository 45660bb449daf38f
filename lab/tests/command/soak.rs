//! A long window on many connections, in small.

use record::{Metric, Status};

use crate::support::{Bench, alone, until_seen};

const EXPERIMENT: &str = "schema: experiment/1
name: soak
title: Some connections that stay open
question: Is each of them seen?
baseline: nethttp
frameworks: [nethttp]
scenarios: [json]
modes:
  - {name: open, kind: rate, rate: 200, connections: 300}
startup: {starts: 0}
protocol: {kind: soak, warm_up_ms: 1500, window_ms: 8000, interval_ms: 1000}
quick:
  startup: {starts: 0}
  protocol: {kind: soak, warm_up_ms: 1500, window_ms: 8000, interval_ms: 1000}
";

/// Whether the table has a reading of both servers' goroutines in each of eight seconds.
fn every_second_was_read(rows: &str) -> bool {
    let in_an_interval = |l: &&str| {
        l.contains(",goroutines,") && l.split(',').nth(3).is_some_and(|window| window != "0")
    };
    rows.lines().filter(in_an_interval).count() == 2 * 8
}

#[test]
fn a_soak_is_recorded_interval_by_interval_and_reported() {
    let _alone = alone();
    let bench = Bench::new();
    let path = bench.path().join("soak.yaml");
    std::fs::write(&path, EXPERIMENT).unwrap();
    // Whoever reads a server twice a second reads it in each, unless the machine stands still: then
    // the soak says nothing of that second.
    let ended = until_seen(
        || bench.bench(path.to_str().unwrap(), &[]),
        |ended| ended.status() == Some(0) && every_second_was_read(&bench.rows()),
    );
    ended.expect_status(0);
    assert!(ended.stdout().contains("KiB/conn"), "{}", ended.stdout());
    let campaign = bench.latest();
    assert_eq!(campaign.file.status, Status::Complete);
    let (rows, held) = campaign.rows().unwrap();
    // A window in which a busy machine got no answer has no values beyond its rate.
    let missing = |f: &record::Finding| f.kind != record::FindingKind::Values;
    assert!(!held.findings.iter().any(missing), "{:?}", held.findings);
    for variant in ["", "twin"] {
        let values = |metric: Metric, scenario: &str| -> Vec<(u32, f64)> {
            (rows.iter())
                .filter(|r| r.cell.variant == variant && r.cell.scenario == scenario)
                .filter(|r| r.metric == metric && r.cell.mode != "idle")
                .map(|r| (r.cell.window, r.value))
                .collect()
        };
        let in_intervals = |metric| {
            let mut all = values(metric, "json");
            all.retain(|(window, _)| *window > 0);
            all
        };
        for metric in [
            Metric::Throughput,
            Metric::LatencyP99,
            Metric::Pss,
            Metric::Rss,
            Metric::Goroutines,
        ] {
            let windows: Vec<u32> = in_intervals(metric).iter().map(|(w, _)| *w).collect();
            assert_eq!(
                windows,
                [1, 2, 3, 4, 5, 6, 7, 8],
                "{metric:?} of `{variant}`"
            );
        }
        assert_eq!(values(Metric::Connections, "json"), [(0, 300.0)]);
        assert_eq!(values(Metric::ConnectionsLost, "json"), [(0, 0.0)]);
        // net/http has a goroutine for each connection, and none without.
        let open = in_intervals(Metric::Goroutines);
        assert!(open.iter().all(|(_, n)| *n >= 300.0), "{open:?}");
        let [(_, before)] = values(Metric::Goroutines, "memory")[..] else {
            panic!("one reading before the long window");
        };
        assert!(before < 50.0, "{before}");
    }
    let report = campaign.dir.report();
    let summary = std::fs::read(report.join("summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&summary).unwrap();
    let servers = summary["soak"].as_array().unwrap();
    assert_eq!(servers.len(), 2);
    for server in servers {
        let each = &server["figures"]["goroutines_a_connection"];
        let each = each.as_f64().unwrap();
        assert!((0.9..1.1).contains(&each), "{each}");
        assert!(server["p99_drift"]["a_minute"].is_number(), "{server}");
    }
    let text = std::fs::read_to_string(report.join("report.md")).unwrap();
    assert!(text.contains("300 connections that stay open"), "{text}");
    assert!(
        report
            .join("charts/p99-by-interval-json-open.svg")
            .is_file()
    );
}
