//! How much a campaign was to measure: what its raw data are held to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::campaign::{CampaignFile, Stage};
use crate::comparison::DuetDesign;

/// So many frameworks are in each block together; the blocks of a longer line-up have some of
/// them at a time.
const FRAMEWORKS_A_BLOCK: usize = 12;

/// How much was drawn from the seed; where a campaign stops on precision, up to where it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// Rounds of cold starts.
    pub starts: u32,
    /// Launches, those of two servers at a time not counted.
    pub launches: u32,
    /// Blocks of all scenarios and modes together, repeats not counted.
    pub blocks: u32,
    /// Windows in them.
    pub windows: u64,
    /// Launches of two servers at a time.
    pub duets: u32,
}

/// What can be told of it; nothing where an older campaign file does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub starts: u32,
    pub launches: Option<u32>,
    pub blocks: Option<u32>,
    pub duets: Option<u32>,
    /// Whether every server is in each block of a crossed layout.
    pub all_in_each: bool,
    /// How many campaigns it was made of.
    pub parts: u32,
}

impl Known {
    pub fn of(file: &CampaignFile) -> Self {
        let servers = servers(file);
        let cells = (file.design.scenarios.len() * file.design.modes.len()) as u32;
        let parts = (file.course.collected.len() as u32).max(1);
        let short = lineup(file).len() <= FRAMEWORKS_A_BLOCK;
        if let Some(planned) = file.course.planned {
            return Self {
                starts: planned.starts,
                launches: Some(planned.launches),
                blocks: Some(planned.blocks),
                duets: Some(planned.duets),
                all_in_each: planned.windows == u64::from(planned.blocks) * u64::from(servers),
                parts,
            };
        }
        let design = &file.design;
        let waits = !file.method.looks.is_empty();
        let a_cell = match waits {
            true => file.course.stopped.as_ref().map(|stopped| stopped.at),
            false => Some(design.blocks),
        };
        let (launches, blocks) = match file.method.protocol.rows().one_after_the_other() {
            false => (
                (!waits).then_some(design.launches),
                a_cell.filter(|_| short).map(|a| a.saturating_mul(cells)),
            ),
            true => {
                let launches = servers.saturating_mul(parts);
                (Some(launches), Some(launches.saturating_mul(cells)))
            }
        };
        Self {
            starts: design.starts,
            launches,
            blocks,
            duets: match &file.method.duet {
                None => Some(0),
                Some(duet) if duet.looks.is_empty() => Some(all(duet).saturating_mul(parts)),
                Some(_) => None,
            },
            all_in_each: short,
            parts,
        }
    }
}

fn all(duet: &DuetDesign) -> u32 {
    duet.launches.saturating_mul(duet.kinds.len() as u32)
}

/// The frameworks that were built and checked: those from which the plan was drawn.
fn lineup(file: &CampaignFile) -> Vec<&str> {
    let never: BTreeSet<&str> = (file.notes.iter())
        .filter(|note| matches!(note.stage, Stage::Build | Stage::Check))
        .map(|note| note.framework.as_str())
        .collect();
    let names = file.frameworks.iter().map(|f| f.name.as_str());
    names.filter(|name| !never.contains(name)).collect()
}

/// Their servers, and the baseline's twin.
fn servers(file: &CampaignFile) -> u32 {
    let lineup = lineup(file);
    let twin = lineup.contains(&file.design.baseline.as_str());
    lineup.len() as u32 + u32::from(twin)
}
