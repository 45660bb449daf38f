//! Connections: kept alive, limited, many, from several addresses, and to servers that go away.

mod common;

use common::{answer, echo_path, on_each_engine, run, serve, short};
use load::{Arrival, Close, ErrorKind, LoadError, Span, SpecDraft};
use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

#[test]
fn keep_alive_uses_each_connection_for_all_its_requests() {
    on_each_engine(|engine| {
        let server = echo_path();
        let outcome = run(SpecDraft {
            engine,
            ..short(server.url("/"))
        })
        .unwrap();
        assert_eq!(outcome.counts.failed, 0);
        assert_eq!(server.connections.load(Ordering::SeqCst), 4);
        assert_eq!(
            (outcome.counts.connections_opened, outcome.peak_connections),
            (4, 4)
        );
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
                let outcome = run(SpecDraft {
                    engine,
                    close,
                    requests_per_connection: Some(limit),
                    ..short(server.url("/"))
                })
                .unwrap();
                assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
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
fn a_server_that_closes_after_each_answer_is_no_error() {
    let said = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx";
    on_each_engine(|engine| {
        let server = serve(move |_, stream| {
            stream.write_all(said.as_bytes())?;
            Ok(false)
        });
        let outcome = run(SpecDraft {
            engine,
            ..short(server.url("/"))
        })
        .unwrap();
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
            let outcome = run(SpecDraft {
                engine,
                ..short(server.url("/"))
            })
            .unwrap();
            let early = outcome.errors[&ErrorKind::ClosedEarly];
            assert!(early > 0 && outcome.counts.ok > 0, "{:?}", outcome.errors);
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
        let outcome = run(SpecDraft {
            engine,
            ..short(server.url("/"))
        })
        .unwrap();
        assert!(
            outcome.errors[&ErrorKind::Reset] > 0,
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
            let server = std::sync::Arc::new(echo_path());
            let victim = server.clone();
            let killer = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(200));
                victim.die();
            });
            let outcome = run(SpecDraft {
                engine,
                arrival,
                duration: Span::from_millis(1500),
                timeout: Span::from_millis(300),
                ..short(server.url("/"))
            })
            .unwrap();
            killer.join().unwrap();
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
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    on_each_engine(|engine| {
        let draft = SpecDraft {
            engine,
            ..short(format!("http://{free}/"))
        };
        let began = Instant::now();
        match run(draft) {
            Err(error @ LoadError::Connect { .. }) => {
                let said = error.to_string();
                assert!(
                    said.contains(&free.to_string()) && said.contains("refused"),
                    "{said}"
                );
            }
            other => panic!("{other:?}"),
        }
        assert!(began.elapsed() < Duration::from_secs(30));
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
