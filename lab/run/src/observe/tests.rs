//! Every number in the unit of its metric, every finding with its flag.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use load::{Arrival, Expect, OwnCpu, Severity, Span, SpecDraft, WatchedCpu};
use sys::cpu_time::process_cpu;

use super::*;
use crate::gate::Surroundings;
use crate::watch::Seen;

/// A server that answers whatever comes; it ends with the test's process.
fn server() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).is_ok_and(|n| n > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                    if stream.write_all(answer).is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

/// What the instrument says of a real run, in which the watched process is this one.
fn outcome(arrival: Arrival) -> Outcome {
    let mut spec = SpecDraft::new(format!("http://{}", server()));
    spec.expect = Expect {
        status: Some(200),
        body: Some("ok".to_owned()),
        length: None,
    };
    spec.connections = 2;
    spec.threads = 1;
    spec.arrival = arrival;
    spec.lead_in = Span(Duration::ZERO);
    spec.duration = Span(Duration::from_millis(200));
    // Generous: whoever else uses the machine, the answers come.
    spec.timeout = Span(Duration::from_secs(20));
    spec.watch_pid = Some(std::process::id());
    load::run(&spec.check().unwrap()).unwrap()
}

fn seen(outcome: Outcome) -> Window {
    Window {
        outcome,
        begun: Instant::now(),
        seen: Seen {
            surroundings: Surroundings {
                elapsed: Duration::from_secs(2),
                foreign: Duration::from_millis(500),
                stolen: Duration::ZERO,
                throttled: 0,
            },
            ..Seen::default()
        },
    }
}

fn by_name(window: &Window) -> BTreeMap<&'static str, f64> {
    let values = values(window);
    let named = values.iter().map(|(metric, value)| (metric.name(), *value));
    let named: BTreeMap<_, _> = named.collect();
    assert_eq!(named.len(), values.len(), "a metric stands there twice");
    named
}

#[test]
fn every_value_is_the_outcomes_in_the_unit_of_its_metric() {
    let mut outcome = outcome(Arrival::Constant { rate: 200.0 });
    outcome.begin_ns = 7_000_000_000;
    outcome.start_ns = 7_500_000_000;
    outcome.measured_ns = 1_500_000_000;
    outcome.rates.completed = 1_000.0;
    outcome.rates.sent = 1_100.0;
    outcome.counts.failed = 3;
    outcome.watched_cpu = Some(WatchedCpu {
        pid: 1,
        cpu_ns: 37_500_000,
        per_request_ns: Some(25_000.0),
    });
    outcome.own_cpu = OwnCpu {
        per_request_ns: Some(9_000.0),
        ..outcome.own_cpu
    };
    let latency = |p50, p99, p999, before: &Distribution| Distribution {
        count: 1_500,
        p50,
        p99,
        p999,
        ..before.clone()
    };
    outcome.from_intended = latency(120_000, 450_000, 900_000, &outcome.from_intended);
    outcome.from_send = latency(110_000, 440_000, 890_000, &outcome.from_send);
    let lateness = outcome.lateness.as_ref().unwrap();
    outcome.lateness = Some(latency(1_000, 6_000, 8_000, lateness));
    let mut window = seen(outcome);
    // 4 us for each of the 1,100 requests a second that were sent in the two seconds of load.
    window.seen.per_request = vec![(Metric::SpinPerRequest, 8_800.0)];
    window.seen.values = vec![(Metric::Goroutines, 17.0)];
    let wanted = BTreeMap::from([
        ("throughput", 1_000.0),
        ("errors", 3.0),
        ("foreign_cpu", 0.25),
        ("cpu_per_request", 25.0),
        ("spin_per_request", 4.0),
        ("goroutines", 17.0),
        ("client_cpu_per_request", 9.0),
        ("latency_p50", 120.0),
        ("latency_p99", 450.0),
        ("latency_p999", 900.0),
        ("lateness_p99", 6.0),
    ]);
    let found = by_name(&window);
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>()
    );
    for (metric, value) in &wanted {
        let off = (found[metric] - value).abs();
        assert!(off < 1e-9, "{metric}: {} instead of {value}", found[metric]);
    }
}

/// The kernel's own account of the process, read apart, says how much CPU time there was to
/// share out; how many requests it went to, and how long that took, the machine decides.
#[test]
fn cpu_time_is_what_the_kernel_says_and_throughput_what_was_answered() {
    let pid = std::process::id() as i32;
    let measured = || {
        let before = process_cpu(pid).unwrap();
        let outcome = outcome(Arrival::Closed);
        (outcome, process_cpu(pid).unwrap() - before)
    };
    let (mut outcome, mut spent) = measured();
    // The measured part of a machine that stands still has no answers to share it out to.
    for _ in 0..10 {
        if outcome.counts.completed_inside > 100 {
            break;
        }
        (outcome, spent) = measured();
    }
    let answers = outcome.counts.completed_inside as f64;
    let seconds = outcome.measured_ns as f64 / 1e9;
    let window = seen(outcome);
    let found = by_name(&window);
    let accounted = found["cpu_per_request"] * answers / spent.as_secs_f64() / 1e6;
    // Other tests of this process burn CPU time as well while this one does not look.
    assert!((0.02..=1.001).contains(&accounted), "{accounted} of it");
    let told = found["throughput"] * seconds;
    assert!((told - answers).abs() < 1e-6, "{told} of {answers}");
}

#[test]
fn histograms_keep_their_kinds_and_the_measured_part() {
    let window = seen(outcome(Arrival::Constant { rate: 200.0 }));
    let kept = histograms(&window, window.begun);
    let of = |kind| kept.iter().find(|h: &&IntervalHistogram| h.kind == kind);
    let outcome = &window.outcome;
    for (kind, distribution) in [
        (LatencyKind::Intended, &outcome.from_intended),
        (LatencyKind::Sent, &outcome.from_send),
        (LatencyKind::Lateness, outcome.lateness.as_ref().unwrap()),
    ] {
        let found = of(kind).unwrap();
        assert_eq!(found.histogram.len(), distribution.count, "{kind:?}");
        assert_eq!(found.histogram, distribution.decode().unwrap(), "{kind:?}");
        assert_eq!(found.length.as_nanos() as u64, outcome.measured_ns);
    }
}

#[test]
fn every_finding_that_casts_doubt_has_its_flag() {
    let mut window = seen(outcome(Arrival::Constant { rate: 200.0 }));
    window.seen.surroundings.foreign = Duration::ZERO;
    let mut flags = |kind| {
        window.outcome.findings = vec![Finding {
            kind,
            severity: Severity::Invalid,
            value: 1.0,
            limit: 0.0,
            advice: String::new(),
        }];
        validity(&window).flags().collect::<Vec<_>>()
    };
    for (kind, flag) in [
        (FindingKind::RateMissed, Flag::RateMissed),
        (FindingKind::Late, Flag::Late),
        (FindingKind::Stalled, Flag::Starved),
        (FindingKind::Starved, Flag::Starved),
        (FindingKind::Hung, Flag::Hung),
        (FindingKind::ClientBound, Flag::ClientBound),
        (FindingKind::Books, Flag::LittlesLaw),
        (FindingKind::Arrivals, Flag::Arrivals),
        (FindingKind::NoAnswers, Flag::Errors),
        (FindingKind::Errors, Flag::Errors),
    ] {
        assert_eq!(flags(kind), [flag], "{kind:?}");
    }
    window.outcome.findings.clear();
    window.seen.surroundings.foreign = Duration::from_secs(1);
    window.seen.surroundings.stolen = Duration::from_secs(1);
    window.seen.surroundings.throttled = 1;
    let of_machine: Vec<_> = validity(&window).flags().collect();
    assert_eq!(of_machine, [Flag::ForeignCpu, Flag::Steal, Flag::Throttled]);
}

#[test]
fn memory_is_in_mebibytes() {
    assert_eq!(mebibytes(3 << 20), 3.0);
    assert_eq!(mebibytes(1 << 19), 0.5);
}

#[test]
fn a_window_without_load_has_no_number_and_disturbs_its_block() {
    let cell = Cell {
        launch: 1,
        block: 3,
        window: 2,
        framework: "chi".to_owned(),
        variant: String::new(),
        scenario: "json".to_owned(),
        mode: "rate".to_owned(),
    };
    let surroundings = Surroundings {
        elapsed: Duration::from_secs(1),
        throttled: 2,
        ..Surroundings::default()
    };
    let rows = nothing(&cell, &OF_THE_SERVER, &surroundings);
    for row in &rows {
        assert_eq!(row.validity.to_string(), "not-measured+throttled");
        assert!(row.validity.flags().all(Flag::is_environmental));
        let number = row.metric == Metric::ForeignCpu;
        assert_eq!(row.value.is_finite(), number, "{}", row.metric.name());
    }
    assert!(rows.iter().any(|row| row.metric == Metric::Throughput));
}

#[test]
fn requests_that_hung_from_before_are_missing_answers() {
    let mut window = seen(outcome(Arrival::Closed));
    window.outcome.findings.clear();
    window.outcome.counts.failed = 2;
    window.outcome.counts.carried_in_failed = 3;
    assert_eq!(by_name(&window)["errors"], 5.0);
    window.outcome.counts.failed = 0;
    assert_eq!(by_name(&window)["errors"], 3.0);
    assert!(validity(&window).flags().any(|flag| flag == Flag::Errors));
}
