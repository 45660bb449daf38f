//! What load to offer and what a right answer is: as written ([`SpecDraft`]), and checked
//! ([`Spec`]).

mod check;
mod draft;
mod span;
mod target;

pub use check::SpecError;
pub use draft::{Arrival, Close, EngineChoice, Expect, Field, Order, Pacing, Sampled, SpecDraft};
pub use span::Span;
pub use target::Target;

use crate::request::{Source, Templates};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A specification that holds: every name resolves, every value is in range. Reads and writes
/// the same JSON as its draft.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "SpecDraft", into = "SpecDraft")]
pub struct Spec {
    pub(crate) draft: SpecDraft,
    pub(crate) target: Target,
    pub(crate) templates: Templates,
    pub(crate) sources: BTreeMap<String, Source>,
}

impl Spec {
    /// The draft that this was checked from.
    pub fn draft(&self) -> &SpecDraft {
        &self.draft
    }

    /// True for a closed loop.
    pub fn is_closed(&self) -> bool {
        self.draft.arrival == Arrival::Closed
    }

    /// Most connections there may be at once.
    pub fn most_connections(&self) -> usize {
        let draft = &self.draft;
        if self.is_closed() {
            return draft.connections;
        }
        draft.max_connections.unwrap_or(draft.connections.max(1024))
    }

    /// How long to wait for answers after the measured part, nanoseconds.
    pub(crate) fn drain(&self) -> u64 {
        self.draft.drain.unwrap_or(self.draft.timeout).nanos()
    }
}

impl TryFrom<SpecDraft> for Spec {
    type Error = SpecError;

    fn try_from(draft: SpecDraft) -> Result<Self, SpecError> {
        draft.check()
    }
}

impl From<Spec> for SpecDraft {
    fn from(spec: Spec) -> Self {
        spec.draft
    }
}
