//! The ledger with its verdicts: what articles say, held against what is published here.
//!
//! ```text
//! claims::Ledger                     what is said, and what number would show it
//! published reports -> evidence      that number: from campaigns, tables of facts, conformance
//! both -> claims::rule -> Book       a verdict for each claim, with all that it follows from
//!      -> page, terminal, JSON
//! ```

mod campaign;
mod evidence;
mod json;
mod page;
mod picture;
mod terminal;

use claims::{Article, Claim, Judged, Ledger, Verdict, rule};

pub use evidence::Evidences;
pub use page::{FILES, page};

/// Why there is no evidence to be had at all.
#[derive(Debug, thiserror::Error)]
pub enum ClaimsError {
    /// A published campaign cannot be read.
    #[error(transparent)]
    Analysis(#[from] crate::AnalysisError),
    /// A table of facts cannot be read.
    #[error(transparent)]
    Facts(#[from] claims::facts::FactsError),
    /// The table of conformance is not what it should be.
    #[error("{} is not what `lab conformance` writes: {problem}", path.display())]
    Conformance {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// A claim with its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried<'a> {
    /// The text that it is from.
    pub article: &'a Article,
    /// What is said.
    pub claim: &'a Claim,
    /// Its tests, in their order, with what was found.
    pub judged: Vec<Judged>,
    /// What follows.
    pub verdict: Verdict,
}

/// Every claim with its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Book<'a> {
    /// What the ledger says, in one number.
    pub digest: &'a str,
    /// In the order of the ledger.
    pub tried: Vec<Tried<'a>>,
}

impl<'a> Book<'a> {
    /// Holds a ledger against what was found.
    pub fn of(ledger: &'a Ledger, evidences: &Evidences) -> Self {
        let all = (ledger.articles.iter())
            .flat_map(|article| article.claims.iter().map(move |claim| (article, claim)));
        let tried = all.map(|(article, claim)| {
            let judged: Vec<Judged> = (claim.tests().iter())
                .map(|test| rule::of_test(&test.expected, evidences.of(&test.source)))
                .collect();
            Tried {
                article,
                claim,
                verdict: rule::of_claim(judged.iter().map(|j| j.verdict)),
                judged,
            }
        });
        Self {
            digest: &ledger.digest,
            tried: tried.collect(),
        }
    }

    /// Only the claims that somebody asked for.
    pub fn only(mut self, wanted: impl Fn(&Tried<'_>) -> bool) -> Self {
        self.tried.retain(wanted);
        self
    }

    /// How many have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.tried.iter().filter(|t| t.verdict == verdict).count()
    }
}

impl Tried<'_> {
    /// What decided it, in words: the kinds of evidence that its tests have, without those that
    /// decide nothing where it is refuted.
    pub fn kinds(&self) -> Vec<&'static str> {
        let deciding = self.judged.iter().filter(|judged| match self.verdict {
            Verdict::Refuted => judged.verdict == Verdict::Refuted,
            _ => true,
        });
        let mut kinds: Vec<&str> = deciding
            .flat_map(|judged| judged.findings.iter())
            .map(|finding| finding.evidence.kind)
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }
}
