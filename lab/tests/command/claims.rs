//! `lab claims`: the ledger with its verdicts, and claims of one's own.

use crate::support::{Bench, lab, run};

#[test]
fn the_ledger_is_printed_whole_and_in_parts() {
    let all = run(lab(&["claims", "--json"]));
    all.expect_status(0);
    let json: serde_json::Value = serde_json::from_str(&all.stdout()).unwrap();
    assert_eq!(json["schema"], "verdicts/1");
    let claims = json["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 205);
    let counted: u64 = ["supported", "refuted", "undecided", "untested"]
        .map(|word| json["counts"][word].as_u64().unwrap())
        .iter()
        .sum();
    assert_eq!(counted, 205);
    for claim in claims {
        // Whoever is decided names what by.
        if claim["verdict"] == "supported" || claim["verdict"] == "refuted" {
            let findings = claim["tests"].as_array().unwrap().iter();
            let named = findings.filter(|t| t["findings"][0]["from"].is_string());
            assert!(named.count() > 0, "{claim}");
        }
    }
    let part = run(lab(&[
        "claims",
        "--article",
        "a",
        "--chapter",
        "2",
        "--json",
    ]));
    let json: serde_json::Value = serde_json::from_str(&part.stdout()).unwrap();
    assert_eq!(json["claims"].as_array().unwrap().len(), 27);
    let one = run(lab(&["claims", "X14"]));
    one.expect_status(0);
    assert!(
        one.stdout()
            .contains("✗ X14 refuted (chapter B 4.4): From 8.1 to 3.0 MB"),
        "{}",
        one.stdout()
    );
    let refuted = run(lab(&[
        "claims",
        "--article",
        "checks",
        "--verdict",
        "refuted",
    ]));
    assert!(!refuted.stdout().contains("✓ X"), "{}", refuted.stdout());
}

#[test]
fn a_name_that_nothing_has_is_a_wrong_call() {
    for (words, says) in [
        (
            &["claims", "X114"][..],
            "there is no claim `X114`; did you mean `X11`",
        ),
        (&["claims", "--article", "c"], "there is no article `c`"),
        (&["claims", "--chapter", "99"], "there is no chapter `99`"),
        (
            &["claims", "--verdict", "true"],
            "possible values: supported, refuted",
        ),
        (
            &["claims", "--file", "/nonexistent/x.yaml"],
            "cannot read /nonexistent/x.yaml",
        ),
    ] {
        let refused = run(lab(words));
        refused.expect_status(2);
        assert!(
            refused.stderr().contains(says),
            "{words:?}: {}",
            refused.stderr()
        );
    }
}

#[test]
fn a_claim_of_ones_own_is_put_on_trial() {
    let bench = Bench::new();
    let file = bench.path().join("mine.yaml");
    let text = "\
schema: claims/1
article: mine
title: Notes
source: The notes.
claims:
  - id: M-1
    chapter: speed
    says: It is twice as much.
    tests:
      - {arithmetic: 4 / 2, equal: 2, within_percent: 1}
  - id: M-2
    chapter: speed
    says: Ours is 40 times faster.
    tests:
      - {campaign: of-my-own, scenario: json, mode: saturation, metric: throughput, of: gin, over: nethttp, at_least: 40, within_percent: 5}
";
    std::fs::write(&file, text).unwrap();
    let tried = run(lab(&["claims", "--file", file.to_str().unwrap()]));
    tried.expect_status(0);
    let said = tried.stdout();
    assert!(said.contains("✓ M-1 supported"), "{said}");
    assert!(said.contains("– M-2 untested"), "{said}");
    assert!(said.contains("not measured yet"), "{said}");
    std::fs::write(&file, text.replace("at_least: 40", "atleast: 40")).unwrap();
    let refused = run(lab(&["claims", "--file", file.to_str().unwrap()]));
    refused.expect_status(2);
    assert!(
        refused.stderr().contains("mine.yaml:15: "),
        "{}",
        refused.stderr()
    );
}
