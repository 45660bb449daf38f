//! What the instrument is told for a window.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use load::{Arrival as LoadArrival, Expect, Field, Span, SpecDraft};

use super::cast::Member;
use crate::contract::Scenario;
use crate::contract::payload::PLAINTEXT;
use crate::contract::scenario::DISTINCT_IDS;
use crate::plan::Block;
use crate::plan::experiment::Arrival;

/// A request without an answer after this long counts as an error.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How long load of this length may take in all.
pub fn lasts(length: Duration) -> Duration {
    length + 2 * TIMEOUT
}

/// The specification of one window, lead-in and measured part. The seed differs from block to block, so that ids and
/// arrivals do too, but is the same for all servers of a block.
pub fn of(
    block: &Block,
    member: &Member,
    (address, watch_pid): (SocketAddr, Option<u32>),
    (lead_in, window): (Duration, Duration),
    seed: u64,
) -> SpecDraft {
    let mut spec = SpecDraft::new(format!("http://{address}"));
    spec.path = Some(path(block.scenario).to_owned());
    spec.fields = fields(block.scenario);
    spec.pool = DISTINCT_IDS as usize;
    spec.expect = Expect {
        status: Some(200),
        body: Some(body(block.scenario, member)),
        length: None,
    };
    spec.connections = block.mode.connections as usize;
    match block.mode.arrival {
        Arrival::Closed => spec.arrival = LoadArrival::Closed,
        Arrival::Rate(rate) => {
            spec.arrival = LoadArrival::Constant { rate };
            spec.max_connections = Some(spec.connections);
        }
    }
    spec.lead_in = Span(lead_in);
    spec.duration = Span(window);
    spec.timeout = Span(TIMEOUT);
    spec.seed = seed ^ u64::from(block.number);
    spec.watch_pid = watch_pid;
    spec
}

fn path(scenario: Scenario) -> &'static str {
    match scenario {
        Scenario::Plaintext => "/plaintext",
        Scenario::Json => "/json",
        Scenario::Params => "/user/{id}/post/{slug}",
    }
}

fn fields(scenario: Scenario) -> BTreeMap<String, Field> {
    let number = |min, max| Field::Random { min, max };
    match scenario {
        Scenario::Plaintext | Scenario::Json => BTreeMap::new(),
        // Fixed widths, so that every request and answer has the same length.
        Scenario::Params => BTreeMap::from([
            ("id".to_owned(), number(100_000_000, 999_999_999)),
            ("slug".to_owned(), number(100_000_000_000, 999_999_999_999)),
        ]),
    }
}

/// The exact body of a right answer. The checker has shown that the server's JSON says the
/// right thing; that it keeps writing the same bytes is what the instrument can hold it to.
fn body(scenario: Scenario, member: &Member) -> String {
    match scenario {
        Scenario::Plaintext => PLAINTEXT.to_owned(),
        Scenario::Json => String::from_utf8_lossy(&member.json_body).into_owned(),
        Scenario::Params => "{id}/{slug}".to_owned(),
    }
}
