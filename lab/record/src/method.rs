//! By which protocol a campaign was measured, and what was to end it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::comparison::{Comparison, DuetDesign};
use crate::kinds::ProtocolKind;

/// How the windows of an experiment are laid out in time, and when there are enough of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// The layout.
    pub protocol: ProtocolKind,
    /// The half-width that each primary ratio has to reach, a relative difference, by the
    /// metric's name. Empty where the number of blocks was fixed before.
    #[serde(default)]
    pub precision: BTreeMap<String, f64>,
    /// The numbers of blocks at which the precision was looked at; the last is the cap.
    #[serde(default)]
    pub looks: Vec<u32>,
    /// In a soak, the length of the intervals that its window is cut into, in ms.
    #[serde(default)]
    pub interval_ms: Option<u64>,
    /// Which two versions are compared, where that is what the campaign is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// The launches of two servers at a time, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duet: Option<DuetDesign>,
    /// Frameworks that burnt this much on purpose for each request, in ns: positive controls.
    /// Where there are any, all others burnt as little as can be counted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spin: BTreeMap<String, u64>,
    /// The level of the intervals whose half-width counts; nothing where the number of blocks
    /// was fixed before.
    #[serde(default)]
    pub level: Option<f64>,
    /// The metrics whose comparisons were declared primary before the run, by name; empty in
    /// campaigns that are older than the declaration.
    #[serde(default)]
    pub primary: Vec<String>,
    /// How large a difference has to be to matter, declared before the run: relative
    /// differences by the metric's name. A metric that is not there has no margin.
    #[serde(default)]
    pub margins: BTreeMap<String, f64>,
    /// Frameworks that everybody compares, by the experiment's word: they stand in every block and in
    /// `top3` of `summary.json`. None in campaigns that are older than the declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Vec<String>>,
    /// The digest of the ledger of claims as it was before the run, so that nobody can fit a
    /// claim's tolerance to the results; nothing where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<String>,
}

/// What came of stopping on precision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stopped {
    /// The number of blocks a cell at which it was decided.
    pub at: u32,
    /// The ratio that was furthest from its target when the cap was reached; nothing where
    /// every one was precise.
    pub inconclusive: Option<Inconclusive>,
}

/// A ratio that stayed less precise than it should have been.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inconclusive {
    /// `framework scenario mode metric`.
    pub ratio: String,
    /// Its half-width, a relative difference; nothing where there is no interval at all.
    pub half_width: Option<f64>,
}
