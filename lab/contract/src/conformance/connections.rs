//! How long a connection lives and what may wait on it.

use super::catalog::{Probe, Section, nothing, request};
use super::wire::{Script, Talk};

/// How many requests are pipelined.
const PIPELINED: usize = 16;

const PROBE: Probe = Probe {
    id: "",
    head: "",
    sends: "",
    must_refuse: false,
    script: None,
    tell: fate,
};

pub(super) const SECTION: Section = Section {
    title: "Connections",
    why: "A load generator that pipelines measures something else on a server that does not answer in order, and \
          connections that are closed unasked cost a handshake for each request.",
    legend: "`keeps` or `closes` the connection after the answer; in brackets the value of `Connection` in the \
             answer. *Pipelining*: how many of 16 requests sent at once are answered in order. *Expect*: what comes \
             before the body is sent.",
    probes: &[
        Probe {
            id: "keep_alive",
            head: "keep-alive",
            sends: "two requests, one after the other",
            script: Some(|| Script {
                parts: vec![
                    request("GET", "/user/1/post/a", ""),
                    request("GET", "/user/2/post/a", ""),
                ],
                methods: vec!["GET"; 2],
            }),
            ..PROBE
        },
        Probe {
            id: "pipelining",
            head: "pipelining",
            sends: "16 requests at once, each with an id of its own",
            script: Some(|| Script {
                parts: vec![
                    (0..PIPELINED)
                        .flat_map(|i| request("GET", &format!("/user/{i}/post/a"), ""))
                        .collect(),
                ],
                methods: vec!["GET"; PIPELINED],
            }),
            tell: in_order,
            ..PROBE
        },
        Probe {
            id: "connection_close",
            head: "Connection: close",
            sends: "a request that asks for the connection's end",
            script: Some(|| Script {
                parts: vec![request("GET", "/user/1/post/a", "Connection: close\r\n")],
                methods: vec!["GET"],
            }),
            ..PROBE
        },
        Probe {
            id: "http10",
            head: "HTTP/1.0",
            sends: "a request of HTTP/1.0",
            script: Some(|| old("")),
            ..PROBE
        },
        Probe {
            id: "http10_keep_alive",
            head: "HTTP/1.0 keep-alive",
            sends: "a request of HTTP/1.0 with `Connection: keep-alive`",
            script: Some(|| old("Connection: keep-alive\r\n")),
            ..PROBE
        },
        Probe {
            id: "expect",
            head: "Expect",
            sends: "the head of `POST /echo` with `Expect: 100-continue`",
            script: Some(|| Script {
                parts: vec![
                    request(
                        "POST",
                        "/echo",
                        "Expect: 100-continue\r\nContent-Length: 5\r\n",
                    ),
                    b"hello".to_vec(),
                ],
                methods: vec!["POST"],
            }),
            tell: expected,
            ..PROBE
        },
    ],
};

fn old(more: &str) -> Script {
    Script {
        parts: vec![
            format!("GET /user/1/post/a HTTP/1.0\r\nHost: localhost\r\n{more}\r\n").into_bytes(),
        ],
        methods: vec!["GET"],
    }
}

/// Whether the connection lives on after the last answer.
fn fate(talk: &Talk) -> String {
    let Some(reply) = talk.replies.last() else {
        return nothing(talk);
    };
    let status = match reply.status {
        200 => String::new(),
        other => format!("{other}, "),
    };
    let fate = if talk.closed { "closes" } else { "keeps" };
    match reply.header("connection") {
        Some(value) => format!("{status}{fate} ({value})"),
        None => format!("{status}{fate}"),
    }
}

fn in_order(talk: &Talk) -> String {
    let right = talk
        .replies
        .iter()
        .enumerate()
        .take_while(|(i, reply)| reply.text() == format!("{i}/a"))
        .count();
    format!("{right} of {PIPELINED}")
}

fn expected(talk: &Talk) -> String {
    match &talk.replies[..] {
        [] => nothing(talk),
        [first, last] if first.status == 100 && last.text() == "hello" => {
            "100, then 200".to_owned()
        }
        all => {
            let statuses: Vec<_> = all.iter().map(|r| r.status.to_string()).collect();
            statuses.join(", then ")
        }
    }
}
