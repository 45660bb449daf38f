//! Whether a result can be believed: each rule of the instrument, checked on its own result.

use crate::ledger::ErrorKind;
use crate::outcome::Outcome;
use crate::spec::Arrival;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Share of the due requests that must have been sent in time.
const RATE_REACHED: f64 = 0.99;
/// Share of a CPU above which the instrument, not the server, is what was measured.
const CLIENT_BOUND: f64 = 0.8;
/// Least lateness (p99) that is objected to, nanoseconds: what a shared machine's scheduler does.
const LATE_FLOOR: u64 = 500_000;
/// Share of the measured p99 that the lateness may be.
const LATE_SHARE: f64 = 0.1;
/// Largest imbalance of Little's law: the books are exact, this is for rounding.
const IMBALANCE: f64 = 0.005;
/// Largest variance over mean of arrivals per millisecond under a constant schedule.
const EVEN: f64 = 1.0;
/// How far the measured part's noticed length may be from the planned one.
const STALLED: f64 = 0.01;

/// Share of a closed loop's connections that may have been held for nothing: as much as of an
/// open loop's requests may be missing.
const LOST: f64 = 1.0 - RATE_REACHED;

/// Share of the measured part that a thread may be kept from running, in both loops: the accuracy
/// that the instrument claims of itself (`lab calibrate`). A closed loop loses as large a share of
/// its throughput.
const KEPT_OUT: f64 = 0.02;
/// So much is let pass however short the measured part is, ns: two or three time slices of Linux's
/// scheduler, which any daemon of a healthy machine may take. The same for a single gap.
const KEPT_OUT_FLOOR: u64 = 10_000_000;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Fewer requests were sent than the schedule asked for.
    RateMissed,
    /// The instrument took notice of due requests too late.
    Late,
    /// The instrument was stopped or kept from its CPU (`starved`). Invalid where throughput or p99
    /// are not the server's, a note where only what lies above p99.9 is not.
    Starved,
    /// The instrument's own CPU was the limit.
    ClientBound,
    /// The books do not balance (Little's law).
    Books,
    /// Due requests were not noticed as evenly as the schedule says.
    Arrivals,
    /// The instrument was stopped at an end of the measured part.
    Stalled,
    /// Nothing was answered right.
    NoAnswers,
    /// Some requests failed.
    Errors,
    /// Requests from before the measured part were in the system in it and failed, or a closed
    /// loop's connections were held for nothing (`hung`). Invalid where the load was not what was
    /// asked for, else a warning.
    Hung,
    /// Requests waited for a connection because there may be no more of them.
    ConnectionCap,
    /// Latencies above the histogram's bounds.
    Saturated,
    /// The watched process could not be read at both ends.
    WatchLost,
    /// Ctrl-C ended the measured part.
    CutShort,
    /// Bytes came that no request had asked for: answers may belong to other requests.
    Unsolicited,
    /// Connections could not be opened for a reason on this side.
    ConnectLocal,
}

/// Whom a finding speaks against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The measurement: what the result says of the server may be wrong.
    Instrument,
    /// The server, as far as nothing speaks against the measurement.
    Server,
}

impl FindingKind {
    /// Whom it speaks against. A new kind has to be put on a side here.
    pub fn side(self) -> Side {
        match self {
            Self::RateMissed
            | Self::NoAnswers
            | Self::Errors
            | Self::Hung
            | Self::ConnectionCap
            | Self::Saturated
            | Self::Unsolicited => Side::Server,
            Self::Late
            | Self::ClientBound
            | Self::Books
            | Self::Arrivals
            | Self::Stalled
            | Self::Starved
            | Self::WatchLost
            | Self::CutShort
            | Self::ConnectLocal => Side::Instrument,
        }
    }
}

/// What a finding means for the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// To be known.
    Note,
    /// Bad news, truly measured.
    Warning,
    /// The result does not hold.
    Invalid,
}

/// One thing that was found, with its number, its limit and what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about.
    pub kind: FindingKind,
    /// What it means.
    pub severity: Severity,
    /// What was measured.
    pub value: f64,
    /// What would have been in order.
    pub limit: f64,
    /// A sentence with the remedy.
    pub advice: String,
}

/// All findings on `outcome`; `bins` is the number of milliseconds behind its dispersions.
pub(crate) fn judge(outcome: &Outcome, bins: u64) -> Vec<Finding> {
    let own = [
        late(outcome),
        starved(outcome),
        client_bound(outcome),
        books(outcome),
        arrivals(outcome, bins),
        stalled(outcome),
    ];
    // First what voids the rest.
    let own: Vec<Finding> = own.into_iter().flatten().collect();
    let look = Look::after(&own);
    let others = [
        rate_missed(outcome, look),
        errors(outcome, look),
        hung(outcome, look),
        connection_cap(outcome),
        saturated(outcome),
        watch_lost(outcome),
        cut_short(outcome),
        unsolicited(outcome),
        connect_local(outcome),
    ];
    own.into_iter()
        .chain(others.into_iter().flatten())
        .collect()
}

/// Where to look for the cause of what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    AtTheServer,
    /// The instrument was kept from running: that comes first.
    AtTheInstrument,
}

impl Look {
    fn after(own: &[Finding]) -> Self {
        let kept = |f: &Finding| {
            f.severity == Severity::Invalid
                && matches!(
                    f.kind,
                    FindingKind::Starved | FindingKind::Stalled | FindingKind::Late
                )
        };
        if own.iter().any(kept) {
            Self::AtTheInstrument
        } else {
            Self::AtTheServer
        }
    }

    /// What to do about requests without an answer.
    fn advice(self) -> &'static str {
        match self {
            Self::AtTheServer => "Look at the examples, and at the server",
            Self::AtTheInstrument => {
                "The instrument was kept from running, which may be the cause: mend that first, \
                 and measure again"
            }
        }
    }
}

fn finding(
    kind: FindingKind,
    severity: Severity,
    value: f64,
    limit: f64,
    advice: String,
) -> Option<Finding> {
    Some(Finding {
        kind,
        severity,
        value,
        limit,
        advice,
    })
}

fn rate_missed(o: &Outcome, look: Look) -> Option<Finding> {
    o.rates.offered?;
    // What the schedule had due, which for Poisson arrivals is not exactly the rate; over the
    // planned length, as what was sent is.
    let seconds = o.cut_short_ns.unwrap_or(o.spec.duration.nanos()) as f64 / 1e9;
    let due = o.counts.recorded as f64 / seconds;
    let missing = (due - o.rates.sent) * seconds;
    // Two requests more or less at the edges are no finding, however few there are.
    if o.rates.sent >= RATE_REACHED * due || missing <= 2.0 {
        return None;
    }
    let why = match look {
        Look::AtTheServer => {
            "the server, or the cap of connections, does not hold this rate. Lower the rate or \
             raise max_connections."
        }
        Look::AtTheInstrument => {
            "the instrument did not run when it should have sent them, so this says nothing of \
             the server. Give the instrument a CPU of its own."
        }
    };
    finding(
        FindingKind::RateMissed,
        Severity::Invalid,
        o.rates.sent,
        due,
        format!(
            "{:.0} requests/s were sent where {due:.0} were due: {why}",
            o.rates.sent
        ),
    )
}

fn late(o: &Outcome) -> Option<Finding> {
    let lateness = o.lateness.as_ref()?;
    let spec = &o.spec;
    let limit = spec.lateness_limit.map_or_else(
        || {
            let share = (o.from_intended.p99 as f64 * LATE_SHARE) as u64;
            LATE_FLOOR.max(share) + spec.pacing.coalesce.nanos()
        },
        crate::Span::nanos,
    );
    if lateness.p99 <= limit {
        return None;
    }
    finding(
        FindingKind::Late,
        Severity::Invalid,
        lateness.p99 as f64,
        limit as f64,
        format!(
            "1 % of the requests were noticed more than {:.0} us late, which is in the latencies \
             from intended start. Give the instrument a CPU of its own, or more threads.",
            lateness.p99 as f64 / 1e3
        ),
    )
}

/// Above `q` of the latencies lie requests that the instrument let wait for a good part of their
/// time: more than `1 - q` of them were in flight in gaps, of which the longest is at least
/// `floor` and a tenth of that quantile.
fn holds_up(o: &Outcome, q: f64, quantile: u64, floor: u64) -> bool {
    let own = &o.own_cpu;
    let limit = floor.max((quantile as f64 * LATE_SHARE) as u64);
    own.longest_gap_ns > limit && own.held_up as f64 > (1.0 - q) * o.counts.recorded as f64
}

fn starved(o: &Outcome) -> Option<Finding> {
    let own = &o.own_cpu;
    let limit = KEPT_OUT.max(KEPT_OUT_FLOOR as f64 / o.measured_ns.max(1) as f64);
    let gap = own.longest_gap_ns as f64 / 1e6;
    if own.kept_out_share > limit {
        return finding(
            FindingKind::Starved,
            Severity::Invalid,
            own.kept_out_share,
            limit,
            format!(
                "the instrument was kept from running for {:.1} % of the measured part (longest \
                 gap {gap:.1} ms): stopped, or others had its CPU. Give it a CPU of its own.",
                own.kept_out_share * 100.0
            ),
        );
    }
    let held_up = |severity, what| {
        finding(
            FindingKind::Starved,
            severity,
            own.longest_gap_ns as f64,
            KEPT_OUT_FLOOR as f64,
            format!(
                "{} requests were in flight while the instrument did not run, for up to {gap:.1} ms \
                 at a time: {what} not only the server's. Give the instrument a CPU of its own.",
                own.held_up
            ),
        )
    };
    let d = &o.from_intended;
    if holds_up(o, 0.99, d.p99, KEPT_OUT_FLOOR) {
        held_up(Severity::Invalid, "p99 and what lies above is")
    } else if holds_up(o, 0.999, d.p999, 0) {
        held_up(Severity::Note, "p99.9 and what lies above is")
    } else {
        None
    }
}

fn client_bound(o: &Outcome) -> Option<Finding> {
    let share = o.own_cpu.working_share;
    if share < CLIENT_BOUND {
        return None;
    }
    finding(
        FindingKind::ClientBound,
        Severity::Invalid,
        share,
        CLIENT_BOUND,
        format!(
            "the instrument worked {:.0} % of the time that its CPU was to be had, so its own speed is in the result. \
             Give it more threads on more CPUs, or the server less CPU.",
            share * 100.0
        ),
    )
}

fn books(o: &Outcome) -> Option<Finding> {
    let imbalance = o.little.imbalance;
    if imbalance.abs() <= IMBALANCE {
        return None;
    }
    finding(
        FindingKind::Books,
        Severity::Invalid,
        imbalance,
        IMBALANCE,
        "requests in the system and the time that they spent there do not match (Little's law): \
         a fault of the instrument. Please report it with this JSON."
            .into(),
    )
}

fn arrivals(o: &Outcome, bins: u64) -> Option<Finding> {
    let dispersion = o.release_dispersion?;
    let (low, high) = match o.spec.arrival {
        Arrival::Closed => return None,
        Arrival::Constant { .. } => (0.0, EVEN),
        Arrival::Poisson { .. } => {
            // The ratio's standard error is sqrt(2 / bins) around 1; six of them, and a fifth for
            // what a shared machine does.
            let slack = 0.2 + 6.0 * (2.0 / bins as f64).sqrt();
            (1.0 - slack, 1.0 + slack)
        }
    };
    if (low..=high).contains(&dispersion) {
        return None;
    }
    finding(
        FindingKind::Arrivals,
        Severity::Invalid,
        dispersion,
        high,
        format!(
            "the instrument noticed due requests in bursts: variance over mean per millisecond is \
             {dispersion:.2}. Give it a CPU of its own, or coalesce less."
        ),
    )
}

fn stalled(o: &Outcome) -> Option<Finding> {
    let planned = o.cut_short_ns.unwrap_or(o.spec.duration.nanos()) as f64;
    let off = o.measured_ns as f64 / planned - 1.0;
    if off.abs() <= STALLED {
        return None;
    }
    finding(
        FindingKind::Stalled,
        Severity::Invalid,
        off,
        STALLED,
        "the instrument did not run at an end of the measured part, which has another length \
         than planned. Give it a CPU of its own."
            .into(),
    )
}

fn by_kind(errors: &BTreeMap<ErrorKind, u64>) -> String {
    let each: Vec<String> = errors
        .iter()
        .map(|(kind, count)| format!("{count} {}", kind.name()))
        .collect();
    each.join(", ")
}

/// The errors of the measured part by kind. In the counts, what had no end when the drain was over is
/// a timeout; in words it is not, as the timeout had not passed.
fn by_kind_and_end(o: &Outcome) -> String {
    let mut errors = o.errors.clone();
    let mut words = Vec::new();
    if let Some(timeouts) = errors.get_mut(&ErrorKind::Timeout) {
        let unfinished = o.counts.unfinished.min(*timeouts);
        *timeouts -= unfinished;
        if unfinished > 0 {
            words.push(format!("{unfinished} unfinished at the end of the drain"));
        }
    }
    errors.retain(|_, count| *count > 0);
    let kinds = by_kind(&errors);
    words.splice(0..0, (!kinds.is_empty()).then_some(kinds));
    words.join(", ")
}

fn errors(o: &Outcome, look: Look) -> Option<Finding> {
    let failed = o.counts.failed;
    let by_kind = by_kind_and_end(o);
    let look = look.advice();
    if o.counts.recorded == 0 {
        return finding(
            FindingKind::NoAnswers,
            Severity::Invalid,
            0.0,
            1.0,
            nothing_due(o, look),
        );
    }
    if o.counts.ok == 0 {
        return finding(
            FindingKind::NoAnswers,
            Severity::Invalid,
            0.0,
            1.0,
            format!(
                "no request of the measured part was answered right ({} recorded: {by_kind}). \
                 {look}.",
                o.counts.recorded
            ),
        );
    }
    if failed == 0 {
        return None;
    }
    finding(
        FindingKind::Errors,
        Severity::Warning,
        failed as f64,
        0.0,
        format!(
            "{failed} of {} requests failed: {by_kind}. They are in no throughput, and in the \
             latencies with their age, as lower bounds: what they could move is marked with \u{2265}. \
             Look at the examples.",
            o.counts.recorded
        ),
    )
}

/// Why no request began in the measured part.
fn nothing_due(o: &Outcome, look: &str) -> String {
    if o.rates.offered.is_some() {
        return "no request came due in the measured part, so nothing was measured. Use a longer \
                duration (-d) or a higher rate (-R)."
            .into();
    }
    match o.counts.spanned {
        0 => format!("no request began in the measured part. {look}, or use a longer one (-d)."),
        spanned => format!(
            "no request began in the measured part: {spanned} from before it were in flight all \
             through it. {look}; give a server that is only slow a longer measured part (-d)."
        ),
    }
}

fn hung(o: &Outcome, look: Look) -> Option<Finding> {
    let c = &o.counts;
    let look = look.advice();
    let lost = o.lost_concurrency.unwrap_or(0.0);
    if lost <= LOST && c.carried_in_failed == 0 {
        return None;
    }
    let carried = if c.carried_in_failed > 0 {
        format!(
            "{} requests from before the measured part were in flight in it and failed ({}); they \
             are in no latency and no throughput. ",
            c.carried_in_failed,
            by_kind(&o.carried_in_errors)
        )
    } else {
        String::new()
    };
    if lost <= LOST {
        return finding(
            FindingKind::Hung,
            Severity::Warning,
            c.carried_in_failed as f64,
            0.0,
            format!("{carried}{look}."),
        );
    }
    finding(
        FindingKind::Hung,
        Severity::Invalid,
        lost,
        LOST,
        format!(
            "{:.1} % of the time of the {} connections went to requests that were never answered \
             or took longer than the measured part, or to connections that were gone: the load \
             was not what was asked for. {carried}{look}; give a server that is only slow a longer \
             measured part.",
            lost * 100.0,
            o.spec.connections
        ),
    )
}

fn connection_cap(o: &Outcome) -> Option<Finding> {
    let waited = o.counts.waited_for_connection;
    if waited == 0 {
        return None;
    }
    finding(
        FindingKind::ConnectionCap,
        Severity::Note,
        waited as f64,
        0.0,
        format!(
            "{waited} requests waited in the instrument because all connections were busy; the \
             wait is in the latencies from intended start, not in those from actual send."
        ),
    )
}

fn saturated(o: &Outcome) -> Option<Finding> {
    let saturated = o.from_intended.saturated;
    if saturated == 0 {
        return None;
    }
    finding(
        FindingKind::Saturated,
        Severity::Warning,
        saturated as f64,
        0.0,
        format!("{saturated} latencies above 60 s are recorded as 60 s. Use a shorter timeout."),
    )
}

fn watch_lost(o: &Outcome) -> Option<Finding> {
    let pid = o.spec.watch_pid?;
    if o.watched_cpu.is_some() {
        return None;
    }
    finding(
        FindingKind::WatchLost,
        Severity::Warning,
        f64::from(pid),
        0.0,
        format!(
            "the CPU of process {pid} could not be read: it ended during the run, or never was."
        ),
    )
}

fn cut_short(o: &Outcome) -> Option<Finding> {
    let length = o.cut_short_ns? as f64 / 1e9;
    let planned = o.spec.duration;
    finding(
        FindingKind::CutShort,
        Severity::Warning,
        length,
        planned.nanos() as f64 / 1e9,
        format!("cut short by Ctrl-C: the measured part took {length:.2} s instead of {planned}."),
    )
}

fn unsolicited(o: &Outcome) -> Option<Finding> {
    let idle = o.counts.connections_unsolicited;
    let behind = o.errors.get(&ErrorKind::Unsolicited).copied().unwrap_or(0);
    if idle + behind == 0 {
        return None;
    }
    finding(
        FindingKind::Unsolicited,
        Severity::Invalid,
        (idle + behind) as f64,
        0.0,
        format!(
            "bytes came that no request had asked for ({idle} times on an idle connection, \
             {behind} times behind an answer): answers may have been taken for those of other \
             requests. The server answers more than once, or says another length than it sends."
        ),
    )
}

fn connect_local(o: &Outcome) -> Option<Finding> {
    let count = *o.errors.get(&ErrorKind::ConnectLocal)?;
    finding(
        FindingKind::ConnectLocal,
        Severity::Invalid,
        count as f64,
        0.0,
        format!(
            "{count} requests had no connection because this machine could not open one: that is \
             not the server's doing. Look at the example connect-local."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::Harvest;
    use crate::ledger::{Ending, Ledger};
    use crate::outcome::Facts;
    use crate::{Span, SpecDraft};
    use sys::clock::{MILLI, SECOND, Scheduling};

    const START: u64 = 10 * SECOND;
    const END: u64 = 11 * SECOND;

    /// A thread that had a calm second: 1000 requests of 1 ms each, one a millisecond.
    fn calm() -> (Ledger, Harvest) {
        let mut ledger = Ledger::new(START, END, SECOND, None);
        for due in (START..END).step_by(MILLI as usize) {
            ledger.flow.enter(due, due);
            ledger.releases.note(due);
            ledger.note_send(due);
            ledger.lateness.record(1000);
            ledger.close(&Ending {
                due,
                sent: Some(due),
                at: due + MILLI,
                stamp: None,
                error: None,
            });
        }
        let mut harvest = Harvest::default();
        (harvest.start.at, harvest.end.at) = (START, END);
        harvest.end.own_cpu = 900 * MILLI;
        harvest.work.spin_ns = 880 * MILLI;
        (ledger, harvest)
    }

    fn outcome(arrival: Arrival, change: impl Fn(&mut Ledger, &mut Harvest)) -> Outcome {
        let spec = SpecDraft {
            arrival,
            connections: 1,
            duration: Span::from_millis(1000),
            ..SpecDraft::new("http://127.0.0.1:1/")
        };
        let facts = Facts {
            engine: "none",
            address: String::new(),
            begin: START,
            start_wall: 0,
            stamps: false,
        };
        let (mut ledger, mut harvest) = calm();
        change(&mut ledger, &mut harvest);
        Outcome::new(&spec.check().unwrap(), facts, vec![(ledger, harvest)])
    }

    const EACH: [Arrival; 2] = [Arrival::Closed, Arrival::Constant { rate: 1000.0 }];

    fn found(o: &Outcome) -> Vec<(FindingKind, Severity)> {
        o.findings.iter().map(|f| (f.kind, f.severity)).collect()
    }

    #[test]
    fn a_calm_second_has_no_finding() {
        for arrival in EACH {
            let o = outcome(arrival, |_, _| {});
            assert_eq!(found(&o), []);
            assert!(o.is_good());
            assert!((o.own_cpu.working_share - 0.02).abs() < 1e-9);
            assert_eq!(o.own_cpu.per_request_ns, Some(20.0 * MILLI as f64 / 999.0));
        }
    }

    #[test]
    fn an_instrument_kept_from_running_is_starved_in_both_loops() {
        let void = [(FindingKind::Starved, Severity::Invalid)];
        for arrival in EACH {
            // Stopped: the scheduler knows nothing of it.
            let o = outcome(arrival, |_, h| h.away.total = 21 * MILLI);
            assert_eq!(found(&o), void);
            assert!((o.own_cpu.kept_out_share - 0.021).abs() < 1e-9);
            let o = outcome(arrival, |_, h| h.away.total = 19 * MILLI);
            assert_eq!(found(&o), []);
            // Others had its CPU while it wanted to wake up: no gap in its own readings.
            let waited = |sleeps, runs| {
                outcome(arrival, |_, h| {
                    let starved = 300 * MILLI;
                    h.end.scheduling = Scheduling { starved, runs };
                    h.work.sleeps = sleeps;
                })
            };
            assert_eq!(found(&waited(100, 100)), void);
            // As much, by waking up an idle CPU 10,000 times, is its own affair; who spins or
            // finds answers waiting does not wake up.
            assert_eq!(found(&waited(10_000, 10_000)), []);
            assert_eq!(found(&waited(0, 10_000)), void);
            assert_eq!(found(&waited(10_000, 100)), void);
        }
    }

    #[test]
    fn one_long_gap_voids_what_it_is_in() {
        for arrival in EACH {
            let gap = |longest, held_up| {
                let o = outcome(arrival, |_, h| {
                    h.away.total = 10 * MILLI;
                    (h.away.longest, h.away.held_up) = (longest, held_up);
                });
                found(&o)
            };
            // 1000 requests: eleven are more than 1 %, two more than 0.1 %.
            let is = |severity| vec![(FindingKind::Starved, severity)];
            assert_eq!(gap(15 * MILLI, 11), is(Severity::Invalid));
            assert_eq!(gap(15 * MILLI, 2), is(Severity::Note));
            assert_eq!(gap(15 * MILLI, 1), []);
            assert_eq!(gap(MILLI / 20, 11), []);
        }
    }

    #[test]
    fn being_kept_from_the_cpu_makes_no_instrument_look_idle() {
        // Half of the time others had the CPU; of the rest it worked all but a tenth.
        let o = outcome(EACH[0], |_, h| {
            h.away.total = 500 * MILLI;
            h.end.own_cpu = 500 * MILLI;
            h.work.spin_ns = 50 * MILLI;
        });
        assert!((o.own_cpu.working_share - 0.9).abs() < 1e-9);
        let kinds: Vec<_> = o.findings.iter().map(|f| f.kind).collect();
        assert_eq!(kinds, [FindingKind::Starved, FindingKind::ClientBound]);
    }

    #[test]
    fn a_rate_is_held_if_all_that_was_due_was_sent_however_late_the_end_is_noticed() {
        // Noticed 9 ms late, the measured part is short by as much; five were sent after its end.
        let o = outcome(EACH[1], |ledger, h| {
            h.start.at += 9 * MILLI;
            ledger.sent_inside -= 5;
        });
        assert_eq!(found(&o), []);
        let fewer = outcome(EACH[1], |ledger, _| ledger.sent_inside -= 11);
        assert_eq!(
            found(&fewer),
            [(FindingKind::RateMissed, Severity::Invalid)]
        );
        assert_eq!((fewer.rates.sent, fewer.findings[0].limit), (989.0, 1000.0));
    }

    #[test]
    fn bursts_are_the_instruments_only_if_it_noticed_in_bursts() {
        let bursts = |arrivals: &mut crate::ledger::Arrivals| {
            *arrivals = crate::ledger::Arrivals::new(START, END);
            (0..1000).for_each(|i| arrivals.note(START + i / 100 * 100 * MILLI));
        };
        let waited = outcome(EACH[1], |ledger, _| bursts(&mut ledger.sends));
        assert!(waited.dispersion.unwrap() > 50.0);
        assert_eq!(found(&waited), []);
        let late = outcome(EACH[1], |ledger, _| bursts(&mut ledger.releases));
        assert_eq!(found(&late), [(FindingKind::Arrivals, Severity::Invalid)]);
    }
}
