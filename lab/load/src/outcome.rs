//! What a run says: counts that add up, distributions, the instrument's own cost, findings.

use crate::distribution::Distribution;
use crate::drive::Harvest;
use crate::ledger::{ErrorKind, Example, Ledger, Row};
use crate::spec::{Spec, SpecDraft};
use crate::verdict::{self, Finding, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use sys::usage::Usage;

/// The JSON form. Fields may be added under this name; none is renamed or removed.
pub const SCHEMA: &str = "load/1";

/// The result of one run. Times are nanoseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// [`SCHEMA`].
    pub schema: String,
    /// What was asked for.
    pub spec: SpecDraft,
    /// The engine that moved the bytes.
    pub engine: String,
    /// The server's address.
    pub address: String,
    /// Congestion control of the instrument's sockets.
    pub congestion_control: String,
    /// Monotonic clock at the schedule's first due time, the measured part's planned start, and
    /// wall clock (since 1970) at the latter.
    pub begin_ns: u64,
    /// See `begin_ns`.
    pub start_ns: u64,
    /// See `begin_ns`.
    pub start_wall_ns: u64,
    /// Length of the measured part, between the moments at which its ends were noticed.
    pub measured_ns: u64,
    /// How long the measured part was to be after Ctrl-C, where that was shorter than planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_short_ns: Option<u64>,
    /// Requests.
    pub counts: Counts,
    /// Failed requests by kind; they add up to `counts.failed`.
    pub errors: BTreeMap<ErrorKind, u64>,
    /// The first error of each kind.
    pub examples: BTreeMap<ErrorKind, Example>,
    /// Of `counts.carried_in_failed`, how many of each kind.
    #[serde(default)]
    pub carried_in_errors: BTreeMap<ErrorKind, u64>,
    /// An example of each of these kinds.
    #[serde(default)]
    pub carried_in_examples: BTreeMap<ErrorKind, Example>,
    /// Share of the connections' time in the measured part that came to nothing: held by requests
    /// that were never answered (beyond what an answered one takes) or that were in flight all
    /// through it, or spent without a request because the connection was gone (not while the
    /// instrument did not run). 0.5 means that
    /// half of the load was not there. Closed loop only: an open loop records what waits.
    #[serde(default)]
    pub lost_concurrency: Option<f64>,
    /// Requests per second.
    pub rates: Rates,
    /// From intended start to the answer's end: what a user of the service would see.
    pub from_intended: Distribution,
    /// From actual send to the answer's end.
    pub from_send: Distribution,
    /// From due to taken notice of: the instrument's own part in `from_intended`. Open loop only.
    pub lateness: Option<Distribution>,
    /// From actual send until the kernel had the answer's last byte: without the time that it lay
    /// waiting for the instrument. Where there are receive stamps; of every seventh answer in a
    /// closed loop.
    pub until_socket: Option<Distribution>,
    /// CPU of the instrument's threads.
    pub own_cpu: OwnCpu,
    /// CPU of the process in `watch_pid`.
    pub watched_cpu: Option<WatchedCpu>,
    /// Variance over mean of sends per millisecond.
    pub dispersion: Option<f64>,
    /// The same of the moments at which due requests were taken notice of, whether or not a
    /// connection was free: the instrument's part in `dispersion`. Open loop only.
    #[serde(default)]
    pub release_dispersion: Option<f64>,
    /// Little's law.
    pub little: Little,
    /// Events per wait that brought any: how many answers had come together.
    pub events_per_wait: f64,
    /// Most connections open at once.
    pub peak_connections: u64,
    /// Largest resident memory of this process so far, bytes.
    #[serde(default)]
    pub peak_rss_bytes: u64,
    /// The series, where an interval was asked for.
    pub intervals: Vec<IntervalRow>,
    /// Everything that speaks against, or should be known with, the result.
    pub findings: Vec<Finding>,
    /// No finding is of severity `invalid`.
    pub valid: bool,
}

/// Requests by what became of them. `recorded = ok + failed`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Counts {
    /// Requests whose intended start lies in the measured part. All of them.
    pub recorded: u64,
    /// Of these, given to a socket.
    pub sent: u64,
    /// Of these, answered right.
    pub ok: u64,
    /// Of these, not answered right.
    pub failed: u64,
    /// Of these, ended after the measured part.
    pub drained: u64,
    /// Of these, still without an end when the drain was over (counted as timeouts).
    pub unfinished: u64,
    /// Right answers inside the measured part, whenever their requests started.
    pub completed_inside: u64,
    /// Requests due but not sent at the measured part's end.
    pub owed_at_end: u64,
    /// Requests sent but not answered at the measured part's end.
    pub in_flight_at_end: u64,
    /// Requests that found all connections busy and had to wait in the instrument.
    pub waited_for_connection: u64,
    /// Bytes received in the measured part.
    pub bytes_received: u64,
    /// Connections opened over the whole run.
    pub connections_opened: u64,
    /// Attempts at that which failed.
    pub connections_failed: u64,
    /// Connections that the server ended while they had no request.
    pub connections_lost_idle: u64,
    /// Requests due before the measured part that were in the system when it began. They are not
    /// `recorded`; those answered right in the measured part are in `completed_inside`.
    #[serde(default)]
    pub carried_in: u64,
    /// Of these, never answered right, whenever that was known: see `carried_in_errors`.
    #[serde(default)]
    pub carried_in_failed: u64,
    /// Of `carried_in`, in the system all through the measured part, answered later or not.
    #[serde(default)]
    pub spanned: u64,
    /// Connections on which bytes came that no request had asked for.
    #[serde(default)]
    pub connections_unsolicited: u64,
}

/// Requests per second.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Rates {
    /// What the schedule asked for (open loop).
    pub offered: Option<f64>,
    /// What was given to sockets in the measured part, over its planned length.
    pub sent: f64,
    /// Right answers in the measured part over its length: the throughput.
    pub completed: f64,
}

/// CPU of the instrument's threads over the measured part.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct OwnCpu {
    /// All of it.
    pub total_ns: u64,
    /// Of it, spent waiting for a due time without sleeping.
    pub spin_ns: u64,
    /// The rest, as a share of the time in which the busiest thread could run: 1 is all of the
    /// CPU that it got.
    pub working_share: f64,
    /// The rest, per right answer; absent without any, and where the spinning, whose time is the
    /// wall clock's, leaves none because the thread was kept from its CPU in between.
    pub per_request_ns: Option<f64>,
    /// Time that the threads were ready to run and did not: others had their CPU, or it took its
    /// time to wake up.
    #[serde(default)]
    pub starved_ns: u64,
    /// How often the threads were given a CPU.
    #[serde(default)]
    pub runs: u64,
    /// How often they waited in a way that may sleep; spinning never does.
    #[serde(default)]
    pub sleeps: u64,
    /// Time that the threads did not look at their clock although they had not planned to sleep,
    /// in gaps of at least 1 ms: stopped, or off their CPU, whatever the reason.
    #[serde(default)]
    pub away_ns: u64,
    /// The longest of these gaps. A stop while a thread sleeps by plan is seen from the sleep's
    /// planned end on, which is 10 ms away at most.
    #[serde(default)]
    pub longest_gap_ns: u64,
    /// Requests in flight during these gaps: each may have been noticed as much later.
    #[serde(default)]
    pub held_up: u64,
    /// Share of the measured part in which the thread that had it worst was kept from running:
    /// the larger of its `away_ns` and its `starved_ns` without [`OwnCpu::WAKE_NS`] for each time
    /// that it woke up, of which there are no more than `runs` and `sleeps`.
    #[serde(default)]
    pub kept_out_share: f64,
}

/// CPU of the watched process over the measured part.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct WatchedCpu {
    /// The process.
    pub pid: u32,
    /// CPU of all its threads.
    pub cpu_ns: u64,
    /// Per right answer; absent without any.
    pub per_request_ns: Option<f64>,
}

/// Little's law over the measured part: requests in the system = rate x time in it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Little {
    /// Mean number of requests in the system, as they were counted in and out.
    pub in_system: f64,
    /// The same from the times that they spent there.
    pub from_times: f64,
    /// Requests that left it, per second.
    pub rate: f64,
    /// `from_times / in_system - 1`: not 0 where a request dropped out of an account.
    pub imbalance: f64,
}

/// One interval of the series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IntervalRow {
    /// Since the measured part's start.
    pub start_ns: u64,
    /// Its length; the last one may be shorter.
    pub length_ns: u64,
    /// Right answers to requests due in it.
    pub ok: u64,
    /// Other ends of these.
    pub errors: u64,
    /// From intended start.
    pub from_intended: Distribution,
}

/// What the run knows beside ledger and harvests.
pub(crate) struct Facts {
    pub engine: &'static str,
    pub address: String,
    pub begin: u64,
    pub start_wall: u64,
    pub stamps: bool,
}

impl Outcome {
    /// Puts the threads' results together and judges them.
    pub(crate) fn new(spec: &Spec, facts: Facts, threads: Vec<(Ledger, Harvest)>) -> Self {
        let harvests: Vec<Harvest> = threads.iter().map(|(_, harvest)| *harvest).collect();
        let mut ledgers = threads.into_iter().map(|(ledger, _)| ledger);
        let mut ledger = ledgers.next().expect("there is at least one thread");
        ledgers.for_each(|other| ledger.merge(&other));
        let sum = |of: fn(&Harvest) -> u64| harvests.iter().map(of).sum::<u64>();
        let measured = harvests[0].end.at - harvests[0].start.at;
        let seconds = measured as f64 / 1e9;
        let open = !spec.is_closed();
        let draft = spec.draft();
        let mut outcome = Self {
            schema: SCHEMA.into(),
            spec: draft.clone(),
            engine: facts.engine.into(),
            address: facts.address,
            congestion_control: draft.congestion_control.clone(),
            begin_ns: facts.begin,
            start_ns: ledger.start,
            start_wall_ns: facts.start_wall,
            measured_ns: measured,
            cut_short_ns: Some(ledger.end - ledger.start)
                .filter(|length| *length < draft.duration.nanos()),
            counts: Counts {
                recorded: ledger.recorded,
                sent: ledger.sent,
                ok: ledger.ok,
                failed: ledger.errors.total(),
                drained: ledger.drained,
                unfinished: ledger.unfinished,
                completed_inside: ledger.completed,
                owed_at_end: sum(|h| h.owed_at_end),
                in_flight_at_end: sum(|h| h.in_flight_at_end),
                waited_for_connection: sum(|h| h.waited_for_connection),
                bytes_received: ledger.bytes,
                connections_opened: sum(|h| h.opened),
                connections_failed: sum(|h| h.failed_opens),
                connections_lost_idle: sum(|h| h.lost_idle),
                carried_in: ledger.carried_in,
                carried_in_failed: ledger.carried_errors.total(),
                spanned: ledger.spanned,
                connections_unsolicited: sum(|h| h.unsolicited),
            },
            errors: ledger.errors.counts(),
            examples: ledger.errors.examples(),
            carried_in_examples: ledger.errors.examples_of(&ledger.carried_errors.counts()),
            carried_in_errors: ledger.carried_errors.counts(),
            lost_concurrency: (!open).then(|| ledger.flow.lost_share(draft.connections as u64)),
            rates: Rates {
                offered: draft.arrival.rate(),
                sent: ledger.sent_inside as f64 * 1e9 / (ledger.end - ledger.start) as f64,
                completed: ledger.completed as f64 / seconds,
            },
            from_intended: Distribution::of(&ledger.intended),
            from_send: Distribution::of(&ledger.from_send),
            lateness: open.then(|| Distribution::of(&ledger.lateness)),
            until_socket: facts.stamps.then(|| Distribution::of(&ledger.until_socket)),
            own_cpu: OwnCpu::of(&harvests, ledger.completed),
            watched_cpu: watched_cpu(spec, &harvests[0], ledger.completed),
            dispersion: ledger.sends.dispersion(),
            release_dispersion: ledger.releases.dispersion().filter(|_| open),
            little: little(&ledger),
            events_per_wait: ratio(sum(|h| h.work.events), sum(|h| h.work.waits)),
            peak_connections: sum(|h| h.peak_connections),
            peak_rss_bytes: Usage::own().peak_rss,
            intervals: ledger
                .series
                .iter()
                .flat_map(|s| rows(&s.rows, s.length, &ledger))
                .collect(),
            findings: Vec::new(),
            valid: true,
        };
        outcome.findings = verdict::judge(&outcome, ledger.releases.bins());
        outcome.valid = outcome
            .findings
            .iter()
            .all(|f| f.severity != Severity::Invalid);
        outcome
    }

    /// The result holds, and every request that was in the system in the measured part was
    /// answered right.
    pub fn is_good(&self) -> bool {
        self.valid && self.counts.failed == 0 && self.counts.carried_in_failed == 0
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn per(total: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| total as f64 / count as f64)
}

impl OwnCpu {
    /// Time that a thread that wakes up may have to wait for its CPU without being kept from it,
    /// ns: an idle CPU of a virtual machine takes 10 to 50 us to wake up, which is in the latencies of
    /// whoever sleeps between answers.
    pub const WAKE_NS: u64 = 50_000;

    fn of(harvests: &[Harvest], completed: u64) -> Self {
        let sum = |of: fn(&Harvest) -> u64| harvests.iter().map(of).sum::<u64>();
        let most = |of: fn(&Harvest) -> f64| harvests.iter().map(of).fold(0.0, f64::max);
        let total_ns = sum(Harvest::cpu);
        let spin_ns = sum(Harvest::spin);
        Self {
            total_ns,
            spin_ns,
            working_share: most(|h| {
                let could_run = h.length().saturating_sub(h.kept_out());
                ratio(h.cpu() - h.spin(), could_run).min(1.0)
            }),
            // Answers take work: none left means that the time of the spinning had others' in it.
            per_request_ns: per(total_ns - spin_ns, completed).filter(|ns| *ns > 0.0),
            starved_ns: sum(Harvest::starved),
            runs: sum(Harvest::runs),
            sleeps: sum(|h| h.work.sleeps),
            away_ns: sum(|h| h.away.total),
            longest_gap_ns: harvests.iter().map(|h| h.away.longest).max().unwrap_or(0),
            held_up: sum(|h| h.away.held_up),
            kept_out_share: most(|h| ratio(h.kept_out(), h.length()).min(1.0)),
        }
    }
}

impl Harvest {
    /// Length of the measured part, as this thread noticed its ends.
    fn length(&self) -> u64 {
        self.end.at - self.start.at
    }

    fn cpu(&self) -> u64 {
        self.end.own_cpu - self.start.own_cpu
    }

    fn spin(&self) -> u64 {
        self.work.spin_ns.min(self.cpu())
    }

    fn starved(&self) -> u64 {
        self.end.scheduling.starved - self.start.scheduling.starved
    }

    fn runs(&self) -> u64 {
        self.end.scheduling.runs - self.start.scheduling.runs
    }

    /// See [`OwnCpu::kept_out_share`].
    fn kept_out(&self) -> u64 {
        let waking = self.runs().min(self.work.sleeps) * OwnCpu::WAKE_NS;
        self.away.total.max(self.starved().saturating_sub(waking))
    }
}

fn watched_cpu(spec: &Spec, first: &Harvest, completed: u64) -> Option<WatchedCpu> {
    let pid = spec.draft().watch_pid?;
    let cpu_ns = first
        .end
        .watched_cpu?
        .checked_sub(first.start.watched_cpu?)?;
    Some(WatchedCpu {
        pid,
        cpu_ns,
        per_request_ns: per(cpu_ns, completed),
    })
}

fn little(ledger: &Ledger) -> Little {
    let length = (ledger.end - ledger.start) as f64;
    let (area, spent, left) = ledger.flow.sums();
    Little {
        in_system: area as f64 / length,
        from_times: spent as f64 / length,
        rate: left as f64 * 1e9 / length,
        imbalance: if area == 0 {
            0.0
        } else {
            spent as f64 / area as f64 - 1.0
        },
    }
}

fn rows(rows: &[Row], length: u64, ledger: &Ledger) -> Vec<IntervalRow> {
    let whole = ledger.end - ledger.start;
    let row = |(index, row): (usize, &Row)| {
        let start_ns = index as u64 * length;
        IntervalRow {
            start_ns,
            length_ns: length.min(whole - start_ns),
            ok: row.ok,
            errors: row.errors,
            from_intended: Distribution::of(&row.intended()),
        }
    };
    rows.iter().enumerate().map(row).collect()
}
