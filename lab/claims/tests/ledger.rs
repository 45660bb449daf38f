//! The ledger that is committed: what of the articles it has, and that each row can be tried.

use std::collections::BTreeSet;
use std::path::Path;

use claims::{How, Ledger, Source};

fn ledger() -> Ledger {
    Ledger::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ledger")).unwrap()
}

/// `A1-01` to `A1-26` and so on: no row of an article can get lost.
#[test]
fn every_row_of_the_articles_is_there() {
    let ledger = ledger();
    let ids: BTreeSet<&str> = (ledger.articles.iter())
        .flat_map(|a| &a.claims)
        .map(|c| c.id.as_str())
        .collect();
    let mut wanted = BTreeSet::new();
    for (chapter, rows) in [
        ("A1", 26),
        ("A2", 27),
        ("A3", 20),
        ("A4", 20),
        ("A5", 8),
        ("B1", 8),
        ("B2", 15),
        ("B3", 15),
        ("B4", 18),
        ("B5", 8),
        ("S", 8),
    ] {
        wanted.extend((1..=rows).map(|row| format!("{chapter}-{row:02}")));
    }
    wanted.extend((1..=27).map(|row| format!("X{row:02}")));
    let missing: Vec<&String> = (wanted.iter())
        .filter(|id| !ids.contains(id.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(wanted.len(), 149 + 16 + 27 + 8);
    // What is more are examples of claims of one's own.
    let more: Vec<&&str> = ids.iter().filter(|id| !wanted.contains(**id)).collect();
    assert_eq!(more.len(), 5, "{more:?}");
}

#[test]
fn what_the_text_alone_says_is_never_tested() {
    let ledger = ledger();
    let textual: Vec<&str> = (ledger.articles.iter())
        .flat_map(|a| &a.claims)
        .filter(|c| matches!(c.how, How::Textual(_)))
        .map(|c| c.id.as_str())
        .collect();
    assert_eq!(textual, ["X09", "X16", "X21", "X24", "X25"]);
}

/// A sum that supports or refutes by its own figures says so only of a text that contradicts
/// itself: these are checks, and no row of the 149 is decided by one.
#[test]
fn no_row_of_the_articles_is_decided_by_a_sum() {
    for article in &ledger().articles {
        for claim in &article.claims {
            let sums = claim.tests().iter();
            let sums = sums.filter(|t| matches!(t.source, Source::Arithmetic { .. }));
            assert!(
                sums.count() == 0 || article.name == "checks",
                "{}",
                claim.id
            );
        }
    }
}

#[test]
fn sentences_are_our_own_and_end_as_such() {
    for article in &ledger().articles {
        for claim in &article.claims {
            assert!(claim.says.ends_with('.'), "{}: {}", claim.id, claim.says);
            assert!(claim.says.is_ascii(), "{}: {}", claim.id, claim.says);
        }
    }
}
