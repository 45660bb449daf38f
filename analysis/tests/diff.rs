//! Two campaigns side by side: facts are told, results of different campaigns never compared.

mod support;

use analysis::diff::{Diff, Kind, summary, write};
use support::{Plan, report};

fn small(id: &str, seed: u64) -> Plan {
    Plan {
        id: id.to_owned(),
        scenarios: vec!["json"],
        starts: 6,
        seed,
        ..Plan::default()
    }
}

#[test]
fn a_campaign_against_itself_shows_nothing() {
    let (base, head) = (report(&small("a", 1)), report(&small("a", 1)));
    let diff = Diff::between(&base.analysis, &head.analysis);
    assert!(diff.is_empty(), "{diff:?}");
    assert_eq!(
        write(&diff),
        "Nothing changed: both sides are campaign a.\n"
    );
}

#[test]
fn different_campaigns_are_told_apart_and_never_compared() {
    let mut plan = small("b", 2);
    plan.servers.retain(|s| s.name != "chi");
    plan.server("fiber").cost = 1.4;
    plan.blocks = 15;
    plan.server("gin").excluded = Some("Gin | <script>".to_owned());
    let (base, head) = (report(&small("a", 1)), report(&plan));
    let mut head = head.analysis;
    head.campaign.frameworks[0].version = "v9".to_owned();
    let diff = Diff::between(&base.analysis, &head);
    let found = |kind, name: &str| {
        let change = diff
            .changes
            .iter()
            .find(|c| c.kind == kind && c.name == name);
        change.map(|c| (c.base.as_deref(), c.head.as_deref()))
    };
    assert_eq!(
        found(Kind::Framework, "chi"),
        Some((Some("idiomatic"), None))
    );
    assert_eq!(
        found(Kind::Version, "echo"),
        Some((Some("v1.2.3"), Some("v9")))
    );
    assert_eq!(
        found(Kind::Protocol, "blocks"),
        Some((Some("12"), Some("15")))
    );
    assert!(found(Kind::Host, "kernel").is_none());
    assert!(summary(&diff).contains("not comparable: different campaigns"));
    let text = write(&diff);
    assert!(!text.contains("<script"), "{text}");
    let rows = text.lines().filter(|l| l.contains("| throughput |"));
    for row in rows {
        assert!(
            row.ends_with("| not comparable: different campaigns |"),
            "{row}"
        );
    }
    // What moved stands above everything that is folded.
    let folded = text.find("<details>").unwrap();
    assert!(text.find("| version | echo |").unwrap() < folded);
    assert!(text.find("| throughput |").unwrap() > folded);
}

#[test]
fn another_go_is_another_toolchain_and_how_the_same_was_chosen_is_none() {
    let (base, head) = (report(&small("a", 1)), report(&small("b", 1)));
    let mut head = head.analysis;
    let mut set = |name: &str, value: &str| {
        let toolchains = &mut head.campaign.toolchains;
        toolchains.insert(name.to_owned(), value.to_owned());
        let diff = Diff::between(&base.analysis, &head);
        let toolchain = |c: &&analysis::diff::Change| c.kind == Kind::Toolchain;
        let changed: Vec<_> = diff.changes.iter().filter(toolchain).cloned().collect();
        changed
            .into_iter()
            .map(|c| (c.name, c.base, c.head))
            .collect::<Vec<_>>()
    };
    assert_eq!(set("GOTOOLCHAIN", "local"), []);
    let go = |version: &str| Some(version.to_owned());
    let other = ("go".to_owned(), go("go1.26.0"), go("go1.25.3"));
    assert_eq!(set("go", "go1.25.3"), std::slice::from_ref(&other));
    let experiment = ("GOEXPERIMENT".to_owned(), None, go("jsonv2"));
    assert_eq!(set("GOEXPERIMENT", "jsonv2"), [experiment, other]);
}

#[test]
fn a_value_that_became_a_bound_reads_differently() {
    let mut plan = small("b", 1);
    plan.server("gin").failing = (6, 800_000_000);
    let diff = Diff::between(&report(&small("a", 1)).analysis, &report(&plan).analysis);
    let pair = (diff.results.iter())
        .find(|p| p.framework == "gin" && p.metric == "latency_p99")
        .unwrap();
    let bound = |value: &Option<analysis::diff::Value>| value.as_ref().unwrap().ratio_bound.name();
    assert_eq!(
        (bound(&pair.base), bound(&pair.head)),
        ("exact", "at least")
    );
    let text = write(&diff);
    let mut rows = text
        .lines()
        .filter(|l| l.starts_with("| gin | json | rate |"));
    let row = rows.find(|l| l.contains("p99 |"));
    assert_eq!(row.unwrap().matches('≥').count(), 1, "{text}");
}

#[test]
fn benchstat_gets_a_line_a_block() {
    let text = analysis::benchstat::text(&report(&small("a", 1)).analysis);
    let name = "BenchmarkJson/framework=gin/mode=saturation 1 ";
    let rates = text
        .lines()
        .filter(|l| l.starts_with(name) && l.ends_with(" req/s"));
    assert_eq!(rates.count(), 12);
    // The rate of an open loop is the schedule's.
    assert!(!text.contains("/mode=rate 1 4000 req/s"), "{text}");
    assert!(text.contains("/framework=gin/mode=rate 1 "));
    // The instrument limited fasthttp: its rates are lower bounds, and no others are.
    let bounds = text.lines().filter(|l| l.contains("/bound=at-least"));
    let (bounds, others): (Vec<_>, Vec<_>) = bounds.partition(|l| l.contains("=fasthttp/"));
    assert_eq!((bounds.len(), others.len()), (12, 0), "{others:?}");
    assert!(text.starts_with("campaign: a\nUnit req/s better=higher\n"));
    for line in text.lines().filter(|l| l.starts_with("Benchmark")) {
        assert_eq!(line.split(' ').count(), 4, "{line}");
    }
}
