//! What is there of what was planned.

use std::collections::{BTreeMap, BTreeSet};

use super::cast::Place;
use super::{Ledger, Tally};
use crate::campaign::{CampaignFile, Status};
use crate::completeness::{Finding, FindingKind};
use crate::kinds::Rows;
use crate::layout::subject;
use crate::metric::Metric;
use crate::reader::Campaign;

/// A server and what was asked how: the key under which series are compared.
type Server<'a> = (&'a str, &'a str);
type Cell = (u16, u16);

/// What of the campaign as a whole is not as it was planned.
pub(super) fn whole(campaign: &Campaign, ledger: &Ledger<'_>, ignored: u64) -> Vec<Finding> {
    let file = &campaign.file;
    let mut found = groups(file, ledger);
    if file.status == Status::Complete && ignored > 0 {
        found.push(Finding::new(FindingKind::Tail, "", ignored, 0u32));
    }
    found
}

/// What of one server is not as it was planned.
pub(super) fn parts(campaign: &Campaign, ledger: &Ledger<'_>) -> Vec<Finding> {
    let file = &campaign.file;
    let count = Count::new(file, ledger);
    let mut found = count.under_load();
    found.extend(count.references());
    found.extend(count.outside());
    let baseline = &file.design.baseline;
    let mut frameworks = file.frameworks.iter();
    if !file.frameworks.is_empty() && !frameworks.any(|f| f.name == *baseline) {
        found.push(Finding::new(FindingKind::Baseline, baseline, 0u32, 1u32));
    }
    found
}

fn groups(file: &CampaignFile, ledger: &Ledger<'_>) -> Vec<Finding> {
    let (known, groups) = (&ledger.known, &ledger.groups);
    let complete = file.status == Status::Complete;
    // The groups of an older collected campaign are not told apart.
    let grouped = |planned: Option<u32>| planned.filter(|_| !groups.is_mixed());
    // Nobody is called short who has not begun: that is what `cut off` says.
    [
        (FindingKind::Blocks, groups.planned_blocks(), known.blocks),
        (
            // One that was announced is measured before a campaign is complete.
            FindingKind::Repeats,
            groups.repeated_blocks(),
            Some(file.course.repeats.len() as u32).filter(|_| complete),
        ),
        (
            FindingKind::Starts,
            groups.starts,
            grouped(Some(known.starts)),
        ),
        (
            FindingKind::Launches,
            groups.memory.min(groups.idle),
            grouped(known.launches).filter(|_| complete),
        ),
        (FindingKind::Duets, groups.duets, grouped(known.duets)),
    ]
    .into_iter()
    .filter_map(|(kind, here, planned)| {
        let planned = planned.filter(|planned| here != *planned)?;
        Some(Finding::new(kind, "", here, planned))
    })
    .collect()
}

/// The series of a table, by what they are compared with.
struct Count<'a> {
    file: &'a CampaignFile,
    /// What the kind of experiment has to leave.
    rows: &'static dyn Rows,
    ledger: &'a Ledger<'a>,
    servers: Vec<Server<'a>>,
    load: BTreeMap<(Cell, Metric, Server<'a>), &'a Tally>,
    other: BTreeMap<(&'a str, Server<'a>), &'a Tally>,
    /// Before the long windows of a soak.
    reference: BTreeMap<(Metric, Server<'a>), &'a Tally>,
}

impl<'a> Count<'a> {
    fn new(file: &'a CampaignFile, ledger: &'a Ledger<'a>) -> Self {
        let design = &file.design;
        let mut servers = Vec::new();
        for framework in file.frameworks.iter().filter(|f| f.excluded.is_none()) {
            servers.push((framework.name.as_str(), ""));
            if framework.name == design.baseline {
                servers.push((framework.name.as_str(), design.twin.as_str()));
            }
        }
        let (mut load, mut other) = (BTreeMap::new(), BTreeMap::new());
        let mut reference = BTreeMap::new();
        for tally in &ledger.series {
            let series = &tally.series;
            let server = (series.framework.as_str(), series.variant.as_str());
            match series.place {
                Place::Load(scenario, mode) => {
                    load.insert(((scenario, mode), series.metric, server), tally);
                }
                Place::Size | Place::Start | Place::Idle | Place::Memory => {
                    other.insert((series.mode.as_str(), server), tally);
                }
                Place::Reference => {
                    reference.insert((series.metric, server), tally);
                }
                Place::Duet => {}
            }
        }
        Self {
            file,
            rows: file.method.protocol.rows(),
            ledger,
            servers,
            load,
            other,
            reference,
        }
    }

    /// Windows under load: each server has its turns, and each window its values.
    fn under_load(&self) -> Vec<Finding> {
        let (file, known) = (self.file, &self.ledger.known);
        let design = &file.design;
        let mut ended: BTreeMap<Cell, u32> = BTreeMap::new();
        for cell in self.ledger.groups.blocks.values().flatten() {
            *ended.entry(*cell).or_default() += 1;
        }
        let mut found = Vec::new();
        for (s, scenario) in (0..).zip(&design.scenarios) {
            for (m, mode) in (0..).zip(&design.modes) {
                let cell = (s, m);
                let measured: BTreeSet<Metric> = (self.load.keys())
                    .filter(|(of, ..)| *of == cell)
                    .map(|(_, metric, _)| *metric)
                    .collect();
                for server in &self.servers {
                    let of = |metric: Metric| self.load.get(&(cell, metric, *server)).copied();
                    let name = subject(server.0, server.1);
                    let place = format!("{name} in {} {}", scenario.name, mode.name);
                    let rate = of(self.rows.beat());
                    let turns = rate.map_or(0, |t| t.blocks);
                    let windows = rate.map_or(0, |t| t.windows);
                    let planned = self.turns(ended.get(&cell).copied().unwrap_or(0));
                    if turns < planned {
                        let kind = FindingKind::Turns;
                        found.push(Finding::new(kind, &place, turns, planned));
                    }
                    let planned = u64::from(turns) * self.rows.windows(file, known.parts);
                    if windows != planned {
                        let kind = FindingKind::Windows;
                        found.push(Finding::new(kind, &place, windows, planned));
                    }
                    for metric in &measured {
                        let Some((here, planned)) = self.values(*metric, of(*metric), rate) else {
                            continue;
                        };
                        if here < planned {
                            let of = format!("{} of {place}", metric.name());
                            found.push(Finding::new(FindingKind::Values, of, here, planned));
                        }
                    }
                }
            }
        }
        found
    }

    /// The blocks that each server has to be in, of a scenario and mode of which so many are
    /// there.
    fn turns(&self, ended: u32) -> u32 {
        let known = &self.ledger.known;
        let in_turn = !self.rows.one_after_the_other();
        if in_turn && known.all_in_each {
            ended
        } else if self.file.status != Status::Complete {
            // What a campaign that was broken off owes cannot be told.
            0
        } else if in_turn {
            let stopped = self.file.course.stopped.as_ref().map(|s| s.at);
            stopped.unwrap_or(self.file.design.blocks)
        } else {
            known.parts
        }
    }

    /// How many values of a metric a server has, and how many it has to have: as many as it has
    /// rates, which every window has.
    fn values(
        &self,
        metric: Metric,
        of: Option<&Tally>,
        rate: Option<&Tally>,
    ) -> Option<(u64, u64)> {
        let rate = rate?;
        // Only some servers can say it.
        if of.is_none()
            && matches!(
                metric,
                Metric::InstructionsPerRequest | Metric::SpinPerRequest | Metric::Goroutines
            )
        {
            return None;
        }
        let here = of.map_or(0, |t| t.windows);
        let planned = self.rows.values(metric, rate.windows, rate.blocks);
        Some((here, planned))
    }

    /// Each server of a soak is read before its window for what is read during it.
    fn references(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let told: BTreeSet<Metric> = self.reference.keys().map(|(metric, _)| *metric).collect();
        for server in &self.servers {
            for metric in &told {
                let during: u32 = (self.load.iter())
                    .filter(|((_, of, who), _)| of == metric && who == server)
                    .map(|(_, tally)| tally.blocks)
                    .sum();
                let before = self.reference.get(&(*metric, *server));
                let here = before.map_or(0, |tally| tally.blocks);
                if here < during {
                    let name = subject(server.0, server.1);
                    let of = format!("{} of {name} before its windows", metric.name());
                    found.push(Finding::new(FindingKind::Values, of, here, during));
                }
            }
        }
        found
    }

    /// Cold starts, memory and sizes.
    fn outside(&self) -> Vec<Finding> {
        let (known, groups) = (&self.ledger.known, &self.ledger.groups);
        let mixed = groups.is_mixed();
        let alone = self.rows.one_after_the_other();
        let launches = |here: u32| match alone {
            _ if mixed => self.file.design.launches,
            false => here,
            true => known.parts,
        };
        let planned = [
            ("size", 1),
            ("cold", if mixed { known.starts } else { groups.starts }),
            ("idle", launches(groups.idle)),
            ("load", launches(groups.memory)),
            ("after", launches(groups.memory)),
        ];
        let mut found = Vec::new();
        for (mode, planned) in planned {
            // Some machines cannot tell memory of anyone.
            let told =
                ["size", "cold"].contains(&mode) || self.other.keys().any(|(of, _)| *of == mode);
            let broken_off = self.file.status != Status::Complete && (mode == "size" || alone);
            if !told || broken_off {
                continue;
            }
            let servers = self.servers.iter();
            for server in servers.filter(|s| mode != "size" || s.1.is_empty()) {
                let tally = self.other.get(&(mode, *server)).copied();
                let here = tally.map_or(0, |t| t.blocks);
                if here < planned {
                    let name = subject(server.0, server.1);
                    let of = match mode {
                        "size" => format!("the size of {name}"),
                        "cold" => format!("cold starts of {name}"),
                        mode => format!("memory of {name} ({mode})"),
                    };
                    found.push(Finding::new(FindingKind::Values, of, here, planned));
                }
            }
        }
        found
    }
}
