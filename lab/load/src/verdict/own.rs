//! What the instrument did wrong itself, or could not do.

use super::finding::{Finding, FindingKind, Severity, finding};
use crate::outcome::Outcome;
use crate::spec::Arrival;

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
/// Share of the measured part that a thread may be kept from running, in both loops: the accuracy
/// that the instrument claims of itself (`lab calibrate`). A closed loop loses as large a share of
/// its throughput.
const KEPT_OUT: f64 = 0.02;
/// So much is let pass however short the measured part is, ns: two or three time slices of Linux's
/// scheduler, which any daemon of a healthy machine may take. The same for a single gap.
const KEPT_OUT_FLOOR: u64 = 10_000_000;

pub fn late(o: &Outcome) -> Option<Finding> {
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

pub fn starved(o: &Outcome) -> Option<Finding> {
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

pub fn client_bound(o: &Outcome) -> Option<Finding> {
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

pub fn books(o: &Outcome) -> Option<Finding> {
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

pub fn arrivals(o: &Outcome, bins: u64) -> Option<Finding> {
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

pub fn stalled(o: &Outcome) -> Option<Finding> {
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
