//! The ledger for a terminal.

use std::fmt::Write;

use claims::expect::short;
use claims::{Finding, How, Test, Verdict};

use super::{Book, Tried, picture};

impl Book<'_> {
    /// A line a claim, and below it a line for each number that it hangs on.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut article = "";
        for tried in &self.tried {
            if article != tried.article.name {
                article = &tried.article.name;
                let _ = writeln!(out, "{}: {}\n", article, tried.article.title);
            }
            claim(&mut out, tried);
        }
        let _ = writeln!(out, "{}", self.counts());
        out
    }

    /// How many claims have which verdict, in a line.
    pub fn counts(&self) -> String {
        let counts: Vec<String> = (Verdict::ALL.into_iter())
            .map(|verdict| format!("{} {verdict}", self.count(verdict)))
            .collect();
        let claims = crate::text::count(self.tried.len(), "claim");
        format!(
            "{claims}: {}; ledger {}",
            counts.join(", "),
            &self.digest[..12]
        )
    }
}

fn claim(out: &mut String, tried: &Tried<'_>) {
    let (claim, verdict) = (tried.claim, tried.verdict);
    let _ = writeln!(
        out,
        "{} {} {} (chapter {}): {}",
        verdict.sign(),
        claim.id,
        verdict,
        claim.chapter,
        claim.says
    );
    match &claim.how {
        How::Needs(what) => {
            let _ = writeln!(out, "      needs: {what}");
        }
        How::Cannot(why) => {
            let _ = writeln!(out, "      not here: {why}");
        }
        How::Textual(what) => {
            let _ = writeln!(out, "      the text alone: {what}");
        }
        How::Tested(tests) => {
            for (test, judged) in tests.iter().zip(&tried.judged) {
                for finding in &judged.findings {
                    let _ = writeln!(out, "      {}", finding_line(test, finding));
                }
                if judged.findings.is_empty() {
                    let words = test.source.words();
                    let _ = writeln!(
                        out,
                        "    – {words}: claimed {}; not measured yet",
                        test.expected
                    );
                }
            }
        }
    }
    out.push('\n');
}

fn finding_line(test: &Test, finding: &Finding) -> String {
    let words = test.source.words();
    let sign = finding.verdict.sign();
    match &finding.evidence.found {
        Ok(found) => format!(
            "{sign} {}  {words}: claimed {}, found {}; {}",
            picture::picture(&test.expected, found),
            test.expected,
            number(found),
            from(&finding.evidence)
        ),
        Err(why) => format!("{sign} {words}: {why}; {}", from(&finding.evidence)),
    }
}

/// Where it is from, and what a reader has to know of it.
fn from(evidence: &claims::Evidence) -> String {
    match evidence.note.as_str() {
        "" => evidence.from.clone(),
        note => format!("{} ({note})", evidence.from),
    }
}

/// A number with its interval.
pub(super) fn number(found: &claims::Found) -> String {
    let estimate = short(found.estimate);
    let interval = match found.low == found.high {
        true => String::new(),
        false => format!(" ({}–{})", short(found.low), short(found.high)),
    };
    let floor = match found.floor {
        Some(floor) => format!(", floor ±{} %", short(100.0 * floor.exp_m1())),
        None => String::new(),
    };
    format!("{estimate}{interval}{floor}")
}
