//! What one question found of each server by itself, before any is compared with another.

use std::collections::BTreeMap;

use record::metric::{Drawn, Value};
use record::{Campaign, Flag, Metric};
use stats::pairing::Logs;
use stats::{Interval, absolute, summary};

use super::LEAST_INTERVAL;
use super::answer::{Own, Role};
use super::answers::Curve;
use super::latency::{Latencies, Percentile, Quantile, Tail};
use super::question::Question;
use super::verdict::Bound;
use crate::error::AnalysisError;
use crate::frames::{Block, Key, Observed, Sample, Samples, Series, Tally};
use crate::kinds::Kind;

/// One question, answered by every server that has an answer.
pub(super) struct Measured {
    pub question: Question,
    /// By name.
    pub servers: Vec<Own>,
    pub copies: Copies,
    pub tail: Option<Tail>,
    pub curves: Vec<Curve>,
}

/// The logarithms of the baseline's two copies, by pair.
pub(super) struct Copies {
    pub first: Logs,
    pub second: Logs,
    /// The mean of both, or the one that is there.
    pub both: Logs,
}

/// What questions are put to.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub campaign: &'a Campaign,
    pub observed: &'a Observed,
    pub kind: &'a dyn Kind,
    pub level: f64,
}

/// One server's raw answer.
struct Server<'a> {
    framework: &'a str,
    variant: &'a str,
    role: Role,
    /// What its own value is made of.
    series: Series,
    tally: Tally,
    logs: Logs,
    /// The variants whose requests are its own.
    requests: Vec<&'a str>,
    percentile: Option<Percentile>,
}

impl Measured {
    /// Puts a question. The `earlier` answers have those to the lower percentiles of the same
    /// requests.
    pub(super) fn of(
        question: Question,
        source: Source<'_>,
        latencies: &mut Latencies<'_>,
        earlier: &[Self],
    ) -> Result<Self, AnalysisError> {
        let Source {
            campaign,
            observed,
            kind,
            level,
        } = source;
        let design = &campaign.file.design;
        let by = question.paired_by();
        let find = |variant: &str| observed.get(&key(&question, &design.baseline, variant));
        let nothing = Series::default();
        let first = find("").unwrap_or(&nothing);
        let second = find(&design.twin).unwrap_or(&nothing);
        let copies = Copies::of(first.logs(by), second.logs(by));
        // Of load; cold starts and memory are not.
        let in_a_row = (kind.in_a_row())
            .filter(|_| (design.scenarios.iter()).any(|s| s.name == question.scenario));
        let mut servers = Vec::new();
        for (framework, variant, own) in asked(&question, observed) {
            let role = match (framework == design.baseline, variant == design.twin) {
                (true, true) => Role::Twin,
                (true, false) if variant.is_empty() => Role::Baseline,
                _ => Role::Subject,
            };
            let tally = own.tally(false);
            let (series, tally, logs, requests) = match role {
                // Nothing is paired there, so the two copies are two servers.
                _ if in_a_row.is_some() => (own.clone(), tally, Logs::default(), vec![variant]),
                Role::Baseline => {
                    let blocks = match question.metric.about().value {
                        // A median and a 95th percentile want the starts themselves.
                        Value::Median => [&own.blocks[..], &second.blocks].concat(),
                        _ => averaged(&copies.both),
                    };
                    let both = Series {
                        blocks,
                        ..Series::default()
                    };
                    let tally = tally.and(&second.tally(false));
                    let requests = vec!["", design.twin.as_str()];
                    (both, tally, copies.both.clone(), requests)
                }
                Role::Twin | Role::Subject => (own.clone(), tally, own.logs(by), vec![variant]),
            };
            servers.push(Server {
                framework,
                variant,
                role,
                series,
                tally,
                logs,
                percentile: latencies.percentile(&question, observed, framework, &requests)?,
                requests,
            });
        }
        // The twin's requests are among the baseline's.
        let others = servers.iter().filter(|s| s.role != Role::Twin);
        let others: Vec<_> = others.map(|s| (s.framework, s.requests.clone())).collect();
        let tail = latencies.tail(&question, observed, &others);
        let mut curves = Vec::new();
        if question.metric.words().drawn == Drawn::Curves && in_a_row.is_none() {
            for server in &servers {
                curves.extend(server.curves(&question, observed, latencies)?);
            }
        }
        let lower = lower(&question, earlier);
        let answers = servers.into_iter().filter_map(|server| {
            let least = lower.and_then(|lower| lower.least(server.framework, server.variant));
            let is_even = tail.is_none_or(|tail| tail.is_even());
            server.own(&question, in_a_row, level, is_even, least)
        });
        Ok(Self {
            servers: answers.collect(),
            question,
            copies,
            tail,
            curves,
        })
    }

    /// The least that a server's value can be, by its interval.
    fn least(&self, framework: &str, variant: &str) -> Option<f64> {
        let mut servers = self.servers.iter();
        let own = servers.find(|own| (&*own.framework, &*own.variant) == (framework, variant))?;
        Some(own.interval.map_or(own.estimate, |interval| interval.low))
    }
}

impl Copies {
    fn of(first: Logs, second: Logs) -> Self {
        Self {
            both: first.mean(&second),
            first,
            second,
        }
    }

    /// The second copy against the first.
    pub(super) fn differences(&self) -> Vec<f64> {
        self.second.minus(&self.first).differences()
    }
}

impl Server<'_> {
    /// How latency grows with the share of requests, of the baseline also copy by copy.
    fn curves(
        &self,
        question: &Question,
        observed: &Observed,
        latencies: &mut Latencies<'_>,
    ) -> Result<Vec<Curve>, AnalysisError> {
        let copies: &[(u8, &[&str])] = match self.role {
            Role::Baseline => &[(0, &self.requests), (1, &[""])],
            Role::Twin => &[(2, &self.requests)],
            Role::Subject => &[(0, &self.requests)],
        };
        let mut curves = Vec::new();
        for (copy, requests) in copies {
            let points: Vec<Quantile> =
                latencies.curve(question, observed, self.framework, requests)?;
            if !points.is_empty() {
                curves.push(Curve {
                    framework: self.framework.to_owned(),
                    variant: match copy {
                        2 => String::new(),
                        _ => self.variant.to_owned(),
                    },
                    copy: *copy,
                    points,
                });
            }
        }
        Ok(curves)
    }

    /// The server's answer; nothing where no window gave a value. It has no interval where its
    /// slowest requests are not spread evenly, and its interval does not reach below `least`.
    fn own(
        self,
        question: &Question,
        in_a_row: Option<&Samples>,
        level: f64,
        is_even: bool,
        least: Option<f64>,
    ) -> Option<Own> {
        let metric = question.metric;
        let (estimate, interval) = match (in_a_row, self.percentile) {
            (Some(samples), _) => {
                median(samples.get(&key(question, self.framework, self.variant)))?
            }
            (None, Some(all)) => (all.point, all.interval),
            (None, None) => own_value(metric, &self.series, level)?,
        };
        let interval = interval.filter(|_| is_even).map(|mut interval| {
            if let Some(least) = least {
                interval.low = interval.low.max(least).min(estimate);
            }
            interval
        });
        let failures_could_move_it = match self.percentile {
            Some(all) if in_a_row.is_none() => all.at_least,
            _ => self.tally.flags.contains_key(&Flag::LowerBound),
        };
        let is_bounded = is_bounded(metric, &self.tally);
        let is_rate = metric.limited_by() == Flag::ClientBound;
        let is_least = failures_could_move_it || (is_bounded && is_rate);
        Some(Own {
            framework: self.framework.to_owned(),
            variant: self.variant.to_owned(),
            role: self.role,
            estimate,
            interval,
            p95: (metric.about().value == Value::Median)
                .then(|| summary::quantile(&self.series.values(), 0.95))
                .flatten(),
            bound: match is_least {
                true => Bound::AtLeast,
                false => Bound::Exact,
            },
            is_bounded,
            blocks: self.series.positive().len(),
            windows: self.tally.windows,
            lost: self.tally.lost + self.series.blocks.iter().filter(|b| b.ln.is_none()).count(),
            flags: self.tally.flags,
            logs: self.logs,
        })
    }
}

fn key(question: &Question, framework: &str, variant: &str) -> Key {
    Key {
        scenario: question.scenario.clone(),
        mode: question.mode.clone(),
        metric: question.metric,
        framework: framework.to_owned(),
        variant: variant.to_owned(),
    }
}

/// Every server that the question was put to, by name.
fn asked<'a>(
    question: &Question,
    observed: &'a Observed,
) -> impl Iterator<Item = (&'a str, &'a str, &'a Series)> {
    let found: BTreeMap<(&str, &str), &Series> = (observed.iter())
        .filter(|(k, _)| {
            k.scenario == question.scenario
                && k.mode == question.mode
                && k.metric == question.metric
        })
        .map(|(k, series)| ((k.framework.as_str(), k.variant.as_str()), series))
        .collect();
    (found.into_iter()).map(|((framework, variant), series)| (framework, variant, series))
}

/// The answers to the next lower percentile of the same requests: none is smaller than that.
fn lower<'a>(question: &Question, earlier: &'a [Measured]) -> Option<&'a Measured> {
    let share = |question: &Question| match question.metric.about().value {
        Value::Quantile(share) => Some(share),
        _ => None,
    };
    let own = share(question)?;
    let of_the_same = |measured: &&Measured| {
        let other = &measured.question;
        (&other.scenario, &other.mode) == (&question.scenario, &question.mode)
    };
    let below = earlier.iter().filter(of_the_same).filter_map(|measured| {
        let share = share(&measured.question)?;
        (share < own).then_some((share, measured))
    });
    let (_, next) = below.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(next)
}

/// The baseline's blocks: the value of each is the mean of its two copies.
fn averaged(base: &Logs) -> Vec<Block> {
    base.iter()
        .map(|(block, ln)| Block {
            launch: 0,
            block,
            value: ln.exp(),
            ln: Some(ln),
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
    match metric.about().value {
        Value::Median => {
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
            let interval = (values.len() >= LEAST_INTERVAL && !metric.is_exact())
                .then(|| absolute::geometric_mean(&values, level).ok())
                .flatten()
                .map(|e| e.interval);
            Some((mean, interval))
        }
    }
}

/// Whether the values by block are bounds: a rate's where the instrument was the bottleneck in more
/// than a tolerable share of windows, a latency's where there is a window whose quantile failed
/// requests could move. Each of these values enters the ratio, so one is enough for the latter.
fn is_bounded(metric: Metric, tally: &Tally) -> bool {
    let flag = metric.limited_by();
    let limited = tally.flags.get(&flag).copied().unwrap_or(0);
    match flag {
        Flag::ClientBound => limited as f64 > super::BOUND_SHARE * tally.windows as f64,
        _ => limited > 0,
    }
}
