//! Instructions by function, of one program.

use std::collections::BTreeMap;

use crate::counts::Counts;
use crate::symbols::Symbols;

/// The name under which code stands that is in no function: the runtime makes a little of it, and
/// what the emulator maps for the kernel (vdso) has no symbols.
pub const NOWHERE: &str = "(no function)";

/// A number of instructions for each function. Numbers add up to what was counted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// Instructions by function.
    pub functions: BTreeMap<String, f64>,
    /// How often each function was entered at its first instruction.
    pub entered: BTreeMap<String, f64>,
}

impl Profile {
    /// What `threads` executed, by function.
    pub fn of(counts: &Counts, symbols: &Symbols, threads: &[usize]) -> Self {
        let mut profile = Self::default();
        for (number, block) in counts.blocks.iter().enumerate() {
            let rows = threads.iter().filter_map(|t| counts.executed.get(*t));
            let executed: u64 = rows.filter_map(|row| row.get(number)).sum();
            if executed == 0 {
                continue;
            }
            let name = symbols.at(block.address).unwrap_or(NOWHERE);
            let instructions = (executed * block.instructions) as f64;
            *profile.functions.entry(name.to_owned()).or_default() += instructions;
            let starts = symbols.starts(block.address);
            if starts {
                *profile.entered.entry(name.to_owned()).or_default() += executed as f64;
            }
        }
        profile
    }

    /// All instructions.
    pub fn total(&self) -> f64 {
        self.functions.values().sum()
    }

    /// The instructions of a function.
    pub fn of_function(&self, name: &str) -> f64 {
        self.functions.get(name).copied().unwrap_or(0.0)
    }

    /// Every number divided by `by`: instructions a request from instructions.
    #[must_use]
    pub fn per(mut self, by: f64) -> Self {
        let numbers = self.functions.values_mut().chain(self.entered.values_mut());
        numbers.for_each(|n| *n /= by);
        self
    }

    /// The mean of several profiles; of none, an empty one.
    pub fn mean<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut sum, mut count) = (Self::default(), 0.0);
        for profile in all {
            count += 1.0;
            for (name, n) in &profile.functions {
                *sum.functions.entry(name.clone()).or_default() += n;
            }
            for (name, n) in &profile.entered {
                *sum.entered.entry(name.clone()).or_default() += n;
            }
        }
        if count == 0.0 { sum } else { sum.per(count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Block;

    #[test]
    fn functions_add_up_to_what_was_counted_also_with_code_that_is_in_none() {
        let symbols: Symbols = [(0x10..0x20, "a".to_owned()), (0x20..0x30, "b".to_owned())]
            .into_iter()
            .collect();
        let block = |address, instructions| Block {
            address,
            instructions,
        };
        let counts = Counts {
            // The first function is entered, goes on in a second block, and was translated twice.
            blocks: vec![
                block(0x10, 3),
                block(0x18, 2),
                block(0x20, 5),
                block(0x99, 1),
                block(0x10, 3),
            ],
            executed: vec![vec![2, 10, 1, 7, 1], vec![0, 0, 100, 0, 0]],
        };
        let profile = Profile::of(&counts, &symbols, &[0]);
        assert_eq!(profile.total(), counts.instructions_of(0) as f64);
        assert_eq!(profile.of_function("a"), 3.0 * 3.0 + 20.0);
        assert_eq!(profile.of_function(NOWHERE), 7.0);
        assert_eq!(profile.entered["a"], 3.0);
        let both = Profile::of(&counts, &symbols, &[0, 1]);
        assert_eq!(both.total(), counts.instructions() as f64);
        let mean = Profile::mean([&profile, &both]);
        assert_eq!(mean.of_function("b"), (5.0 + 505.0) / 2.0);
        assert_eq!(Profile::mean([]), Profile::default());
        assert_eq!(profile.per(2.0).of_function("a"), 14.5);
    }
}
