//! From the long table to one value per block: the one module that touches polars.
//!
//! polars moves its interface with every minor version, so nothing of it leaves this module:
//! what comes out are plain maps in a fixed order.

mod compact;
mod read;
mod samples;

use std::collections::{BTreeMap, BTreeSet};

use record::metric::PairedBy;
use record::{Finding, Flag, Metric};
use stats::pairing::Logs;

pub use read::read;
pub use samples::{Sample, Samples, samples};

/// What a long table says.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    /// Everything measured.
    pub observed: Observed,
    /// The blocks that have rows with an environmental flag.
    pub disturbed: BTreeSet<u32>,
    /// What of the table is not as it was planned; none where it is whole.
    pub findings: Vec<Finding>,
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
    /// The blocks that have a value and count, in order.
    pub blocks: Vec<Block>,
    /// Those that have a value and do not count, in order.
    pub dropped: Vec<Block>,
    /// What is to be known of blocks, by launch and number, unless it is that they have one
    /// window, with a value and without a flag. Such a block has no entry, as most are such.
    pub odd: BTreeMap<(u32, u32), Tally>,
    /// Blocks that do not count.
    pub out: BTreeSet<u32>,
}

/// The windows of one block, whatever came of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The launch, 0 outside of any.
    pub launch: u32,
    /// The block, 0 outside of any.
    pub block: u32,
    /// Whether the estimates are made of it.
    pub counts: bool,
    /// The number of windows that were measured: interval logs have a line for each of them, and
    /// none for one without a value.
    pub measured: usize,
}

/// Counts of windows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// The number of windows, those without a value included.
    pub windows: usize,
    /// Windows whose value is not a finite number: nothing was measured in them.
    pub lost: usize,
    /// How many windows carry a flag.
    pub flags: BTreeMap<Flag, usize>,
}

impl Tally {
    /// Both together.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.windows += other.windows;
        self.lost += other.lost;
        for (flag, n) in &other.flags {
            *self.flags.entry(*flag).or_default() += n;
        }
        self
    }
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

    /// All blocks of which there are windows, in order.
    pub fn attempts(&self) -> Vec<Attempt> {
        let valued = self.blocks.iter().chain(&self.dropped);
        let places: BTreeSet<(u32, u32)> = valued
            .map(|b| (b.launch, b.block))
            .chain(self.odd.keys().copied())
            .collect();
        (places.into_iter())
            .map(|(launch, block)| Attempt {
                launch,
                block,
                counts: !self.out.contains(&block),
                measured: (self.odd.get(&(launch, block))).map_or(1, |t| t.windows - t.lost),
            })
            .collect()
    }

    /// What was counted in all windows, or only in those of blocks that count.
    pub fn tally(&self, all: bool) -> Tally {
        let counts = |block: u32| all || !self.out.contains(&block);
        let plain = (self.blocks.iter().chain(&self.dropped))
            .filter(|b| counts(b.block) && !self.odd.contains_key(&(b.launch, b.block)))
            .count();
        let plain = Tally {
            windows: plain,
            ..Tally::default()
        };
        let odd = (self.odd.iter()).filter(|((_, block), _)| counts(*block));
        odd.fold(plain, |sum, (_, tally)| sum.and(tally))
    }

    /// Windows that carry a flag which speaks of the machine, of all blocks or of those that count.
    /// Where a block has several windows and several such flags it counts as many as can be.
    pub fn disturbed(&self, all: bool) -> usize {
        (self.odd.iter())
            .filter(|((_, block), _)| all || !self.out.contains(block))
            .map(|(_, tally)| {
                let environmental = tally
                    .flags
                    .iter()
                    .filter(|(flag, _)| flag.is_environmental());
                let flags: usize = environmental.map(|(_, n)| *n).sum();
                flags.min(tally.windows)
            })
            .sum()
    }

    /// Leaves the values of some blocks out of what estimates are made of.
    pub fn leave_out(&mut self, out: &BTreeSet<u32>) {
        let (dropped, blocks) = (self.blocks.iter()).partition(|b| out.contains(&b.block));
        (self.dropped, self.blocks) = (dropped, blocks);
        self.out.clone_from(out);
    }

    /// The logarithms by the key that values are paired by.
    pub fn logs(&self, by: PairedBy) -> Logs {
        Logs::of(self.blocks.iter().filter_map(|block| {
            let key = match by {
                PairedBy::Block | PairedBy::Start => block.block,
                PairedBy::Launch => block.launch,
            };
            Some((key, block.launch, block.ln?))
        }))
    }

    /// The plain values, block by block.
    pub fn values(&self) -> Vec<f64> {
        self.blocks.iter().map(|b| b.value).collect()
    }
}
