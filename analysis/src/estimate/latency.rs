//! Percentiles over all requests of a campaign, from merged histograms: percentiles are never
//! averaged.

use std::collections::BTreeMap;

use record::layout::subject;
use record::{Campaign, LatencyKind, Metric, RecordError, histogram};
use stats::random::Stream;
use stats::{Interval, student, summary};

use super::question::Question;
use super::{LEAST_INTERVAL, LEVEL};

/// How often the blocks are drawn anew for an interval.
const RESAMPLES: usize = 400;
const SEED: u64 = 20_130_623;

/// A percentile over all requests of one server, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Percentile {
    pub point: f64,
    pub interval: Option<Interval>,
}

/// All percentiles of a campaign; each histogram is read once.
pub(super) struct Latencies<'a> {
    campaign: &'a Campaign,
    read: BTreeMap<(String, String, String), Requests>,
}

impl<'a> Latencies<'a> {
    pub(super) fn of(campaign: &'a Campaign) -> Self {
        Self {
            campaign,
            read: BTreeMap::new(),
        }
    }

    /// What a latency question asks of some variants of a framework, taken together; nothing
    /// for other questions and where there were no requests.
    pub(super) fn percentile(
        &mut self,
        question: &Question,
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
        if !self.read.contains_key(&key) {
            let requests = Requests::read(self.campaign, question, framework, variants)?;
            self.read.insert(key.clone(), requests);
        }
        Ok(self.read[&key].percentile(quantile))
    }
}

/// The requests of one server: how many of which latency, block by block.
struct Requests {
    /// The latencies that occurred, in order, in ns.
    values: Vec<u64>,
    /// How many were no longer than each of them, a row a block.
    blocks: Vec<Vec<u64>>,
}

impl Requests {
    /// Reads what was recorded of a framework's variants. A block is a launch and the
    /// how-many-eth window in it; the variants' windows of a block belong together.
    fn read(
        campaign: &Campaign,
        question: &Question,
        framework: &str,
        variants: &[&str],
    ) -> Result<Self, RecordError> {
        let mut blocks: BTreeMap<(u32, usize), BTreeMap<u64, u64>> = BTreeMap::new();
        for variant in variants {
            let subject = subject(framework, variant);
            for launch in 1..=campaign.file.design.launches {
                let path = campaign
                    .dir
                    .hlog(&question.scenario, &question.mode, &subject, launch);
                if !path.exists() {
                    continue;
                }
                let windows = histogram::read(&path, LatencyKind::Intended)?;
                for (nth, window) in windows.iter().enumerate() {
                    let block = blocks.entry((launch, nth)).or_default();
                    for bucket in window.histogram.iter_recorded() {
                        *block.entry(bucket.value_iterated_to()).or_default() +=
                            bucket.count_at_value();
                    }
                }
            }
        }
        let mut values: Vec<u64> = blocks.values().flat_map(BTreeMap::keys).copied().collect();
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
            blocks: blocks.values().map(row).collect(),
            values,
        })
    }

    /// The quantile of all requests, and an interval on its logarithm from drawing blocks anew:
    /// blocks, not requests, are what repeats. The spread of the draws is used and not their
    /// percentiles, which would be too close together for few blocks.
    fn percentile(&self, quantile: f64) -> Option<Percentile> {
        let blocks = self.blocks.len();
        let point = self.quantile(&vec![1; blocks], quantile)?;
        let n = blocks as f64;
        let mut stream = Stream::new(SEED);
        let draws: Vec<f64> = (0..RESAMPLES)
            .filter_map(|_| {
                let mut times = vec![0; blocks];
                for _ in 0..blocks {
                    times[stream.index(blocks)] += 1;
                }
                self.quantile(&times, quantile).map(f64::ln)
            })
            .collect();
        let interval = student::factor(LEVEL, n - 1.0)
            .filter(|_| self.blocks.len() >= LEAST_INTERVAL)
            .zip(summary::sd(&draws))
            .map(|(factor, sd)| factor * sd * (n / (n - 1.0)).sqrt())
            .map(|half| Interval {
                low: point * (-half).exp(),
                high: point * half.exp(),
            });
        Some(Percentile { point, interval })
    }

    /// The quantile of all blocks together, each taken so many times, in microseconds.
    fn quantile(&self, times: &[u64], quantile: f64) -> Option<f64> {
        let up_to = |i: usize| -> u64 {
            let blocks = self.blocks.iter().zip(times);
            blocks.map(|(counts, times)| counts[i] * times).sum()
        };
        let total = up_to(self.values.len().checked_sub(1)?);
        let wanted = ((total as f64 * quantile).ceil() as u64).max(1);
        let (mut least, mut most) = (0, self.values.len());
        while least < most {
            let middle = least.midpoint(most);
            match up_to(middle) < wanted {
                true => least = middle + 1,
                false => most = middle,
            }
        }
        Some(*self.values.get(least)? as f64 / 1000.0)
    }
}
