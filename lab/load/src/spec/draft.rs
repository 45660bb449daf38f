//! The specification as it is written: JSON or the command line. Nothing here is checked yet
//! beyond names and types; `super::check` does that.

use super::Span;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// What load to offer and what a right answer is, as written. [`SpecDraft::check`] makes a
/// [`super::Spec`] of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecDraft {
    /// `http://HOST[:PORT][/PATH]`.
    pub url: String,
    /// Request method.
    #[serde(default = "get")]
    pub method: String,
    /// Path template with `{field}`s; the URL's own path where absent. Field values are
    /// percent-encoded here, and only here.
    #[serde(default)]
    pub path: Option<String>,
    /// Further header lines, name and value template. `Host` and `Content-Length` are made by
    /// the instrument unless given.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Body template.
    #[serde(default)]
    pub body: Option<String>,
    /// The fields that the templates name.
    #[serde(default)]
    pub fields: BTreeMap<String, Field>,
    /// How many requests are rendered before the run, to be sent in turn. One is enough where no
    /// template has a field; then only one is rendered whatever is said here.
    #[serde(default = "pool")]
    pub pool: usize,
    /// What a right answer is.
    #[serde(default)]
    pub expect: Expect,
    /// What the header of some answers has to say; absent: anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Sampled>,
    /// Connections opened before the load (closed loop: all there ever are).
    #[serde(default = "connections")]
    pub connections: usize,
    /// Open loop only: connections may grow to this many when all are busy. Where absent, the
    /// larger of `connections` and 1024.
    #[serde(default)]
    pub max_connections: Option<usize>,
    /// When requests start.
    #[serde(default)]
    pub arrival: Arrival,
    /// Requests after which a connection is closed and opened anew; absent: never.
    #[serde(default)]
    pub requests_per_connection: Option<u64>,
    /// Load before the measured part; nothing of it is recorded.
    #[serde(default = "lead_in")]
    pub lead_in: Span,
    /// Length of the measured part.
    #[serde(default = "duration")]
    pub duration: Span,
    /// A request without an answer this long after its intended start is given up, recorded at
    /// this value and counted.
    #[serde(default = "timeout")]
    pub timeout: Span,
    /// How long to wait after the measured part for what is owed or in flight; `timeout` where
    /// absent.
    #[serde(default)]
    pub drain: Option<Span>,
    /// Threads, each with its share of the connections and of the schedule.
    #[serde(default = "threads")]
    pub threads: usize,
    /// Seed of fields and Poisson arrivals.
    #[serde(default)]
    pub seed: u64,
    /// Which engine moves the bytes.
    #[serde(default)]
    pub engine: EngineChoice,
    /// Ask the kernel when answers reached the socket: each in an open loop, every seventh in a
    /// closed one (epoll engine only).
    #[serde(default = "yes")]
    pub receive_stamps: bool,
    /// Read the CPU clock of this process exactly at the measured part's start and end.
    #[serde(default)]
    pub watch_pid: Option<u32>,
    /// How the instrument waits for due times and answers.
    #[serde(default)]
    pub pacing: Pacing,
    /// How the instrument closes connections.
    #[serde(default)]
    pub close: Close,
    /// TCP congestion control of the instrument's sockets; `reno` is in every kernel.
    #[serde(default = "reno")]
    pub congestion_control: String,
    /// Also record a series of intervals of this length.
    #[serde(default)]
    pub interval: Option<Span>,
    /// Connections to a loopback address from one source address, before the next one
    /// (127.0.0.2, ...) is used; absent: nine tenths of the host's ephemeral ports.
    #[serde(default)]
    pub connections_per_source: Option<usize>,
    /// The lateness whose p99 an open loop may not exceed; absent: the larger of 500 us and a
    /// tenth of the measured p99, plus the coalescing.
    #[serde(default)]
    pub lateness_limit: Option<Span>,
}

impl SpecDraft {
    /// The defaults, for `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            method: get(),
            path: None,
            headers: Vec::new(),
            body: None,
            fields: BTreeMap::new(),
            pool: pool(),
            expect: Expect::default(),
            sampled: None,
            connections: connections(),
            max_connections: None,
            arrival: Arrival::default(),
            requests_per_connection: None,
            lead_in: lead_in(),
            duration: duration(),
            timeout: timeout(),
            drain: None,
            threads: threads(),
            seed: 0,
            engine: EngineChoice::default(),
            receive_stamps: true,
            watch_pid: None,
            pacing: Pacing::default(),
            close: Close::default(),
            congestion_control: reno(),
            interval: None,
            connections_per_source: None,
            lateness_limit: None,
        }
    }
}

/// Where the values of a template field come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Field {
    /// A whole number, uniform in `min..=max`.
    Random {
        /// Smallest value.
        min: u64,
        /// Largest value.
        max: u64,
    },
    /// `start`, `start + 1`, ... in the order of the pool.
    Sequential {
        /// First value.
        #[serde(default)]
        start: u64,
    },
    /// A whole number in `0..n`, the k-th drawn in proportion to `1 / (k + 1)^exponent`.
    Zipf {
        /// How many different values.
        n: u64,
        /// 0 is uniform; about 1 is what caches and web traffic show.
        exponent: f64,
    },
    /// One of a list of texts.
    Tokens {
        /// The list itself, or
        #[serde(default)]
        values: Vec<String>,
        /// a file with one text a line.
        #[serde(default)]
        file: Option<PathBuf>,
        /// How they are picked.
        #[serde(default)]
        order: Order,
    },
}

/// How tokens are picked from their list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Each drawn at random (seeded).
    #[default]
    Random,
    /// In turn.
    Sequential,
}

/// What a right answer is. At most one of `body` and `length`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The status; `null` takes any.
    #[serde(default = "two_hundred")]
    pub status: Option<u16>,
    /// The exact body, as a template over the same fields.
    #[serde(default)]
    pub body: Option<String>,
    /// The body's length in bytes.
    #[serde(default)]
    pub length: Option<u64>,
}

/// What is looked at in one answer of some 64, drawn at random and unknown to the server: looking
/// at it in all would make the instrument slow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampled {
    /// The values that `Content-Type` may have, compared without case and spaces; empty for any.
    #[serde(default)]
    pub content_type: Vec<String>,
    /// `Date` is there and lies between sending and receiving, or so far from it; absent: any.
    #[serde(default)]
    pub date_within: Option<Span>,
}

impl Default for Expect {
    fn default() -> Self {
        Self {
            status: two_hundred(),
            body: None,
            length: None,
        }
    }
}

/// When requests start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Arrival {
    /// Each connection starts its next request when the last one is answered.
    #[default]
    Closed,
    /// An open loop with equal gaps.
    Constant {
        /// Requests per second.
        rate: f64,
    },
    /// An open loop with exponential gaps (seeded).
    Poisson {
        /// Requests per second, in the mean.
        rate: f64,
    },
}

impl Arrival {
    /// The offered rate of an open loop, requests per second.
    pub fn rate(self) -> Option<f64> {
        match self {
            Self::Closed => None,
            Self::Constant { rate } | Self::Poisson { rate } => Some(rate),
        }
    }
}

/// Which engine moves the bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineChoice {
    /// Edge-triggered epoll: no slower than io_uring here, and it has receive timestamps.
    #[default]
    Epoll,
    /// io_uring with multishot receive and provided buffers (Linux 6.1 or later).
    Uring,
}

/// How the instrument waits for due times and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pacing {
    /// Spin this long after a send for its answer, and in an open loop as long before each due
    /// time: exact, and costs CPU that is accounted apart. Zero: always sleep, which a server
    /// pays for that has to wake the instrument. Absent: [`Pacing::SPIN`] in an open loop,
    /// zero in a closed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spin: Option<Span>,
    /// In an open loop, wait this long past the due time so that one wake-up releases several requests: cheap,
    /// and late by up to as much. Only with a `spin` of zero.
    #[serde(default = "zero")]
    pub coalesce: Span,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            spin: None,
            coalesce: zero(),
        }
    }
}

impl Pacing {
    /// Covers what waking up was seen to take in a virtual machine. From 500 requests a second
    /// on, an instrument that spins so long never sleeps.
    pub const SPIN: Span = Span::from_millis(2);

    /// How long a load of these arrivals spins.
    pub fn spin_of(&self, arrival: Arrival) -> Span {
        self.spin.unwrap_or(match arrival {
            Arrival::Closed => zero(),
            Arrival::Constant { .. } | Arrival::Poisson { .. } => Self::SPIN,
        })
    }
}

/// How the instrument closes a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Close {
    /// With a reset: no TIME_WAIT, so ports are not used up by a connection per request.
    #[default]
    Reset,
    /// With a FIN, as a browser does.
    Finish,
}

fn get() -> String {
    "GET".into()
}
fn reno() -> String {
    "reno".into()
}
const fn pool() -> usize {
    131_072
}
const fn connections() -> usize {
    64
}
const fn threads() -> usize {
    1
}
const fn yes() -> bool {
    true
}
const fn lead_in() -> Span {
    Span::from_millis(500)
}
const fn duration() -> Span {
    Span::from_secs(10)
}
const fn timeout() -> Span {
    Span::from_secs(5)
}
const fn zero() -> Span {
    Span::from_millis(0)
}
const fn two_hundred() -> Option<u16> {
    Some(200)
}
