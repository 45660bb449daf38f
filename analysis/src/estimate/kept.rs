//! Which blocks the estimates are made of: what a neighbour disturbed was measured again.
//!
//! Nothing here looks at what a block says. All blocks stay in the raw data and in the
//! validity record.

use std::collections::BTreeSet;

use record::CampaignFile;

use crate::frames::{Frames, Key, Observed};

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

/// The blocks under load that something is to be said of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocks {
    /// All that were measured.
    pub measured: BTreeSet<u32>,
    /// Those in whose place another one was measured.
    pub superseded: BTreeSet<u32>,
    /// Those that the machine's surroundings disturbed.
    pub disturbed: BTreeSet<u32>,
}

impl Blocks {
    /// Looks through everything measured.
    pub(super) fn of(frames: &Frames, file: &CampaignFile) -> Self {
        let load = (frames.observed.iter()).filter(|(key, _)| is_load(key, file));
        let measured: BTreeSet<u32> = load
            .flat_map(|(_, series)| {
                let lost = series.odd.keys().map(|(_, block)| *block);
                series.blocks.iter().map(|b| b.block).chain(lost)
            })
            .collect();
        Self {
            // A repeat without rows was announced and never measured.
            superseded: (file.course.repeats.iter())
                .filter(|repeat| measured.contains(&repeat.block))
                .map(|repeat| repeat.of)
                .collect(),
            disturbed: &frames.disturbed & &measured,
            measured,
        }
    }

    /// Disturbed blocks of which the estimates are made all the same: nothing better came.
    pub fn disturbed_that_count(&self) -> BTreeSet<u32> {
        &self.disturbed - &self.superseded
    }

    /// Leaves out of the load's series what does not count.
    pub(super) fn keep(&self, keep: Keep, observed: &mut Observed, file: &CampaignFile) {
        let out = match keep {
            Keep::LastAttempts => &self.superseded,
            Keep::Undisturbed => &self.disturbed,
        };
        if out.is_empty() {
            return;
        }
        for (key, series) in observed {
            // Cold starts and memory count their rounds and launches with the same numbers.
            if is_load(key, file) {
                series.leave_out(out);
            }
        }
    }
}

fn is_load(key: &Key, file: &CampaignFile) -> bool {
    (file.design.scenarios.iter()).any(|scenario| scenario.name == key.scenario)
}
