//! How many blocks there are in how many launches, and when to look whether they are enough.

use stats::stopping::LOOKS;

use super::Crossed;

/// Blocks that are measured before anybody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stage {
    /// Blocks for each scenario and mode in this stage.
    pub blocks: u32,
    /// Over how many launches they are spread.
    pub launches: u32,
    /// The blocks a cell at its end, if somebody looks then.
    pub look: Option<u32>,
}

/// The stages: one, or one up to each look at the precision.
///
/// A later stage has launches of its own, about as long as those of the first, so that every
/// look sees whole launches only.
pub(super) fn stages(protocol: &Crossed) -> Vec<Stage> {
    if protocol.precision.is_empty() {
        return vec![Stage {
            blocks: protocol.blocks,
            launches: protocol.launches,
            look: None,
        }];
    }
    let mut before = 0;
    LOOKS
        .into_iter()
        .map(|look| {
            let look = look as u32;
            let blocks = look - before;
            let launches = (blocks * protocol.launches).div_ceil(LOOKS[0] as u32);
            before = look;
            Stage {
                blocks,
                launches,
                look: Some(look),
            }
        })
        .collect()
}
