//! Percentiles over all requests of a campaign, from merged histograms: percentiles are never
//! averaged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hdrhistogram::Histogram;
use record::layout::subject;
use record::{Campaign, LatencyKind, Metric, ProtocolKind, RecordError, histogram};
use stats::random::Stream;
use stats::{Interval, student, summary};

use super::LEAST_INTERVAL;
use super::question::Question;
use crate::frames::{Attempt, Key, Observed, Series};

/// How often the blocks are drawn anew for an interval.
const RESAMPLES: usize = 400;
const SEED: u64 = 20_130_623;

/// A percentile over all requests of one server, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Percentile {
    pub point: f64,
    pub interval: Option<Interval>,
    /// Whether requests that failed could move it, had they been answered later.
    pub at_least: bool,
}

/// All percentiles of a campaign; each histogram is read once.
pub(super) struct Latencies<'a> {
    campaign: &'a Campaign,
    level: f64,
    /// Whether the table has all windows that the logs can have.
    whole: bool,
    read: BTreeMap<(String, String, String), Requests>,
}

impl<'a> Latencies<'a> {
    /// With intervals of this level; of a campaign whose table is `whole`, or not.
    pub(super) fn of(campaign: &'a Campaign, level: f64, whole: bool) -> Self {
        Self {
            whole,
            campaign,
            level,
            read: BTreeMap::new(),
        }
    }

    /// What a latency question asks of some variants of a framework, taken together, in the
    /// blocks that count; nothing for other questions and where there were no requests.
    pub(super) fn percentile(
        &mut self,
        question: &Question,
        observed: &Observed,
        framework: &str,
        variants: &[&str],
    ) -> Result<Option<Percentile>, RecordError> {
        let quantile = match question.metric {
            Metric::LatencyP50 => 0.5,
            Metric::LatencyP99 => 0.99,
            Metric::LatencyP999 => 0.999,
            _ => return Ok(None),
        };
        let key = (
            question.scenario.clone(),
            question.mode.clone(),
            subject(framework, &variants.join("+")),
        );
        let windows: Vec<(&str, Vec<Attempt>)> = (variants.iter())
            .map(|variant| (*variant, windows(question, observed, framework, variant)))
            .collect();
        if !self.read.contains_key(&key) {
            let requests =
                Requests::read(self.campaign, self.whole, question, framework, &windows)?;
            self.read.insert(key.clone(), requests);
        }
        let counting: BTreeSet<u32> = (windows.iter())
            .flat_map(|(_, attempts)| attempts.iter())
            .filter(|attempt| attempt.counts)
            .map(|attempt| attempt.block)
            .collect();
        Ok(self.read[&key].percentile(&counting, quantile, self.level))
    }
}

/// All windows of a server in the question's scenario and mode: each has a throughput.
fn windows(
    question: &Question,
    observed: &Observed,
    framework: &str,
    variant: &str,
) -> Vec<Attempt> {
    let key = Key {
        scenario: question.scenario.clone(),
        mode: question.mode.clone(),
        metric: Metric::Throughput,
        framework: framework.to_owned(),
        variant: variant.to_owned(),
    };
    observed.get(&key).map_or_else(Vec::new, Series::attempts)
}

/// The requests of one server: how many of which latency, block by block.
struct Requests {
    /// The latencies that occurred, in order, in ns.
    values: Vec<u64>,
    /// How many were no longer than each of them, block by block.
    blocks: Vec<Counts>,
}

/// The requests of one block.
struct Counts {
    number: u32,
    /// How many took no longer than each of the latencies, failed ones included, which are in
    /// there with the time until they failed.
    up_to: Vec<u64>,
    /// Of these, those that failed; nothing where none did.
    failed: Vec<u64>,
}

/// How many requests of a block had which latency.
#[derive(Default)]
struct Block {
    all: BTreeMap<u64, u64>,
    failed: BTreeMap<u64, u64>,
}

impl Requests {
    /// Reads what was recorded of a framework's variants; their windows of a block belong
    /// together. A log does not name blocks, but it has a line for each window of the table, in
    /// the order in which they were measured; lines behind that are of a block that was cut off.
    fn read(
        campaign: &Campaign,
        whole: bool,
        question: &Question,
        framework: &str,
        variants: &[(&str, Vec<Attempt>)],
    ) -> Result<Self, RecordError> {
        let mut blocks: BTreeMap<u32, Block> = BTreeMap::new();
        for (variant, attempts) in variants {
            let subject = subject(framework, variant);
            let logs = (campaign.dir).hlogs(&question.scenario, &question.mode, &subject)?;
            for (launch, path) in logs {
                let mine = || attempts.iter().filter(|a| a.launch == launch);
                let windows = windows_of(&path)?;
                let numbers: Vec<u32> = match campaign.file.method.protocol {
                    // One long window, with a line for each of its intervals.
                    ProtocolKind::Soak => mine()
                        .flat_map(|attempt| vec![attempt.block; windows.len()])
                        .take(windows.len())
                        .collect(),
                    ProtocolKind::Crossed | ProtocolKind::Article => mine()
                        .flat_map(|attempt| vec![attempt.block; attempt.windows])
                        .collect(),
                };
                // Lines behind those of the table are of a block that was cut off.
                if windows.len() < numbers.len() || (whole && windows.len() > numbers.len()) {
                    return Err(RecordError::Malformed {
                        what: "interval log",
                        path,
                        problem: format!(
                            "it has {} windows and the table of observations {}, so nobody can tell which are missing: restore the file, or remove it and go without these latencies",
                            windows.len(),
                            numbers.len()
                        ),
                    });
                }
                for (number, window) in numbers.into_iter().zip(&windows) {
                    let block = blocks.entry(number).or_default();
                    add(&mut block.all, &window.all);
                    if let Some(failed) = &window.failed {
                        add(&mut block.failed, failed);
                    }
                }
            }
        }
        let mut values: Vec<u64> = (blocks.values())
            .flat_map(|block| block.all.keys())
            .copied()
            .collect();
        values.sort_unstable();
        values.dedup();
        let row = |block: &BTreeMap<u64, u64>| {
            let mut below = 0;
            let mut counts = block.iter().peekable();
            let up_to = |value: &u64| {
                while let Some((_, count)) = counts.next_if(|(v, _)| *v <= value) {
                    below += count;
                }
                below
            };
            values.iter().map(up_to).collect()
        };
        Ok(Self {
            blocks: (blocks.iter())
                .map(|(number, block)| Counts {
                    number: *number,
                    up_to: row(&block.all),
                    failed: match block.failed.is_empty() {
                        true => Vec::new(),
                        false => row(&block.failed),
                    },
                })
                .collect(),
            values,
        })
    }

    /// The quantile of all requests of some blocks, and an interval on its logarithm from
    /// drawing blocks anew: blocks, not requests, are what repeats. The spread of the draws is
    /// used and not their percentiles, which would be too close together for few blocks.
    fn percentile(
        &self,
        counting: &BTreeSet<u32>,
        quantile: f64,
        level: f64,
    ) -> Option<Percentile> {
        let every: Vec<usize> = (0..self.blocks.len())
            .filter(|i| counting.contains(&self.blocks[*i].number))
            .collect();
        let mut once = vec![0; self.blocks.len()];
        every.iter().for_each(|i| once[*i] = 1);
        let (point, at_least) = self.quantile(&once, quantile)?;
        let n = every.len() as f64;
        let mut stream = Stream::new(SEED);
        let draws: Vec<f64> = (0..RESAMPLES)
            .filter_map(|_| {
                let mut times = vec![0; self.blocks.len()];
                for _ in &every {
                    times[every[stream.index(every.len())]] += 1;
                }
                self.quantile(&times, quantile).map(|(drawn, _)| drawn.ln())
            })
            .collect();
        let interval = student::factor(level, n - 1.0)
            .filter(|_| every.len() >= LEAST_INTERVAL)
            .zip(summary::sd(&draws))
            .map(|(factor, sd)| factor * sd * (n / (n - 1.0)).sqrt())
            .map(|half| Interval {
                low: point * (-half).exp(),
                high: point * half.exp(),
            });
        Some(Percentile {
            point,
            interval,
            at_least,
        })
    }

    /// The quantile of all blocks together, each taken so many times, in microseconds; and whether
    /// it is only a lower bound, because without the requests that failed by then too few are
    /// known to have been no longer.
    fn quantile(&self, times: &[u64], quantile: f64) -> Option<(f64, bool)> {
        let up_to = |i: usize| -> u64 {
            let blocks = self.blocks.iter().zip(times);
            blocks.map(|(block, times)| block.up_to[i] * times).sum()
        };
        let failed = |i: usize| -> u64 {
            let blocks = self.blocks.iter().zip(times);
            blocks
                .map(|(block, times)| block.failed.get(i).copied().unwrap_or(0) * times)
                .sum()
        };
        let total = up_to(self.values.len().checked_sub(1)?);
        (total > 0).then_some(())?;
        let wanted = ((total as f64 * quantile).ceil() as u64).max(1);
        let (mut least, mut most) = (0, self.values.len());
        while least < most {
            let middle = least.midpoint(most);
            match up_to(middle) < wanted {
                true => least = middle + 1,
                false => most = middle,
            }
        }
        let value = *self.values.get(least)? as f64 / 1000.0;
        Some((value, up_to(least) - failed(least) < wanted))
    }
}

/// What a log says of one window.
struct Window {
    all: Histogram<u64>,
    failed: Option<Histogram<u64>>,
}

/// The windows of a log, in its order; a window's failed requests stand behind it.
fn windows_of(path: &Path) -> Result<Vec<Window>, RecordError> {
    let kinds = [LatencyKind::Intended, LatencyKind::Failed];
    let mut windows: Vec<Window> = Vec::new();
    for line in histogram::read_kinds(path, &kinds)? {
        match line.kind {
            LatencyKind::Failed => {
                if let Some(window) = windows.last_mut() {
                    window.failed = Some(line.histogram);
                }
            }
            _ => windows.push(Window {
                all: line.histogram,
                failed: None,
            }),
        }
    }
    Ok(windows)
}

fn add(to: &mut BTreeMap<u64, u64>, histogram: &Histogram<u64>) {
    for bucket in histogram.iter_recorded() {
        *to.entry(bucket.value_iterated_to()).or_default() += bucket.count_at_value();
    }
}
