//! What is said of answers that never became whole, came too early, or that nothing asked for.

mod common;

use common::{accept, answer, on_each_engine, run, run_until, serve, short, until_it_tells};
use load::{Arrival, EngineChoice, ErrorKind, Expect, Field, Outcome, Span, SpecDraft};
use load::{FindingKind, Severity};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A body longer than what two sockets take in without a reader.
const LONG: usize = 16 << 20;

/// A short run whose first requests count: those of a lead-in would be in no account of it, and
/// where all fail there may be no others.
fn whole(url: String) -> SpecDraft {
    SpecDraft {
        lead_in: Span::from_millis(0),
        ..short(url)
    }
}

fn post(engine: EngineChoice, url: String, rendered: bool) -> SpecDraft {
    let field = if rendered { "{id}" } else { "" };
    SpecDraft {
        engine,
        method: "POST".into(),
        body: Some(format!("{}{field}", "b".repeat(LONG))),
        pool: 2,
        fields: [("id".to_string(), Field::Sequential { start: 1 })]
            .into_iter()
            .filter(|_| rendered)
            .collect(),
        ..whole(url)
    }
}

/// Reads up to the end of the headers, and a little more.
fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut head, mut piece) = (Vec::new(), [0; 512]);
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => head.extend_from_slice(&piece[..count]),
            _ => return None,
        }
    }
    Some(head)
}

#[test]
fn an_answer_before_the_request_was_sent_whole_is_an_error_of_its_own() {
    for rendered in [false, true] {
        on_each_engine(|engine| {
            // Requests that began inside the body of another.
            let mixed = Arc::new(AtomicU64::new(0));
            let seen = mixed.clone();
            let server = accept(move |mut stream| {
                if read_head(&mut stream).is_none() {
                    return;
                }
                let _ = stream.write_all(answer(200, "early").as_bytes());
                let mut piece = [0; 1024];
                while let Ok(count @ 1..) = stream.read(&mut piece) {
                    let body = piece[..count].iter().all(|b| *b == b'b');
                    seen.fetch_add(u64::from(!body), Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                }
            });
            let outcome = run_until(post(engine, server.url("/"), rendered), |o| {
                o.counts.recorded > 0
            });
            let early = outcome.errors.get(&ErrorKind::Early);
            assert_eq!(
                early,
                Some(&outcome.counts.recorded),
                "{:?}",
                outcome.examples
            );
            assert!(outcome.counts.recorded > 0 && !outcome.valid);
            let got = &outcome.examples[&ErrorKind::Early].got;
            assert!(got.contains("before the request was sent whole"), "{got}");
            assert_eq!(
                mixed.load(Ordering::SeqCst),
                0,
                "a request inside another's body"
            );
        });
    }
}

#[test]
fn a_refusal_is_read_though_the_request_could_not_be_sent() {
    on_each_engine(|engine| {
        let server = accept(|mut stream| {
            if read_head(&mut stream).is_some() {
                let said =
                    "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _ = stream.write_all(said.as_bytes());
                // Closed with most of the body unread: the kernel sends a reset behind the answer.
                let _ = stream.shutdown(std::net::Shutdown::Both);
            }
        });
        let outcome = run_until(post(engine, server.url("/"), true), |o| {
            o.counts.recorded > 0
        });
        let refused = outcome.errors.get(&ErrorKind::Status);
        assert_eq!(
            refused,
            Some(&outcome.counts.recorded),
            "{:?}",
            outcome.examples
        );
        let got = &outcome.examples[&ErrorKind::Status].got;
        assert!(got.contains("413") && got.contains("sent whole"), "{got}");
    });
}

/// The example of the one kind of error that all requests ended in.
#[track_caller]
fn only(outcome: &Outcome, kind: ErrorKind) -> &str {
    assert_eq!(
        outcome.errors.get(&kind),
        Some(&outcome.counts.recorded),
        "{:?}",
        outcome.examples
    );
    assert!(outcome.counts.recorded > 0);
    &outcome.examples[&kind].got
}

#[test]
fn what_came_of_an_answer_and_what_was_missing_is_said() {
    let cases: [(&str, &str); 6] = [
        ("", "no byte of an answer"),
        ("HTTP/1.1 200 OK\r\nA: b\r\n", "23 bytes of headers"),
        (
            "HTTP/1.1 100 Continue\r\n\r\n",
            "interim answers (1xx) and no final one",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            "status 200 and 4 of the 9 bytes of body that Content-Length says",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "status 200 and 4 bytes of body without the chunk that ends it",
        ),
        (
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "5 bytes of a body without Content-Length or chunks",
        ),
    ];
    for (bytes, says) in cases {
        for keeps in [true, false] {
            // A body that ends with the connection is complete then.
            if !keeps && bytes.ends_with("hello") {
                continue;
            }
            on_each_engine(|engine| {
                let server = serve(move |_, stream| {
                    stream.write_all(bytes.as_bytes())?;
                    Ok(keeps)
                });
                // A server that is kept from its CPU may have sent nothing by the timeout.
                let within = |longer| {
                    let draft = SpecDraft {
                        engine,
                        ..whole(server.url("/"))
                    };
                    let timeout = match keeps {
                        true => Span(Duration::from_millis(250) * longer),
                        false => draft.timeout,
                    };
                    run_until(SpecDraft { timeout, ..draft }, |o| o.counts.recorded > 0)
                };
                let outcome = until_it_tells(within, |o| {
                    let silent = |e: &load::Example| e.got.contains("no byte of an answer");
                    bytes.is_empty() || !o.examples.values().any(silent)
                });
                let (kind, end) = if keeps {
                    (ErrorKind::Timeout, "before the timeout")
                } else {
                    (ErrorKind::ClosedEarly, "the server closed")
                };
                let got = only(&outcome, kind);
                assert!(got.contains(says) && got.contains(end), "{got}");
            });
        }
    }
}

#[test]
fn lines_without_cr_are_told_at_once_not_at_the_timeout() {
    on_each_engine(|engine| {
        let server = serve(|_, stream| {
            stream.write_all(b"HTTP/1.1 200 OK\nContent-Length: 1\n\na")?;
            Ok(true)
        });
        let outcome = run_until(
            SpecDraft {
                engine,
                ..whole(server.url("/"))
            },
            |o| o.counts.recorded > 0,
        );
        let got = only(&outcome, ErrorKind::MalformedHeader);
        assert!(
            got.contains("LF without CR") && got.contains("OK\\n"),
            "{got}"
        );
    });
}

/// Asserts that it is said, and that the result does not hold.
#[track_caller]
fn distrusts(outcome: &Outcome) {
    let found = outcome
        .findings
        .iter()
        .find(|finding| finding.kind == FindingKind::Unsolicited)
        .unwrap_or_else(|| panic!("{:?} {:?}", outcome.findings, outcome.counts));
    assert_eq!(found.severity, Severity::Invalid);
    assert!(found.value >= 1.0 && !outcome.valid, "{found:?}");
}

#[test]
fn answers_that_come_twice_make_the_result_void() {
    for arrival in [Arrival::Closed, Arrival::Constant { rate: 400.0 }] {
        on_each_engine(|engine| {
            // The second one has to come while somebody listens, which a busy machine may prevent.
            let server = serve(|_, stream| {
                stream.write_all(answer(200, "x").as_bytes())?;
                std::thread::sleep(Duration::from_millis(1));
                stream.write_all(answer(200, "x").as_bytes())?;
                Ok(true)
            });
            let outcome = run_until(
                SpecDraft {
                    engine,
                    arrival,
                    ..whole(server.url("/"))
                },
                |o| o.counts.connections_unsolicited > 0,
            );
            distrusts(&outcome);
        });
    }
}

#[test]
fn one_answer_too_many_is_noticed_when_nothing_is_left_to_ask() {
    on_each_engine(|engine| {
        // It comes once no request has come for some time: after the load, that is, or after a
        // pause that a busy machine makes in it.
        let server = accept(|mut stream| {
            let patience = Duration::from_millis(2);
            stream.set_nodelay(true).unwrap();
            let mut piece = [0; 1024];
            let mut served = 0;
            loop {
                match stream.read(&mut piece) {
                    Ok(1..) => served += 1,
                    Err(_) if served > 0 => {
                        let _ = stream.write_all(answer(200, "x").as_bytes());
                        stream.set_read_timeout(None).unwrap();
                        served = 0;
                        continue;
                    }
                    _ => return,
                }
                if stream.write_all(answer(200, "x").as_bytes()).is_err() {
                    return;
                }
                if served == 1 {
                    stream.set_read_timeout(Some(patience)).unwrap();
                }
            }
        });
        let outcome = run_until(
            SpecDraft {
                engine,
                connections: 8,
                ..whole(server.url("/"))
            },
            |o| o.counts.connections_unsolicited > 0,
        );
        distrusts(&outcome);
    });
}

#[test]
fn a_body_where_there_may_be_none_is_unsolicited() {
    let said: [(&str, u16, &str); 3] = [
        (
            "GET",
            204,
            "HTTP/1.1 204 X\r\nContent-Length: 5\r\n\r\nhello",
        ),
        (
            "GET",
            304,
            "HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\nhello",
        ),
        (
            "HEAD",
            200,
            "HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nhello",
        ),
    ];
    for (method, status, bytes) in said {
        on_each_engine(|engine| {
            let server = serve(move |_, stream| {
                stream.write_all(bytes.as_bytes())?;
                Ok(true)
            });
            let outcome = run_until(
                SpecDraft {
                    engine,
                    method: method.into(),
                    expect: Expect {
                        status: Some(status),
                        ..Expect::default()
                    },
                    ..whole(server.url("/"))
                },
                |o| o.counts.recorded > 0,
            );
            only(&outcome, ErrorKind::Unsolicited);
            distrusts(&outcome);
        });
    }
}

#[test]
fn a_server_that_speaks_first_is_no_http_server() {
    on_each_engine(|engine| {
        let server = accept(|mut stream| {
            let _ = stream.write_all(b"220 mail.example ESMTP\r\n");
            let _ = stream.read(&mut [0; 16]);
        });
        // It may be noticed before the load or, on a busy machine, with the first requests.
        let outcome = run(SpecDraft {
            engine,
            // As long as connecting is tried.
            timeout: Span::from_secs(5),
            ..whole(server.url("/"))
        });
        match outcome {
            Err(error) => {
                let said = error.to_string();
                assert!(
                    said.contains("220 mail") && said.contains("HTTP server"),
                    "{said}"
                );
            }
            Ok(outcome) => assert_eq!(outcome.counts.ok, 0, "{:?}", outcome.examples),
        }
        // No storm: pauses grow, whichever way it went.
        let seen = server.connections.load(Ordering::SeqCst);
        assert!(seen < 300, "{seen} connections");
    });
}
