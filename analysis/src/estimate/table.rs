//! One question, answered for every server of the campaign.

use std::collections::{BTreeMap, BTreeSet};

use record::{Campaign, CampaignFile, Class, Flag, Metric};
use stats::launches::{Component, Design};
use stats::noise_floor::NoiseFloor;
use stats::{Interval, absolute, noise_floor, summary};

use super::LEAST_INTERVAL;
use super::latency::{Latencies, Quantile, Tail};
use super::pairing::{self, Logs};
use super::pairs::Pairs;
use super::question::Question;
use super::row::{Role, Row};
use super::verdict::{Bound, Verdict};
use crate::error::AnalysisError;
use crate::frames::{Block, Key, Observed, Sample, Series};
use crate::kinds::Kind;

/// One question, answered for every server that has an answer.
#[derive(Debug, Clone)]
pub struct Table {
    /// What was asked.
    pub question: Question,
    /// How much launches differ, over all scenarios of the metric in the mode; absent where
    /// launches do not repeat anything.
    pub launches: Option<Component>,
    /// Of latencies, how the slowest requests are spread over the blocks; where few blocks hold
    /// most of them, no percentile has an interval.
    pub tail: Option<Tail>,
    /// What the machine makes up by itself; absent without an A/A.
    pub floor: Option<Floor>,
    /// Best first: the frameworks, then the baseline's twin, then the controls.
    pub rows: Vec<Row>,
    /// Of the median latency, how latency grows with the share of requests: each server, the
    /// baseline also copy by copy.
    pub curves: Vec<Curve>,
    /// The rows two at a time.
    pub(super) pairs: Pairs,
    /// The launch of each block that values are paired by.
    pub(super) launch_of: BTreeMap<u32, u32>,
}

/// How a server's latency grows with the share of requests.
#[derive(Debug, Clone)]
pub struct Curve {
    /// The framework's name.
    pub framework: String,
    /// The variant, empty for the framework as declared.
    pub variant: String,
    /// Which of the baseline's copies this is alone: 1 or 2; 0 of all others.
    pub copy: u8,
    /// By growing share.
    pub points: Vec<Quantile>,
}

/// How far apart two copies of the baseline were.
#[derive(Debug, Clone, Copy)]
pub struct Floor {
    /// Differences up to here (log units) are never called.
    pub floor: f64,
    /// The second copy against the first.
    pub ratio: f64,
    /// The number of pairs.
    pub n: usize,
    /// What it is the larger of, over independent blocks.
    pub(super) noise: NoiseFloor,
}

impl Table {
    /// The row of a framework, as declared.
    pub fn row(&self, framework: &str) -> Option<&Row> {
        self.rows
            .iter()
            .find(|r| r.framework == framework && r.variant.is_empty())
    }

    /// How far the values of the baseline's two copies are apart (log units) where they are not
    /// paired; nothing where one of them did nothing.
    pub fn copies_apart(&self) -> Option<f64> {
        let of = |role| self.rows.iter().find(|r| r.role == role);
        let (first, second) = (of(Role::Baseline)?, of(Role::Twin)?);
        let apart = (first.estimate / second.estimate).ln().abs();
        apart.is_finite().then_some(apart)
    }

    /// The row of the same server as one of another table.
    pub fn same(&self, row: &Row) -> Option<&Row> {
        (self.rows.iter()).find(|r| (&r.framework, &r.variant) == (&row.framework, &row.variant))
    }

    /// Estimates everything that needs no look at other questions.
    pub(super) fn estimate(
        question: Question,
        campaign: &Campaign,
        (observed, kind): (&Observed, &dyn Kind),
        latencies: &mut Latencies<'_>,
        level: f64,
    ) -> Result<Self, AnalysisError> {
        let design = &campaign.file.design;
        let by = question.paired_by();
        let key = |framework: &str, variant: &str| Key {
            scenario: question.scenario.clone(),
            mode: question.mode.clone(),
            metric: question.metric,
            framework: framework.to_owned(),
            variant: variant.to_owned(),
        };
        let find = |framework: &str, variant: &str| observed.get(&key(framework, variant));
        let nothing = Series::default();
        let first = find(&design.baseline, "");
        let second = find(&design.baseline, &design.twin);
        let first_logs = pairing::logs(first.unwrap_or(&nothing), by);
        let second_logs = pairing::logs(second.unwrap_or(&nothing), by);
        let base = pairing::mean(&first_logs, &second_logs);

        // Of load; cold starts and memory are not.
        let in_a_row = (kind.in_a_row())
            .filter(|_| (design.scenarios.iter()).any(|s| s.name == question.scenario));
        let mut rows = Vec::new();
        let mut servers = Vec::new();
        let mut launch_of = BTreeMap::new();
        let mut curves = Vec::new();
        for (framework, variant) in subjects(&question, observed) {
            let role = match (framework == design.baseline, variant == design.twin) {
                (true, true) => Role::Twin,
                (true, false) if variant.is_empty() => Role::Baseline,
                _ => Role::Subject,
            };
            let Some(own) = find(framework, variant) else {
                continue;
            };
            launch_of.extend(pairing::launch_of(own, by));
            let (series, tally, logs, against, variants) = match role {
                // Nothing is paired there, so the two copies are two servers.
                _ if in_a_row.is_some() => (
                    own.clone(),
                    own.tally(false),
                    Logs::new(),
                    None,
                    vec![variant],
                ),
                Role::Baseline => {
                    let second = second.unwrap_or(&nothing);
                    let blocks = match question.metric {
                        // A median and a 95th percentile want the starts themselves.
                        Metric::Startup => [&own.blocks[..], &second.blocks].concat(),
                        _ => averaged(&base),
                    };
                    let both = Series {
                        blocks,
                        ..Series::default()
                    };
                    let tally = own.tally(false).and(&second.tally(false));
                    let variants = vec!["", design.twin.as_str()];
                    (both, tally, base.clone(), None, variants)
                }
                Role::Twin => {
                    let logs = second_logs.clone();
                    let against = Some(&first_logs);
                    (own.clone(), own.tally(false), logs, against, vec![variant])
                }
                Role::Subject => {
                    let logs = pairing::logs(own, by);
                    let against = Some(&base);
                    (own.clone(), own.tally(false), logs, against, vec![variant])
                }
            };
            let differences =
                against.map_or_else(Vec::new, |base| pairing::differences(&logs, base));
            let launches =
                against.map_or_else(Vec::new, |base| pairing::launches(own, by, &logs, base));
            let merged = latencies.percentile(&question, observed, framework, &variants)?;
            let failures_could_move_it = match merged {
                Some(merged) if in_a_row.is_none() => merged.at_least,
                _ => tally.flags.contains_key(&Flag::LowerBound),
            };
            let own = merged.map(|m| (m.point, m.interval));
            if question.metric == Metric::LatencyP50 && in_a_row.is_none() {
                let copies: &[(u8, &[&str])] = match role {
                    Role::Baseline => &[(0, &variants), (1, &[""])],
                    Role::Twin => &[(2, &variants)],
                    Role::Subject => &[(0, &variants)],
                };
                for (copy, variants) in copies {
                    let points = latencies.curve(&question, observed, framework, variants)?;
                    if !points.is_empty() {
                        curves.push(Curve {
                            framework: framework.to_owned(),
                            variant: if *copy == 2 {
                                String::new()
                            } else {
                                variant.to_owned()
                            },
                            copy: *copy,
                            points,
                        });
                    }
                }
            }
            // The twin's requests are among the baseline's.
            if role != Role::Twin {
                servers.push((framework, variants));
            }
            let value = match in_a_row {
                Some(samples) => median(samples.get(&key(framework, variant))),
                None => own.or_else(|| own_value(question.metric, &series, level)),
            };
            let Some((estimate, interval)) = value else {
                continue;
            };
            rows.push(Row {
                framework: framework.to_owned(),
                variant: variant.to_owned(),
                role,
                estimate,
                interval,
                p95: (question.metric == Metric::Startup)
                    .then(|| summary::quantile(&series.values(), 0.95))
                    .flatten(),
                bound: match failures_could_move_it {
                    true => Bound::AtLeast,
                    false => Bound::Exact,
                },
                design: Design::of_blocks(differences.len()),
                differences,
                launches,
                ratio: None,
                ratio_bound: Bound::Exact,
                verdict: Verdict::None,
                size: None,
                places: None,
                blocks: series.positive().len(),
                windows: tally.windows,
                lost: tally.lost + series.blocks.iter().filter(|b| b.ln.is_none()).count(),
                flags: tally.flags,
                logs,
            });
        }
        let tail = latencies.tail(&question, observed, &servers);
        if tail.is_some_and(|tail| !tail.is_even()) {
            rows.iter_mut()
                .for_each(|row: &mut Row| row.interval = None);
        }
        let floor = floor(
            &pairing::differences(&second_logs, &first_logs),
            campaign.file.seed,
        );
        Ok(Self {
            question,
            launches: None,
            tail,
            floor,
            rows,
            curves,
            pairs: Pairs::default(),
            launch_of,
        })
    }
}

/// Every server that the question was put to, by name.
fn subjects<'a>(question: &Question, observed: &'a Observed) -> BTreeSet<(&'a str, &'a str)> {
    observed
        .keys()
        .filter(|k| {
            k.scenario == question.scenario
                && k.mode == question.mode
                && k.metric == question.metric
        })
        .map(|k| (k.framework.as_str(), k.variant.as_str()))
        .collect()
}

/// The baseline's blocks: the value of each is the mean of its two copies.
fn averaged(base: &Logs) -> Vec<Block> {
    base.iter()
        .map(|(block, ln)| Block {
            launch: 0,
            block: *block,
            value: ln.exp(),
            ln: Some(*ln),
        })
        .collect()
}

/// The median of samples, without an interval: they were taken in a row, of one process, so that
/// their scatter says nothing about the next time.
fn median(samples: Option<&Vec<Sample>>) -> Option<(f64, Option<Interval>)> {
    let values: Vec<f64> = samples?.iter().map(|sample| sample.value).collect();
    Some((summary::median(&values)?, None))
}

/// A server's own value and its interval; nothing where no window gave a value.
fn own_value(metric: Metric, series: &Series, level: f64) -> Option<(f64, Option<Interval>)> {
    match metric {
        Metric::Startup => {
            let values = series.values();
            let median = summary::median(&values)?;
            Some((
                median,
                absolute::median(&values, level).ok().map(|e| e.interval),
            ))
        }
        _ => {
            let values = series.positive();
            let mean = summary::geometric_mean(&values)?;
            let exact = metric == Metric::BinarySize;
            let interval = (values.len() >= LEAST_INTERVAL && !exact)
                .then(|| absolute::geometric_mean(&values, level).ok())
                .flatten()
                .map(|e| e.interval);
            Some((mean, interval))
        }
    }
}

fn floor(differences: &[f64], seed: u64) -> Option<Floor> {
    let floor = noise_floor::noise_floor(differences, seed).ok()?;
    Some(Floor {
        noise: floor,
        floor: floor.floor,
        ratio: summary::mean(differences)?.exp(),
        n: differences.len(),
    })
}

/// Best first inside each group: the frameworks, the twin, the controls; ties by name.
pub(super) fn sort(tables: &mut [Table], campaign: &CampaignFile) {
    let controls: BTreeMap<&str, Class> = campaign
        .frameworks
        .iter()
        .filter(|f| f.class != Class::Idiomatic)
        .map(|f| (f.name.as_str(), f.class))
        .collect();
    for table in tables {
        let higher = table.question.metric.higher_is_better();
        table.rows.sort_by(|a, b| {
            let group = |r: &Row| match r.role {
                Role::Twin => (1, None),
                _ => match controls.get(r.framework.as_str()) {
                    None => (0, None),
                    Some(class) => (2, Some(*class)),
                },
            };
            let value = if higher {
                b.estimate.total_cmp(&a.estimate)
            } else {
                a.estimate.total_cmp(&b.estimate)
            };
            group(a)
                .cmp(&group(b))
                .then(value)
                .then_with(|| (&a.framework, &a.variant).cmp(&(&b.framework, &b.variant)))
        });
    }
}

/// No percentile is smaller than a lower one of the same requests, so its interval does not reach
/// below the other's.
pub(super) fn order_percentiles(tables: &mut [Table]) {
    let chain = [Metric::LatencyP50, Metric::LatencyP99, Metric::LatencyP999];
    for pair in chain.windows(2) {
        let least: BTreeMap<(String, String, String, String), f64> = (tables.iter())
            .filter(|table| table.question.metric == pair[0])
            .flat_map(|table| table.rows.iter().map(move |row| (table, row)))
            .map(|(table, row)| {
                let low = row.interval.map_or(row.estimate, |interval| interval.low);
                (server_of(table, row), low)
            })
            .collect();
        for table in tables.iter_mut().filter(|t| t.question.metric == pair[1]) {
            for i in 0..table.rows.len() {
                let least = least.get(&server_of(table, &table.rows[i])).copied();
                let estimate = table.rows[i].estimate;
                if let (Some(least), Some(interval)) = (least, &mut table.rows[i].interval) {
                    interval.low = interval.low.max(least).min(estimate);
                }
            }
        }
    }
}

fn server_of(table: &Table, row: &Row) -> (String, String, String, String) {
    let question = &table.question;
    (
        question.scenario.clone(),
        question.mode.clone(),
        row.framework.clone(),
        row.variant.clone(),
    )
}
