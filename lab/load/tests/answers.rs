//! Every answer is checked, and what is wrong with it has a name.

mod common;

use common::{answer, echo_path, on_each_engine, run_until, serve, short};
use load::{Arrival, ErrorKind, Expect, Field, Order, Outcome, SpecDraft};
use std::io::Write;
use std::time::Duration;

/// Asserts that all requests failed in the same way.
#[track_caller]
fn all_failed(outcome: &Outcome, kind: ErrorKind) {
    assert!(outcome.counts.recorded > 0, "nothing was recorded");
    assert_eq!(
        outcome.errors.get(&kind),
        Some(&outcome.counts.recorded),
        "{:?}",
        outcome.examples
    );
    assert_eq!(outcome.counts.completed_inside, 0);
    assert!(!outcome.valid);
}

/// Runs against a server that always sends the same bytes and keeps the connection.
fn against(bytes: &'static [u8], change: impl Fn(SpecDraft) -> SpecDraft) -> Vec<Outcome> {
    let outcomes = std::sync::Mutex::new(Vec::new());
    on_each_engine(|engine| {
        let server = serve(move |_, stream| {
            stream.write_all(bytes)?;
            Ok(true)
        });
        let draft = change(SpecDraft {
            engine,
            ..short(server.url("/"))
        });
        let outcome = run_until(draft, |o| o.counts.recorded > 0);
        outcomes.lock().unwrap().push(outcome);
    });
    outcomes.into_inner().unwrap()
}

fn with_body(expected: &str) -> impl Fn(SpecDraft) -> SpecDraft {
    let body = Some(expected.to_string());
    move |draft| SpecDraft {
        expect: Expect {
            body: body.clone(),
            ..Expect::default()
        },
        ..draft
    }
}

#[test]
fn right_answers_are_counted_and_timed() {
    on_each_engine(|engine| {
        let server = echo_path();
        let outcome = run_until(
            SpecDraft {
                engine,
                path: Some("/u/{id}/{slug}".into()),
                pool: 1000,
                fields: [
                    (
                        "id".to_string(),
                        Field::Random {
                            min: 0,
                            max: 1_000_000,
                        },
                    ),
                    ("slug".to_string(), Field::Sequential { start: 0 }),
                ]
                .into(),
                expect: Expect {
                    body: Some("/u/{id}/{slug}".into()),
                    ..Expect::default()
                },
                ..short(server.url("/"))
            },
            |o| o.counts.ok > 0,
        );
        assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
        assert!(outcome.counts.ok > 0);
        assert!(outcome.from_send.min > 0);
        assert!(server.served() >= outcome.counts.recorded);
    });
}

#[test]
fn a_wrong_status_is_an_error_however_right_the_body() {
    for outcome in against(
        b"HTTP/1.1 502 Bad\r\nContent-Length: 2\r\n\r\nok",
        with_body("ok"),
    ) {
        all_failed(&outcome, ErrorKind::Status);
        let example = &outcome.examples[&ErrorKind::Status];
        assert_eq!(example.request, "GET / HTTP/1.1");
        assert!(
            example.expected.contains("200") && example.got.contains("502"),
            "{example:?}"
        );
    }
}

#[test]
fn a_wrong_length_and_a_wrong_body_are_told_apart() {
    for outcome in against(
        b"HTTP/1.1 200 X\r\nContent-Length: 3\r\n\r\nokk",
        with_body("ok"),
    ) {
        all_failed(&outcome, ErrorKind::Length);
    }
    for outcome in against(
        b"HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\nko",
        with_body("ok"),
    ) {
        all_failed(&outcome, ErrorKind::Body);
    }
}

#[test]
fn answers_that_go_to_the_wrong_request_are_noticed() {
    on_each_engine(|engine| {
        // Every other answer carries the id of another request.
        let server = serve(|request, stream| {
            let body = if request.nth % 2 == 0 {
                request.path.as_str()
            } else {
                "/9999"
            };
            stream.write_all(answer(200, body).as_bytes())?;
            Ok(true)
        });
        let outcome = run_until(
            SpecDraft {
                engine,
                path: Some("/{id}".into()),
                pool: 4000,
                fields: [(
                    "id".to_string(),
                    Field::Random {
                        min: 1000,
                        max: 9998,
                    },
                )]
                .into(),
                expect: Expect {
                    body: Some("/{id}".into()),
                    ..Expect::default()
                },
                ..short(server.url("/"))
            },
            |o| o.counts.ok > 0 && o.counts.failed > 0,
        );
        let mixed = outcome.errors[&ErrorKind::Body];
        assert!(
            outcome.counts.ok > 0 && mixed.abs_diff(outcome.counts.ok) <= 8,
            "{outcome:?}"
        );
    });
}

#[test]
fn malformed_answers_fail_by_kind() {
    let cases: [(&[u8], ErrorKind); 9] = [
        (b"HTTP/2 200 OK\r\n\r\n", ErrorKind::MalformedStatusLine),
        (b"hello\r\n", ErrorKind::MalformedStatusLine),
        (b"HTTP/1.1 200 OK\r\nA b\r\n\r\n", ErrorKind::MalformedHeader),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ErrorKind::MalformedFraming),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", ErrorKind::MalformedFraming),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ErrorKind::MalformedChunk),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
            ErrorKind::ConflictingFraming,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
            ErrorKind::ConflictingFraming,
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", ErrorKind::Unsolicited),
    ];
    for (bytes, kind) in cases {
        for outcome in against(bytes, |draft| draft) {
            all_failed(&outcome, kind);
        }
    }
}

#[test]
fn all_framings_are_read_in_pieces_of_a_byte() {
    let answers: [&[u8]; 5] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: v\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ];
    for bytes in answers {
        on_each_engine(|engine| {
            let server = serve(move |_, stream| {
                for byte in bytes {
                    stream.write_all(&[*byte])?;
                }
                // Closing ends the answers that have no length of their own.
                Ok(bytes[7] == b'1'
                    && bytes
                        .windows(2)
                        .any(|pair| pair == b"C" || pair == b"-L" || pair == b"-E"))
            });
            let draft = with_body("hello")(SpecDraft {
                engine,
                ..short(server.url("/"))
            });
            let outcome = run_until(draft, |o| o.counts.ok > 0);
            assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
            assert!(outcome.counts.ok > 0);
        });
    }
}

#[test]
fn answers_without_a_body_end_with_their_headers() {
    let head = |draft| SpecDraft {
        method: "HEAD".into(),
        ..draft
    };
    for outcome in against(b"HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n", head) {
        assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
        assert!(outcome.counts.ok > 0);
    }
    let none = |draft| SpecDraft {
        expect: Expect {
            status: Some(204),
            ..Expect::default()
        },
        ..draft
    };
    for outcome in against(b"HTTP/1.1 204 No Content\r\n\r\n", none) {
        assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
        assert!(outcome.counts.ok > 0);
    }
}

#[test]
fn large_bodies_go_both_ways() {
    on_each_engine(|engine| {
        let server = serve(|request, stream| {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                request.body.len()
            );
            stream.write_all(head.as_bytes())?;
            stream.write_all(&request.body)?;
            Ok(true)
        });
        let body: String = (0..1 << 20)
            .map(|i: u32| char::from(b'a' + (i % 23) as u8))
            .collect();
        let outcome = run_until(
            SpecDraft {
                engine,
                method: "POST".into(),
                body: Some(body.clone()),
                expect: Expect {
                    body: Some(body),
                    ..Expect::default()
                },
                ..short(server.url("/echo"))
            },
            |o| o.counts.ok > 0,
        );
        assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
        assert!(outcome.counts.ok > 0);
    });
}

#[test]
fn templates_reach_the_server_in_path_header_and_body() {
    on_each_engine(|engine| {
        let server = serve(|request, stream| {
            let token = request
                .head
                .lines()
                .find_map(|line| line.strip_prefix("X-Token: "));
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let echo = format!("{} {} {body}", request.path, token.unwrap_or("none"));
            stream.write_all(answer(200, &echo).as_bytes())?;
            Ok(true)
        });
        let tokens = (0..1000).map(|i| format!("t{i}")).collect();
        let outcome = run_until(
            SpecDraft {
                engine,
                method: "POST".into(),
                path: Some("/{id}".into()),
                headers: vec![("X-Token".into(), "{token}".into())],
                body: Some(r#"{"rank":{rank}}"#.into()),
                pool: 5000,
                fields: [
                    ("id".to_string(), Field::Random { min: 0, max: 99 }),
                    (
                        "rank".to_string(),
                        Field::Zipf {
                            n: 1000,
                            exponent: 1.1,
                        },
                    ),
                    (
                        "token".to_string(),
                        Field::Tokens {
                            values: tokens,
                            file: None,
                            order: Order::Random,
                        },
                    ),
                ]
                .into(),
                expect: Expect {
                    body: Some(r#"/{id} {token} {"rank":{rank}}"#.into()),
                    ..Expect::default()
                },
                ..short(server.url("/"))
            },
            |o| o.counts.ok > 0,
        );
        assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
        assert!(outcome.counts.ok > 0);
    });
}

#[test]
fn a_header_without_end_is_too_large() {
    on_each_engine(|engine| {
        let server = serve(|_, stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            for _ in 0..5000 {
                stream.write_all(b"X-Filler: filler\r\n")?;
            }
            Ok(true)
        });
        let outcome = run_until(
            SpecDraft {
                engine,
                ..short(server.url("/"))
            },
            |o| o.counts.recorded > 0,
        );
        all_failed(&outcome, ErrorKind::HeadTooLarge);
    });
}

#[test]
fn the_kernels_stamps_leave_out_the_time_an_answer_lay_waiting() {
    let server = serve(|_, stream| {
        std::thread::sleep(Duration::from_millis(2));
        stream.write_all(answer(200, "x").as_bytes())?;
        Ok(true)
    });
    let open = SpecDraft {
        arrival: Arrival::Constant { rate: 500.0 },
        ..short(server.url("/"))
    };
    // Both means are of the same answers only where each has its stamp.
    let outcome = run_until(open, |o| {
        (o.until_socket.as_ref()).is_some_and(|until| until.count == o.from_send.count)
    });
    let until = outcome
        .until_socket
        .expect("the epoll engine has receive stamps");
    assert!(
        until.count > outcome.counts.ok / 2,
        "Linux stamps TCP on loopback"
    );
    assert!(
        until.min >= 2_000_000 && until.mean <= outcome.from_send.mean,
        "{until:?}"
    );
    // A closed loop has no time for all of them.
    let closed = run_until(short(server.url("/")), |o| o.counts.ok > 30);
    let until = closed.until_socket.expect("as above");
    let answers = closed.counts.recorded + closed.counts.connections_opened;
    assert!(until.count > 0 && until.count < answers / 2, "{until:?}");
}
