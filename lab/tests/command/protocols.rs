//! The other ways to lay out windows in time, and to know when there are enough.

use record::{Campaign, ModeKind, ProtocolKind, Status};

use crate::support::{Bench, alone, run};

const CLOSED: &str = "  - {name: saturation, kind: saturation, connections: 4}";

fn experiment(bench: &Bench, protocol: &str) -> String {
    experiment_in(bench, CLOSED, protocol)
}

fn experiment_in(bench: &Bench, modes: &str, protocol: &str) -> String {
    let text = format!(
        "schema: experiment/1
name: layout
title: A layout of windows
question: Is it followed?
baseline: nethttp
frameworks: [nethttp, chi]
scenarios: [plaintext]
modes:
{modes}
startup: {{starts: 0}}
protocol: {{{protocol}}}
quick:
  startup: {{starts: 0}}
  protocol: {{launches: 1, blocks: 1, lead_in_ms: 0, window_ms: 50}}
"
    );
    let path = bench.path().join("layout.yaml");
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn complete(bench: &Bench, protocol: &str) -> Campaign {
    let experiment = experiment(bench, protocol);
    run(bench.bench(&experiment, &[])).expect_nobody_blamed();
    let campaign = bench.latest();
    assert_eq!(campaign.file.status, Status::Complete);
    campaign
}

#[test]
fn an_article_measures_one_server_after_the_other() {
    let _alone = alone();
    let bench = Bench::new();
    let campaign = complete(
        &bench,
        "kind: article, warm_up_ms: 200, samples: 5, window_ms: 50",
    );
    assert_eq!(campaign.file.method.protocol, ProtocolKind::Article);
    let (rows, held) = campaign.rows().unwrap();
    // A window in which a busy machine got no answer has no values beyond its rate.
    let missing = |f: &record::Finding| f.kind != record::FindingKind::Values;
    assert!(!held.findings.iter().any(missing), "{:?}", held.findings);
    for launch in 1..=3 {
        let windows: Vec<_> = (rows.iter())
            .filter(|row| row.cell.launch == launch && row.metric.name() == "throughput")
            .map(|row| &row.cell)
            .collect();
        let numbers: Vec<_> = windows.iter().map(|cell| cell.window).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        let alone = |cell: &&&record::Cell| {
            (&cell.framework, &cell.variant, cell.block)
                == (&windows[0].framework, &windows[0].variant, windows[0].block)
        };
        assert_eq!(windows.iter().filter(alone).count(), 5);
    }
    assert!(campaign.file.course.repeats.is_empty());
}

#[test]
fn a_share_of_what_each_server_can_answer_is_offered_after_that_was_seen() {
    let _alone = alone();
    let bench = Bench::new();
    let modes =
        format!("{CLOSED}\n  - {{name: half, kind: share, share_percent: 50, connections: 4}}");
    let protocol = "launches: 2, blocks: 2, lead_in_ms: 50, window_ms: 200";
    let experiment = experiment_in(&bench, &modes, protocol);
    run(bench.bench(&experiment, &[])).expect_nobody_blamed();
    let campaign = bench.latest();
    assert_eq!(campaign.file.status, Status::Complete);
    let half = &campaign.file.design.modes[1];
    assert_eq!((half.kind, half.share), (ModeKind::Share, Some(0.5)));
    let (rows, _) = campaign.rows().unwrap();
    let of = |mode: &str, metric: &str| -> Vec<&record::Observation> {
        let is = |row: &&record::Observation| row.cell.mode == mode && row.metric.name() == metric;
        rows.iter().filter(is).collect()
    };
    // Each of the three servers twice at least, and with what only an open loop has.
    assert!(of("half", "throughput").len() >= 6);
    assert!(!of("half", "lateness_p99").is_empty());
    assert!(of("saturation", "lateness_p99").is_empty());
    // In each launch what can be answered was seen first.
    for launch in [1, 2] {
        let first = |mode| {
            let blocks = of(mode, "throughput").into_iter().map(|row| &row.cell);
            blocks.filter(|c| c.launch == launch).map(|c| c.block).min()
        };
        assert!(first("saturation") < first("half"));
    }
}

#[test]
fn a_campaign_that_waits_for_precision_stops_at_the_first_look_or_at_the_cap() {
    let _alone = alone();
    let protocol = |percent| {
        format!(
            "launches: 1, blocks: 12, lead_in_ms: 0, window_ms: 50, precision_percent: {{throughput: {percent}}}"
        )
    };
    // Precise enough whatever comes, and never.
    for (percent, blocks) in [(10_000.0, 12), (0.01, 40)] {
        let bench = Bench::new();
        let campaign = complete(&bench, &protocol(percent));
        let stopped = campaign.file.course.stopped.clone().unwrap();
        assert_eq!(stopped.at, blocks);
        let ratio = stopped.inconclusive.map(|i| i.ratio);
        let cap = (blocks == 40).then(|| "chi plaintext saturation throughput".to_owned());
        assert_eq!(ratio, cap);
        let (rows, held) = campaign.rows().unwrap();
        // A window in which a busy machine got no answer has no values beyond its rate.
        let missing = |f: &record::Finding| f.kind != record::FindingKind::Values;
        assert!(!held.findings.iter().any(missing), "{:?}", held.findings);
        let planned = (rows.iter())
            .filter(|row| row.metric.name() == "throughput" && row.cell.framework == "chi")
            .filter(|row| row.cell.block <= 40)
            .count();
        assert_eq!(planned, blocks as usize);
    }
}
