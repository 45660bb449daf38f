//! A soak: one long window on many connections, watched interval by interval.
//!
//! Before it the server gets the same rate on a few connections; what it holds after that, with
//! none open, is the memory that no open connection needs. During the window its memory and its
//! goroutines are read a few times an interval, by the lab, on the instrument's CPU.

use std::time::{Duration, Instant};

use catalog::framework::Feature;
use load::{Distribution, IntervalRow, Outcome, Span};
use plan::estimate::{REFERENCE, SETTLE};
use plan::kinds::Soak;
use record::histogram::IntervalHistogram;
use record::{CampaignWriter, Cell, Metric, Observation};
use server::StartOptions;
use sys::clock::monotonic;

use super::Step;
use crate::blame::{self, Verdict};
use crate::cast::Member;
use crate::watch::{self, Held, Look, Machine};
use crate::window::{Ran, Turn, Window};
use crate::{CampaignError, observe};

/// The connections of the load before, where the mode has more.
const FEW: u32 = 64;
/// How often a server is read in an interval.
const READINGS_AN_INTERVAL: u32 = 2;
/// What is read of it.
const HELD: [Metric; 3] = [Metric::Rss, Metric::Pss, Metric::Goroutines];

impl Step for Soak {
    /// After the load on few connections, with none open.
    type Also = Option<Look>;

    /// Its probe tells goroutines.
    fn start(&self, member: &Member, options: &mut StartOptions) {
        options.probe |= member.framework.supports.contains(&Feature::Probe);
    }

    /// Measures the load on few connections and then the long window.
    async fn window(&self, turn: &mut Turn<'_>) -> Result<(Ran, Option<Look>), CampaignError> {
        let mut few = turn.block.clone();
        few.mode.connections = few.mode.connections.min(FEW);
        let spec = turn.spec(&few, (Duration::ZERO, REFERENCE));
        match turn.offer(spec, &watch::usual()).await? {
            Ran::Measured(window) => match blame::judge(&window) {
                Verdict::Measured => {}
                Verdict::Fault(what) => return Ok((Ran::Failed(what), None)),
                // Without the load before there is no reference, and so no memory a connection.
                Verdict::NotMeasured(_) => return Ok((Ran::Measured(window), None)),
            },
            other => return Ok((other, None)),
        }
        turn.server.resume();
        tokio::time::sleep(SETTLE).await;
        let reference = Held::look(&mut *turn.server);
        let mut spec = turn.spec(turn.block, (self.warm_up, self.window));
        spec.interval = Some(Span(self.interval));
        let every = self.interval / READINGS_AN_INTERVAL;
        let ran = turn
            .offer(spec, &[Box::new(Held { every }), Box::new(Machine)])
            .await?;
        Ok((ran, Some(reference)))
    }

    /// What is known of the window as a whole, of each interval, and of the server before it.
    fn observe(
        &self,
        cell: &Cell,
        window: &Window,
        reference: &Option<Look>,
        epoch: Instant,
        writer: &mut CampaignWriter,
    ) {
        let outcome = &window.outcome;
        let validity = observe::validity(window);
        let mut rows = Vec::new();
        let mut add = |cell: &Cell, latency: &Distribution, values: &[(Metric, Option<f64>)]| {
            rows.extend(values.iter().filter_map(|(metric, value)| {
                Some(Observation {
                    cell: cell.clone(),
                    metric: *metric,
                    value: (*value)?,
                    validity: observe::of_metric(&validity, *metric, latency),
                })
            }));
        };
        let all = &outcome.from_intended;
        let before = Cell {
            window: 0,
            scenario: "memory".to_owned(),
            mode: "reference".to_owned(),
            ..cell.clone()
        };
        if let Some(look) = reference {
            add(&before, all, &HELD.map(|metric| (metric, look.of(metric))));
        }
        let whole = Cell {
            window: 0,
            ..cell.clone()
        };
        let count = |n: u64| Some(n as f64);
        add(
            &whole,
            all,
            &[
                (Metric::Connections, count(outcome.peak_connections)),
                (
                    Metric::ConnectionsLost,
                    count(outcome.counts.connections_lost_idle),
                ),
            ],
        );
        for (i, row) in outcome.intervals.iter().enumerate() {
            let cell = Cell {
                window: i as u32 + 1,
                ..cell.clone()
            };
            add(&cell, &row.from_intended, &answers(row));
            let looks = &window.seen.looks;
            add(&cell, all, &in_interval(looks, outcome.start_ns, row));
        }
        for (metric, value) in observe::values(window) {
            add(&whole, all, &[(metric, Some(value))]);
        }
        for row in rows {
            writer.observe(row);
        }
        writer.keep_histograms(cell.clone(), histograms(outcome, epoch));
    }
}

/// What an interval's requests say.
fn answers(row: &IntervalRow) -> [(Metric, Option<f64>); 5] {
    let latency = &row.from_intended;
    let us = |ns: u64| (latency.count > 0).then_some(ns as f64 / 1e3);
    let seconds = row.length_ns as f64 / 1e9;
    [
        (Metric::Throughput, Some(row.ok as f64 / seconds)),
        (Metric::LatencyP50, us(latency.p50)),
        (Metric::LatencyP99, us(latency.p99)),
        (Metric::LatencyP999, us(latency.p999)),
        (Metric::Errors, Some(row.errors as f64)),
    ]
}

/// The means of what was read in an interval.
fn in_interval(looks: &[Look], start_ns: u64, row: &IntervalRow) -> [(Metric, Option<f64>); 3] {
    let from = Duration::from_nanos(start_ns + row.start_ns);
    let until = from + Duration::from_nanos(row.length_ns);
    let inside = || looks.iter().filter(|look| (from..until).contains(&look.at));
    HELD.map(|metric| {
        let values: Vec<f64> = inside().filter_map(|look| look.of(metric)).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (metric, (!values.is_empty()).then_some(mean))
    })
}

/// One histogram an interval: together they are the window's.
fn histograms(outcome: &Outcome, epoch: Instant) -> Vec<IntervalHistogram> {
    let now = (Instant::now().saturating_duration_since(epoch), monotonic());
    let since_epoch = |at: Duration| now.0.saturating_sub(now.1.saturating_sub(at));
    outcome
        .intervals
        .iter()
        .flat_map(|row| {
            let start = since_epoch(Duration::from_nanos(outcome.start_ns + row.start_ns));
            observe::with_failed(&row.from_intended).map(move |(kind, histogram)| {
                IntervalHistogram {
                    kind,
                    start,
                    length: Duration::from_nanos(row.length_ns),
                    histogram,
                }
            })
        })
        .collect()
}
