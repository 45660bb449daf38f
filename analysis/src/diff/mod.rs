//! What differs between two campaigns: facts as facts, results side by side.
//!
//! A difference between results is only ever claimed inside one campaign, where both sides
//! lived through the same blocks: [`Versions`] reads one that compared two versions. Two campaigns met two states of a machine, so their results
//! stand beside each other, marked as not comparable.

mod facts;
mod markdown;
mod results;
mod versions;

use serde::Serialize;

use crate::estimate::Analysis;

pub use facts::{Change, Kind};
pub use markdown::{summary, write};
pub use results::{Pair, Value};
pub use versions::Versions;

/// What differs between a campaign and another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// The campaign that was there.
    pub base: String,
    /// The campaign that is looked at.
    pub head: String,
    /// Why results may not be compared; nothing where both are one campaign.
    pub not_comparable: Option<String>,
    /// Frameworks, versions, binaries, host, toolchains and protocol.
    pub changes: Vec<Change>,
    /// Results that one side only has, or that do not read the same.
    pub results: Vec<Pair>,
}

impl Diff {
    /// Compares two campaigns.
    pub fn between(base: &Analysis, head: &Analysis) -> Self {
        let changes = facts::changes(&base.campaign, &head.campaign);
        let same = base.campaign.id == head.campaign.id;
        Self {
            base: base.campaign.id.clone(),
            head: head.campaign.id.clone(),
            not_comparable: (!same).then(|| reason(&changes)),
            results: results::pairs(base, head),
            changes,
        }
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.base == self.head && self.changes.is_empty() && self.results.is_empty()
    }
}

/// `different campaigns (other host and toolchain)`.
fn reason(changes: &[Change]) -> String {
    let mut kinds: Vec<String> = changes.iter().map(|c| c.kind.name().to_owned()).collect();
    kinds.dedup();
    if kinds.is_empty() {
        return "different campaigns (measured at different times)".to_owned();
    }
    format!(
        "different campaigns (measured at different times, with another {})",
        crate::text::list(&kinds)
    )
}
