//! The order of everything in a campaign, from one seed.
//!
//! Launches, blocks and frameworks are crossed: a launch starts all servers fresh; a block
//! is one round over all of them for one scenario and mode, in a fresh random order. The
//! order inside a block is random and never alternates, because a neighbour with a period
//! would always hit the same server. The baseline is in each block twice, as itself and as
//! its twin, at random positions.

use std::collections::BTreeMap;
use std::time::Duration;

use catalog::Scenario;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use record::{ProtocolKind, layout};

use super::experiment::{Arrival, Experiment, Mode, Protocol, TWIN};
use super::stages::stages;
use super::turns::Turns;

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
    /// Whether it is one server again and again, warmed up before its first window only.
    pub in_a_row: bool,
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

    /// The thrown-away beginning of the window at a position, from 0.
    pub fn lead_in(&self, position: usize, protocol: &Protocol) -> Duration {
        if self.in_a_row && position > 0 {
            Duration::ZERO
        } else {
            protocol.lead_in
        }
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
    /// After which launches to look at the precision, with the blocks a cell by then.
    pub looks: BTreeMap<u32, u32>,
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
        match protocol.kind {
            ProtocolKind::Crossed => Self::crossed(experiment, protocol, &all, starts, &mut rng),
            ProtocolKind::Article | ProtocolKind::Soak => {
                Self::article(experiment, protocol, &all, starts, &mut rng)
            }
        }
    }

    fn crossed(
        experiment: &Experiment,
        protocol: &Protocol,
        all: &[Subject],
        starts: Vec<Vec<Subject>>,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut turns = Turns::new(all, &experiment.baseline);
        let mut launches: Vec<Launch> = Vec::new();
        let mut looks = BTreeMap::new();
        let mut number = 0;
        for stage in stages(protocol) {
            for launch in 1..=stage.launches {
                let starts = padded(&shuffled(all, rng), rng);
                let mut blocks = Vec::new();
                let count = turns.blocks_for(stage.blocks);
                for _ in 0..share(count, stage.launches, launch) {
                    let mut cells = shuffled(&cells(experiment), rng);
                    // What can be answered is seen before a share of it is offered.
                    cells.sort_by_key(|(_, (_, mode))| matches!(mode.arrival, Arrival::Share(_)));
                    for (cell, (scenario, mode)) in cells {
                        number += 1;
                        blocks.push(Block {
                            number,
                            scenario,
                            mode,
                            order: turns.next(cell, rng),
                            in_a_row: false,
                        });
                    }
                }
                launches.push(Launch {
                    number: launches.len() as u32 + 1,
                    starts,
                    blocks,
                });
            }
            looks.extend(stage.look.map(|look| (launches.len() as u32, look)));
        }
        Self {
            starts,
            launches,
            looks,
        }
    }

    /// One server after the other: a launch for each, a block for each of its cells, a window
    /// for each of its samples.
    fn article(
        experiment: &Experiment,
        protocol: &Protocol,
        all: &[Subject],
        starts: Vec<Vec<Subject>>,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut number = 0;
        let launches = (1..)
            .zip(shuffled(all, rng))
            .map(|(launch, subject)| {
                let blocks = (cells(experiment).into_iter())
                    .map(|(_, (scenario, mode))| {
                        number += 1;
                        Block {
                            number,
                            scenario,
                            mode,
                            order: vec![subject.clone(); protocol.blocks as usize],
                            in_a_row: true,
                        }
                    })
                    .collect();
                Launch {
                    number: launch,
                    starts: padded(&[subject], rng),
                    blocks,
                }
            })
            .collect();
        Self {
            starts,
            launches,
            looks: BTreeMap::new(),
        }
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

/// Every scenario in every mode, numbered.
fn cells(experiment: &Experiment) -> Vec<(usize, (Scenario, Mode))> {
    let modes = |s: &Scenario| {
        let scenario = *s;
        experiment.modes.iter().map(move |m| (scenario, m.clone()))
    };
    (experiment.scenarios.iter())
        .flat_map(modes)
        .enumerate()
        .collect()
}

fn padded(subjects: &[Subject], rng: &mut ChaCha8Rng) -> Vec<(Subject, usize)> {
    (subjects.iter())
        .map(|s| (s.clone(), rand::Rng::random_range(rng, 0..=MAX_PADDING)))
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
mod tests;
