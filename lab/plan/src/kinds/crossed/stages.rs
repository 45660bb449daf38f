//! How many blocks there are in how many launches, and when to look whether they are enough.

use record::ProtocolKind;
use stats::stopping::LOOKS;

use super::experiment::Protocol;

/// Blocks that are measured before anybody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Blocks for each scenario and mode in this stage.
    pub blocks: u32,
    /// Over how many launches they are spread.
    pub launches: u32,
    /// The blocks a cell at its end, if somebody looks then.
    pub look: Option<u32>,
}

/// The stages of a crossed protocol: one, or one up to each look at the precision.
///
/// A later stage has launches of its own, about as long as those of the first, so that every
/// look sees whole launches only.
pub fn stages(protocol: &Protocol) -> Vec<Stage> {
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

/// The numbers of blocks a cell at which the precision is looked at.
pub fn looks(protocol: &Protocol) -> Vec<u32> {
    stages(protocol).iter().filter_map(|s| s.look).collect()
}

/// The most blocks that a cell can get; in an article's protocol its samples.
pub fn most_blocks(protocol: &Protocol) -> u32 {
    stages(protocol).iter().map(|s| s.blocks).sum()
}

/// The most launches that there can be, for this number of servers.
pub fn launches(protocol: &Protocol, servers: u32) -> u32 {
    match protocol.kind {
        ProtocolKind::Article | ProtocolKind::Soak => servers,
        ProtocolKind::Crossed => stages(protocol).iter().map(|s| s.launches).sum(),
    }
}
