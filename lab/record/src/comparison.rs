//! Two versions of one framework in one campaign, and launches that load two servers at once.

use serde::{Deserialize, Serialize};

/// Which two versions a campaign compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The framework that the other is compared with; the campaign's baseline.
    pub base: String,
    /// The name that the other version has in the campaign.
    pub new: String,
    /// What the base is, in words: `revision v1 (0123abcd)`.
    pub base_is: String,
    /// What the new version is, in words: `the working tree`.
    pub new_is: String,
}

/// Launches of two servers at a time, each under the same open-loop load: CPU time per request.
///
/// Their rows follow those of the blocks, with launch numbers of their own. `mode` is
/// [`DuetKind::mode`], `block` is unique to the launch, and `window` says which of the two
/// servers was started and loaded first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuetDesign {
    /// What is asked.
    pub scenario: String,
    /// Requests per second to each server, arriving at random (Poisson).
    pub rate: f64,
    /// The most connections to each server.
    pub connections: u32,
    /// What is compared, each in launches of its own.
    pub kinds: Vec<DuetKind>,
    /// Launches of each kind.
    pub launches: u32,
    /// The thrown-away beginning of a launch's load, in ms.
    pub lead_in_ms: u64,
    /// The measured part, in ms.
    pub window_ms: u64,
    /// The extra work of a control's request that was asked for, in ns; what was done is
    /// counted and stands in the rows.
    pub spin_ns: u64,
    /// The numbers of launches of each kind at which the precision was looked at; empty where
    /// their number was fixed before.
    #[serde(default)]
    pub looks: Vec<u32>,
    /// In how many layouts of its functions each program was linked; a launch runs one of them.
    /// 0 where all launches ran one file.
    #[serde(default)]
    pub layouts: u32,
    /// The half-width at which a look ends it, a relative difference.
    #[serde(default)]
    pub half_width: f64,
}

impl DuetDesign {
    /// What the precision is looked at of, and what is asked first: the versions, or else the
    /// first kind.
    pub fn primary(&self) -> Option<DuetKind> {
        let versions = self.kinds.iter().find(|k| **k == DuetKind::Versions);
        versions.or(self.kinds.first()).copied()
    }
}

/// What a launch of two servers compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuetKind {
    /// The base and the new version.
    Versions,
    /// The base and a copy of it (A/A).
    Twins,
    /// The base and a copy with extra work. Both count what they burn, so that counting is not
    /// part of the difference.
    Control,
}

/// The variant name of the copy with extra work.
pub const SPIN: &str = "spin";

impl DuetKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Versions, Self::Twins, Self::Control];

    /// Its name as a mode of the raw data.
    pub fn mode(self) -> &'static str {
        match self {
            Self::Versions => "duet-versions",
            Self::Twins => "duet-twins",
            Self::Control => "duet-control",
        }
    }
}
