//! When the machine's surroundings disturbed a measurement, and which blocks are measured
//! again because of that. The outcome is never looked at: to repeat what came out badly would
//! be to choose the result.
//!
//! The limits are 5 % of a core for other processes and 0.5 % of a core for the hypervisor,
//! over a window and over a whole block. What short windows can resolve:
//!
//! * The kernel tells the machine's busy time in ticks of 10 ms, rounded apart for user,
//!   system and softirq time, and on most kernels samples it at each timer interrupt instead
//!   of adding it up. Against the exact clocks of server and lab this is off by up to some
//!   30 ms whatever the length. A window of 0.7 s with its lead-in therefore cannot tell 5 %
//!   from 3 %: it is objected to from 8 % on, one of 0.2 s from 14 % on. A block of eight
//!   windows takes 7 s and is held to 5.4 %.
//! * Stolen time comes in the same ticks: one is 1 % of a window and may be the rounding of
//!   a far smaller theft, so a window is objected to from two ticks on, a block from 0.6 %.
//!
//! So a steady neighbour is caught by the block, a burst by the window.
//!
//! A CPU quota of the lab's control group that was used up is objected to from the first period on: while
//! a group is stopped nothing in it runs, and the kernel counts these periods exactly. A window in which
//! there was no load at all, or whose instrument had to wait for its CPU, is disturbed as well; these are
//! flagged where they are seen ([`super::window`], [`super::observe`]).

use std::collections::BTreeSet;
use std::time::Duration;

use record::{Flag, Repeat};

/// Other processes may use this share of a core.
const FOREIGN: f64 = 0.05;
/// The hypervisor may withhold this share of a core.
const STOLEN: f64 = 0.005;
/// By how much foreign time may be misread.
const FOREIGN_RESOLUTION: f64 = 0.030;
/// By how much stolen time may be misread.
const STOLEN_RESOLUTION: f64 = 0.010;
/// One block in so many may be measured again.
const BLOCKS_FOR_A_REPEAT: usize = 4;

/// How the machine's surroundings were, over some time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings {
    /// The time.
    pub elapsed: Duration,
    /// CPU time that neither server nor lab used.
    pub foreign: Duration,
    /// CPU time that the hypervisor withheld.
    pub stolen: Duration,
    /// Periods in which a control group of the lab's had used up its CPU quota.
    pub throttled: u64,
}

impl Surroundings {
    /// Foreign CPU time as a share of one core.
    pub fn foreign_share(&self) -> f64 {
        match self.elapsed.as_secs_f64() {
            0.0 => 0.0,
            elapsed => self.foreign.as_secs_f64() / elapsed,
        }
    }

    /// What there is to object to.
    pub fn objections(&self) -> Vec<Flag> {
        let elapsed = self.elapsed.as_secs_f64();
        let above =
            |time: Duration, share, resolution| time.as_secs_f64() > share * elapsed + resolution;
        let mut flags = Vec::new();
        if above(self.foreign, FOREIGN, FOREIGN_RESOLUTION) {
            flags.push(Flag::ForeignCpu);
        }
        if above(self.stolen, STOLEN, STOLEN_RESOLUTION) {
            flags.push(Flag::Steal);
        }
        if self.throttled > 0 {
            flags.push(Flag::Throttled);
        }
        flags
    }
}

impl std::ops::AddAssign for Surroundings {
    fn add_assign(&mut self, other: Self) {
        self.elapsed += other.elapsed;
        self.foreign += other.foreign;
        self.stolen += other.stolen;
        self.throttled += other.throttled;
    }
}

/// What is known of a launch when its planned blocks are done.
pub struct Attempts<'a> {
    /// The launch.
    pub launch: u32,
    /// The numbers of its planned blocks.
    pub planned: &'a [u32],
    /// All repeats of the campaign so far.
    pub repeats: &'a [Repeat],
    /// The blocks that were disturbed.
    pub disturbed: &'a BTreeSet<u32>,
    /// The number that the next repeat gets.
    pub next: u32,
}

impl Attempts<'_> {
    /// The repeat that is due: one that was broken off, or that of the first disturbed block
    /// that has none, as long as there are no more than one for four planned blocks.
    ///
    /// Repeats come at the end of a launch, when what disturbed has had time to go by, and a
    /// noisy launch cannot use up what a later one may need.
    pub fn due(&self, is_done: impl Fn(u32) -> bool) -> Option<Repeat> {
        let mine: Vec<_> = (self.repeats.iter())
            .filter(|r| r.launch == self.launch)
            .collect();
        if let Some(broken_off) = mine.iter().find(|r| !is_done(r.block)) {
            return Some((*broken_off).clone());
        }
        if mine.len() >= self.planned.len() / BLOCKS_FOR_A_REPEAT {
            return None;
        }
        let attempts = (self.planned.iter().copied()).chain(mine.iter().map(|r| r.block));
        let of = attempts
            .filter(|n| self.disturbed.contains(n))
            .find(|n| !mine.iter().any(|r| r.of == *n))?;
        Some(Repeat {
            block: self.next,
            of,
            launch: self.launch,
        })
    }
}

/// The planned block that a repeat stands for in the end: it may repeat a repeat.
pub fn root(repeat: &Repeat, repeats: &[Repeat]) -> u32 {
    let mut of = repeat.of;
    while let Some(before) = repeats.iter().find(|r| r.block == of) {
        of = before.of;
    }
    of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(elapsed: u64, foreign: u64, stolen: u64) -> Surroundings {
        Surroundings {
            elapsed: Duration::from_millis(elapsed),
            foreign: Duration::from_millis(foreign),
            stolen: Duration::from_millis(stolen),
            throttled: 0,
        }
    }

    #[test]
    fn what_ticks_cannot_resolve_is_not_objected_to() {
        assert!(surroundings(900, 70, 10).objections().is_empty());
        assert_eq!(
            surroundings(900, 80, 20).objections(),
            [Flag::ForeignCpu, Flag::Steal]
        );
        let mut block = Surroundings::default();
        for _ in 0..8 {
            // Too little to see in a window, too much for the block.
            block += surroundings(900, 60, 10);
        }
        assert_eq!(block.objections(), [Flag::ForeignCpu, Flag::Steal]);
        assert!(Surroundings::default().objections().is_empty());
    }

    #[test]
    fn one_throttled_period_is_enough_for_the_window_and_the_block() {
        let mut block = surroundings(900, 0, 0);
        block += Surroundings {
            throttled: 1,
            ..surroundings(900, 0, 0)
        };
        block += surroundings(900, 0, 0);
        assert_eq!(block.objections(), [Flag::Throttled]);
    }

    #[test]
    fn disturbed_blocks_are_repeated_until_a_quarter_is_used_up() {
        let planned: Vec<u32> = (1..=12).collect();
        let disturbed = BTreeSet::from([2, 5, 7, 9, 101]);
        let mut repeats: Vec<Repeat> = Vec::new();
        let mut done = BTreeSet::new();
        while let Some(repeat) = (Attempts {
            launch: 1,
            planned: &planned,
            repeats: &repeats,
            disturbed: &disturbed,
            next: 101 + repeats.len() as u32,
        })
        .due(|n| done.contains(&n))
        {
            if !repeats.contains(&repeat) {
                // Broken off here, it is due again.
                repeats.push(repeat);
                continue;
            }
            done.insert(repeat.block);
        }
        let of: Vec<_> = repeats.iter().map(|r| (r.block, r.of)).collect();
        assert_eq!(of, [(101, 2), (102, 5), (103, 7)]);
    }

    #[test]
    fn a_repeat_that_was_disturbed_is_repeated_and_stands_for_the_same_block() {
        let repeats = [Repeat {
            block: 101,
            of: 2,
            launch: 1,
        }];
        let due = Attempts {
            launch: 1,
            planned: &(1..=8).collect::<Vec<_>>(),
            repeats: &repeats,
            disturbed: &BTreeSet::from([2, 101]),
            next: 102,
        }
        .due(|_| true)
        .unwrap();
        assert_eq!((due.block, due.of), (102, 101));
        assert_eq!(root(&due, &repeats), 2);
    }
}
