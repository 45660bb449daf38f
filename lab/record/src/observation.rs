//! The row that analysis works on: one measured value and where it comes from.

use crate::metric::Metric;
use crate::validity::Validity;

/// Where in a campaign a value was measured: the coordinates of one window.
///
/// `launch` and `block` count from 1; 0 means "outside of any". Start-up times have launch 0
/// and their round as block; memory readings have the block after which they were taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The launch, from 1.
    pub launch: u32,
    /// The block, from 1, unique within the campaign: the key on which values are paired.
    pub block: u32,
    /// The position of the window inside its block, from 1; in a soak the number of the interval,
    /// and 0 for the whole window.
    pub window: u32,
    /// The framework's name.
    pub framework: String,
    /// What differs from the framework as declared; `twin` for the baseline's second copy, else empty.
    pub variant: String,
    /// What was asked: `plaintext`, `json`, ..., `startup` or `memory`.
    pub scenario: String,
    /// How it was asked: a mode of the experiment, `cold` for start-up, `idle`, `load`, `after`
    /// or `reference` for memory.
    pub mode: String,
}

/// One measured value.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Where it was measured.
    pub cell: Cell,
    /// What was measured; brings the unit.
    pub metric: Metric,
    /// The value in the metric's unit.
    pub value: f64,
    /// The reasons to doubt it.
    pub validity: Validity,
}

/// The columns of `observations.csv`, in order.
pub const COLUMNS: [&str; 12] = [
    "campaign",
    "launch",
    "block",
    "window",
    "framework",
    "variant",
    "scenario",
    "mode",
    "metric",
    "unit",
    "value",
    "validity",
];

impl Observation {
    /// The row's fields in the order of [`COLUMNS`].
    ///
    /// Values are written in the shortest form that reads back as the same `f64`.
    pub fn fields(&self, campaign: &str) -> [String; 12] {
        let c = &self.cell;
        [
            campaign.to_owned(),
            c.launch.to_string(),
            c.block.to_string(),
            c.window.to_string(),
            c.framework.clone(),
            c.variant.clone(),
            c.scenario.clone(),
            c.mode.clone(),
            self.metric.name().to_owned(),
            self.metric.unit().to_owned(),
            self.value.to_string(),
            self.validity.to_string(),
        ]
    }
}
