//! Launches that come to rest, and those that do not.

mod support;

use analysis::estimate::{Steadiness, Steady};
use stats::steady::Class;
use support::{Plan, Report, report};

/// Three launches of thirty-two windows of each server.
fn plan() -> Plan {
    Plan {
        scenarios: vec!["plaintext", "json"],
        blocks: 24,
        starts: 8,
        ..Plan::default()
    }
}

fn of<'a>(report: &'a Report, framework: &str) -> &'a Steadiness {
    let mut all = report.analysis.steadiness.iter();
    all.find(|s| s.framework == framework && s.variant.is_empty())
        .unwrap()
}

#[test]
fn steady_servers_are_steady() {
    let report = report(&plan());
    for server in &report.analysis.steadiness {
        assert_eq!(server.verdict(), Steady::Reached, "{server:?}");
        assert_eq!((server.beside.len(), server.itself.len()), (3, 3));
        assert!(server.beside.iter().all(|l| l.windows == 32));
        let first = server.first.unwrap();
        assert_eq!(first.launches, 3);
        assert!((0.85..1.15).contains(&first.ratio), "{server:?}");
    }
    assert!(report.markdown().contains("## Steady state"));
    assert!(!report.markdown().contains("**No steady state"));
}

#[test]
fn a_warm_up_and_a_leak_are_told_and_nothing_is_dropped() {
    let mut plan = plan();
    plan.server("gin").mood = |launch, nth| if launch == 2 && nth <= 8 { 1.4 } else { 1.0 };
    plan.server("echo").mood = |launch, nth| if launch == 3 && nth > 10 { 1.3 } else { 1.0 };
    let report = report(&plan);
    let classes = |name: &str| {
        let launches = of(&report, name).beside.iter();
        launches.map(|l| l.class).collect::<Vec<_>>()
    };
    assert_eq!(classes("gin"), [Class::Flat, Class::WarmUp, Class::Flat]);
    assert_eq!(classes("echo"), [Class::Flat, Class::Flat, Class::Slowdown]);
    assert_eq!(of(&report, "gin").verdict(), Steady::Reached);
    let markdown = report.markdown();
    assert!(
        markdown.contains("- Gin, launch 2, beside the others: warm-up, windows 1 to 8 at 1."),
        "{markdown}"
    );
    for table in &report.analysis.tables {
        for row in table.rows.iter().filter(|r| r.framework == "gin") {
            let load = plan.scenarios.contains(&table.question.scenario.as_str());
            assert!(!load || row.blocks == 24, "{:?}", table.question);
        }
    }
    let summary = report.summary();
    let steady = summary["steady_state"].as_array().unwrap();
    let gin = steady.iter().find(|s| s["framework"] == "gin").unwrap();
    assert_eq!(gin["beside"][1]["class"], "warm-up");
    assert_eq!(gin["beside"][1]["changes"][0], 9);
}

#[test]
fn one_unsteady_launch_of_three_is_no_steady_state() {
    let mut plan = plan();
    plan.server("gin").mood = |launch, nth| if launch == 1 && nth > 16 { 1.5 } else { 1.0 };
    let report = report(&plan);
    let gin = of(&report, "gin");
    assert_eq!(gin.flagged(), (1, 3));
    assert_eq!(gin.verdict(), Steady::NotReached);
    assert!(
        report
            .markdown()
            .contains("**No steady state:** Gin (1 of 3 launches)")
    );
    assert_eq!(of(&report, "fiber").verdict(), Steady::Reached);
}

/// What all servers go through shows by itself and not beside the others.
#[test]
fn what_all_share_shows_in_the_other_reading() {
    let mut plan = plan();
    for server in &mut plan.servers {
        server.mood = |_, nth| if nth <= 10 { 2.5 } else { 1.0 };
    }
    let report = report(&plan);
    for server in &report.analysis.steadiness {
        assert!(
            server.beside.iter().all(|l| l.class == Class::Flat),
            "{server:?}"
        );
        assert!(
            server.itself.iter().all(|l| l.class == Class::WarmUp),
            "{server:?}"
        );
        assert!(server.first.unwrap().ratio > 1.5, "{server:?}");
    }
}

#[test]
fn few_windows_tell_nothing() {
    let plan = Plan {
        launches: 2,
        blocks: 4,
        ..plan()
    };
    let report = report(&plan);
    assert!(
        report
            .analysis
            .steadiness
            .iter()
            .all(|s| s.verdict() == Steady::Unknown)
    );
    assert!(report.markdown().contains("too few windows"));
}
