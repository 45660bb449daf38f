//! Whether a result can be believed: each rule of the instrument, checked on its own result.

use crate::ledger::ErrorKind;
use crate::outcome::Outcome;
use crate::spec::Arrival;
use serde::{Deserialize, Serialize};

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

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Fewer requests were sent than the schedule asked for.
    RateMissed,
    /// The instrument took notice of due requests too late.
    Late,
    /// The instrument's own CPU was the limit.
    ClientBound,
    /// The books do not balance (Little's law).
    Books,
    /// Requests did not leave as the schedule says.
    Arrivals,
    /// The instrument was stopped at an end of the measured part.
    Stalled,
    /// Nothing was answered right.
    NoAnswers,
    /// Some requests failed.
    Errors,
    /// Requests waited for a connection because there may be no more of them.
    ConnectionCap,
    /// Latencies above the histogram's bounds.
    Saturated,
    /// The watched process could not be read at both ends.
    WatchLost,
    /// Bytes came that no request had asked for: answers may belong to other requests.
    Unsolicited,
    /// Connections could not be opened for a reason on this side.
    ConnectLocal,
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

/// All findings on `outcome`; `bins` is the number of milliseconds behind its dispersion.
pub(crate) fn judge(outcome: &Outcome, bins: u64) -> Vec<Finding> {
    [
        rate_missed(outcome),
        late(outcome),
        client_bound(outcome),
        books(outcome),
        arrivals(outcome, bins),
        stalled(outcome),
        errors(outcome),
        connection_cap(outcome),
        saturated(outcome),
        watch_lost(outcome),
        unsolicited(outcome),
        connect_local(outcome),
    ]
    .into_iter()
    .flatten()
    .collect()
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

fn rate_missed(o: &Outcome) -> Option<Finding> {
    o.rates.offered?;
    // What the schedule had due, which for Poisson arrivals is not exactly the rate.
    let due = o.counts.recorded as f64 * 1e9 / o.measured_ns as f64;
    let missing = (due - o.rates.sent) * o.measured_ns as f64 / 1e9;
    // Two requests more or less at the edges are no finding, however few there are.
    if o.rates.sent >= RATE_REACHED * due || missing <= 2.0 {
        return None;
    }
    finding(
        FindingKind::RateMissed,
        Severity::Invalid,
        o.rates.sent,
        due,
        format!(
            "{:.0} requests/s were sent where {due:.0} were due: the server, or the cap of \
             connections, does not hold this rate. Lower the rate or raise max_connections.",
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
            "the instrument worked {:.0} % of its CPU's time, so its own speed is in the result. \
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
    let dispersion = o.dispersion?;
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
            "requests left in bursts: variance over mean per millisecond is {dispersion:.2}. \
             Give the instrument a CPU of its own, or raise max_connections."
        ),
    )
}

fn stalled(o: &Outcome) -> Option<Finding> {
    let planned = o.spec.duration.nanos() as f64;
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

fn errors(o: &Outcome) -> Option<Finding> {
    let failed = o.counts.failed;
    let by_kind: Vec<String> = o
        .errors
        .iter()
        .map(|(kind, count)| format!("{count} {}", kind.name()))
        .collect();
    let by_kind = by_kind.join(", ");
    if o.counts.ok == 0 {
        return finding(
            FindingKind::NoAnswers,
            Severity::Invalid,
            0.0,
            1.0,
            format!(
                "no request of the measured part was answered right ({} recorded: {by_kind}). \
                 Look at the examples, and at the server.",
                o.counts.recorded
            ),
        );
    }
    if failed == 0 {
        return None;
    }
    let advice = if o.errors.contains_key(&ErrorKind::Timeout) {
        "Timeouts are in the latencies at the timeout; other errors have no latency."
    } else {
        "They are in no latency and no throughput; look at the examples."
    };
    finding(
        FindingKind::Errors,
        Severity::Warning,
        failed as f64,
        0.0,
        format!(
            "{failed} of {} requests failed: {by_kind}. {advice}",
            o.counts.recorded
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
