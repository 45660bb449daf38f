//! The rules on made-up books.

use super::*;
use crate::drive::Harvest;
use crate::ledger::{Ending, Ledger};
use crate::outcome::Facts;
use crate::spec::Arrival;
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
