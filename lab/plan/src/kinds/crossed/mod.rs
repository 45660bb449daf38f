//! Launches, blocks and servers crossed, in random order: the servers take turns in short
//! windows, and are compared within a block.

mod stages;
mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use place::Problem;
use record::{Method, Metric, ProtocolKind};

use super::keys::{Keys, of_protocol};
use super::{Amounts, Drawn, Kind, Plan};
use crate::claims::Primary;
use crate::experiment::{Arrival, Mode};
use crate::schedule::{Block, Deal, Launch, Schedule, Times};
use stages::stages;
use turns::Turns;

const KEYS: [&str; 5] = ["launches", "blocks", "lead_in_ms", "window_ms", PRECISION];
const PRECISION: &str = "precision_percent";
const MOST_BLOCKS: u32 = 10_000;

/// The half-widths to reach where nothing else is said.
const USUAL_PRECISION: [(Metric, f64); 3] = [
    (Metric::CpuPerRequest, 0.02),
    (Metric::Throughput, 0.03),
    (Metric::LatencyP99, 0.10),
];

/// How often and how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossed {
    /// Fresh starts of all servers.
    pub launches: u32,
    /// Blocks for each scenario and mode, over all launches.
    pub blocks: u32,
    /// The thrown-away beginning of a window.
    pub lead_in: Duration,
    /// The measured part of a window.
    pub window: Duration,
    /// Where this is not empty, blocks are added until each primary ratio is so precise: half
    /// the width of its interval, a relative difference.
    pub precision: BTreeMap<Metric, f64>,
}

impl Crossed {
    pub(super) fn read(mut keys: Keys) -> Result<Self, Problem> {
        keys.only(&KEYS)?;
        let launches: u32 = keys.need("launches")?;
        let blocks: u32 = keys.need("blocks")?;
        let precision = keys.may::<BTreeMap<String, f64>>(PRECISION)?;
        let precision = precision
            .map(|p| checked_precision(&p, blocks))
            .transpose()?;
        if !(1..=MOST_BLOCKS).contains(&blocks) {
            let what = format!("blocks is {blocks}, allowed are 1 to {MOST_BLOCKS}");
            return Err(of_protocol("blocks", what));
        }
        if !(1..=blocks).contains(&launches) {
            let what =
                format!("launches is {launches}, allowed are 1 to the number of blocks ({blocks})");
            return Err(of_protocol("launches", what));
        }
        Ok(Self {
            launches,
            blocks,
            lead_in: keys.lead_in("lead_in_ms")?,
            window: keys.window()?,
            precision: precision.unwrap_or_default(),
        })
    }

    /// Asks for the precision that is usual for each of the primary metrics, unless the
    /// experiment says its own.
    pub fn be_precise(&mut self, primary: &BTreeSet<Metric>) {
        if self.precision.is_empty() {
            self.precision = BTreeMap::from(USUAL_PRECISION);
            self.precision.retain(|metric, _| primary.contains(metric));
        }
    }

    fn times(&self) -> Times {
        Times {
            lead_in: self.lead_in,
            window: self.window,
            beside: Duration::ZERO,
        }
    }
}

impl Kind {
    /// Its keys where servers take turns, which is what a comparison of two versions and waiting
    /// for precision need; nothing of any other kind.
    pub fn as_crossed(&mut self) -> Option<&mut Crossed> {
        match self {
            Self::Crossed(crossed) => Some(crossed),
            _ => None,
        }
    }
}

fn checked_precision(
    percents: &BTreeMap<String, f64>,
    blocks: u32,
) -> Result<BTreeMap<Metric, f64>, Problem> {
    if percents.is_empty() {
        return Ok(BTreeMap::new());
    }
    let first = stats::stopping::LOOKS[0] as u32;
    if blocks != first {
        let problem =
            format!("who waits for precision looks first at {first} blocks: set blocks to {first}");
        return Err(of_protocol("blocks", problem));
    }
    (percents.iter())
        .map(|(name, percent)| {
            let bad = |what: String| {
                let problem = Problem::at(name, what);
                problem.within(["protocol".into(), PRECISION.into()])
            };
            let metric = Primary::named(name).map_err(bad)?.0;
            if (0.01..=10_000.0).contains(percent) {
                Ok((metric, percent / 100.0))
            } else {
                Err(bad(format!(
                    "{PRECISION} has {percent}, allowed are 0.01 to 10000"
                )))
            }
        })
        .collect()
}

impl Plan for Crossed {
    fn kind(&self) -> ProtocolKind {
        ProtocolKind::Crossed
    }

    fn draw(&self, deal: &mut Deal<'_>) -> Drawn {
        let mut turns = Turns::new(&deal.all, &deal.experiment.baseline, &deal.experiment.known);
        let mut drawn = Drawn::default();
        for stage in stages(self) {
            for launch in 1..=stage.launches {
                let starts = deal.shuffled(&deal.all.clone());
                let starts = deal.padded(starts);
                let mut blocks = Vec::new();
                let count = turns.blocks_for(stage.blocks);
                for _ in 0..share(count, stage.launches, launch) {
                    let mut cells = deal.shuffled(&deal.cells());
                    // What can be answered is seen before a share of it is offered.
                    cells.sort_by_key(|(_, (_, mode))| matches!(mode.arrival, Arrival::Share(_)));
                    for (cell, (scenario, mode)) in cells {
                        blocks.push(Block {
                            number: deal.number(),
                            scenario,
                            mode,
                            order: turns.next(cell, &mut deal.rng),
                            in_a_row: false,
                            times: self.times(),
                        });
                    }
                }
                drawn.launches.push(Launch {
                    number: drawn.launches.len() as u32 + 1,
                    starts,
                    blocks,
                });
            }
            let last = drawn.launches.len() as u32;
            drawn.looks.extend(stage.look.map(|look| (last, look)));
        }
        drawn
    }

    fn amounts(&self, _servers: u32) -> Amounts {
        let stages = stages(self);
        Amounts {
            launches: stages.iter().map(|s| s.launches).sum(),
            blocks: stages.iter().map(|s| s.blocks).sum(),
            lead_in: self.lead_in,
            window: self.window,
        }
    }

    fn note(&self, method: &mut Method) {
        let named = |(metric, target): (&Metric, &f64)| (metric.name().to_owned(), *target);
        method.precision = self.precision.iter().map(named).collect();
        method.looks = stages(self).iter().filter_map(|s| s.look).collect();
        method.level = (!self.precision.is_empty()).then_some(stats::stopping::LEVEL);
    }

    fn suits(&self, _modes: &[Mode], primary: &BTreeSet<Metric>) -> Result<(), Problem> {
        let Some(metric) = self.precision.keys().find(|m| !primary.contains(m)) else {
            return Ok(());
        };
        let what = format!(
            "who waits for the precision of {} has to declare it primary: add it to primary",
            metric.name()
        );
        let problem = Problem::at(metric.name(), what);
        Err(problem.within(["protocol".into(), PRECISION.into()]))
    }

    fn words(&self, schedule: &Schedule) -> String {
        let (lead_in, window) = (self.lead_in.as_millis(), self.window.as_millis());
        let looks: Vec<_> = schedule.looks.values().map(u32::to_string).collect();
        let blocks = match looks.as_slice() {
            [] => format!("{} blocks", self.blocks),
            looks => format!("{} blocks, as precision needs,", looks.join(" or ")),
        };
        format!(
            "{} launches, {blocks} for each scenario and mode, {} windows of {lead_in} ms + {window} ms",
            schedule.launches.len(),
            schedule.windows(),
        )
    }
}

/// The blocks of one launch when all are spread as evenly as they can be.
fn share(blocks: u32, launches: u32, launch: u32) -> u32 {
    blocks / launches + u32::from(launch <= blocks % launches)
}
