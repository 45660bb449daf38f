//! From the long table to one value per block: the one module that touches polars.
//!
//! polars moves its interface with every minor version, so nothing of it leaves this module:
//! what comes out are plain maps in a fixed order.

mod compact;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use record::{Flag, Metric};

pub use read::read;

/// What a long table says.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    /// Everything measured.
    pub observed: Observed,
    /// The blocks that have rows with an environmental flag.
    pub disturbed: BTreeSet<u32>,
    /// Bytes behind the last whole group that were ignored.
    pub ignored: u64,
}

/// Everything measured, by what was measured on whom.
pub type Observed = BTreeMap<Key, Series>;

/// What was measured, and on whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// What was asked.
    pub scenario: String,
    /// How it was asked.
    pub mode: String,
    /// What was measured.
    pub metric: Metric,
    /// The framework's name.
    pub framework: String,
    /// Its variant, empty for the framework as declared.
    pub variant: String,
}

/// All windows of one [`Key`], averaged by block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// The blocks that have a value, in order.
    pub blocks: Vec<Block>,
    /// The number of windows, those without a value included.
    pub windows: usize,
    /// Windows whose value is not a finite number: nothing was measured in them.
    pub lost: usize,
    /// How many windows carry a flag.
    pub flags: BTreeMap<Flag, usize>,
}

/// The mean over the windows of one block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// The launch, 0 outside of any.
    pub launch: u32,
    /// The block, 0 outside of any.
    pub block: u32,
    /// The mean of the values.
    pub value: f64,
    /// The mean of their logarithms; absent where a value is zero.
    pub ln: Option<f64>,
}

impl Series {
    /// The values of the blocks that have a logarithm: what geometric means are made of.
    pub fn positive(&self) -> Vec<f64> {
        self.blocks
            .iter()
            .filter_map(|b| b.ln.map(f64::exp))
            .collect()
    }

    /// The plain values, block by block.
    pub fn values(&self) -> Vec<f64> {
        self.blocks.iter().map(|b| b.value).collect()
    }
}
