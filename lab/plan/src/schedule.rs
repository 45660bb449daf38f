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
use record::layout;

use super::experiment::{Experiment, Mode, Protocol, TWIN};
use super::kinds::Drawn;

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
    /// How long.
    pub times: Times,
}

/// How long the windows of a block are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// The thrown-away beginning; of a row that of its first window only.
    pub lead_in: Duration,
    /// The measured part.
    pub window: Duration,
    /// What a window of this kind takes beside these and what every one takes
    /// ([`super::estimate::WINDOW_OVERHEAD`]).
    pub beside: Duration,
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
    pub fn lead_in(&self, position: usize) -> Duration {
        if self.in_a_row && position > 0 {
            Duration::ZERO
        } else {
            self.times.lead_in
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
        let mut all: Vec<_> = frameworks.iter().map(|f| Subject::plain(f)).collect();
        if frameworks.contains(&experiment.baseline) {
            all.push(Subject::twin(&experiment.baseline));
        }
        let mut deal = Deal {
            experiment,
            all,
            rng: ChaCha8Rng::seed_from_u64(seed),
            numbered: 0,
        };
        let starts = (0..protocol.starts)
            .map(|_| deal.shuffled(&deal.all.clone()))
            .collect();
        let Drawn { launches, looks } = protocol.plan().draw(&mut deal);
        Self {
            starts,
            launches,
            looks,
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

/// What a kind of experiment draws its launches and blocks with.
pub struct Deal<'a> {
    /// Of what.
    pub experiment: &'a Experiment,
    /// All servers, the baseline's twin included.
    pub all: Vec<Subject>,
    /// By lot.
    pub rng: ChaCha8Rng,
    numbered: u32,
}

impl Deal<'_> {
    /// Every scenario in every mode, numbered.
    pub fn cells(&self) -> Vec<(usize, (Scenario, Mode))> {
        let modes = |s: &Scenario| {
            let scenario = *s;
            let modes = self.experiment.modes.iter();
            modes.map(move |m| (scenario, m.clone()))
        };
        (self.experiment.scenarios.iter())
            .flat_map(modes)
            .enumerate()
            .collect()
    }

    /// The number of the next block.
    pub fn number(&mut self) -> u32 {
        self.numbered += 1;
        self.numbered
    }

    /// In an order by lot.
    pub fn shuffled<T: Clone>(&mut self, items: &[T]) -> Vec<T> {
        shuffled(items, &mut self.rng)
    }

    /// With padding by lot.
    pub fn padded(&mut self, subjects: Vec<Subject>) -> Vec<(Subject, usize)> {
        let rng = &mut self.rng;
        (subjects.into_iter())
            .map(|s| (s, rand::Rng::random_range(rng, 0..=MAX_PADDING)))
            .collect()
    }

    /// One server after the other: a launch for each, a block for each of its cells, so many
    /// windows in a row in each.
    pub fn one_after_the_other(&mut self, windows: u32, times: Times) -> Drawn {
        let cells = self.cells();
        let line = self.shuffled(&self.all.clone());
        let launches = (1..).zip(line).map(|(launch, subject)| Launch {
            number: launch,
            blocks: (cells.iter().cloned())
                .map(|(_, (scenario, mode))| Block {
                    number: self.number(),
                    scenario,
                    mode,
                    order: vec![subject.clone(); windows as usize],
                    in_a_row: true,
                    times,
                })
                .collect(),
            starts: self.padded(vec![subject]),
        });
        Drawn {
            launches: launches.collect(),
            looks: BTreeMap::new(),
        }
    }
}

fn shuffled<T: Clone>(items: &[T], rng: &mut ChaCha8Rng) -> Vec<T> {
    let mut items = items.to_vec();
    items.shuffle(rng);
    items
}

#[cfg(test)]
mod tests;
