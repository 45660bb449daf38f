//! Which blocks the estimates are made of: what a neighbour disturbed was measured again.
//!
//! Nothing here looks at what a block says. All blocks stay in the raw data and in the
//! validity record, and in the merged histograms, which know no blocks.

use std::collections::BTreeSet;

use record::reader::Table;
use record::{CampaignFile, Flag};

use crate::frames::Observed;

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
pub(super) fn drop_others(observed: &mut Observed, file: &CampaignFile, table: &Table, keep: Keep) {
    let out = match keep {
        Keep::LastAttempts => superseded(file, observed),
        Keep::Undisturbed => disturbed(table),
    };
    if out.is_empty() {
        return;
    }
    for (key, series) in observed.iter_mut() {
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

fn disturbed(table: &Table) -> BTreeSet<u32> {
    // The table's rows were read before, so they can be read.
    let rows = table.rows().unwrap_or_default();
    (rows.iter())
        .filter(|row| row.validity.flags().any(Flag::is_environmental))
        .map(|row| row.cell.block)
        .collect()
}
