//! Whose turn it is in a block: everybody's, or in a long line-up some at a time.
//!
//! What pairing takes out of a comparison is gone beyond some sixteen windows, so a block of
//! thirty frameworks would be no block. It is split into incomplete ones: the baseline with
//! its twin and those that the experiment says everybody compares (`known`) are in each of
//! them, the other places go to those who had
//! the fewest turns in the cell so far, by lot where several had. So no two frameworks' turns
//! differ by more than one, and every framework is paired with the baseline in each of its.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::schedule::Subject;

/// The most frameworks of a block, the baseline's twin not counted.
const FRAMEWORKS_A_BLOCK: usize = 12;

/// Deals out the places of blocks.
pub(super) struct Turns {
    always: Vec<Subject>,
    others: Vec<Subject>,
    places: usize,
    /// The turns of the others so far, by cell.
    had: BTreeMap<usize, Vec<u32>>,
}

impl Turns {
    /// For a line-up, the twin included; the known ones are in every block beside the baseline.
    pub fn new(all: &[Subject], baseline: &str, known: &[String]) -> Self {
        let frameworks = all.iter().filter(|s| s.variant.is_empty()).count();
        let whole = frameworks <= FRAMEWORKS_A_BLOCK;
        let in_every =
            |s: &Subject| whole || s.framework == baseline || known.contains(&s.framework);
        let (always, others): (Vec<_>, Vec<_>) = all.iter().cloned().partition(in_every);
        let taken = always.iter().filter(|s| s.variant.is_empty()).count();
        Self {
            places: FRAMEWORKS_A_BLOCK.saturating_sub(taken).max(1),
            always,
            others,
            had: BTreeMap::new(),
        }
    }

    /// How many blocks it takes to give everybody `turns` turns in a cell.
    pub fn blocks_for(&self, turns: u32) -> u32 {
        if self.others.is_empty() {
            return turns;
        }
        (turns * self.others.len() as u32).div_ceil(self.places as u32)
    }

    /// Who is in the next block of a cell, in a fresh random order.
    pub fn next(&mut self, cell: usize, rng: &mut ChaCha8Rng) -> Vec<Subject> {
        let had = (self.had.entry(cell)).or_insert_with(|| vec![0; self.others.len()]);
        let mut line: Vec<usize> = (0..self.others.len()).collect();
        line.shuffle(rng);
        // A stable sort: among those with as many turns the lot decides.
        line.sort_by_key(|other| had[*other]);
        line.truncate(self.places);
        let mut block = self.always.clone();
        for other in line {
            had[other] += 1;
            block.push(self.others[other].clone());
        }
        block.shuffle(rng);
        block
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;

    use super::*;

    fn known() -> Vec<String> {
        ["echo", "fiber", "gin"].map(str::to_owned).into()
    }

    fn line_up(others: usize) -> Vec<Subject> {
        let named = ["base", "echo", "fiber", "gin"].map(str::to_owned);
        let others = (0..others).map(|i| format!("other{i:02}"));
        let mut all: Vec<_> = (named.into_iter().chain(others))
            .map(|name| Subject::plain(&name))
            .collect();
        all.push(Subject::twin("base"));
        all
    }

    proptest! {
        #[test]
        fn turns_are_balanced_and_the_well_known_are_always_in(
            seed: u64, others in 0usize..40, turns in 1u32..15
        ) {
            let all = line_up(others);
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let mut dealt = Turns::new(&all, "base", &known());
            let blocks = dealt.blocks_for(turns);
            let mut had: BTreeMap<Subject, u32> = BTreeMap::new();
            for _ in 0..blocks {
                let block = dealt.next(0, &mut rng);
                prop_assert!(block.len() <= FRAMEWORKS_A_BLOCK + 1);
                for subject in &block {
                    *had.entry(subject.clone()).or_default() += 1;
                }
                for name in ["base", "echo", "fiber", "gin"] {
                    prop_assert!(block.contains(&Subject::plain(name)));
                }
                prop_assert!(block.contains(&Subject::twin("base")));
            }
            for subject in &all {
                let had = had.get(subject).copied().unwrap_or(0);
                let always = !subject.framework.starts_with("other");
                prop_assert!(had >= turns, "{subject}: {had} of {turns}");
                prop_assert!(always || had <= turns + 1, "{subject}: {had} of {turns}");
            }
        }
    }

    #[test]
    fn a_dozen_is_never_split() {
        let turns = Turns::new(&line_up(8), "base", &known());
        assert_eq!(turns.blocks_for(12), 12);
        let turns = Turns::new(&line_up(16), "base", &known());
        assert_eq!(turns.blocks_for(12), 24);
    }
}
