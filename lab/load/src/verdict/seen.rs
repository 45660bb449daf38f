//! What the instrument saw of the server and of the way there.

use super::finding::{Finding, FindingKind, Severity, finding};
use crate::ledger::ErrorKind;
use crate::outcome::Outcome;
use std::collections::BTreeMap;

/// Share of the due requests that must have been sent in time.
const RATE_REACHED: f64 = 0.99;
/// Share of a closed loop's connections that may have been held for nothing: as much as of an
/// open loop's requests may be missing.
const LOST: f64 = 1.0 - RATE_REACHED;

/// Where to look for the cause of what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    AtTheServer,
    /// The instrument was kept from running: that comes first.
    AtTheInstrument,
}

impl Look {
    /// As the instrument itself was found.
    pub fn after(own: &[Finding]) -> Self {
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

pub fn rate_missed(o: &Outcome, look: Look) -> Option<Finding> {
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

pub fn errors(o: &Outcome, look: Look) -> Option<Finding> {
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

pub fn hung(o: &Outcome, look: Look) -> Option<Finding> {
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

pub fn connection_cap(o: &Outcome) -> Option<Finding> {
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

pub fn saturated(o: &Outcome) -> Option<Finding> {
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

pub fn watch_lost(o: &Outcome) -> Option<Finding> {
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

pub fn cut_short(o: &Outcome) -> Option<Finding> {
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

pub fn unsolicited(o: &Outcome) -> Option<Finding> {
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

pub fn connect_local(o: &Outcome) -> Option<Finding> {
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
