//! The order of everything in a campaign, from one seed.
//!
//! Launches, blocks and frameworks are crossed: a launch starts all servers fresh; a block
//! is one round over all of them for one scenario and mode, in a fresh random order. The
//! order inside a block is random and never alternates, because a neighbour with a period
//! would always hit the same server. The baseline is in each block twice, as itself and as
//! its twin, at random positions.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use record::layout;

use super::experiment::{Experiment, Mode, Protocol, TWIN};
use crate::contract::Scenario;

/// A server process of a campaign: a framework, or the baseline's twin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The framework's name.
    pub framework: String,
    /// What differs from the framework as declared; empty for nothing.
    pub variant: String,
}

impl Subject {
    /// The framework as declared.
    pub fn plain(framework: &str) -> Self {
        Self {
            framework: framework.to_owned(),
            variant: String::new(),
        }
    }

    /// The second copy of the baseline.
    pub fn twin(baseline: &str) -> Self {
        Self {
            framework: baseline.to_owned(),
            variant: TWIN.to_owned(),
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&layout::subject(&self.framework, &self.variant))
    }
}

/// All servers started fresh, and the blocks that they go through.
#[derive(Debug, Clone, PartialEq)]
pub struct Launch {
    /// From 1.
    pub number: u32,
    /// In which order the servers start, each with the bytes of padding in its environment.
    ///
    /// The size of the environment shifts a process's stack and can bias a measurement
    /// (Mytkowicz et al., ASPLOS 2009); drawing it anew turns the bias into noise.
    pub starts: Vec<(Subject, usize)>,
    /// The blocks.
    pub blocks: Vec<Block>,
}

impl Launch {
    /// The name of the group that holds the memory before the first block.
    pub fn idle_group(&self) -> String {
        format!("launch {} idle", self.number)
    }

    /// The name of the group that holds the memory after the last block; the launch is done
    /// when it stands in the raw data.
    pub fn memory_group(&self) -> String {
        format!("launch {} memory", self.number)
    }

    /// The number of windows.
    pub fn windows(&self) -> usize {
        self.blocks.iter().map(|b| b.order.len()).sum()
    }
}

/// One round over all servers for one scenario and mode.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// From 1, unique in the campaign.
    pub number: u32,
    /// What is asked.
    pub scenario: Scenario,
    /// How it is asked.
    pub mode: Mode,
    /// Who is asked, in order.
    pub order: Vec<Subject>,
}

impl Block {
    /// The name of its group in the raw data.
    pub fn group(&self) -> String {
        Self::group_of(self.number)
    }

    /// The name of the group of a block.
    pub fn group_of(number: u32) -> String {
        format!("block {number}")
    }

    /// The same cell once more, under another number and in an order of its own.
    pub fn again(&self, number: u32, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // A stream for each number: repeats are drawn when they are needed.
        rng.set_stream(u64::from(number));
        Self {
            number,
            order: shuffled(&self.order, &mut rng),
            ..self.clone()
        }
    }
}

/// The order of everything.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The rounds of cold starts, each in its own order.
    pub starts: Vec<Vec<Subject>>,
    /// The launches.
    pub launches: Vec<Launch>,
}

/// The most bytes by which an environment is padded.
pub const MAX_PADDING: usize = 4096;

impl Schedule {
    /// Draws the order of a campaign; the same arguments give the same order.
    pub fn draw(
        experiment: &Experiment,
        protocol: &Protocol,
        frameworks: &[String],
        seed: u64,
    ) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut all: Vec<_> = frameworks.iter().map(|f| Subject::plain(f)).collect();
        if frameworks.contains(&experiment.baseline) {
            all.push(Subject::twin(&experiment.baseline));
        }
        let starts = (0..protocol.starts)
            .map(|_| shuffled(&all, &mut rng))
            .collect();
        let mut number = 0;
        let launches = (1..=protocol.launches)
            .map(|launch| {
                let starts = shuffled(&all, &mut rng)
                    .into_iter()
                    .map(|s| (s, rand::Rng::random_range(&mut rng, 0..=MAX_PADDING)))
                    .collect();
                let mut blocks = Vec::new();
                for _ in 0..share(protocol.blocks, protocol.launches, launch) {
                    for (scenario, mode) in shuffled(&cells(experiment), &mut rng) {
                        number += 1;
                        blocks.push(Block {
                            number,
                            scenario,
                            mode,
                            order: shuffled(&all, &mut rng),
                        });
                    }
                }
                Launch {
                    number: launch,
                    starts,
                    blocks,
                }
            })
            .collect();
        Self { starts, launches }
    }

    /// The number of windows.
    pub fn windows(&self) -> usize {
        self.launches.iter().map(Launch::windows).sum()
    }

    /// The number of blocks.
    pub fn blocks(&self) -> usize {
        self.launches.iter().map(|l| l.blocks.len()).sum()
    }
}

fn cells(experiment: &Experiment) -> Vec<(Scenario, Mode)> {
    experiment
        .scenarios
        .iter()
        .flat_map(|s| experiment.modes.iter().map(|m| (*s, m.clone())))
        .collect()
}

/// The blocks of one launch when all are spread as evenly as they can be.
fn share(blocks: u32, launches: u32, launch: u32) -> u32 {
    blocks / launches + u32::from(launch <= blocks % launches)
}

fn shuffled<T: Clone>(items: &[T], rng: &mut ChaCha8Rng) -> Vec<T> {
    let mut items = items.to_vec();
    items.shuffle(rng);
    items
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::plan::experiment::Arrival;

    fn experiment() -> Experiment {
        let protocol = Protocol {
            launches: 3,
            blocks: 12,
            lead_in: Duration::from_millis(200),
            window: Duration::from_millis(700),
            starts: 20,
        };
        Experiment {
            name: "test".to_owned(),
            title: String::new(),
            question: String::new(),
            baseline: "a".to_owned(),
            frameworks: vec![],
            scenarios: vec![Scenario::Plaintext, Scenario::Json],
            modes: vec![Mode {
                name: "saturation".to_owned(),
                connections: 64,
                arrival: Arrival::Closed,
            }],
            full: protocol,
            quick: protocol,
        }
    }

    proptest! {
        #[test]
        fn every_block_holds_every_server_once_and_the_baseline_twice(
            seed: u64, launches in 1u32..5, extra in 0u32..20, frameworks in 1usize..8
        ) {
            let experiment = experiment();
            let protocol = Protocol { launches, blocks: launches + extra, ..experiment.full };
            let names: Vec<String> = ('a'..).take(frameworks).map(String::from).collect();
            let schedule = Schedule::draw(&experiment, &protocol, &names, seed);
            prop_assert_eq!(schedule.launches.len(), launches as usize);
            let mut cells: BTreeMap<_, u32> = BTreeMap::new();
            let mut numbers = Vec::new();
            for block in schedule.launches.iter().flat_map(|l| &l.blocks) {
                let mut order = block.order.clone();
                order.sort();
                order.dedup();
                prop_assert_eq!(order.len(), frameworks + 1);
                prop_assert_eq!(block.order.len(), frameworks + 1);
                *cells.entry(block.scenario).or_default() += 1;
                numbers.push(block.number);
            }
            prop_assert!(cells.values().all(|n| *n == protocol.blocks));
            prop_assert!(numbers.is_sorted() && numbers.windows(2).all(|w| w[0] != w[1]));
            prop_assert_eq!(&schedule, &Schedule::draw(&experiment, &protocol, &names, seed));
        }
    }

    #[test]
    fn a_block_measured_again_has_the_same_servers_in_an_order_of_its_own() {
        let names: Vec<String> = ('a'..='h').map(String::from).collect();
        let experiment = experiment();
        let block = &Schedule::draw(&experiment, &experiment.full, &names, 1).launches[0].blocks[0];
        let (once, twice) = (block.again(101, 1), block.again(102, 1));
        assert_eq!(once, block.again(101, 1));
        assert_ne!(once.order, twice.order);
        let sorted = |block: &Block| {
            let mut order = block.order.clone();
            order.sort();
            order
        };
        assert_eq!(sorted(&once), sorted(block));
        assert_eq!((once.scenario, once.number), (block.scenario, 101));
    }

    #[test]
    fn no_position_in_a_block_is_reserved() {
        let experiment = experiment();
        let names: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
        let protocol = Protocol {
            blocks: 200,
            ..experiment.full
        };
        let schedule = Schedule::draw(&experiment, &protocol, &names, 1);
        let mut first: BTreeMap<_, u32> = BTreeMap::new();
        for block in schedule.launches.iter().flat_map(|l| &l.blocks) {
            *first.entry(block.order[0].clone()).or_default() += 1;
        }
        // 400 blocks, 4 servers: 100 firsts each, sd 8.7.
        assert!(first.values().all(|n| (60..140).contains(n)), "{first:?}");
    }
}
