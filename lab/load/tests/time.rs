//! Time: schedules, timeouts, freezes, drains. Nothing here depends on how fast the machine is.

mod common;

use common::until_it_tells;
use common::{answer, echo_path, on_each_engine, run, run_until, serve, short};
use load::{Arrival, ErrorKind, Figure, FindingKind, Pacing, Span, SpecDraft};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[test]
fn an_open_loop_records_exactly_what_the_schedule_has_due() {
    for pacing in [
        Pacing::default(),
        Pacing {
            spin: Some(Span::from_millis(0)),
            coalesce: Span::from_millis(0),
        },
        Pacing {
            spin: Some(Span::from_millis(0)),
            coalesce: Span::from_millis(5),
        },
    ] {
        on_each_engine(|engine| {
            let server = echo_path();
            let outcome = run(SpecDraft {
                engine,
                pacing,
                arrival: Arrival::Constant { rate: 2000.0 },
                lead_in: Span::from_millis(100),
                duration: Span::from_millis(300),
                ..short(server.url("/"))
            })
            .unwrap();
            assert_eq!(outcome.counts.recorded, 600);
            assert_eq!(outcome.counts.ok, 600, "{:?}", outcome.examples);
            assert_eq!(outcome.lateness.as_ref().unwrap().count, 600);
            // The lead-in's requests reached the server and no account.
            assert_eq!(server.served(), 800);
        });
    }
}

#[test]
fn poisson_arrivals_are_the_seeds() {
    let recorded = |seed| {
        let server = echo_path();
        let arrival = Arrival::Poisson { rate: 1000.0 };
        let draft = SpecDraft {
            arrival,
            seed,
            ..short(server.url("/"))
        };
        run(draft).unwrap().counts.recorded
    };
    assert_eq!(recorded(1), recorded(1));
}

#[test]
fn coalescing_delays_requests_and_says_so() {
    let server = echo_path();
    let outcome = run(SpecDraft {
        pacing: Pacing {
            spin: Some(Span::from_millis(0)),
            coalesce: Span::from_millis(20),
        },
        arrival: Arrival::Constant { rate: 1000.0 },
        duration: Span::from_millis(500),
        ..short(server.url("/"))
    })
    .unwrap();
    // Each wake-up releases the one that is 20 ms late and all that came due since.
    let lateness = outcome.lateness.unwrap();
    assert!(lateness.max >= 20_000_000, "{lateness:?}");
    assert!(outcome.from_intended.p50 > outcome.from_send.p50);
}

#[test]
fn a_closed_loop_sleeps_between_answers_unless_it_is_to_spin() {
    // Few connections, and enough that answers are gathered.
    for connections in [2, 32] {
        on_each_engine(|engine| {
            let spun = |spin| {
                let server = serve(|_, stream| {
                    std::thread::sleep(Duration::from_millis(20));
                    stream.write_all(answer(200, "x").as_bytes())?;
                    Ok(true)
                });
                let draft = SpecDraft {
                    engine,
                    connections,
                    pacing: Pacing {
                        spin,
                        ..Pacing::default()
                    },
                    lead_in: Span::from_millis(100),
                    duration: Span::from_millis(300),
                    ..short(server.url("/"))
                };
                let outcome = run_until(draft, |o| o.counts.ok >= connections as u64);
                assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
                assert!(outcome.counts.ok >= connections as u64);
                outcome.own_cpu.spin_ns
            };
            let (sleeping, spinning) = (spun(None), spun(Some(Span::from_millis(50))));
            assert!(spinning > 10 * sleeping, "{spinning} {sleeping}");
        });
    }
}

#[test]
fn a_freeze_is_in_the_intended_latencies_of_every_request_it_held_up() {
    on_each_engine(|engine| {
        let freeze = |_| {
            // Frozen from 300 ms after the first request on, for two seconds.
            let begin = std::sync::OnceLock::new();
            let server = serve(move |_, stream| {
                let begin: &Instant = begin.get_or_init(Instant::now);
                let since = begin.elapsed();
                if (Duration::from_millis(300)..Duration::from_millis(2300)).contains(&since) {
                    std::thread::sleep(Duration::from_millis(2300) - since);
                }
                stream.write_all(answer(200, "x").as_bytes())?;
                Ok(true)
            });
            let outcome = run(SpecDraft {
                engine,
                arrival: Arrival::Constant { rate: 400.0 },
                connections: 2,
                // Two connections: all others of the freeze wait in the instrument.
                max_connections: Some(2),
                lead_in: Span::from_millis(0),
                duration: Span::from_millis(3000),
                ..short(server.url("/"))
            })
            .unwrap();
            assert_eq!(outcome.counts.ok, 1200, "{:?}", outcome.examples);
            outcome
        };
        let slow = |of: &load::Distribution| {
            let all = of.decode().unwrap();
            all.count_between(1_000_000_000, 60_000_000_000)
        };
        // A machine that stands still for a second holds up two more sends each time.
        let outcome = until_it_tells(freeze, |o| slow(&o.from_send) <= 4);
        assert!(
            outcome.counts.waited_for_connection > 400,
            "{:?}",
            outcome.counts
        );
        // 800 of 1200 requests waited a second in the mean; the actual sends show two of them.
        assert!(
            outcome.from_intended.p90 > 500_000_000,
            "{:?}",
            outcome.from_intended
        );
        let (intended, sent) = (slow(&outcome.from_intended), slow(&outcome.from_send));
        assert!(intended > 300 && sent <= 4, "{intended} {sent}");
        assert!(
            outcome
                .findings
                .iter()
                .any(|f| f.kind == FindingKind::ConnectionCap)
        );
    });
}

#[test]
fn requests_in_flight_at_the_end_are_waited_for() {
    for arrival in [Arrival::Closed, Arrival::Constant { rate: 200.0 }] {
        on_each_engine(|engine| {
            // All that arrives 100 ms after the start or later takes 400 ms.
            let one = |_| {
                let held = Arc::new(AtomicU64::new(0));
                let counter = held.clone();
                let begin = std::sync::OnceLock::new();
                let server = serve(move |_, stream| {
                    let begin: &Instant = begin.get_or_init(Instant::now);
                    if begin.elapsed() > Duration::from_millis(100) {
                        counter.fetch_add(1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(400));
                    }
                    stream.write_all(answer(200, "x").as_bytes())?;
                    Ok(true)
                });
                let outcome = run(SpecDraft {
                    engine,
                    arrival,
                    lead_in: Span::from_millis(0),
                    duration: Span::from_millis(300),
                    ..short(server.url("/"))
                });
                (outcome.unwrap(), held.load(Ordering::SeqCst))
            };
            let (outcome, held) = until_it_tells(one, |(_, held)| *held >= 4);
            assert!(held >= 4, "{held} requests were held");
            assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.errors);
            assert!(outcome.counts.drained >= held, "{:?}", outcome.counts);
            assert!(outcome.from_intended.max >= 400_000_000);
        });
    }
}

#[test]
fn a_request_without_an_answer_is_recorded_at_the_timeout() {
    for arrival in [Arrival::Closed, Arrival::Constant { rate: 200.0 }] {
        on_each_engine(|engine| {
            let server = serve(|request, stream| {
                if request.nth == 3 {
                    std::thread::sleep(Duration::from_secs(60));
                }
                stream.write_all(answer(200, "x").as_bytes())?;
                Ok(true)
            });
            let draft = SpecDraft {
                engine,
                arrival,
                timeout: Span::from_millis(200),
                duration: Span::from_millis(400),
                ..short(server.url("/"))
            };
            let outcome = run_until(draft, |o| o.counts.failed > 0);
            let timeouts = outcome.errors.get(&ErrorKind::Timeout).copied();
            assert!(timeouts.is_some_and(|n| n > 0), "{:?}", outcome.counts);
            let failed = outcome.from_intended.decode_censored().unwrap().unwrap();
            assert_eq!(failed.len(), timeouts.unwrap(), "{:?}", outcome.examples);
            // Three digits: 200 ms lies in a bucket of at most 0.1 %.
            assert_eq!(failed.max() / 1_000_000, 200);
            // What was answered later is only what came while the instrument did not look.
            let longest = outcome.from_intended.decode().unwrap().max();
            if outcome.own_cpu.longest_gap_ns < 10_000_000 {
                assert_eq!(longest / 1_000_000, 200);
            }
        });
    }
}

#[test]
fn failing_late_is_no_better_for_a_p99_than_answering_late() {
    // Of a hundred requests three take 300 ms and are then answered, or reset.
    let slow = Duration::from_millis(300);
    let p99 = |answers: bool, _| {
        let nth = AtomicU64::new(0);
        let server = serve(move |_, stream| {
            if nth.fetch_add(1, Ordering::SeqCst) % 100 < 3 {
                std::thread::sleep(slow);
                if !answers {
                    return Ok(false);
                }
            }
            stream.write_all(answer(200, "x").as_bytes())?;
            Ok(true)
        });
        let outcome = run(SpecDraft {
            arrival: Arrival::Constant { rate: 500.0 },
            max_connections: Some(64),
            lead_in: Span::from_millis(0),
            duration: Span::from_millis(800),
            ..short(server.url("/"))
        })
        .unwrap();
        assert_eq!(outcome.counts.recorded, 400);
        assert_eq!(outcome.counts.failed, if answers { 0 } else { 12 });
        outcome
    };
    // On a machine that stood still for long the others are as slow.
    let of = |answers| {
        let quick = |o: &load::Outcome| o.from_intended.p50 < slow.as_nanos() as u64 / 2;
        until_it_tells(|times| p99(answers, times), quick).from_intended
    };
    let (answered, failed) = (of(true), of(false));
    assert!(answered.p99 >= slow.as_nanos() as u64, "{answered:?}");
    assert!(failed.p99 >= slow.as_nanos() as u64, "{failed:?}");
    // What the failed ones would have taken is unknown, and said to be.
    assert_eq!(answered.at_least, []);
    assert!(failed.is_at_least(Figure::P99) && failed.is_at_least(Figure::P999));
    assert!(!failed.is_at_least(Figure::P50), "{failed:?}");
    let ages = failed.decode_censored().unwrap().unwrap();
    assert_eq!(ages.len(), 12);
    assert!(ages.min() >= slow.as_nanos() as u64 * 999 / 1000);
}

#[test]
fn a_server_that_freezes_for_good_ends_in_a_result() {
    for arrival in [Arrival::Closed, Arrival::Constant { rate: 300.0 }] {
        on_each_engine(|engine| {
            let server = serve(|_, _| {
                std::thread::sleep(Duration::from_secs(60));
                Ok(false)
            });
            let draft = SpecDraft {
                engine,
                arrival,
                max_connections: (arrival != Arrival::Closed).then_some(8),
                timeout: Span::from_millis(300),
                duration: Span::from_millis(500),
                ..short(server.url("/"))
            };
            // An open loop records all that was due the first time.
            let outcome = run_until(draft, |o| o.counts.recorded > 0);
            let timeouts = outcome.errors.get(&ErrorKind::Timeout).copied();
            assert_eq!(outcome.counts.ok, 0);
            assert_eq!(timeouts, Some(outcome.counts.recorded));
            assert!(
                outcome
                    .findings
                    .iter()
                    .any(|f| f.kind == FindingKind::NoAnswers)
            );
            assert!(!outcome.valid);
            if arrival != Arrival::Closed {
                assert_eq!(outcome.counts.recorded, 150);
                assert!(
                    outcome.counts.waited_for_connection > 0,
                    "eight were not enough"
                );
            }
        });
    }
}

#[test]
fn a_drain_shorter_than_the_answers_records_what_is_known() {
    on_each_engine(|engine| {
        let server = serve(|_, stream| {
            std::thread::sleep(Duration::from_secs(60));
            stream.write_all(answer(200, "x").as_bytes())?;
            Ok(true)
        });
        let draft = SpecDraft {
            engine,
            lead_in: Span::from_millis(0),
            duration: Span::from_millis(100),
            timeout: Span::from_secs(60),
            drain: Some(Span::from_millis(100)),
            ..short(server.url("/"))
        };
        // All four begin at once, unless the machine stands still just then.
        let outcome = run_until(draft, |o| {
            o.counts.recorded == 4 && o.from_intended.min >= 190_000_000
        });
        assert_eq!((outcome.counts.recorded, outcome.counts.unfinished), (4, 4));
        assert!(outcome.from_intended.min >= 190_000_000);
        // They are no timeouts in words: that is a minute.
        let no_answers = |f: &&load::Finding| f.kind == FindingKind::NoAnswers;
        let said = &outcome.findings.iter().find(no_answers).unwrap().advice;
        assert!(
            said.contains("4 unfinished at the end of the drain") && !said.contains("timeout"),
            "{said}"
        );
        let example = &outcome.examples[&ErrorKind::Timeout];
        assert!(
            example.got.contains("before the drain was over"),
            "{example:?}"
        );
    });
}

#[test]
fn the_watched_process_is_read_at_both_ends() {
    let server = echo_path();
    let watch_pid = Some(std::process::id());
    let draft = SpecDraft {
        watch_pid,
        ..short(server.url("/"))
    };
    let outcome = run_until(draft, |o| o.counts.completed_inside > 0);
    let watched = outcome.watched_cpu.unwrap();
    assert!(watched.cpu_ns > 0 && watched.per_request_ns.unwrap() > 0.0);
    let gone = SpecDraft {
        watch_pid: Some((1 << 22) + 1),
        ..short(server.url("/"))
    };
    let outcome = run(gone).unwrap();
    assert!(outcome.watched_cpu.is_none());
    assert!(
        outcome
            .findings
            .iter()
            .any(|f| f.kind == FindingKind::WatchLost)
    );
}

#[test]
fn intervals_add_up_to_the_run() {
    let nth = AtomicU64::new(0);
    let server = serve(move |_, stream| {
        let status = if nth.fetch_add(1, Ordering::SeqCst) % 50 == 49 {
            500
        } else {
            200
        };
        stream.write_all(answer(status, "x").as_bytes())?;
        Ok(true)
    });
    let outcome = run(SpecDraft {
        interval: Some(Span::from_millis(40)),
        ..short(server.url("/"))
    })
    .unwrap();
    assert_eq!(outcome.intervals.len(), 4);
    assert_eq!(outcome.intervals[3].length_ns, 30_000_000);
    assert_eq!(
        outcome.intervals.iter().map(|row| row.ok).sum::<u64>(),
        outcome.counts.ok
    );
    assert_eq!(
        outcome.intervals.iter().map(|row| row.errors).sum::<u64>(),
        outcome.counts.failed
    );
    let recorded: u64 = outcome
        .intervals
        .iter()
        .map(|row| row.from_intended.count)
        .sum();
    assert_eq!(recorded, outcome.from_intended.count);
}

#[test]
fn the_books_balance_to_the_nanosecond_where_nothing_is_answered() {
    for (arrival, max_connections) in [
        (Arrival::Constant { rate: 3000.0 }, None),
        (Arrival::Constant { rate: 3000.0 }, Some(50)),
        (Arrival::Closed, None),
    ] {
        on_each_engine(|engine| {
            let server = serve(|_, _| {
                std::thread::sleep(Duration::from_secs(60));
                Ok(false)
            });
            let outcome = run_until(
                SpecDraft {
                    engine,
                    arrival,
                    max_connections,
                    connections: 16,
                    timeout: Span::from_millis(60),
                    duration: Span::from_millis(400),
                    ..short(server.url("/"))
                },
                |o| o.counts.failed > 0,
            );
            assert!(outcome.counts.failed > 0);
            let imbalance = outcome.little.imbalance;
            assert!(imbalance.abs() < 1e-9, "{:?}", outcome.little);
        });
    }
}

#[test]
fn a_server_that_stalls_does_not_make_the_instrument_uneven() {
    on_each_engine(|engine| {
        let stalls = |_| {
            let begin = std::sync::OnceLock::new();
            let server = serve(move |_, stream| {
                let begin: &Instant = begin.get_or_init(Instant::now);
                let since = begin.elapsed();
                if (Duration::from_millis(200)..Duration::from_millis(300)).contains(&since) {
                    std::thread::sleep(Duration::from_millis(300) - since);
                }
                stream.write_all(answer(200, "x").as_bytes())?;
                Ok(true)
            });
            let outcome = run(SpecDraft {
                engine,
                arrival: Arrival::Constant { rate: 4000.0 },
                connections: 16,
                max_connections: Some(16),
                lead_in: Span::from_millis(50),
                duration: Span::from_millis(600),
                ..short(server.url("/"))
            });
            outcome.unwrap()
        };
        let outcome = until_it_tells(stalls, |o| {
            o.dispersion.is_some() && o.release_dispersion.is_some()
        });
        let sent = outcome.dispersion.unwrap();
        let noticed = outcome.release_dispersion.unwrap();
        assert!(sent > 1.0, "{sent}");
        // A machine that is busy elsewhere may make it uneven in truth.
        let blamed = outcome
            .findings
            .iter()
            .any(|f| f.kind == FindingKind::Arrivals);
        assert_eq!(blamed, noticed > 1.0);
    });
}
