//! Connections: kept alive, limited, many, from several addresses, and to servers that go away.

mod common;

use common::{Nobody, answer, echo_path, on_each_engine, run, run_until, serve, short};
use common::{until_it_tells, wait_for};
use load::{Arrival, Close, ErrorKind, LoadError, Span, SpecDraft};
use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;

#[test]
fn keep_alive_uses_each_connection_for_all_its_requests() {
    on_each_engine(|engine| {
        let one = |longer| {
            let server = echo_path();
            let outcome = run(SpecDraft {
                engine,
                duration: Span(Duration::from_millis(150) * longer),
                ..short(server.url("/"))
            });
            (server, outcome.unwrap())
        };
        let (server, outcome) = until_it_tells(one, |(_, o)| o.counts.ok > 8);
        assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
        assert!(outcome.counts.ok > 8);
        assert_eq!(
            (outcome.counts.connections_opened, outcome.peak_connections),
            (4, 4)
        );
        // The server may not have come to taking them yet, and takes no others.
        let taken = || server.connections.load(Ordering::SeqCst);
        wait_for("four connections", || taken() >= 4);
        assert_eq!(taken(), 4);
    });
}

#[test]
fn a_connection_carries_as_many_requests_as_it_may() {
    for close in [Close::Reset, Close::Finish] {
        for limit in [1, 3] {
            on_each_engine(|engine| {
                let server = serve(move |request, stream| {
                    assert!(
                        request.nth < limit,
                        "request {} of a connection",
                        request.nth
                    );
                    stream.write_all(answer(200, "x").as_bytes())?;
                    Ok(true)
                });
                let outcome = run_until(
                    SpecDraft {
                        engine,
                        close,
                        requests_per_connection: Some(limit),
                        ..short(server.url("/"))
                    },
                    |o| o.counts.ok > 0,
                );
                assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
                assert!(outcome.counts.ok > 0);
                let opened = server.connections.load(Ordering::SeqCst);
                assert!(
                    opened >= server.served() / limit,
                    "{opened} {}",
                    server.served()
                );
            });
        }
    }
}

#[test]
fn a_request_that_says_close_is_the_last_of_its_connection() {
    on_each_engine(|engine| {
        // The server would go on, and counts who does.
        let later = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
        let seen = later.clone();
        let server = serve(move |request, stream| {
            seen.fetch_add(u64::from(request.nth > 0), Ordering::SeqCst);
            stream.write_all(answer(200, "x").as_bytes())?;
            Ok(true)
        });
        let outcome = run_until(
            SpecDraft {
                engine,
                headers: vec![("connection".into(), "Close".into())],
                ..short(server.url("/"))
            },
            |o| o.counts.ok > 0,
        );
        assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
        assert!(outcome.counts.ok > 0);
        assert_eq!(later.load(Ordering::SeqCst), 0, "requests behind a close");
    });
}

#[test]
fn a_server_that_serves_four_and_closes_the_rest_sees_no_storm() {
    let four = || {
        let accepted = std::sync::atomic::AtomicU64::new(0);
        common::accept(move |mut stream| {
            let nth = accepted.fetch_add(1, Ordering::SeqCst);
            let mut piece = [0; 1024];
            while let Ok(1..) = std::io::Read::read(&mut stream, &mut piece) {
                if nth >= 4 || stream.write_all(answer(200, "x").as_bytes()).is_err() {
                    break;
                }
            }
            let _ = stream.shutdown(std::net::Shutdown::Both);
        })
    };
    for arrival in [Arrival::Closed, Arrival::Constant { rate: 2000.0 }] {
        on_each_engine(|engine| {
            let one = |_| {
                let server = four();
                let outcome = run(SpecDraft {
                    engine,
                    arrival,
                    connections: 16,
                    max_connections: (arrival != Arrival::Closed).then_some(16),
                    duration: Span::from_millis(1500),
                    ..short(server.url("/"))
                });
                (server, outcome.unwrap())
            };
            let (server, outcome) = until_it_tells(one, |(_, o)| o.counts.ok > 0);
            assert!(outcome.counts.ok > 0, "{:?}", outcome.errors);
            // 16 before the load; then pauses that grow to a quarter of a second, whatever the
            // four connections do meanwhile. An open loop asks for another only where all four
            // are busy at once.
            let seen = || server.connections.load(Ordering::SeqCst);
            wait_for("sixteen connections", || seen() >= 16);
            assert!(seen() < 100, "{} connections", seen());
        });
    }
}

#[test]
fn a_name_is_tried_at_all_its_addresses() {
    // Wherever localhost points first, the server listens on 127.0.0.1 alone.
    on_each_engine(|engine| {
        let server = echo_path();
        let url = format!("http://localhost:{}/x", server.address.port());
        let outcome = run(SpecDraft {
            engine,
            ..short(url)
        })
        .unwrap();
        assert_eq!(outcome.address, server.address.to_string());
        assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
    });
}

#[test]
fn an_address_without_a_way_to_it_is_not_a_server_that_is_down() {
    // TCP to a multicast address: the kernel has no way there, on any machine.
    on_each_engine(|engine| {
        let draft = SpecDraft {
            engine,
            ..short("http://224.0.0.1:9/".into())
        };
        let said = run(draft).unwrap_err().to_string();
        assert!(said.contains("no way there"), "{said}");
        assert!(!said.contains("running"), "{said}");
    });
}

#[test]
fn a_server_that_is_a_black_hole_is_told_as_silence() {
    use std::os::fd::AsRawFd;
    // A full backlog drops what comes.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    // SAFETY: the descriptor is a listening socket's.
    unsafe { libc::listen(listener.as_raw_fd(), 0) };
    let address = listener.local_addr().unwrap();
    let fill: Vec<_> = (0..8)
        .map(|_| std::net::TcpStream::connect_timeout(&address, Duration::from_millis(50)))
        .collect();
    on_each_engine(|engine| {
        let draft = SpecDraft {
            engine,
            // As long as connecting is tried.
            timeout: Span::from_secs(5),
            ..short(format!("http://{address}/"))
        };
        let said = run(draft).unwrap_err().to_string();
        assert!(said.contains("backlog is full"), "{said}");
    });
    drop(fill);
}

#[test]
fn a_server_that_closes_after_each_answer_is_no_error() {
    let said = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx";
    on_each_engine(|engine| {
        let server = serve(move |_, stream| {
            stream.write_all(said.as_bytes())?;
            Ok(false)
        });
        let outcome = run_until(
            SpecDraft {
                engine,
                ..short(server.url("/"))
            },
            |o| o.counts.ok > 4,
        );
        assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
        assert!(outcome.counts.ok > 4);
    });
}

#[test]
fn a_connection_closed_before_or_inside_the_answer_is_an_error() {
    for sent in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
        on_each_engine(|engine| {
            let server = serve(move |request, stream| {
                if request.nth < 5 {
                    stream.write_all(answer(200, "x").as_bytes())?;
                    return Ok(true);
                }
                stream.write_all(sent.as_bytes())?;
                Ok(false)
            });
            let outcome = run_until(
                SpecDraft {
                    engine,
                    ..short(server.url("/"))
                },
                |o| o.counts.ok > 0 && o.counts.failed > 0,
            );
            assert!(outcome.counts.ok > 0 && outcome.counts.failed > 0);
            let early = outcome.errors.get(&ErrorKind::ClosedEarly);
            assert_eq!(
                early,
                Some(&outcome.counts.failed),
                "{:?}",
                outcome.examples
            );
        });
    }
}

#[test]
fn a_reset_is_an_error_of_its_own() {
    on_each_engine(|engine| {
        let server = serve(|request, stream| {
            if request.nth < 2 {
                stream.write_all(answer(200, "x").as_bytes())?;
                return Ok(true);
            }
            reset(stream);
            Ok(false)
        });
        let outcome = run_until(
            SpecDraft {
                engine,
                ..short(server.url("/"))
            },
            |o| o.counts.failed > 0,
        );
        assert!(
            outcome
                .errors
                .get(&ErrorKind::Reset)
                .is_some_and(|n| *n > 0),
            "{:?}",
            outcome.errors
        );
    });
}

/// Makes the kernel answer the next close with a reset.
fn reset(stream: &std::net::TcpStream) {
    use std::os::fd::AsRawFd;
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // SAFETY: `linger` is valid for its size; disconnecting an own socket takes no memory.
    unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of_val(&linger) as u32,
        );
        let nowhere = libc::sockaddr {
            sa_family: libc::AF_UNSPEC as u16,
            sa_data: [0; 14],
        };
        libc::connect(stream.as_raw_fd(), &nowhere, size_of_val(&nowhere) as u32);
    }
}

#[test]
fn a_dead_server_ends_in_counted_errors_without_a_storm() {
    for arrival in [Arrival::Closed, Arrival::Constant { rate: 500.0 }] {
        on_each_engine(|engine| {
            let one = |_| {
                let server = std::sync::Arc::new(echo_path());
                let victim = server.clone();
                std::thread::spawn(move || {
                    // Not before the load: the lead-in has ten requests of an open loop.
                    wait_for("some requests", || victim.served() > 20);
                    std::thread::sleep(Duration::from_millis(100));
                    victim.die();
                });
                run(SpecDraft {
                    engine,
                    arrival,
                    duration: Span::from_millis(1500),
                    timeout: Span::from_millis(300),
                    ..short(server.url("/"))
                })
                .unwrap()
            };
            // A machine that stands still may let the server die after the load.
            let outcome = until_it_tells(one, |o| o.counts.ok > 0 && o.counts.failed > 0);
            assert!(
                outcome.counts.ok > 0 && outcome.counts.failed > 0,
                "{:?}",
                outcome.errors
            );
            // The pauses grow to a quarter of a second: some twenty attempts, not thousands.
            assert!(
                outcome.counts.connections_failed < 100,
                "{:?}",
                outcome.counts
            );
            if arrival != Arrival::Closed {
                assert_eq!(outcome.counts.recorded, 750);
            }
        });
    }
}

#[test]
fn no_server_is_a_sentence_not_a_result() {
    let nobody = Nobody::new();
    on_each_engine(|engine| {
        let draft = SpecDraft {
            engine,
            ..short(format!("http://{}/", nobody.address))
        };
        match run(draft) {
            Err(error @ LoadError::Connect { .. }) => {
                let said = error.to_string();
                assert!(
                    said.contains(&nobody.address.to_string()) && said.contains("refused"),
                    "{said}"
                );
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn more_connections_than_ports_come_from_several_addresses() {
    on_each_engine(|engine| {
        let server = echo_path();
        let outcome = run(SpecDraft {
            engine,
            connections: 10,
            connections_per_source: Some(4),
            ..short(server.url("/"))
        })
        .unwrap();
        assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
        wait_for("ten connections", || {
            server.peers.lock().unwrap().len() >= 10
        });
        let mut from: Vec<_> = server
            .peers
            .lock()
            .unwrap()
            .iter()
            .map(|peer| peer.ip().to_string())
            .collect();
        from.sort();
        from.dedup();
        assert_eq!(from, ["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    });
}

#[test]
fn threads_share_connections_and_schedule() {
    on_each_engine(|engine| {
        let server = echo_path();
        for arrival in [Arrival::Closed, Arrival::Constant { rate: 1000.0 }] {
            let outcome = run(SpecDraft {
                engine,
                arrival,
                threads: 2,
                connections: 5,
                duration: Span::from_millis(500),
                ..short(server.url("/"))
            })
            .unwrap();
            assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
            if arrival != Arrival::Closed {
                assert_eq!(outcome.counts.recorded, 500);
            }
        }
    });
}

#[test]
fn the_congestion_control_is_set_or_refused() {
    let server = echo_path();
    let outcome = run(short(server.url("/"))).unwrap();
    assert_eq!(outcome.congestion_control, "reno");
    let odd = SpecDraft {
        congestion_control: "nonesuch".into(),
        ..short(server.url("/"))
    };
    let said = run(odd).unwrap_err().to_string();
    assert!(
        said.contains("congestion_control") && said.contains("reno"),
        "{said}"
    );
}
