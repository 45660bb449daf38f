//! One reading of the counters.

/// A piece of code that is entered at its first instruction and runs to its last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Of the first instruction, in the program's own address space.
    pub address: u64,
    /// How many instructions it has; 0 while it is being translated.
    pub instructions: u64,
}

/// How often each block was executed by each thread.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// In the order of their translation; the same code may be there several times.
    pub blocks: Vec<Block>,
    /// A row a thread, in each a number a block.
    pub executed: Vec<Vec<u64>>,
}

impl Counts {
    /// What was executed since an earlier reading of the same counters.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let before = |thread: usize, block: usize| {
            let row = earlier.executed.get(thread);
            row.and_then(|row| row.get(block)).copied().unwrap_or(0)
        };
        let row = |(thread, row): (usize, &Vec<u64>)| {
            let one = |(block, n): (usize, &u64)| n - before(thread, block);
            row.iter().enumerate().map(one).collect()
        };
        Self {
            blocks: self.blocks.clone(),
            executed: self.executed.iter().enumerate().map(row).collect(),
        }
    }

    /// All instructions of all threads.
    pub fn instructions(&self) -> u64 {
        (0..self.executed.len())
            .map(|t| self.instructions_of(t))
            .sum()
    }

    /// The instructions of one thread, by its number.
    pub fn instructions_of(&self, thread: usize) -> u64 {
        let row = self.executed.get(thread).map_or(&[][..], Vec::as_slice);
        let one = |(n, block): (&u64, &Block)| n * block.instructions;
        row.iter().zip(&self.blocks).map(one).sum()
    }

    /// The threads that have executed code between two addresses, by number.
    pub fn threads_in(&self, code: &std::ops::Range<u64>) -> Vec<usize> {
        let there = |row: &Vec<u64>| {
            let mut blocks = row.iter().zip(&self.blocks);
            blocks.any(|(n, block)| *n > 0 && code.contains(&block.address))
        };
        let rows = self.executed.iter().enumerate();
        rows.filter(|(_, row)| there(row)).map(|(t, _)| t).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(address: u64, instructions: u64) -> Block {
        Block {
            address,
            instructions,
        }
    }

    #[test]
    fn a_difference_is_by_block_and_thread_also_for_what_is_new() {
        let before = Counts {
            blocks: vec![block(0x10, 3)],
            executed: vec![vec![5]],
        };
        let after = Counts {
            blocks: vec![block(0x10, 3), block(0x20, 4)],
            executed: vec![vec![7, 1], vec![0, 2]],
        };
        let since = after.since(&before);
        assert_eq!(since.executed, [vec![2, 1], vec![0, 2]]);
        assert_eq!(since.instructions(), 2 * 3 + 4 + 2 * 4);
        assert_eq!(since.instructions_of(1), 8);
        assert_eq!(since.instructions_of(9), 0);
        assert_eq!(since.threads_in(&(0x10..0x11)), [0]);
        assert_eq!(since.threads_in(&(0x20..0x30)), [0, 1]);
    }
}
