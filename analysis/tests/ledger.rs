//! Verdicts on claims from campaigns whose truth is known: they follow the data.

mod support;

use std::path::Path;

use analysis::claims::{Book, Evidences, page};
use claims::{Ledger, Verdict};
use record::{Class, Status};
use support::{Plan, server};

const LEDGER: &str = "\
schema: claims/1
article: mine
title: Notes
source: The notes.
claims:
  - id: M-equal
    chapter: 1
    says: Fiber serves 1.43 times the requests of Gin.
    tests:
      - {campaign: headline, scenario: json, mode: saturation, metric: throughput, of: fiber, over: gin, equal: 1.43, within_percent: 5}
  - id: M-order
    chapter: 1
    says: Gin needs less CPU time than Fiber.
    tests:
      - {campaign: headline, scenario: json, mode: saturation, metric: cpu_per_request, of: fiber, over: gin, more_than: 1}
  - id: M-near
    chapter: 1
    says: Gin is faster than Chi.
    tests:
      - {campaign: headline, scenario: json, mode: saturation, metric: throughput, of: gin, over: chi, more_than: 1}
  - id: M-other
    chapter: 2
    says: Something else.
    tests:
      - {campaign: nothing, scenario: json, mode: saturation, metric: throughput, of: gin, at_least: 1}
  - id: M-fact
    chapter: 2
    says: It is four, and two sums agree.
    tests:
      - {fact: four, equal: 4, within: 0.5}
      - {arithmetic: 2 + 2, equal: 4, within: 0.5}
  - id: M-needs
    chapter: 2
    says: It can be told some day.
    needs: Another machine.
";

fn ledger() -> Ledger {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.yaml"), LEDGER).unwrap();
    Ledger::read(folder.path()).unwrap()
}

fn plan(fiber: f64) -> Plan {
    Plan {
        scenarios: vec!["json"],
        starts: 6,
        noise: 0.004,
        servers: vec![
            server("chi", "chi", Class::Idiomatic, 1.0),
            server("fiber", "Fiber", Class::Idiomatic, fiber),
            server("gin", "Gin", Class::Idiomatic, 1.0),
            server("nethttp", "net/http", Class::Idiomatic, 1.0),
        ],
        ..Plan::default()
    }
}

fn publish(reports: &Path, plan: &Plan) {
    let host = reports.join("shelf");
    plan.write(&host);
    let _ = std::fs::remove_file(host.join("latest"));
}

fn verdicts(reports: &Path) -> Vec<(String, Verdict)> {
    let ledger = ledger();
    let evidences = Evidences::read(reports, &ledger).unwrap();
    let book = Book::of(&ledger, &evidences);
    let tried = book.tried.iter();
    tried.map(|t| (t.claim.id.clone(), t.verdict)).collect()
}

fn of(reports: &Path, id: &str) -> Verdict {
    let found = verdicts(reports).into_iter().find(|(name, _)| name == id);
    found.unwrap().1
}

fn fact(reports: &Path, value: f64) {
    let folder = reports.join("claims");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "# facts/1; go1.26\nfact,kind,unit,value,low,high,n,what\nfour,exact,1,{value},{value},{value},1,what it is\n"
    );
    std::fs::write(folder.join("facts.csv"), text).unwrap();
}

#[test]
fn verdicts_change_when_the_data_do() {
    let reports = tempfile::tempdir().unwrap();
    let at = reports.path();
    assert!(
        verdicts(at)
            .iter()
            .all(|(_, verdict)| *verdict == Verdict::Untested)
    );
    fact(at, 4.0);
    assert_eq!(of(at, "M-fact"), Verdict::Supported);
    fact(at, 5.0);
    assert_eq!(of(at, "M-fact"), Verdict::Refuted);

    publish(at, &plan(0.7));
    assert_eq!(of(at, "M-equal"), Verdict::Supported);
    assert_eq!(of(at, "M-order"), Verdict::Refuted);
    // Two equal servers: nothing to find.
    assert_eq!(of(at, "M-near"), Verdict::Undecided);
    assert_eq!(of(at, "M-other"), Verdict::Untested);
    assert_eq!(of(at, "M-needs"), Verdict::Untested);

    let other = tempfile::tempdir().unwrap();
    publish(other.path(), &plan(1.3));
    assert_eq!(of(other.path(), "M-equal"), Verdict::Refuted);
    assert_eq!(of(other.path(), "M-order"), Verdict::Supported);
}

#[test]
fn what_may_decide_nothing_decides_nothing() {
    let undecided = |plan: Plan| {
        let reports = tempfile::tempdir().unwrap();
        publish(reports.path(), &plan);
        assert_eq!(
            of(reports.path(), "M-equal"),
            Verdict::Undecided,
            "{}",
            plan.id
        );
    };
    undecided(Plan {
        quick: true,
        ..plan(0.7)
    });
    undecided(Plan {
        status: Status::Interrupted,
        ..plan(0.7)
    });
    undecided(Plan {
        launches: 1,
        blocks: 4,
        ..plan(0.7)
    });
    let mut bound = plan(0.7);
    bound.server("fiber").client_bound = 1.0;
    bound.server("gin").client_bound = 1.0;
    undecided(bound);
}

#[test]
fn campaigns_that_contradict_each_other_leave_a_claim_undecided() {
    let reports = tempfile::tempdir().unwrap();
    publish(reports.path(), &plan(0.7));
    let other = Plan {
        id: "headline-other".to_owned(),
        ..plan(1.3)
    };
    publish(reports.path(), &other);
    assert_eq!(of(reports.path(), "M-equal"), Verdict::Undecided);
}

#[test]
fn the_page_names_what_a_verdict_is_from() {
    let reports = tempfile::tempdir().unwrap();
    publish(reports.path(), &plan(0.7));
    fact(reports.path(), 4.0);
    let ledger = ledger();
    let evidences = Evidences::read(reports.path(), &ledger).unwrap();
    let book = Book::of(&ledger, &evidences);
    let [markdown, html] = page(&book);
    for words in [
        "Fiber serves 1.43 times the requests of Gin.",
        "**✓ supported**",
        "**✗ refuted**",
        "[headline-test](../shelf/headline-test/report.html)",
        "[exact](../claims/facts.csv)",
        "claimed = 1.43 ±5 %",
        "Needs: Another machine.",
        "decided by arithmetic and exact",
        "not measured yet",
        "floor ±",
    ] {
        assert!(markdown.contains(words), "{words} is not in\n{markdown}");
    }
    assert!(html.contains("Fiber serves 1.43 times"));
    assert_eq!(page(&book), [markdown, html], "equal data, equal bytes");
    let json = book.json();
    assert_eq!(json["counts"]["supported"], 2);
    let finding = &json["claims"][0]["tests"][0]["findings"][0];
    assert_eq!(finding["from"], "headline-test");
    assert_eq!(finding["host"], "shelf");
    assert!(finding["floor_ratio"].as_f64().unwrap() > 1.0);
    let text = book.text();
    assert!(
        text.contains("6 claims: 2 supported, 1 refuted, 1 undecided, 2 untested"),
        "{text}"
    );
}
