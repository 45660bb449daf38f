//! Blocks that were disturbed, measured again or not.

mod support;

use record::Metric;
use support::{Plan, report};

/// In the default plan block 2 is the first of json at the fixed rate, block 1 at saturation;
/// the server in the second window, which suffers, is Echo.
fn plan(disturbed: &[u32], repeated: &[u32]) -> Plan {
    Plan {
        scenarios: vec!["json"],
        starts: 8,
        disturbed: disturbed.to_vec(),
        repeated: repeated.to_vec(),
        ..Plan::default()
    }
}

fn echo(report: &support::Report, metric: Metric) -> analysis::estimate::Answer {
    let mode = if metric == Metric::Throughput {
        "saturation"
    } else {
        "rate"
    };
    let table = report.analysis.table(metric, "json", mode).unwrap();
    table.row("echo").unwrap().clone()
}

#[test]
fn what_was_measured_again_is_in_no_estimate_and_no_percentile() {
    let clean = report(&plan(&[], &[]));
    let report = report(&plan(&[1, 2], &[1, 2]));
    for metric in [
        Metric::LatencyP50,
        Metric::LatencyP99,
        Metric::LatencyP999,
        Metric::CpuPerRequest,
    ] {
        let (clean, row) = (echo(&clean, metric), echo(&report, metric));
        let ratio = row.estimate / clean.estimate;
        assert!((0.8..1.25).contains(&ratio), "{metric:?}: {ratio}");
        assert_eq!((row.blocks, row.windows), (12, 12));
        assert!(
            row.flags.values().all(|n| *n == 1),
            "the plan's own flag: {:?}",
            row.flags
        );
    }
    // The record keeps both.
    let blocks = &report.summary()["blocks"];
    assert_eq!(blocks["superseded"], 2);
    assert!(
        report
            .markdown()
            .contains("2 measured again, and only the repeats count.")
    );
}

#[test]
fn what_was_not_measured_again_counts_with_its_flag_and_stands_beside_the_estimate_without_it() {
    let clean = report(&plan(&[], &[]));
    let report = report(&plan(&[1, 2], &[]));
    let p99 = echo(&report, Metric::LatencyP99).estimate;
    assert!(
        p99 > 3.0 * echo(&clean, Metric::LatencyP99).estimate,
        "{p99}"
    );
    let summary = report.summary();
    let results = summary["results"].as_array().unwrap();
    let entry = results
        .iter()
        .find(|r| r["framework"] == "echo" && r["metric"] == "latency_p99")
        .unwrap();
    let without = &entry["undisturbed"];
    assert!(without["estimate"].as_f64().unwrap() < p99 / 2.0, "{entry}");
    // Block 6 carries the plan's own flag.
    assert_eq!((&entry["n"], &without["n"]), (&12.into(), &10.into()));
    assert_eq!(entry["flags"]["foreign-cpu"], 2);
    assert!(
        report
            .markdown()
            .contains("both estimates are in summary.json")
    );
}

/// The logs have a line less for it, and those behind it belong to the blocks that they did.
#[test]
fn a_window_that_was_not_measured_moves_no_line_of_a_log_to_another_block() {
    let clean = report(&plan(&[], &[]));
    for (lost, disturbed) in [(2, 6), (4, 6), (6, 4), (8, 2)] {
        let report = report(&Plan {
            unmeasured: vec![(lost, "echo")],
            ..plan(&[disturbed], &[disturbed])
        });
        for metric in [Metric::LatencyP50, Metric::LatencyP99, Metric::LatencyP999] {
            let (clean, row) = (echo(&clean, metric), echo(&report, metric));
            let ratio = row.estimate / clean.estimate;
            assert!((0.8..1.25).contains(&ratio), "{lost}: {metric:?}: {ratio}");
            assert_eq!((row.blocks, row.windows), (11, 12), "{lost}");
            assert_eq!(row.flags[&record::Flag::NotMeasured], 1, "{lost}");
        }
    }
}

#[test]
fn a_server_of_whom_a_launch_has_no_window_keeps_the_latencies_of_the_others() {
    let lost = |of: &[u32]| {
        report(&Plan {
            unmeasured: of.iter().map(|block| (*block, "echo")).collect(),
            ..plan(&[], &[])
        })
    };
    // The first launch has no log of it; then none has.
    let row = echo(&lost(&[2, 4, 6, 8]), Metric::LatencyP99);
    assert_eq!((row.blocks, row.windows), (8, 12));
    let every: Vec<u32> = (1..=24).collect();
    let report = lost(&every);
    let table = report.analysis.table(Metric::LatencyP99, "json", "rate");
    let table = table.unwrap();
    assert!(table.row("gin").is_some() && table.row("echo").is_none());
    assert!(report.markdown().contains("`not-measured`"));
}

#[test]
fn a_log_with_too_few_windows_is_refused_by_name() {
    let results = tempfile::tempdir().unwrap();
    let folder = plan(&[], &[]).write(results.path());
    let log = folder.join("histograms/json.rate/echo.launch1.hlog");
    let text = std::fs::read_to_string(&log).unwrap();
    let cut = text.trim_end().rfind('\n').unwrap();
    std::fs::write(&log, &text[..=cut]).unwrap();
    let refused = || {
        let error = analysis::analyse(&folder).unwrap_err().to_string();
        assert!(error.contains("echo.launch1.hlog"), "{error}");
        error
    };
    assert!(refused().contains("bytes and the table of observations says"));
    // Older collected campaigns name no logs.
    let table = folder.join("observations.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    let said = |line: &&str| !line.starts_with("# hlog") && !line.starts_with("# sum ");
    let plain: String = text.split_inclusive('\n').filter(said).collect();
    std::fs::write(&table, plain).unwrap();
    let error = refused();
    assert!(
        error.contains("it has 3 windows and the table of observations 4"),
        "{error}"
    );
}
