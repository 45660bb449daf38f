//! A soak: one long window on many connections, watched interval by interval.
//!
//! Before it the server gets the same rate on a few connections; what it holds after that, with
//! none open, is the memory that no open connection needs. During the window its memory and its
//! goroutines are read a few times an interval, by the lab, on the instrument's CPU.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use load::{Distribution, IntervalRow, Outcome, Span};
use plan::Block;
use plan::estimate::{REFERENCE, SETTLE};
use record::histogram::IntervalHistogram;
use record::{CampaignWriter, Cell, Cpus, Metric, Observation};
use server::memory::Resident;
use server::{Launched, Probe};
use sys::clock::monotonic;

use super::blame::{self, Verdict};
use super::window::{self, Ran, Window};
use super::{CampaignError, Request, observe, spec};

/// The connections of the load before, where the mode has more.
const FEW: u32 = 64;
/// How often a server is read in an interval.
const READINGS_AN_INTERVAL: u32 = 2;

/// What was read of a server beside its answers.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// After the load on few connections, with none open.
    reference: Option<Reading>,
    /// During the long window and its warm-up.
    during: Vec<Reading>,
}

/// One look at a server.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// On the monotonic clock.
    at: Duration,
    resident: Option<Resident>,
    goroutines: Option<f64>,
}

impl Reading {
    fn take(pid: i32, probe: Option<&mut Probe>) -> Self {
        let answer = probe.and_then(|probe| probe.ask("runtime").ok());
        Self {
            at: monotonic(),
            resident: Resident::of(pid),
            goroutines: answer.and_then(|a| a.get("goroutines")?.as_f64()),
        }
    }

    fn values(&self) -> [(Metric, Option<f64>); 3] {
        let mebibytes = |of: fn(&Resident) -> u64| {
            let bytes = self.resident.as_ref().map(of);
            bytes.map(observe::mebibytes)
        };
        [
            (Metric::Rss, mebibytes(|r| r.rss)),
            (Metric::Pss, mebibytes(|r| r.pss)),
            (Metric::Goroutines, self.goroutines),
        ]
    }
}

/// Measures the load on few connections and then the long window.
///
/// # Errors
/// As [`window::run`].
pub(super) async fn run(
    request: &Request,
    block: &Block,
    position: usize,
    json_body: &[u8],
    server: &mut Launched,
    cpus: &Cpus,
    interval: Duration,
) -> Result<(Ran, Readings), CampaignError> {
    let subject = &block.order[position];
    let protocol = request.experiment.protocol(request.quick);
    let mut readings = Readings::default();
    let mut few = block.clone();
    few.mode.connections = few.mode.connections.min(FEW);
    let times = (Duration::ZERO, REFERENCE);
    let at = (server.address(), server.pid());
    let spec = spec::of(&few, json_body, at, times, request.seed);
    let ran = window::offer(
        request,
        subject,
        &spec,
        spec::lasts(REFERENCE),
        server,
        cpus,
    )
    .await?;
    match ran {
        Ran::Measured(window) => match blame::judge(&window) {
            Verdict::Measured => {}
            Verdict::Fault(what) => return Ok((Ran::Failed(what), readings)),
            // Without the load before there is no reference, and so no memory a connection.
            Verdict::NotMeasured(_) => return Ok((Ran::Measured(window), readings)),
        },
        other => return Ok((other, readings)),
    }
    server.resume();
    tokio::time::sleep(SETTLE).await;
    let Some((pid, mut probe)) = server.here().map(|s| (s.pid(), s.take_probe())) else {
        return Err(CampaignError::SoakIsHere);
    };
    readings.reference = Some(Reading::take(pid, probe.as_mut()));
    let times = (protocol.lead_in, protocol.window);
    let mut spec = spec::of(block, json_body, at, times, request.seed);
    spec.interval = Some(Span(interval));
    let lasts = spec::lasts(protocol.lead_in + protocol.window);
    let pause = interval / READINGS_AN_INTERVAL;
    let ran = tokio::select! {
        ran = window::offer(request, subject, &spec, lasts, server, cpus) => ran,
        never = watch(pid, probe.as_mut(), pause, &mut readings.during) => match never {},
    };
    if let Some(server) = server.here() {
        server.give_probe(probe);
    }
    Ok((ran?, readings))
}

/// Reads a server again and again.
async fn watch(
    pid: i32,
    mut probe: Option<&mut Probe>,
    pause: Duration,
    readings: &mut Vec<Reading>,
) -> Infallible {
    loop {
        tokio::time::sleep(pause).await;
        readings.push(Reading::take(pid, probe.as_deref_mut()));
    }
}

/// Adds the window to the open group: what is known of it as a whole, of each interval, and of
/// the server before it.
pub(super) fn observe(
    cell: &Cell,
    window: &Window,
    readings: &Readings,
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
    let reference = Cell {
        window: 0,
        scenario: "memory".to_owned(),
        mode: "reference".to_owned(),
        ..cell.clone()
    };
    if let Some(reading) = readings.reference {
        add(&reference, all, &reading.values());
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
        add(&cell, all, &readings.in_interval(outcome.start_ns, row));
    }
    for (metric, value) in observe::values(window) {
        add(&whole, all, &[(metric, Some(value))]);
    }
    for row in rows {
        writer.observe(row);
    }
    writer.keep_histograms(cell.clone(), histograms(outcome, epoch));
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

impl Readings {
    /// The means of the readings that fall into an interval.
    fn in_interval(&self, start_ns: u64, row: &IntervalRow) -> [(Metric, Option<f64>); 3] {
        let from = Duration::from_nanos(start_ns + row.start_ns);
        let until = from + Duration::from_nanos(row.length_ns);
        let inside: Vec<_> = (self.during.iter())
            .filter(|reading| (from..until).contains(&reading.at))
            .map(Reading::values)
            .collect();
        [0, 1, 2].map(|i| {
            let metric = [Metric::Rss, Metric::Pss, Metric::Goroutines][i];
            let values: Vec<f64> = inside.iter().filter_map(|values| values[i].1).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            (metric, (!values.is_empty()).then_some(mean))
        })
    }
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
