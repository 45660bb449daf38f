//! Which blocks the estimates are made of: what a neighbour disturbed was measured again.
//!
//! Nothing here looks at what a block says. All blocks stay in the raw data and in the
//! validity record, and in the merged histograms, which know no blocks.

use std::collections::BTreeSet;

use record::CampaignFile;

use crate::frames::{Frames, Observed};

/// Which blocks the estimates are made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keep {
    /// Every planned block once: where one was measured again, the last attempt, whether or
    /// not that was disturbed too.
    #[default]
    LastAttempts,
    /// Only blocks that nobody disturbed.
    Undisturbed,
}

/// Takes the others out of the load's series.
pub(super) fn drop_others(frames: &mut Frames, file: &CampaignFile, keep: Keep) {
    let out = match keep {
        Keep::LastAttempts => superseded(file, &frames.observed),
        Keep::Undisturbed => std::mem::take(&mut frames.disturbed),
    };
    if out.is_empty() {
        return;
    }
    for (key, series) in &mut frames.observed {
        // Cold starts and memory count their rounds and launches with the same numbers.
        if file.design.scenarios.iter().any(|s| s.name == key.scenario) {
            series.blocks.retain(|block| !out.contains(&block.block));
        }
    }
}

/// Blocks in whose place another one was measured.
fn superseded(file: &CampaignFile, observed: &Observed) -> BTreeSet<u32> {
    let measured: BTreeSet<u32> = (observed.values())
        .flat_map(|series| series.blocks.iter().map(|b| b.block))
        .collect();
    (file.course.repeats.iter())
        .filter(|repeat| measured.contains(&repeat.block))
        .map(|repeat| repeat.of)
        .collect()
}
