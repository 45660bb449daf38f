//! The ledger for programs.

use claims::{How, Verdict};
use serde_json::{Value, json};

use super::{Book, Tried};

/// Raised when a reader of the old one would be misled.
const SCHEMA: &str = "verdicts/1";

impl Book<'_> {
    /// Every claim with its verdict and all that it follows from.
    pub fn json(&self) -> Value {
        let counts: serde_json::Map<String, Value> = (Verdict::ALL.into_iter())
            .map(|verdict| (verdict.word().to_owned(), self.count(verdict).into()))
            .collect();
        json!({
            "schema": SCHEMA,
            "ledger": self.digest,
            "counts": counts,
            "claims": self.tried.iter().map(claim).collect::<Vec<_>>(),
        })
    }
}

fn claim(tried: &Tried<'_>) -> Value {
    let (kind, why) = match &tried.claim.how {
        How::Tested(_) => ("tested", ""),
        How::Needs(what) => ("needs", what.as_str()),
        How::Cannot(why) => ("cannot", why.as_str()),
        How::Textual(what) => ("textual", what.as_str()),
    };
    let tests = tried
        .claim
        .tests()
        .iter()
        .zip(&tried.judged)
        .map(|(test, judged)| {
            let band = test.expected.band();
            let findings = judged.findings.iter().map(|finding| {
                let evidence = &finding.evidence;
                let found = evidence.found.as_ref();
                let of =
                    |number: fn(&claims::Found) -> f64| found.ok().map(number).and_then(finite);
                json!({
                    "from": evidence.from,
                    "host": evidence.host,
                    "kind": evidence.kind,
                "note": evidence.note,
                    "verdict": finding.verdict.word(),
                    "estimate": of(|f| f.estimate),
                    "low": of(|f| f.low),
                    "high": of(|f| f.high),
                    "level": found.ok().and_then(|f| f.level),
                    "floor_ratio": found.ok().and_then(|f| f.floor).map(f64::exp).and_then(finite),
                    "n": found.ok().map(|f| f.n),
                    "why_not": found.err(),
                })
            });
            json!({
                "number": test.source.words(),
                "expected": test.expected.to_string(),
                "least": finite(band.low),
                "most": finite(band.high),
                "because": test.because,
                "verdict": judged.verdict.word(),
                "findings": findings.collect::<Vec<_>>(),
            })
        });
    json!({
        "id": tried.claim.id,
        "article": tried.article.name,
        "chapter": tried.claim.chapter,
        "says": tried.claim.says,
        "verdict": tried.verdict.word(),
        "how": kind,
        "why": why,
        "tests": tests.collect::<Vec<_>>(),
    })
}

/// JSON has no number for what has no end.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
