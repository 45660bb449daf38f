//! What comes of methods that a path has no route for.

use super::catalog::{Probe, Section, nothing, request};
use super::wire::{Framing, Script, Talk};

const PROBE: Probe = Probe {
    id: "",
    head: "",
    sends: "",
    must_refuse: false,
    script: None,
    tell: allowed,
};

pub(super) const SECTION: Section = Section {
    title: "Router: methods",
    why: "405 with `Allow` tells a client what it may do instead (RFC 9110, 15.5.6), and costs the router a second \
          look; `HEAD` lets caches and health checks ask without a body.",
    legend: "The status, and the value of `Allow` in brackets where there is one. `HEAD`: the status, with the \
             announced length, and `body!` where a body followed although none may.",
    probes: &[
        Probe {
            id: "wrong_method",
            head: "wrong method",
            sends: "`POST /plaintext`",
            script: Some(|| bare("POST", "/plaintext")),
            ..PROBE
        },
        Probe {
            id: "wrong_method_parameter",
            head: "behind a parameter",
            sends: "`POST /user/1/post/2`",
            script: Some(|| bare("POST", "/user/1/post/2")),
            ..PROBE
        },
        Probe {
            id: "head",
            head: "HEAD",
            sends: "`HEAD /plaintext`, and a `GET` behind it",
            script: Some(|| Script {
                parts: vec![
                    [
                        request("HEAD", "/plaintext", ""),
                        request("GET", "/user/1/post/2", ""),
                    ]
                    .concat(),
                ],
                methods: vec!["HEAD", "GET"],
            }),
            tell: head,
            ..PROBE
        },
        Probe {
            id: "options",
            head: "OPTIONS",
            sends: "`OPTIONS /plaintext`",
            script: Some(|| bare("OPTIONS", "/plaintext")),
            ..PROBE
        },
        Probe {
            id: "unknown_method",
            head: "unknown method",
            sends: "`BREW /plaintext`",
            script: Some(|| bare("BREW", "/plaintext")),
            ..PROBE
        },
        Probe {
            id: "lower_case_method",
            head: "lower case",
            sends: "`get /plaintext`; methods depend on case (RFC 9110, 9.1)",
            script: Some(|| bare("get", "/plaintext")),
            ..PROBE
        },
    ],
};

fn bare(method: &'static str, path: &str) -> Script {
    Script {
        parts: vec![request(method, path, "Content-Length: 0\r\n")],
        methods: vec![method],
    }
}

fn allowed(talk: &Talk) -> String {
    let Some(reply) = talk.replies.first() else {
        return nothing(talk);
    };
    // A server may send one header a method, and in any order.
    let methods: Vec<&str> = reply
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("allow"))
        .map(|(_, value)| value.as_str())
        .collect();
    match methods.is_empty() {
        true => reply.status.to_string(),
        false => format!("{} ({})", reply.status, sorted(&methods.join(","))),
    }
}

fn sorted(methods: &str) -> String {
    let mut all: Vec<_> = methods.split(',').map(str::trim).collect();
    all.sort_unstable();
    all.join(", ")
}

fn head(talk: &Talk) -> String {
    let Some(reply) = talk.replies.first() else {
        return nothing(talk);
    };
    debug_assert_eq!(reply.framing, Framing::Bodiless);
    let length = match reply.header("content-length") {
        Some(length) if reply.status == 200 => format!(", {length}"),
        _ => String::new(),
    };
    // A body after a HEAD stands where the next answer should begin.
    let body = match talk.replies.get(1) {
        Some(next) if next.text() == "1/2" => "",
        _ if talk.closed => ", closes",
        _ => ", body!",
    };
    format!("{}{length}{body}", reply.status)
}
