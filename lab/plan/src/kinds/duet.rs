//! Launches of two servers at a time: what each compares, in which order, and for how long.

use std::time::Duration;

use catalog::Scenario;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use record::comparison::SPIN;
use record::{DuetDesign, DuetKind};

use crate::estimate;
use crate::experiment::{Arrival, Mode};
use crate::schedule::{Block, MAX_PADDING, Schedule, Subject, Times};

/// The order is drawn from a stream of its own, so that it does not depend on how many blocks
/// were drawn before it.
const STREAM: u64 = 1 << 32;

/// What the others burn for each request where one server burns more on purpose, in ns: as
/// little as there is, so that all of them pay for reading the clock.
pub const LEAST_SPIN: u64 = 1;

/// How two servers at a time are measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Duet {
    /// What is asked.
    pub scenario: Scenario,
    /// Requests per second to each server.
    pub rate: f64,
    /// The most connections to each server.
    pub connections: u32,
    /// What is compared, each in launches of its own.
    pub kinds: Vec<DuetKind>,
    /// Launches of each kind.
    pub launches: u32,
    /// The thrown-away beginning of a launch's load.
    pub lead_in: Duration,
    /// The measured part of it.
    pub window: Duration,
    /// The extra work of a control's request.
    pub spin: Duration,
    /// Numbers of launches of each kind at which to look whether they are enough; empty to
    /// take all.
    pub looks: Vec<u32>,
    /// In how many layouts of its functions each program is linked.
    pub layouts: u32,
    /// The half-width of the first kind's ratio that is enough, a relative difference.
    pub half_width: f64,
}

impl Duet {
    /// What a comparison takes: launches until the ratio of the versions is known to half a
    /// percent.
    pub fn full(scenario: Scenario) -> Self {
        Self {
            scenario,
            // Two servers share a CPU and must not queue for it: every framework of the
            // line-up takes less than half of it at this rate.
            rate: 6000.0,
            connections: 16,
            kinds: DuetKind::ALL.to_vec(),
            launches: 96,
            lead_in: Duration::from_millis(100),
            window: Duration::from_millis(500),
            spin: Duration::from_nanos(1000),
            looks: vec![24, 32, 40, 48, 64, 96],
            layouts: 24,
            half_width: 0.005,
        }
    }

    /// The smoke test's form.
    pub fn quick(scenario: Scenario) -> Self {
        Self {
            launches: 3,
            looks: Vec::new(),
            layouts: 3,
            lead_in: Duration::from_millis(100),
            window: Duration::from_millis(300),
            ..Self::full(scenario)
        }
    }

    /// What the campaign file says of it.
    pub fn design(&self) -> DuetDesign {
        DuetDesign {
            scenario: self.scenario.name().to_owned(),
            rate: self.rate,
            connections: self.connections,
            kinds: self.kinds.clone(),
            launches: self.launches,
            lead_in_ms: self.lead_in.as_millis() as u64,
            window_ms: self.window.as_millis() as u64,
            spin_ns: self.spin.as_nanos() as u64,
            looks: self.looks.clone(),
            layouts: self.layouts,
            half_width: self.half_width,
        }
    }

    /// The launches in their order: each round has one of each kind, by lot, and each kind has
    /// either server first in half of its launches.
    ///
    /// They are numbered on from the schedule's launches and, since disturbed blocks may be
    /// measured again, from twice its blocks.
    pub fn draw(&self, schedule: &Schedule, base: &str, new: &str, seed: u64) -> Vec<Pair> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(STREAM);
        let mut sides = Vec::new();
        let mut layouts = Vec::new();
        for _ in &self.kinds {
            layouts.push(self.deal(&mut rng).into_iter());
            let mut side: Vec<bool> = (0..self.launches).map(|i| i % 2 == 0).collect();
            side.shuffle(&mut rng);
            sides.push(side.into_iter());
        }
        let (launches, blocks) = (schedule.launches.len() as u32, schedule.blocks() as u32);
        let mut pairs = Vec::new();
        for _ in 0..self.launches {
            let mut kinds: Vec<usize> = (0..self.kinds.len()).collect();
            kinds.shuffle(&mut rng);
            for kind in kinds {
                let number = pairs.len() as u32 + 1;
                let base_first = sides[kind].next() == Some(true);
                let layouts = layouts[kind].next().unwrap_or_default();
                let kind = self.kinds[kind];
                pairs.push(Pair {
                    number,
                    launch: launches + number,
                    block: 2 * blocks + number,
                    kind,
                    subjects: subjects(kind, base, new),
                    base_first,
                    layouts,
                    padding: [(); 2].map(|()| rng.random_range(0..=MAX_PADDING)),
                    seed: rng.random(),
                });
            }
        }
        pairs
    }

    /// The layouts of both sides, launch by launch: over as many launches as there are layouts
    /// each side runs every one of them once, and both sides never the same one, as two copies
    /// of one program in one layout would be more alike than two versions are.
    fn deal(&self, rng: &mut ChaCha8Rng) -> Vec<[usize; 2]> {
        let count = self.layouts.max(1) as usize;
        let mut dealt = Vec::new();
        while dealt.len() < self.launches as usize {
            let mut order: Vec<usize> = (0..count).collect();
            order.shuffle(rng);
            let shift = match count {
                1 => 0,
                _ => rng.random_range(1..count),
            };
            dealt.extend((0..count).map(|i| [order[i], order[(i + shift) % count]]));
        }
        dealt
    }

    /// Why it can only be measured with the servers on the lab's own machine, see
    /// [`super::Plan::only_here`].
    pub fn only_here(&self) -> &'static str {
        "two versions are compared by duet on one machine"
    }

    /// The time that one launch takes.
    pub fn takes(&self) -> Duration {
        2 * estimate::LAUNCH_OF_ONE + self.lead_in + self.window + estimate::WINDOW_OVERHEAD
    }

    /// The load of one launch as a block of the plan.
    pub fn block(&self, pair: &Pair) -> Block {
        Block {
            number: pair.block,
            scenario: self.scenario,
            mode: Mode {
                name: pair.kind.mode().to_owned(),
                connections: self.connections,
                arrival: Arrival::Rate(self.rate),
            },
            order: pair
                .order()
                .map(|side| pair.subjects[side].clone())
                .to_vec(),
            in_a_row: false,
            times: Times {
                lead_in: self.lead_in,
                window: self.window,
                beside: Duration::ZERO,
            },
        }
    }
}

/// One launch of two servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// From 1.
    pub number: u32,
    /// Its launch in the raw data.
    pub launch: u32,
    /// Its block in the raw data.
    pub block: u32,
    /// What it compares.
    pub kind: DuetKind,
    /// The base, and what is compared with it.
    pub subjects: [Subject; 2],
    /// Whether the base is started and loaded first.
    pub base_first: bool,
    /// Which layout of its program each one runs.
    pub layouts: [usize; 2],
    /// The padding of each one's environment.
    pub padding: [usize; 2],
    /// The seed of the arrivals. Both servers get the same gaps, so that bursts cost both the
    /// same, but from moments that are milliseconds apart: which server a request finds busy
    /// is still by chance.
    pub seed: u64,
}

impl Pair {
    /// The name of its group in the raw data.
    pub fn group(&self) -> String {
        format!("duet {}", self.number)
    }

    /// The two sides in the order in which they are started and loaded.
    pub fn order(&self) -> [usize; 2] {
        if self.base_first { [0, 1] } else { [1, 0] }
    }
}

fn subjects(kind: DuetKind, base: &str, new: &str) -> [Subject; 2] {
    let other = match kind {
        DuetKind::Versions => Subject::plain(new),
        DuetKind::Twins => Subject::twin(base),
        DuetKind::Control => Subject {
            framework: base.to_owned(),
            variant: SPIN.to_owned(),
        },
    };
    [Subject::plain(base), other]
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn empty() -> Schedule {
        Schedule {
            starts: Vec::new(),
            launches: Vec::new(),
            looks: BTreeMap::new(),
        }
    }

    #[test]
    fn sides_are_swapped_and_kinds_mixed() {
        let duet = Duet::full(Scenario::Json);
        let pairs = duet.draw(&empty(), "gin", "gin-new", 7);
        assert_eq!(pairs.len(), 3 * 96);
        for kind in DuetKind::ALL {
            let mine = || pairs.iter().filter(|p| p.kind == kind);
            assert_eq!(mine().filter(|p| p.base_first).count(), 48, "{kind:?}");
        }
        for round in pairs.chunks(3) {
            let kinds: BTreeSet<_> = round.iter().map(|p| p.kind).collect();
            assert_eq!(kinds.len(), 3);
        }
        for kind in DuetKind::ALL {
            let mine: Vec<_> = (pairs.iter())
                .filter(|p| p.kind == kind)
                .map(|p| p.layouts)
                .collect();
            assert!(mine.iter().all(|[one, other]| one != other));
            for round in mine.chunks(duet.layouts as usize) {
                for side in 0..2 {
                    let run: BTreeSet<_> = round.iter().map(|l| l[side]).collect();
                    assert_eq!(run.len(), duet.layouts as usize);
                }
            }
        }
        assert_eq!(pairs, duet.draw(&empty(), "gin", "gin-new", 7));
        assert_ne!(pairs, duet.draw(&empty(), "gin", "gin-new", 8));
    }
}
