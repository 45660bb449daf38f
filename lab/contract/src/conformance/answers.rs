//! How large a request's head may be, and how large the answers are.

use super::catalog::{Probe, Section, get, request};
use super::paths::status;
use super::wire::{Framing, Reply, Script, Talk};

const PROBE: Probe = Probe {
    id: "",
    head: "",
    sends: "",
    must_refuse: false,
    script: None,
    tell: status,
};

pub(super) const LIMITS: Section = Section {
    title: "Limits of a request's head",
    why: "A small limit saves memory on each connection, and refuses users with many cookies.",
    legend: "`GET /plaintext` whose head, from the request line to the empty line, has exactly so many bytes, most of \
             them in one header. The status; `closed` where the connection ends without an answer.",
    probes: &[
        Probe {
            id: "head_4k",
            head: "4 KiB",
            sends: "4,096 bytes",
            script: Some(|| padded(4096)),
            ..PROBE
        },
        Probe {
            id: "head_8k",
            head: "8 KiB",
            sends: "8,192 bytes",
            script: Some(|| padded(8192)),
            ..PROBE
        },
        Probe {
            id: "head_16k",
            head: "16 KiB",
            sends: "16,384 bytes",
            script: Some(|| padded(16384)),
            ..PROBE
        },
        Probe {
            id: "head_64k",
            head: "64 KiB",
            sends: "65,536 bytes",
            script: Some(|| padded(65536)),
            ..PROBE
        },
    ],
};

pub(super) const BYTES: Section = Section {
    title: "Bytes and headers of an answer",
    why: "Bytes on the wire are work that a comparison of requests per second does not show, and a header more or \
          less is a difference between servers, not between frameworks' speed.",
    legend: "Bytes of the head plus bytes of the body; `chunked` where no length is announced. Below the headers of \
             `GET /json`, sorted, in the spelling in which they are sent.",
    probes: &[
        Probe {
            id: "bytes_plaintext",
            head: "plaintext",
            sends: "`GET /plaintext`",
            script: Some(|| get("/plaintext")),
            tell: bytes,
            ..PROBE
        },
        Probe {
            id: "bytes_json",
            head: "json",
            sends: "`GET /json`",
            script: Some(|| get("/json")),
            tell: bytes,
            ..PROBE
        },
        Probe {
            id: "bytes_params",
            head: "params",
            sends: "`GET /user/1/post/a`",
            script: Some(|| get("/user/1/post/a")),
            tell: bytes,
            ..PROBE
        },
        Probe {
            id: "bytes_not_found",
            head: "404",
            sends: "`GET /nowhere`",
            script: Some(|| get("/nowhere")),
            tell: bytes,
            ..PROBE
        },
        Probe {
            id: "headers_json",
            head: "headers",
            sends: "`GET /json`",
            script: Some(|| get("/json")),
            tell: names,
            ..PROBE
        },
    ],
};

/// A GET whose head has exactly so many bytes.
fn padded(bytes: usize) -> Script {
    let without = request("GET", "/plaintext", "X-Pad: \r\n").len();
    let pad = "a".repeat(bytes - without);
    Script {
        parts: vec![request("GET", "/plaintext", &format!("X-Pad: {pad}\r\n"))],
        methods: vec!["GET"],
    }
}

fn bytes(talk: &Talk) -> String {
    let size = |reply: &Reply| {
        let how = match reply.framing {
            Framing::Chunked => " chunked",
            Framing::Close => " until closed",
            Framing::Length | Framing::Bodiless => "",
        };
        format!("{} + {}{how}", reply.head_bytes, reply.body.len())
    };
    talk.replies.first().map_or_else(|| status(talk), size)
}

fn names(talk: &Talk) -> String {
    let all = |reply: &Reply| {
        let mut names: Vec<_> = reply
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        // Some servers keep them in a map, whose order is nobody's promise.
        names.sort_unstable();
        names.join(", ")
    };
    talk.replies.first().map_or_else(|| status(talk), all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_padded_head_has_the_bytes_that_it_says() {
        for bytes in [4096, 8192, 16384, 65536] {
            assert_eq!(padded(bytes).parts[0].len(), bytes);
        }
    }
}
