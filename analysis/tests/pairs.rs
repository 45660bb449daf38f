//! Any two servers of a campaign: the pairs of `summary.json`, and a report against another one.

mod support;

use analysis::{Keep, analyse, analyse_against};
use record::{Class, Metric};
use support::{Plan, report, report_of, server};

fn small() -> Plan {
    Plan {
        scenarios: vec!["json"],
        starts: 8,
        ..Plan::default()
    }
}

#[test]
fn every_pair_holds_the_truth_and_the_other_way_round_is_its_inverse() {
    let report = report(&small());
    let table = (report.analysis)
        .table(Metric::CpuPerRequest, "json", "saturation")
        .unwrap();
    let costs = [
        ("chi", 1.0),
        ("echo", 1.08),
        ("fiber", 0.7),
        ("gin", 1.02),
        ("nethttp", 1.0),
    ];
    for (one, own) in costs {
        for (other, theirs) in costs {
            if one == other {
                continue;
            }
            let pair = table.against(one, other).unwrap();
            let ratio = pair.ratio.unwrap();
            let truth: f64 = own / theirs;
            assert!(
                ratio.interval.low < truth && truth < ratio.interval.high,
                "{one} against {other}: {ratio:?}"
            );
            let back = table.against(other, one).unwrap();
            assert!((back.point * pair.point - 1.0).abs() < 1e-12);
            assert!((back.ratio.unwrap().interval.low * ratio.interval.high - 1.0).abs() < 1e-12);
        }
    }
    // Also where neither is the baseline.
    let verdict = |one, other| {
        table
            .against(one, other)
            .unwrap()
            .verdict
            .word(Metric::CpuPerRequest)
    };
    assert_eq!(
        (verdict("fiber", "echo"), verdict("echo", "fiber")),
        ("less", "more")
    );
    assert_eq!(verdict("chi", "gin"), "undecided");
    // A pair with the baseline is the table's own answer.
    let row = table.row("fiber").unwrap();
    assert_eq!(
        table.against("fiber", "nethttp").unwrap().ratio,
        row.ratio().copied()
    );
}

#[test]
fn the_summary_has_every_pair_on_a_line() {
    let report = report(&small());
    let pairs = &report.summary()["pairs"];
    let question = pairs
        .as_array()
        .unwrap()
        .iter()
        .find(|q| q["metric"] == "throughput")
        .unwrap();
    // Six servers, the two copies of the baseline as one.
    assert_eq!(question["pairs"].as_array().unwrap().len(), 15);
    let text = &report.files["summary.json"];
    let line = text
        .lines()
        .find(|l| l.contains("[\"fiber\",\"echo\","))
        .unwrap();
    assert!(
        line.trim_end().ends_with(",12],") || line.ends_with(",12]"),
        "{line}"
    );
}

#[test]
fn a_report_against_another_framework_is_as_if_that_had_been_declared() {
    let results = tempfile::tempdir().unwrap();
    let folder = small().write(results.path());
    let against = analyse_against(&folder, Keep::default(), Some("gin")).unwrap();
    assert_eq!(against.baseline(), "Gin");
    let table = against
        .table(Metric::CpuPerRequest, "json", "saturation")
        .unwrap();
    assert!(table.row("gin").unwrap().ratio_point().is_none());
    let fiber = table.row("fiber").unwrap().ratio().unwrap().interval;
    assert!(
        fiber.low < 0.7 / 1.02 && 0.7 / 1.02 < fiber.high,
        "{fiber:?}"
    );
    // The old baseline is a framework as others are, its copy stays the A/A.
    assert!(table.row("nethttp").unwrap().ratio_point().is_some());
    let own = analyse(&folder).unwrap();
    let floor = |a: &analysis::Analysis| {
        a.table(Metric::CpuPerRequest, "json", "saturation")
            .unwrap()
            .floor
            .unwrap()
            .floor
    };
    // The two copies are the same; only how much launches differ is estimated anew.
    assert!((floor(&against) / floor(&own) - 1.0).abs() < 0.3);
    let text = analysis::report::render(&against).unwrap();
    let text = String::from_utf8(text.files["report.md"].clone()).unwrap();
    assert!(text.contains("compared with Gin"), "{text}");
    assert!(text.contains("Two copies of net/http"), "{text}");
    assert!(text.contains("as if it had been declared"), "{text}");
    let asked = |name| {
        analyse_against(&folder, Keep::default(), Some(name))
            .unwrap_err()
            .to_string()
    };
    assert!(
        asked("gni").contains("did you mean `gin`?"),
        "{}",
        asked("gni")
    );
    // The campaign's own baseline is no other one.
    assert!(
        analyse_against(&folder, Keep::default(), Some("nethttp"))
            .unwrap()
            .against
            .is_none()
    );
    drop(report_of(&folder));
}

#[test]
fn a_variant_is_told_from_its_own_framework() {
    let mut plan = small();
    let sonic = server("gin@sonic", "Gin with sonic", Class::Variant, 0.5);
    (plan.servers).retain(|s| s.name == "nethttp" || s.name == "gin");
    plan.servers.insert(1, sonic);
    let report = report(&plan);
    let text = report.markdown();
    let first = text.lines().find(|l| l.starts_with("**Requests")).unwrap();
    assert!(
        first.contains("each variant compared with its own framework")
            && first.contains("Gin with sonic 10"),
        "{first}"
    );
    let chapter = text
        .split("## Variants beside their frameworks")
        .nth(1)
        .unwrap();
    let row = chapter
        .lines()
        .find(|l| l.contains("Gin with sonic"))
        .unwrap();
    assert!(row.contains("| **faster** | larger |"), "{row}");
}

#[test]
fn who_is_not_told_from_another_shares_a_place_with_it() {
    let report = report(&small());
    for table in &report.analysis.tables {
        for row in &table.rows {
            let undecided =
                row.role == analysis::estimate::Role::Subject && !row.verdict.is_called();
            let Some(places) = table.places(row) else {
                continue;
            };
            assert!(
                !undecided || places.best < places.worst,
                "{} {:?}: {places:?} beside {:?}",
                row.framework,
                table.question,
                row.verdict
            );
        }
    }
}
