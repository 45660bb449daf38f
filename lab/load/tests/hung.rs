//! Requests without an answer, and load that was not there: never silent, never a valid result.

mod common;

use common::until_it_tells;
use common::{Server, answer, monotonic, on_each_engine, run, run_until, serve, short};
use load::{Arrival, ErrorKind, Finding, FindingKind, Outcome, Severity, Span, SpecDraft};
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A server of which only the first connection answers; the others do what `hang` does, from
/// `after` the first request on, and then close.
fn one_answers(after: Duration, hang: Duration) -> Server {
    let begin = OnceLock::new();
    let seen = AtomicU64::new(0);
    thread_local! {
        static FIRST: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    serve(move |request, stream| {
        let begin: &Instant = begin.get_or_init(Instant::now);
        if request.nth == 0 {
            FIRST.set(seen.fetch_add(1, Ordering::SeqCst) == 0);
        }
        if !FIRST.get() && begin.elapsed() >= after {
            std::thread::sleep(hang);
            return Ok(false);
        }
        stream.write_all(answer(200, "x").as_bytes())?;
        Ok(true)
    })
}

/// Eight connections, of which seven hang, for longer than lead-in and measured part together.
fn eight(server: &Server) -> SpecDraft {
    eight_for(server, 1)
}

/// The same, in a run so many times longer.
fn eight_for(server: &Server, longer: u32) -> SpecDraft {
    let ms = |ms| Span(Duration::from_millis(ms) * longer);
    SpecDraft {
        connections: 8,
        lead_in: ms(300),
        duration: ms(300),
        timeout: ms(1500),
        ..short(server.url("/"))
    }
}

/// All eight have asked before the measured part was over: nothing kept them from it.
fn all_asked(outcome: &Outcome) -> bool {
    outcome.counts.spanned + outcome.counts.recorded >= 8
}

fn hung(outcome: &Outcome) -> &Finding {
    outcome
        .findings
        .iter()
        .find(|finding| finding.kind == FindingKind::Hung)
        .unwrap_or_else(|| panic!("{:?} {:?}", outcome.findings, outcome.counts))
}

#[test]
fn connections_that_hang_from_the_lead_in_on_void_a_closed_loop() {
    // Given up by the client, or closed by the server after the measured part.
    for (hang, kind) in [(60_000, ErrorKind::Timeout), (900, ErrorKind::ClosedEarly)] {
        on_each_engine(|engine| {
            let one = |longer: u32| {
                let hang = Duration::from_millis(hang) * longer;
                let server = one_answers(Duration::ZERO, hang);
                let draft = eight_for(&server, longer);
                // What the server closes, it closes in time, however late it is.
                let timeout = match kind {
                    ErrorKind::Timeout => draft.timeout,
                    _ => Span::from_secs(60),
                };
                let outcome = run(SpecDraft {
                    engine,
                    timeout,
                    ..draft
                });
                outcome.unwrap()
            };
            let outcome = until_it_tells(one, |o| o.counts.spanned >= 7);
            assert_eq!(hung(&outcome).severity, Severity::Invalid);
            assert!(!outcome.valid && !outcome.is_good());
            let c = &outcome.counts;
            // A machine that is busy elsewhere may start some of them inside the measured part.
            let before = outcome.carried_in_errors.get(&kind).copied();
            let inside = outcome.errors.get(&kind).copied();
            assert_eq!(before.unwrap_or(0) + inside.unwrap_or(0), 7, "{c:?}");
            assert_eq!(
                outcome.carried_in_errors.values().sum::<u64>(),
                c.carried_in_failed
            );
            assert!(c.spanned >= before.unwrap_or(0), "{c:?}");
            assert!(
                outcome
                    .carried_in_examples
                    .keys()
                    .eq(outcome.carried_in_errors.keys())
            );
            let lost = outcome.lost_concurrency.unwrap();
            assert!((0.5..=1.0).contains(&lost), "{lost}");
        });
    }
}

#[test]
fn connections_that_hang_or_vanish_midway_void_a_closed_loop() {
    for hang in [60_000, 20] {
        on_each_engine(|engine| {
            let one = |longer: u32| {
                let after = Duration::from_millis(400) * longer;
                let server = one_answers(after, Duration::from_millis(hang));
                let outcome = run(SpecDraft {
                    engine,
                    ..eight_for(&server, longer)
                });
                outcome.unwrap()
            };
            let outcome = until_it_tells(one, |o| o.counts.failed >= 7);
            assert_eq!(hung(&outcome).severity, Severity::Invalid);
            assert!(!outcome.valid);
            assert!(outcome.counts.failed >= 1, "{:?}", outcome.counts);
        });
    }
}

#[test]
fn answers_slower_than_the_measured_part_are_seen_though_they_come() {
    on_each_engine(|engine| {
        let one = |longer: u32| {
            let server = serve(move |_, stream| {
                std::thread::sleep(Duration::from_millis(900) * longer);
                stream.write_all(answer(200, "x").as_bytes())?;
                Ok(true)
            });
            let outcome = run(SpecDraft {
                engine,
                timeout: Span::from_secs(60),
                ..eight_for(&server, longer)
            });
            outcome.unwrap()
        };
        let outcome = until_it_tells(one, all_asked);
        assert_eq!(hung(&outcome).severity, Severity::Invalid);
        assert_eq!(outcome.counts.carried_in_failed, 0);
        assert_eq!(outcome.counts.spanned + outcome.counts.recorded, 8);
    });
}

#[test]
fn quick_failures_are_errors_and_no_lost_load() {
    on_each_engine(|engine| {
        let server = serve(|request, stream| {
            if request.nth == 4 {
                return Ok(false);
            }
            stream.write_all(answer(200, "x").as_bytes())?;
            Ok(true)
        });
        let outcome = run_until(
            SpecDraft {
                engine,
                duration: Span::from_millis(600),
                ..short(server.url("/"))
            },
            |o| o.counts.failed > 0 && o.counts.ok > 0,
        );
        assert!(outcome.counts.failed > 0 && outcome.counts.ok > 0);
        let lost = outcome.lost_concurrency.unwrap();
        assert!(lost < 0.5, "{lost}");
    });
}

#[test]
fn an_open_loop_says_what_hung_before_it() {
    on_each_engine(|engine| {
        let begin = OnceLock::new();
        let server = serve(move |_, stream| {
            let begin: &Instant = begin.get_or_init(Instant::now);
            if begin.elapsed() < Duration::from_millis(50) {
                std::thread::sleep(Duration::from_secs(60));
            }
            stream.write_all(answer(200, "x").as_bytes())?;
            Ok(true)
        });
        let outcome = run(SpecDraft {
            engine,
            arrival: Arrival::Constant { rate: 200.0 },
            ..eight(&server)
        })
        .unwrap();
        let finding = hung(&outcome);
        assert_eq!(finding.severity, Severity::Warning, "{finding:?}");
        assert!(outcome.counts.carried_in_failed > 0 && !outcome.is_good());
        assert_eq!(outcome.lost_concurrency, None);
    });
}

#[test]
fn the_instruments_own_time_between_answer_and_request_is_no_lost_load() {
    // The quicker the server and the fewer the connections, the larger the instrument's part.
    for connections in [1, 2] {
        on_each_engine(|engine| {
            let server = common::echo_path();
            for (lead_in, duration) in [(20, 200), (0, 10)] {
                let draft = SpecDraft {
                    engine,
                    connections,
                    lead_in: Span::from_millis(lead_in),
                    duration: Span::from_millis(duration),
                    ..short(server.url("/"))
                };
                // Load is lost in truth where a busy machine keeps the server from answering in
                // all of the measured part.
                let outcome = run_until(draft, |o| o.counts.spanned == 0 && o.counts.ok > 0);
                assert_eq!(outcome.lost_concurrency, Some(0.0), "{:?}", outcome.counts);
            }
        });
    }
}

#[test]
fn a_connection_that_is_gone_is_lost_load_until_it_is_back() {
    on_each_engine(|engine| {
        let one = |longer: u32| {
            // Soon its listener and all connections are gone for good.
            let server = common::echo_path();
            let over = AtomicBool::new(false);
            std::thread::scope(|scope| {
                let gone = scope.spawn(|| {
                    while server.served() < 20 && !over.load(Ordering::SeqCst) {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    server.die();
                    monotonic()
                });
                let outcome = run(SpecDraft {
                    engine,
                    connections: 2,
                    lead_in: Span::from_millis(0),
                    duration: Span(Duration::from_millis(600) * longer),
                    ..short(server.url("/"))
                });
                over.store(true, Ordering::SeqCst);
                let outcome = outcome.unwrap();
                let gone = gone.join().unwrap().saturating_sub(outcome.start_ns);
                (outcome, gone)
            })
        };
        // Gone for most of the measured part, of which the instrument saw all.
        let (outcome, _) = until_it_tells(one, |(outcome, gone)| {
            (gone + outcome.own_cpu.away_ns) * 4 < outcome.measured_ns
        });
        let lost = outcome.lost_concurrency.unwrap();
        assert!(lost > 0.5, "{lost}");
        assert_eq!(hung(&outcome).severity, Severity::Invalid);
    });
}

fn no_answers(outcome: &Outcome) -> &str {
    let is = |f: &&Finding| f.kind == FindingKind::NoAnswers;
    &outcome.findings.iter().find(is).unwrap().advice
}

#[test]
fn a_measured_part_without_a_request_says_why() {
    on_each_engine(|engine| {
        // The first request of this schedule is due after it.
        let server = common::echo_path();
        let outcome = run(SpecDraft {
            engine,
            arrival: Arrival::Constant { rate: 0.5 },
            lead_in: Span::from_millis(100),
            duration: Span::from_millis(100),
            ..short(server.url("/"))
        })
        .unwrap();
        assert_eq!(outcome.counts.recorded, 0);
        let advice = no_answers(&outcome);
        assert!(advice.starts_with("no request came due"), "{advice}");
        assert!(!advice.contains("server"), "{advice}");

        // All hang from the lead-in on.
        let one = |longer| {
            let server = serve(|_, _| {
                std::thread::sleep(Duration::from_secs(120));
                Ok(false)
            });
            let outcome = run(SpecDraft {
                engine,
                ..eight_for(&server, longer)
            });
            outcome.unwrap()
        };
        let outcome = until_it_tells(one, |o| o.counts.spanned + o.counts.recorded >= 8);
        let advice = no_answers(&outcome);
        assert!(!advice.contains("(0 recorded"), "{advice}");
        // A machine that is busy elsewhere may start some of them inside the measured part.
        if outcome.counts.recorded == 0 {
            assert!(advice.contains("8 from before it"), "{advice}");
        }
    });
}
