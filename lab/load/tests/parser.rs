//! The parser against every way of splitting every kind of response.

#[path = "../fuzz/harness.rs"]
mod harness;

use harness::{Read, execute, read};
use load::http::{Fault, MAX_HEAD, MAX_HEADERS, Parser};
use proptest::prelude::*;

/// How a body's end is told.
#[derive(Clone, Debug)]
enum Framing {
    Length,
    Chunked(Vec<usize>),
    Close,
}

fn response() -> impl Strategy<Value = (Vec<u8>, u16, Vec<u8>, bool)> {
    let framing = prop_oneof![
        Just(Framing::Length),
        proptest::collection::vec(1..40usize, 0..6).prop_map(Framing::Chunked),
        Just(Framing::Close),
    ];
    let headers = proptest::collection::vec(("[A-Za-z0-9-]{1,12}", "[ -~]{0,30}"), 0..6);
    let body = proptest::collection::vec(any::<u8>(), 0..200);
    (0..3usize, 200..599u16, headers, body, framing).prop_map(
        |(interim, status, headers, body, framing)| {
            let status = if matches!(status, 204 | 304) {
                200
            } else {
                status
            };
            let mut out = Vec::new();
            for _ in 0..interim {
                out.extend_from_slice(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
            }
            out.extend_from_slice(format!("HTTP/1.1 {status} Any\r\n").as_bytes());
            for (name, value) in headers {
                // A prefix keeps them from being headers that mean something.
                out.extend_from_slice(format!("X-{name}: {value}\r\n").as_bytes());
            }
            let ends = matches!(framing, Framing::Close);
            match framing {
                Framing::Length => {
                    out.extend_from_slice(
                        format!("content-length:{}\r\n\r\n", body.len()).as_bytes(),
                    );
                    out.extend_from_slice(&body);
                }
                Framing::Close => {
                    out.extend_from_slice(b"\r\n");
                    out.extend_from_slice(&body);
                }
                Framing::Chunked(sizes) => {
                    out.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
                    let mut rest = &body[..];
                    for size in sizes.into_iter().chain(std::iter::repeat(64)) {
                        if rest.is_empty() {
                            break;
                        }
                        let (chunk, after) = rest.split_at(size.min(rest.len()));
                        out.extend_from_slice(format!("{:X};n=v\r\n", chunk.len()).as_bytes());
                        out.extend_from_slice(chunk);
                        out.extend_from_slice(b"\r\n");
                        rest = after;
                    }
                    out.extend_from_slice(b"0\r\nTrailer: x\r\n\r\n");
                }
            }
            (out, status, body, ends)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_valid_response_reads_the_same_however_it_is_split(
        (bytes, status, body, ends) in response(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        at.extend([0, bytes.len()]);
        at.sort_unstable();
        let pieces = at.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
        let Read::Complete(answer, read_body) = read(pieces, false, ends) else {
            return Err(TestCaseError::fail(format!("not read: {}", bytes.escape_ascii())));
        };
        prop_assert_eq!(answer.status, status);
        prop_assert_eq!(answer.keep_alive, !ends);
        prop_assert_eq!(read_body, body);
    }

    #[test]
    fn any_bytes_are_read_or_refused(data in proptest::collection::vec(any::<u8>(), 0..300)) {
        execute(&data);
    }
}

#[test]
fn the_corpus_reads_the_same_split_at_every_byte() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/parser");
    let mut count = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let data = std::fs::read(entry.unwrap().path()).unwrap();
        execute(&data);
        let (how, stream) = (data[0], &data[2..]);
        let (head, ends) = (how & 1 == 1, how & 2 == 2);
        let whole = read(std::iter::once(stream), head, ends);
        for cut in 0..=stream.len() {
            let (a, b) = stream.split_at(cut);
            assert_eq!(read([a, b].into_iter(), head, ends), whole, "cut at {cut}");
        }
        count += 1;
    }
    assert!(count >= 12);
}

fn fault(bytes: &[u8]) -> Option<Fault> {
    let mut parser = Parser::default();
    parser.begin(false);
    parser.feed(bytes, &mut |_: &[u8]| {}).err()
}

#[test]
fn faults_have_their_kind() {
    let with = |headers: &str| fault(format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n").as_bytes());
    assert_eq!(with("Content-Length: 3, 4"), Some(Fault::Conflict));
    assert_eq!(with("Content-Length: -1"), Some(Fault::Framing));
    assert_eq!(with("Content-Length: +3"), Some(Fault::Framing));
    assert_eq!(with("Content-Length: 0x3"), Some(Fault::Framing));
    assert_eq!(with("Content-Length: 3 3"), Some(Fault::Framing));
    assert_eq!(with("Content-Length: 3,"), Some(Fault::Framing));
    assert_eq!(
        with("Content-Length: 9999999999999999999"),
        Some(Fault::Framing)
    );
    assert_eq!(with("Content-Length:"), Some(Fault::Framing));
    assert_eq!(with("Content-Length: 3, 3"), None);
    assert_eq!(
        with("Transfer-Encoding: chunked, chunked"),
        Some(Fault::Framing)
    );
    assert_eq!(with("A: b\r\n folded"), Some(Fault::Header));
    assert_eq!(with("A : b"), Some(Fault::Header));
    assert_eq!(with("A: b\0"), Some(Fault::Header));
    assert_eq!(
        fault(b"HTTP/1.1 200 OK\nA: b\n\r\n\r\n"),
        Some(Fault::BareLf)
    );
    assert_eq!(
        fault(b"HTTP/1.1 101 Switching\r\n\r\n"),
        Some(Fault::StatusLine)
    );
    assert_eq!(fault(b"HTTP/1.1 2000 OK\r\n\r\n"), Some(Fault::StatusLine));
    assert_eq!(
        fault(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Some(Fault::Conflict)
    );
}

#[test]
fn limits_hold_whether_it_comes_whole_or_in_pieces() {
    let many = "A: b\r\n".repeat(MAX_HEADERS + 1);
    let long = format!("A: {}\r\n", "x".repeat(MAX_HEAD));
    for headers in [many, long] {
        let bytes = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 0\r\n\r\n");
        assert_eq!(fault(bytes.as_bytes()), Some(Fault::HeadTooLarge));
        assert_eq!(
            read(bytes.as_bytes().chunks(1000), false, false),
            Read::Fault
        );
    }
    let most = "A: b\r\n".repeat(MAX_HEADERS - 1);
    let bytes = format!("HTTP/1.1 200 OK\r\n{most}Content-Length: 0\r\n\r\n");
    assert_eq!(fault(bytes.as_bytes()), None);
    // Interim answers without end are no way around the limit.
    let endless = "HTTP/1.1 100 Continue\r\n\r\n".repeat(2000);
    assert_eq!(fault(endless.as_bytes()), Some(Fault::HeadTooLarge));
}

#[test]
fn a_line_that_ends_in_lf_alone_is_told_at_once() {
    for bytes in [
        "HTTP/1.1 200 OK\nContent-Length: 1\n\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\n\na",
        "HTTP/1.1 200 OK\r\nA: b\r\n\n",
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\n",
    ] {
        assert_eq!(fault(bytes.as_bytes()), Some(Fault::BareLf), "{bytes:?}");
        for size in 1..bytes.len() {
            let pieces = bytes.as_bytes().chunks(size);
            assert_eq!(read(pieces, false, false), Read::Fault, "{bytes:?}");
        }
    }
}

#[test]
fn a_connection_is_kept_only_where_both_may() {
    let keeps = |version: &str, connection: &str| {
        let bytes = format!("HTTP/{version} 200 OK\r\n{connection}Content-Length: 0\r\n\r\n");
        let mut parser = Parser::default();
        parser.begin(false);
        let answer = parser.feed(bytes.as_bytes(), &mut |_: &[u8]| {});
        answer.unwrap().expect("complete").keep_alive
    };
    assert!(keeps("1.1", ""));
    assert!(keeps("1.1", "Connection: keep-alive\r\n"));
    assert!(!keeps("1.1", "Connection: x, Close\r\n"));
    assert!(!keeps(
        "1.1",
        "Connection: close\r\nConnection: keep-alive\r\n"
    ));
    assert!(!keeps("1.0", ""));
    assert!(keeps("1.0", "Connection: Keep-Alive\r\n"));
    // Close wins, in whatever order.
    assert!(!keeps("1.0", "Connection: close, keep-alive\r\n"));
    assert!(!keeps("1.0", "Connection: keep-alive, close\r\n"));
}

#[test]
fn how_far_an_answer_came_is_known() {
    let after = |bytes: &str| {
        let mut parser = Parser::default();
        parser.begin(false);
        assert_eq!(parser.feed(bytes.as_bytes(), &mut |_: &[u8]| {}), Ok(None));
        parser.progress().to_string()
    };
    assert_eq!(after(""), "no byte of an answer");
    assert!(after("HTTP/1.1 20").starts_with("11 bytes of headers"));
    assert!(after("HTTP/1.1 100 Continue\r\n\r\n").contains("interim"));
    assert!(after("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").contains("4 of the 9 bytes"));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    assert!(after(chunked).contains("status 200 and 3 bytes of body without the chunk"));
    assert!(
        after("HTTP/1.1 200 OK\r\n\r\nab").contains("2 bytes of a body without Content-Length")
    );
}
