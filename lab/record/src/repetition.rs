//! One campaign of several that are meant to become one.

use serde::{Deserialize, Serialize};

/// Which of several repetitions a campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repetition {
    /// The seed that all of them share.
    pub family: u64,
    /// From 1.
    pub number: u32,
}

impl Repetition {
    /// The seed of this one. Neighbouring numbers give unrelated seeds (SplitMix64's finaliser;
    /// Steele, Lea and Flood, OOPSLA 2014).
    pub fn seed(self) -> u64 {
        let step = u64::from(self.number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut z = self.family.wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// A repetition that became part of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collected {
    /// The name that the campaign had.
    pub campaign: String,
    /// Its number.
    pub number: u32,
    /// Its own seed, from which its orders were drawn.
    pub seed: u64,
    /// Its start in UTC, RFC 3339.
    pub started: String,
    /// The first of its launches in the campaign that it became part of.
    pub first_launch: u32,
    /// The last of them.
    pub last_launch: u32,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn repetitions_have_seeds_of_their_own() {
        let seed = |family, number| Repetition { family, number }.seed();
        let all: BTreeSet<u64> = (0..50)
            .flat_map(|family| (1..=50).map(move |number| seed(family, number)))
            .collect();
        assert_eq!(all.len(), 2500);
        // The first output of SplitMix64 seeded with 0, as its authors' C code gives it.
        assert_eq!(seed(0, 1), 0xE220_A839_7B1D_CDAF);
    }
}
