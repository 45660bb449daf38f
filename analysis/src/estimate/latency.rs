//! Percentiles over all requests of a campaign, from merged histograms: percentiles are never
//! averaged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hdrhistogram::Histogram;
use record::layout::subject;
use record::metric::Value;
use record::{Campaign, LatencyKind, Metric, RecordError, histogram};
use stats::random::Stream;
use stats::{Interval, student, summary};

use super::LEAST_INTERVAL;
use super::question::Question;
use crate::frames::{Attempt, Key, Observed, Series};
use crate::kinds::Kind;

/// How often the blocks are drawn anew for an interval.
const RESAMPLES: usize = 400;
const SEED: u64 = 20_130_623;

/// The shares of requests of a curve: further apart the fewer are left.
const SHARES: [f64; 12] = [
    0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999,
];
/// A curve ends where fewer requests than this took longer.
const LEAST_BEYOND: f64 = 10.0;

/// How long a share of the requests took at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// The share.
    pub share: f64,
    /// Microseconds.
    pub us: f64,
    /// Whether requests that failed could move it.
    pub at_least: bool,
}

/// A percentile over all requests of one server, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Percentile {
    pub point: f64,
    pub interval: Option<Interval>,
    /// Whether requests that failed could move it, had they been answered later.
    pub at_least: bool,
}

/// How the slowest requests of a table are spread over its blocks.
///
/// The interval of a percentile comes from drawing blocks anew, which tells how other blocks would
/// have come out only where many of them share what is slow. One stall of 10 ms at 4,000 requests a
/// second makes 40 slow requests. In a block that has 24 beyond its percentile on average, others
/// balance that; where 2 are usual, the percentile is made of the few blocks that had a stall, and
/// of real blocks drawn anew the interval of p99.9 held the value of all of them in 63 % (nominal
/// 95 %), in 5 % where no such block had been drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    /// Requests beyond the percentile of all, a block.
    pub slow_a_block: f64,
    /// The share of them that the worst tenth of the blocks holds.
    pub worst_tenth: f64,
    /// With how many blocks of equal share these would come out as unequal (Kish 1965), as a
    /// share of all blocks.
    pub effective: f64,
}

impl Tail {
    /// Below so many slow requests a block, a single stall is worth several blocks.
    const LEAST_SLOW: f64 = 10.0;
    /// At least so large a share of the blocks has to count.
    const LEAST_EFFECTIVE: f64 = 0.25;

    /// Whether blocks drawn anew tell how far the percentile can be trusted.
    pub fn is_even(&self) -> bool {
        self.slow_a_block >= Self::LEAST_SLOW && self.effective >= Self::LEAST_EFFECTIVE
    }

    /// From the slow requests of each block.
    fn of(slow: &[u64]) -> Option<Self> {
        let sum = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
        let all = sum(slow);
        (all > 0.0).then_some(())?;
        let squares: f64 = slow.iter().map(|n| (*n as f64).powi(2)).sum();
        let mut worst = slow.to_vec();
        worst.sort_unstable_by(|a, b| b.cmp(a));
        Some(Self {
            slow_a_block: all / slow.len() as f64,
            worst_tenth: sum(&worst[..slow.len().div_ceil(10)]) / all,
            effective: all * all / squares / slow.len() as f64,
        })
    }
}

/// All percentiles of a campaign; each histogram is read once.
pub(super) struct Latencies<'a> {
    campaign: &'a Campaign,
    kind: &'a dyn Kind,
    level: f64,
    /// Whether the table has all windows that the logs can have.
    whole: bool,
    read: BTreeMap<(String, String, String), Requests>,
}

impl<'a> Latencies<'a> {
    /// With intervals of this level; of a campaign whose table is `whole`, or not.
    pub(super) fn of(campaign: &'a Campaign, kind: &'a dyn Kind, level: f64, whole: bool) -> Self {
        Self {
            whole,
            campaign,
            kind,
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
        let Some(quantile) = quantile_of(question.metric) else {
            return Ok(None);
        };
        let key = key(question, framework, variants);
        let windows: Vec<(&str, Vec<Attempt>)> = (variants.iter())
            .map(|variant| {
                (
                    *variant,
                    self.windows(question, observed, framework, variant),
                )
            })
            .collect();
        if !self.read.contains_key(&key) {
            let requests = self.requests(question, framework, &windows)?;
            self.read.insert(key.clone(), requests);
        }
        let counting = counting(windows.iter().flat_map(|(_, attempts)| attempts));
        Ok(self.read[&key].percentile(&counting, quantile, self.level))
    }

    /// All windows of a server in the question's scenario and mode.
    fn windows(
        &self,
        question: &Question,
        observed: &Observed,
        framework: &str,
        variant: &str,
    ) -> Vec<Attempt> {
        let key = Key {
            scenario: question.scenario.clone(),
            mode: question.mode.clone(),
            metric: self.campaign.file.method.protocol.beat(),
            framework: framework.to_owned(),
            variant: variant.to_owned(),
        };
        observed.get(&key).map_or_else(Vec::new, Series::attempts)
    }

    /// Reads what was recorded of a framework's variants; their windows of a block belong
    /// together. A log does not name blocks, but it has a line for each window of the table that
    /// has a value, in the order in which they were measured; lines behind that are of a block
    /// that was cut off.
    fn requests(
        &self,
        question: &Question,
        framework: &str,
        variants: &[(&str, Vec<Attempt>)],
    ) -> Result<Requests, RecordError> {
        let mut blocks: BTreeMap<u32, Block> = BTreeMap::new();
        for (variant, attempts) in variants {
            let subject = subject(framework, variant);
            let logs = (self.campaign.dir).hlogs(&question.scenario, &question.mode, &subject)?;
            for (launch, path) in logs {
                let mine = attempts.iter().filter(|a| a.launch == launch);
                let mine: Vec<Attempt> = mine.copied().collect();
                let windows = windows_of(&path)?;
                let numbers = self.kind.logged(&mine, windows.len());
                // Lines behind those of the table are of a block that was cut off.
                if windows.len() < numbers.len() || (self.whole && windows.len() > numbers.len()) {
                    return Err(RecordError::Malformed {
                        what: "interval log",
                        path,
                        problem: format!(
                            "it has {} windows and the table of observations {} with a value, so nobody can tell which are missing: restore the file, or remove it and go without these latencies",
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
        Ok(Requests::of(&blocks))
    }

    /// How long so many of all requests took at most, for growing shares; as far as at least
    /// [`LEAST_BEYOND`] requests took longer.
    pub(super) fn curve(
        &mut self,
        question: &Question,
        observed: &Observed,
        framework: &str,
        variants: &[&str],
    ) -> Result<Vec<Quantile>, RecordError> {
        // Reads what was not asked for before.
        if self
            .percentile(question, observed, framework, variants)?
            .is_none()
        {
            return Ok(Vec::new());
        }
        let windows: Vec<Attempt> = (variants.iter())
            .flat_map(|variant| self.windows(question, observed, framework, variant))
            .collect();
        let counting = counting(&windows);
        let requests = &self.read[&key(question, framework, variants)];
        let times: Vec<u64> = (requests.blocks.iter())
            .map(|block| u64::from(counting.contains(&block.number)))
            .collect();
        let total: u64 = (requests.blocks.iter().zip(&times))
            .filter_map(|(block, times)| Some(block.up_to.last()? * times))
            .sum();
        Ok((SHARES.into_iter())
            .filter(|share| total as f64 * (1.0 - share) >= LEAST_BEYOND)
            .filter_map(|share| {
                let (us, at_least) = requests.quantile(&times, share)?;
                Some(Quantile {
                    share,
                    us,
                    at_least,
                })
            })
            .collect())
    }

    /// How what is slow is spread over the blocks that count, of servers whose percentile was
    /// asked for before: those requests that are beyond the percentile of all of them.
    pub(super) fn tail(
        &self,
        question: &Question,
        observed: &Observed,
        servers: &[(&str, Vec<&str>)],
    ) -> Option<Tail> {
        let quantile = quantile_of(question.metric)?;
        let servers: Vec<(&Requests, BTreeSet<u32>)> = (servers.iter())
            .filter_map(|(framework, variants)| {
                let windows: Vec<Attempt> = (variants.iter())
                    .flat_map(|variant| self.windows(question, observed, framework, variant))
                    .collect();
                let requests = self.read.get(&key(question, framework, variants))?;
                Some((requests, counting(&windows)))
            })
            .collect();
        Tail::of(&slow(&servers, quantile))
    }
}

/// The requests of each block that are beyond the quantile of all of them.
fn slow(servers: &[(&Requests, BTreeSet<u32>)], quantile: f64) -> Vec<u64> {
    let blocks = || {
        (servers.iter()).flat_map(|(requests, counting)| {
            let counts = (requests.blocks.iter()).filter(|block| counting.contains(&block.number));
            counts.map(|block| (*requests, &block.up_to))
        })
    };
    let up_to = |(requests, counts): (&Requests, &Vec<u64>), value: u64| {
        let values = requests.values.partition_point(|v| *v <= value);
        values.checked_sub(1).map_or(0, |last| counts[last])
    };
    let all = |value| blocks().map(|block| up_to(block, value)).sum::<u64>();
    let wanted = (all(u64::MAX) as f64 * quantile).ceil() as u64;
    let (mut least, mut most) = (0, histogram::HIGHEST_NS * 2);
    while least < most {
        let middle = least.midpoint(most);
        match all(middle) < wanted {
            true => least = middle + 1,
            false => most = middle,
        }
    }
    blocks()
        .map(|block| up_to(block, u64::MAX) - up_to(block, least))
        .collect()
}

/// The share of requests that a latency metric is the bound of.
fn quantile_of(metric: Metric) -> Option<f64> {
    match metric.about().value {
        Value::Quantile(share) => Some(share),
        _ => None,
    }
}

fn key(question: &Question, framework: &str, variants: &[&str]) -> (String, String, String) {
    (
        question.scenario.clone(),
        question.mode.clone(),
        subject(framework, &variants.join("+")),
    )
}

fn counting<'a>(attempts: impl IntoIterator<Item = &'a Attempt>) -> BTreeSet<u32> {
    (attempts.into_iter())
        .filter(|attempt| attempt.counts)
        .map(|attempt| attempt.block)
        .collect()
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
    /// From how many requests of which latency there were in each block.
    fn of(blocks: &BTreeMap<u32, Block>) -> Self {
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
        Self {
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
        }
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Every block of the published headline campaign's open loops, whoever was asked.
    fn real() -> Requests {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports/unpinned/headline/histograms");
        let mut logs: Vec<_> = walk(&folder);
        logs.sort();
        let mut blocks = BTreeMap::new();
        for log in logs {
            for window in histogram::read(&log, LatencyKind::Intended).unwrap() {
                let number = blocks.len() as u32;
                let block: &mut Block = blocks.entry(number).or_default();
                for bucket in window.histogram.iter_recorded() {
                    *block.all.entry(bucket.value_iterated_to()).or_default() +=
                        bucket.count_at_value();
                }
            }
        }
        Requests::of(&blocks)
    }

    fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
        let entries = |folder: &Path| -> Vec<_> {
            let read = std::fs::read_dir(folder).unwrap();
            read.map(|entry| entry.unwrap().path()).collect()
        };
        (entries(folder).iter())
            .filter(|modes| modes.to_string_lossy().ends_with(".rate"))
            .flat_map(|modes| entries(modes))
            .collect()
    }

    /// Campaigns of seven servers with twelve blocks each, drawn from real blocks that are all
    /// taken as one machine's: where a range is given, it holds the percentile of all blocks.
    #[test]
    fn a_range_holds_the_percentile_of_all_blocks_or_is_not_given() {
        let all = real();
        let every: BTreeSet<u32> = all.blocks.iter().map(|block| block.number).collect();
        let numbers: Vec<u32> = every.iter().copied().collect();
        assert!(numbers.len() > 200, "{}", numbers.len());
        let mut stream = Stream::new(7);
        for (quantile, name) in [(0.5, "p50"), (0.99, "p99"), (0.999, "p99.9")] {
            let truth = all.percentile(&every, quantile, 0.95).unwrap().point;
            let (mut given, mut bare, mut holds, mut ranges) = (0, 0, 0, 0);
            for _ in 0..20 {
                let servers: Vec<(&Requests, BTreeSet<u32>)> = (0..7)
                    .map(|_| {
                        let mut drawn = BTreeSet::new();
                        while drawn.len() < 12 {
                            drawn.insert(numbers[stream.index(numbers.len())]);
                        }
                        (&all, drawn)
                    })
                    .collect();
                let is_even = Tail::of(&slow(&servers, quantile)).unwrap().is_even();
                for (requests, drawn) in &servers[..2] {
                    let found = requests.percentile(drawn, quantile, 0.95).unwrap();
                    let inside = usize::from(found.interval.unwrap().contains(truth));
                    ranges += 1;
                    bare += inside;
                    given += usize::from(is_even);
                    holds += inside * usize::from(is_even);
                }
            }
            println!(
                "{name}: a range in {given} of {ranges}, which holds the percentile of all in {holds}; without the rule {bare}"
            );
            assert!(10 * holds >= 9 * given, "{name}: {holds} of {given}");
            match name {
                "p99.9" => assert!(given == 0 && 10 * bare < 9 * ranges),
                _ => assert!(4 * given >= 3 * ranges, "{name}: {given} of {ranges}"),
            }
        }
    }

    #[test]
    fn a_tail_is_even_where_blocks_share_it() {
        let even = Tail::of(&[20; 30]).unwrap();
        assert!((even.effective - 1.0).abs() < 1e-9 && even.is_even());
        assert!((even.worst_tenth - 0.1).abs() < 1e-9);
        let mut one = [20; 30];
        one[4] = 3000;
        let uneven = Tail::of(&one).unwrap();
        assert!(uneven.worst_tenth > 0.8 && !uneven.is_even());
        assert!(
            !Tail::of(&[2; 30]).unwrap().is_even(),
            "two a block may be one stall"
        );
        assert!(Tail::of(&[0; 30]).is_none());
    }
}
