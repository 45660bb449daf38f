//! Requests that two servers could cut apart at different places: request smuggling.
//!
//! Each is followed by an innocent request on the same connection. A server that refuses
//! the first and hangs up cannot be made to mistake a body for a request.

use super::catalog::{Probe, Section, nothing, request};
use super::wire::{Script, Talk};

const PROBE: Probe = Probe {
    id: "",
    head: "",
    sends: "",
    must_refuse: true,
    script: None,
    tell: verdict,
};

const LEGEND: &str = "A number of 400 or more: refused with that status. `closed`: refused without a word. `200 (n)`: \
     accepted, with a body of n bytes; `goes on` where the innocent request behind it is answered too, `then` \
     with the status of what comes instead. Behind bad chunks the status is what the handler made of the engine's \
     refusal to read on, so 413 and 500 are refusals too. `waits`: no answer within 3 s, the server wants more. Bold: RFC 9112 or \
     RFC 9110 wants a refusal and there is none.";

pub(super) const LENGTHS: Section = Section {
    title: "Requests that should not be believed: heads and lengths",
    why: "Where a proxy and the server behind it disagree about the end of a request, an attacker puts a second \
          request into the first (request smuggling). Nothing here is about speed, but strict parsing costs time.",
    legend: LEGEND,
    probes: &[
        Probe {
            id: "two_lengths",
            head: "two lengths",
            sends: "`Content-Length: 5` and `Content-Length: 6` (RFC 9112, 6.3)",
            script: Some(|| echo("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!")),
            ..PROBE
        },
        Probe {
            id: "same_lengths",
            head: "same twice",
            sends: "`Content-Length: 5` twice; a server may accept it",
            must_refuse: false,
            script: Some(|| echo("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")),
            ..PROBE
        },
        Probe {
            id: "signed_length",
            head: "+5",
            sends: "`Content-Length: +5`",
            script: Some(|| echo("Content-Length: +5\r\n", "hello")),
            ..PROBE
        },
        Probe {
            id: "negative_length",
            head: "-5",
            sends: "`Content-Length: -5`",
            script: Some(|| echo("Content-Length: -5\r\n", "")),
            ..PROBE
        },
        Probe {
            id: "hex_length",
            head: "0x5",
            sends: "`Content-Length: 0x5`",
            script: Some(|| echo("Content-Length: 0x5\r\n", "hello")),
            ..PROBE
        },
        Probe {
            id: "space_before_colon",
            head: "space before colon",
            sends: "`Content-Length : 5` (RFC 9112, 5.1)",
            script: Some(|| echo("Content-Length : 5\r\n", "hello")),
            ..PROBE
        },
        Probe {
            id: "folded_header",
            head: "folded header",
            sends: "a header that goes on in the next line (RFC 9112, 5.2: refuse, or take the fold for a space)",
            must_refuse: false,
            script: Some(|| echo("X-Long: a\r\n b\r\nContent-Length: 5\r\n", "hello")),
            ..PROBE
        },
        Probe {
            id: "no_host",
            head: "no Host",
            sends: "a request of HTTP/1.1 without `Host` (RFC 9112, 3.2)",
            script: Some(|| followed(b"GET /user/1/post/a HTTP/1.1\r\n\r\n".to_vec(), "GET")),
            ..PROBE
        },
        Probe {
            id: "two_hosts",
            head: "two Hosts",
            sends: "`Host` twice (RFC 9112, 3.2)",
            script: Some(|| {
                followed(
                    request("GET", "/user/1/post/a", "Host: elsewhere\r\n"),
                    "GET",
                )
            }),
            ..PROBE
        },
    ],
};

pub(super) const CHUNKS: Section = Section {
    title: "Requests that should not be believed: chunks",
    why: "The same, for bodies in chunks: the end of the body is where the sizes say, and every parser must read the \
          same sizes.",
    legend: LEGEND,
    probes: &[
        Probe {
            id: "length_and_chunked",
            head: "length and chunked",
            sends: "`Content-Length: 5` with `Transfer-Encoding: chunked`; a server may refuse it, or take the \
                    chunks and close the connection (RFC 9112, 6.1)",
            must_refuse: false,
            script: Some(|| {
                echo(
                    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                    "5\r\nhello\r\n0\r\n\r\n",
                )
            }),
            ..PROBE
        },
        Probe {
            id: "unknown_coding",
            head: "unknown coding",
            sends: "`Transfer-Encoding: xchunked` (RFC 9112, 6.3: 400; 501 where the coding is not known)",
            script: Some(|| echo("Transfer-Encoding: xchunked\r\n", "5\r\nhello\r\n0\r\n\r\n")),
            ..PROBE
        },
        Probe {
            id: "chunked_not_last",
            head: "chunked not last",
            sends: "`Transfer-Encoding: chunked, identity` (RFC 9112, 6.3)",
            script: Some(|| {
                echo(
                    "Transfer-Encoding: chunked, identity\r\n",
                    "5\r\nhello\r\n0\r\n\r\n",
                )
            }),
            ..PROBE
        },
        Probe {
            id: "chunk_not_hex",
            head: "size zz",
            sends: "a chunk of size `zz`",
            script: Some(|| chunks("zz\r\nhello\r\n0\r\n\r\n")),
            ..PROBE
        },
        Probe {
            id: "chunk_hex_prefix",
            head: "size 0x5",
            sends: "a chunk of size `0x5`",
            script: Some(|| chunks("0x5\r\nhello\r\n0\r\n\r\n")),
            ..PROBE
        },
        Probe {
            id: "chunk_signed",
            head: "size +5",
            sends: "a chunk of size `+5`",
            script: Some(|| chunks("+5\r\nhello\r\n0\r\n\r\n")),
            ..PROBE
        },
        Probe {
            id: "chunk_overflow",
            head: "size 2^64 + 5",
            sends: "a chunk of size `10000000000000005`, which 64 bits do not hold",
            script: Some(|| chunks("10000000000000005\r\nhello\r\n0\r\n\r\n")),
            ..PROBE
        },
        Probe {
            id: "chunk_too_long",
            head: "too much data",
            sends: "a chunk of size `3` with five bytes",
            script: Some(|| chunks("3\r\nhello\r\n0\r\n\r\n")),
            ..PROBE
        },
        Probe {
            id: "chunk_bare_lf",
            head: "bare LF",
            sends: "a chunk whose size ends in a line feed alone; RFC 9112, 2.2 allows that for heads only",
            script: Some(|| chunks("5\nhello\r\n0\r\n\r\n")),
            ..PROBE
        },
    ],
};

pub(super) const HEADS: Section = Section {
    title: "Requests that should not be believed: bytes in heads",
    why: "The same, where two parsers could see another line, another name or another value: what one takes for part \
          of a header the other takes for the next one.",
    legend: LEGEND,
    probes: &[
        Probe {
            id: "bare_lf_head",
            head: "bare LF",
            sends: "a head whose lines end in a line feed alone; a server may take them (RFC 9112, 2.2)",
            must_refuse: false,
            script: Some(|| {
                let head = "GET /user/1/post/a HTTP/1.1\nHost: localhost\n\n";
                followed(head.into(), "GET")
            }),
            ..PROBE
        },
        Probe {
            id: "bare_cr_value",
            head: "bare CR",
            sends: "a carriage return alone within a value (RFC 9112, 2.2: refuse it, or take it for a space)",
            must_refuse: false,
            script: Some(|| header("X-Name: a\rb\r\n")),
            ..PROBE
        },
        Probe {
            id: "nul_in_value",
            head: "NUL",
            sends: "a zero byte within a value (RFC 9110, 5.5: refuse it, or take it for a space)",
            must_refuse: false,
            script: Some(|| header("X-Name: a\0b\r\n")),
            ..PROBE
        },
        Probe {
            id: "no_name",
            head: "no name",
            sends: "a header line that begins with its colon (RFC 9112, 5)",
            script: Some(|| header(": a\r\n")),
            ..PROBE
        },
        Probe {
            id: "no_colon",
            head: "no colon",
            sends: "a header line without a colon (RFC 9112, 5)",
            script: Some(|| header("X-Name\r\n")),
            ..PROBE
        },
        Probe {
            id: "folded_first",
            head: "fold first",
            sends: "a first header line that begins with a space (RFC 9112, 2.2: refuse it, or leave it out)",
            must_refuse: false,
            script: Some(|| {
                let head = "GET /user/1/post/a HTTP/1.1\r\n X: y\r\nHost: localhost\r\n\r\n";
                followed(head.into(), "GET")
            }),
            ..PROBE
        },
        Probe {
            id: "length_list",
            head: "5, 5",
            sends: "`Content-Length: 5, 5` (RFC 9110, 8.6: refuse it, or take it for one)",
            must_refuse: false,
            script: Some(|| echo("Content-Length: 5, 5\r\n", "hello")),
            ..PROBE
        },
        Probe {
            id: "length_list_differs",
            head: "5, 6",
            sends: "`Content-Length: 5, 6` (RFC 9112, 6.3)",
            script: Some(|| echo("Content-Length: 5, 6\r\n", "hello!")),
            ..PROBE
        },
        Probe {
            id: "tab_before_colon",
            head: "tab before colon",
            sends: "`Transfer-Encoding` and a tab before its colon, with a length beside it (RFC 9112, 5.1)",
            script: Some(|| {
                let headers = "Content-Length: 5\r\nTransfer-Encoding\t: chunked\r\n";
                echo(headers, "hello")
            }),
            ..PROBE
        },
        Probe {
            id: "chunked_in_http10",
            head: "chunks in 1.0",
            sends: "`Transfer-Encoding: chunked` in HTTP/1.0 (RFC 9112, 6.1: take the framing for faulty, close \
                    the connection)",
            must_refuse: false,
            script: Some(|| {
                let head =
                    "POST /echo HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
                followed([head, "5\r\nhello\r\n0\r\n\r\n"].concat().into(), "POST")
            }),
            ..PROBE
        },
    ],
};

/// A request with one more header line.
fn header(line: &str) -> Script {
    followed(request("GET", "/user/1/post/a", line), "GET")
}

/// `POST /echo` with these headers and this body.
fn echo(headers: &str, body: &str) -> Script {
    let mut bytes = request("POST", "/echo", headers);
    bytes.extend_from_slice(body.as_bytes());
    followed(bytes, "POST")
}

fn chunks(body: &str) -> Script {
    echo("Transfer-Encoding: chunked\r\n", body)
}

/// A request with the innocent one behind it.
fn followed(mut bytes: Vec<u8>, method: &'static str) -> Script {
    bytes.extend(request("GET", "/user/innocent/post/request", ""));
    Script {
        parts: vec![bytes],
        methods: vec![method, "GET"],
    }
}

fn verdict(talk: &Talk) -> String {
    let Some(first) = talk.replies.first() else {
        return nothing(talk);
    };
    let first_words = match first.status {
        200 => format!("200 ({})", first.body.len()),
        other => other.to_string(),
    };
    match talk.replies.get(1) {
        Some(next) if next.text() == "innocent/request" => format!("{first_words}, goes on"),
        Some(next) => format!("{first_words}, then {}", next.status),
        None if first.status >= 400 && talk.closed => first_words,
        None if talk.closed => format!("{first_words}, closes"),
        None => format!("{first_words}, waits"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::wire::{Framing, Reply};

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            head_bytes: 0,
            framing: Framing::Length,
            body: body.into(),
        }
    }

    #[test]
    fn verdicts_tell_a_refusal_from_a_belief() {
        let innocent = || reply(200, "innocent/request");
        for (replies, closed, words) in [
            (vec![], true, "closed"),
            (vec![], false, "waits"),
            (vec![reply(400, "")], true, "400"),
            (vec![reply(400, ""), innocent()], false, "400, goes on"),
            (
                vec![reply(200, "hello"), innocent()],
                false,
                "200 (5), goes on",
            ),
            (
                vec![reply(200, ""), reply(400, "")],
                true,
                "200 (0), then 400",
            ),
            (vec![reply(200, "hello")], true, "200 (5), closes"),
            (vec![reply(200, "hello")], false, "200 (5), waits"),
        ] {
            assert_eq!(verdict(&Talk { replies, closed }), words);
        }
    }
}
