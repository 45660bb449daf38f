//! How a router reads a path.

use super::catalog::{Probe, Section, get, nothing};
use super::wire::Talk;

const PROBE: Probe = Probe {
    id: "",
    head: "",
    sends: "",
    must_refuse: false,
    script: None,
    tell: found,
};

pub(super) const ROUTES: Section = Section {
    title: "Router: routes that overlap, and parameters",
    why: "A router that asks for less can be faster: one that never backtracks, or that may not have a static route \
          beside a parameter, does less work than one that has to look twice.",
    legend: "`static`: the static route wins whatever the order. `first`: the route that was registered first wins, \
             here the parameter. `refused`: the server does not start with both. `yes` and `no` under *backtracks*: \
             whether a path that shares its beginning with a static route is still matched by the parameter. Quoted \
             text is the answer's body; a number is the status, with where a redirect leads.",
    probes: &[
        Probe {
            id: "static_beside_parameter",
            head: "static beside parameter",
            sends: "`GET` of a static route that `/user/{id}/post/{slug}` also matches",
            ..PROBE
        },
        Probe {
            id: "backtracks",
            head: "backtracks",
            sends: "`GET` of paths that begin like that static route and end differently",
            ..PROBE
        },
        Probe {
            id: "encoded_slash",
            head: "encoded slash",
            sends: "`GET /user/a%2Fb/post/c`",
            script: Some(|| get("/user/a%2Fb/post/c")),
            ..PROBE
        },
        Probe {
            id: "encoded_percent",
            head: "encoded percent",
            sends: "`GET /user/50%2525/post/c`, which decoded once is `50%25/c`",
            script: Some(|| get("/user/50%2525/post/c")),
            ..PROBE
        },
        Probe {
            id: "plus_sign",
            head: "plus sign",
            sends: "`GET /user/a+b/post/c`; a plus sign is a space in a query only",
            script: Some(|| get("/user/a+b/post/c")),
            ..PROBE
        },
        Probe {
            id: "empty_parameter",
            head: "empty parameter",
            sends: "`GET /user//post/c`",
            script: Some(|| get("/user//post/c")),
            ..PROBE
        },
    ],
};

pub(super) const SPELLINGS: Section = Section {
    title: "Router: other spellings of a path",
    why: "A path that is answered under several spellings can pass a proxy's rule under one and reach the handler \
          under another.",
    legend: "The status, with where a redirect leads. `200` means that the spelling is taken for `/plaintext` itself.",
    probes: &[
        Probe {
            id: "trailing_slash",
            head: "trailing slash",
            sends: "`GET /plaintext/`",
            script: Some(|| get("/plaintext/")),
            tell: status,
            ..PROBE
        },
        Probe {
            id: "double_slash",
            head: "double slash",
            sends: "`GET //plaintext`",
            script: Some(|| get("//plaintext")),
            tell: status,
            ..PROBE
        },
        Probe {
            id: "dot_segments",
            head: "dot segments",
            sends: "`GET /blob/../plaintext`",
            script: Some(|| get("/blob/../plaintext")),
            tell: status,
            ..PROBE
        },
        Probe {
            id: "upper_case",
            head: "upper case",
            sends: "`GET /PLAINTEXT`",
            script: Some(|| get("/PLAINTEXT")),
            tell: status,
            ..PROBE
        },
        Probe {
            id: "encoded_letter",
            head: "encoded letter",
            sends: "`GET /plain%74ext`",
            script: Some(|| get("/plain%74ext")),
            tell: status,
            ..PROBE
        },
    ],
};

/// The status, with where a redirect leads.
pub(super) fn status(talk: &Talk) -> String {
    let Some(reply) = talk.replies.first() else {
        return nothing(talk);
    };
    match reply.header("location") {
        Some(to) => format!("{} to {to}", reply.status),
        None => reply.status.to_string(),
    }
}

/// The body of an answer to a route with parameters, or the status.
fn found(talk: &Talk) -> String {
    match talk.replies.first() {
        Some(reply) if reply.status == 200 => format!("\"{}\"", reply.text()),
        _ => status(talk),
    }
}
