//! Whether the launches of a server reached a steady state, and what its first windows cost.
//!
//! The servers of a block take turns, so a launch's windows of one server are seconds apart and
//! belong to several scenarios and modes. Each is therefore taken relative to what is usual for
//! its server there (the median of the campaign), which makes one series of the launch. It is
//! read twice: *beside the others*, relative to the median of the others in the same block, so
//! that what the machine did to all is gone, and *by itself*, with all that. The first sees smaller steps
//! and not what all servers share; the second sees that, and the machine's moods.

use std::collections::BTreeMap;

use record::{CampaignFile, Metric};
use stats::segments::{LEAST, Segment};
use stats::steady::{self, Class, Shape};
use stats::{Interval, paired, summary};

use super::LEAST_INTERVAL;
use crate::frames::{Key, Observed, Samples};

/// A framework has no steady state when more than this share of its launches has none.
pub const FLAGGED_SHARE: f64 = 0.2;
/// Stretches whose means differ by no more (log units) are one.
const MARGIN: f64 = 0.02;

/// How a series of windows is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Relative to the other servers of the same block.
    Beside,
    /// As it is.
    Itself,
}

/// One launch of a server.
#[derive(Debug, Clone)]
pub struct LaunchShape {
    /// The launch.
    pub launch: u32,
    /// Scenario and mode where the launch's windows of each were measured in a row; nothing
    /// where they took turns and are one series.
    pub cell: Option<(String, String)>,
    /// The number of windows.
    pub windows: usize,
    /// Its class.
    pub class: Class,
    /// The stretches between change points; means in log units, relative to what is usual.
    pub segments: Vec<Segment>,
}

/// What the first window of a launch cost.
#[derive(Debug, Clone, Copy)]
pub struct FirstWindow {
    /// Its CPU time per request over that of the launch's later windows of the same scenario
    /// and mode, a geometric mean over launches.
    pub ratio: f64,
    /// Its interval.
    pub interval: Option<Interval>,
    /// The number of launches.
    pub launches: usize,
}

/// What is said of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steady {
    /// Its launches come to rest.
    Reached,
    /// Too many of them do not.
    NotReached,
    /// Their windows are too few to tell.
    Unknown,
}

impl Steady {
    /// The verdict in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reached => "steady",
            Self::NotReached => "no steady state",
            Self::Unknown => "too few windows",
        }
    }
}

/// Whether the launches of one server reached a steady state.
#[derive(Debug, Clone)]
pub struct Steadiness {
    /// The framework's name.
    pub framework: String,
    /// Its variant, empty for the framework as declared.
    pub variant: String,
    /// Its launches beside the other servers; none where no block holds two servers.
    pub beside: Vec<LaunchShape>,
    /// Its launches by themselves.
    pub itself: Vec<LaunchShape>,
    /// The step in the middle of a launch (log units) that shows in about three of four.
    pub least_step: Option<f64>,
    /// What its first windows cost.
    pub first: Option<FirstWindow>,
}

impl Steadiness {
    /// The reading that the verdict goes by, and its launches.
    pub fn judged(&self) -> (View, &[LaunchShape]) {
        match self.beside.is_empty() {
            true => (View::Itself, &self.itself),
            false => (View::Beside, &self.beside),
        }
    }

    /// Launches without a steady state, of those that have enough windows to tell.
    pub fn flagged(&self) -> (usize, usize) {
        let told = || (self.judged().1.iter()).filter(|l| l.windows >= 2 * LEAST);
        let flagged = told().filter(|l| l.class == Class::Unsteady).count();
        (flagged, told().count())
    }

    /// What is said of the server.
    pub fn verdict(&self) -> Steady {
        match self.flagged() {
            (_, 0) => Steady::Unknown,
            (flagged, of) if flagged as f64 > FLAGGED_SHARE * of as f64 => Steady::NotReached,
            _ => Steady::Reached,
        }
    }
}

/// One window under load.
struct Window<'a> {
    launch: u32,
    block: u32,
    cell: (&'a str, &'a str),
    /// The logarithm of the CPU time per request, relative to what is usual for the server.
    value: f64,
}

/// A framework and its variant.
type Server<'a> = (&'a str, &'a str);
/// The windows of each server, in the order of time.
type Servers<'a> = BTreeMap<Server<'a>, Vec<Window<'a>>>;

/// Every server that has windows under load, by name, where they take turns in blocks.
pub(crate) fn in_turn(file: &CampaignFile, observed: &Observed, level: f64) -> Vec<Steadiness> {
    let series = observed.iter().map(|(key, series)| {
        let values = series.blocks.iter();
        let values = values.filter_map(|b| Some((b.launch, b.block, b.ln?)));
        (key, values.collect())
    });
    of(&servers(file, series), false, level)
}

/// As [`in_turn`], where the windows of each are in a row.
pub(crate) fn in_a_row(file: &CampaignFile, samples: &Samples, level: f64) -> Vec<Steadiness> {
    let series = samples.iter().map(|(key, samples)| {
        let values = samples.iter().map(|s| (s.launch, s.block, s.value.ln()));
        (key, values.filter(|(_, _, ln)| ln.is_finite()).collect())
    });
    of(&servers(file, series), true, level)
}

/// Where servers are `alone`, no block holds two of them.
fn of(servers: &Servers<'_>, alone: bool, level: f64) -> Vec<Steadiness> {
    let blocks = blocks(servers);
    (servers.iter())
        .map(|((framework, variant), windows)| {
            let itself = launches(windows, alone, |w| Some(w.value), steady::penalty);
            let others = |w: &Window<'_>| {
                let others: Vec<f64> = (blocks[&w.block].iter())
                    .filter(|(server, _)| *server != (*framework, *variant))
                    .map(|(_, value)| *value)
                    .collect();
                // Not the mean: a server that changes must not show in all others.
                Some(w.value - summary::median(&others)?)
            };
            let (beside, penalty): (_, fn(usize) -> f64) = match alone {
                true => (Vec::new(), steady::penalty),
                false => (
                    launches(windows, false, others, steady::penalty_beside),
                    steady::penalty_beside,
                ),
            };
            let judged = if alone { &itself } else { &beside };
            Steadiness {
                framework: (*framework).to_owned(),
                variant: (*variant).to_owned(),
                least_step: least_step(judged, penalty),
                beside,
                itself,
                first: first_window(windows, level),
            }
        })
        .collect()
}

/// From launch, block and logarithm of every window.
fn servers<'a>(
    file: &CampaignFile,
    series: impl Iterator<Item = (&'a Key, Vec<(u32, u32, f64)>)>,
) -> Servers<'a> {
    let design = &file.design;
    let mut servers = Servers::new();
    for (key, logs) in series {
        let is_load = (design.scenarios.iter()).any(|s| s.name == key.scenario)
            && (design.modes.iter()).any(|m| m.name == key.mode);
        if key.metric != Metric::CpuPerRequest || !is_load {
            continue;
        }
        let all: Vec<f64> = logs.iter().map(|(_, _, ln)| *ln).collect();
        let Some(usual) = summary::median(&all) else {
            continue;
        };
        let windows = servers.entry((&key.framework, &key.variant)).or_default();
        windows.extend(logs.iter().map(|(launch, block, ln)| Window {
            launch: *launch,
            block: *block,
            cell: (&key.scenario, &key.mode),
            value: ln - usual,
        }));
    }
    for windows in servers.values_mut() {
        // Blocks are numbered in the order of time; what was measured again came last in its
        // launch and has the highest numbers.
        windows.sort_by_key(|w| (w.launch, w.block));
    }
    servers
}

/// Who had which value in each block.
fn blocks<'a>(servers: &Servers<'a>) -> BTreeMap<u32, Vec<(Server<'a>, f64)>> {
    let mut blocks: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for (server, windows) in servers {
        for window in windows {
            let values = blocks.entry(window.block).or_default();
            values.push((*server, window.value));
        }
    }
    blocks
}

/// The shape of each launch; where windows are in a row, of each scenario and mode in it.
fn launches<'a>(
    windows: &[Window<'a>],
    in_a_row: bool,
    value: impl Fn(&Window<'a>) -> Option<f64>,
    penalty: impl Fn(usize) -> f64,
) -> Vec<LaunchShape> {
    let together =
        |a: &Window<'_>, b: &Window<'_>| a.launch == b.launch && (!in_a_row || a.block == b.block);
    (windows.chunk_by(together))
        .filter_map(|launch| {
            let costs: Vec<f64> = launch.iter().filter_map(&value).collect();
            let Shape {
                class, segments, ..
            } = steady::classify_by(&costs, MARGIN, penalty(costs.len()))?;
            let (scenario, mode) = launch[0].cell;
            Some(LaunchShape {
                launch: launch[0].launch,
                cell: in_a_row.then(|| (scenario.to_owned(), mode.to_owned())),
                windows: costs.len(),
                class,
                segments,
            })
        })
        .collect()
}

/// What a launch of typical length and scatter shows.
fn least_step(launches: &[LaunchShape], penalty: fn(usize) -> f64) -> Option<f64> {
    let scatter = |launch: &LaunchShape| {
        let spread = |s: &Segment| s.sd * s.sd * s.len() as f64;
        let sum: f64 = launch.segments.iter().map(spread).sum();
        (sum / launch.windows as f64).sqrt()
    };
    let sds: Vec<f64> = launches.iter().map(scatter).collect();
    let lengths: Vec<f64> = launches.iter().map(|l| l.windows as f64).collect();
    let (sd, n) = (summary::median(&sds)?, summary::median(&lengths)? as usize);
    steady::least_step(sd, n, penalty(n))
}

fn first_window(windows: &[Window<'_>], level: f64) -> Option<FirstWindow> {
    let differences: Vec<f64> = (windows.chunk_by(|a, b| a.launch == b.launch))
        .filter_map(|launch| {
            let (first, later) = launch.split_first()?;
            let later: Vec<f64> = (later.iter())
                .filter(|w| w.cell == first.cell)
                .map(|w| w.value)
                .collect();
            Some(first.value - summary::mean(&later)?)
        })
        .collect();
    let interval = (differences.len() >= LEAST_INTERVAL)
        .then(|| paired::t(&differences, level).ok())
        .flatten()
        .map(|ratio| ratio.interval);
    Some(FirstWindow {
        ratio: summary::mean(&differences)?.exp(),
        interval,
        launches: differences.len(),
    })
}
