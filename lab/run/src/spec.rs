//! What the instrument is told for a window.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use catalog::scenario::{Body, DISTINCT_IDS};
use contract::steps::{JSON, TEXT};
use load::{Arrival as LoadArrival, Expect, Field, Pacing, Sampled, Span, SpecDraft};
use plan::Block;
use plan::experiment::Arrival;

/// A request without an answer after this long counts as an error.
pub const TIMEOUT: Duration = Duration::from_secs(2);

/// How far a `Date` may be from the time of its answer: servers make it once a second.
const DATE_WITHIN: Duration = Duration::from_secs(3);

/// How long load of this length may take in all.
pub fn lasts(length: Duration) -> Duration {
    length + 2 * TIMEOUT
}

/// The specification of one window, lead-in and measured part. The seed differs from block to block, so that ids and
/// arrivals do too, but is the same for all servers of a block. `json_body` is the server's own right
/// answer to `/json`.
pub fn of(
    block: &Block,
    json_body: &[u8],
    (address, watch_pid): (SocketAddr, Option<u32>),
    (lead_in, window): (Duration, Duration),
    seed: u64,
) -> SpecDraft {
    let mut spec = SpecDraft::new(format!("http://{address}"));
    let asked = block.scenario.about();
    spec.path = Some(asked.path.to_owned());
    spec.fields = fields(asked.body);
    spec.pool = DISTINCT_IDS as usize;
    spec.expect = Expect {
        status: Some(200),
        body: Some(exact(asked.body, json_body)),
        length: None,
    };
    spec.sampled = Some(Sampled {
        content_type: kinds(asked.body).map(str::to_owned).to_vec(),
        // Of another machine's clock nothing is known here.
        date_within: watch_pid.map(|_| Span(DATE_WITHIN)),
    });
    spec.connections = block.mode.connections as usize;
    match block.mode.arrival {
        Arrival::Closed => spec.arrival = LoadArrival::Closed,
        Arrival::Rate(rate) => {
            spec.arrival = LoadArrival::Constant { rate };
            spec.max_connections = Some(spec.connections);
        }
        Arrival::Share(_) => unreachable!("`capacity::Capacities::asked` makes a rate of it"),
    }
    // A server pays for waking an instrument that sleeps, and not each server as much: an instrument
    // that never sleeps keeps that out of the differences.
    spec.pacing.spin = Some(Pacing::SPIN);
    spec.lead_in = Span(lead_in);
    spec.duration = Span(window);
    spec.timeout = Span(TIMEOUT);
    spec.seed = seed ^ u64::from(block.number);
    spec.watch_pid = watch_pid;
    spec
}

/// What the answer's `Content-Type` may be.
fn kinds(body: Body) -> [&'static str; 2] {
    match body {
        Body::Message => JSON,
        Body::Text(_) | Body::Echo(_) => [TEXT, TEXT],
    }
}

fn fields(body: Body) -> BTreeMap<String, Field> {
    let number = |min, max| Field::Random { min, max };
    match body {
        Body::Text(_) | Body::Message => BTreeMap::new(),
        // Fixed widths, so that every request and answer has the same length.
        Body::Echo(_) => BTreeMap::from([
            ("id".to_owned(), number(100_000_000, 999_999_999)),
            ("slug".to_owned(), number(100_000_000_000, 999_999_999_999)),
        ]),
    }
}

/// The exact body of a right answer. The checker has shown that the server's JSON says the
/// right thing; that it keeps writing the same bytes is what the instrument can hold it to.
fn exact(body: Body, json_body: &[u8]) -> String {
    match body {
        Body::Text(text) | Body::Echo(text) => text.to_owned(),
        Body::Message => String::from_utf8_lossy(json_body).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::Scenario;
    use plan::experiment::Mode;

    #[test]
    fn the_instrument_of_a_window_never_sleeps() {
        for arrival in [Arrival::Closed, Arrival::Rate(4_000.0)] {
            let block = Block {
                number: 1,
                scenario: Scenario::Json,
                mode: Mode {
                    name: "mode".to_owned(),
                    connections: 64,
                    arrival,
                },
                order: Vec::new(),
                in_a_row: false,
                times: Default::default(),
            };
            let at = (SocketAddr::from(([127, 0, 0, 1], 8080)), None);
            let second = Duration::from_secs(1);
            let spec = of(&block, b"{}", at, (second, second), 7);
            let spin = spec.pacing.spin_of(spec.arrival);
            assert_eq!(spin, Pacing::SPIN, "{arrival:?}");
            assert!(spec.check().is_ok());
        }
    }

    #[test]
    fn a_window_is_asked_for_as_it_was_planned() {
        let block = |number, scenario, arrival| Block {
            number,
            scenario,
            mode: Mode {
                name: "mode".to_owned(),
                connections: 48,
                arrival,
            },
            order: Vec::new(),
            in_a_row: false,
            times: Default::default(),
        };
        let address = SocketAddr::from(([127, 0, 0, 1], 8080));
        let (lead_in, window) = (Duration::from_millis(200), Duration::from_millis(700));
        let asked = |block: &Block| {
            of(
                block,
                b"{\"message\":\"ok\"}",
                (address, Some(42)),
                (lead_in, window),
                7,
            )
        };
        let spec = asked(&block(3, Scenario::Json, Arrival::Rate(4_000.0)));
        assert_eq!((spec.lead_in.0, spec.duration.0), (lead_in, window));
        assert_eq!(spec.url, "http://127.0.0.1:8080");
        assert_eq!(spec.path.as_deref(), Some("/json"));
        assert_eq!(spec.watch_pid, Some(42));
        assert_eq!(spec.expect.status, Some(200));
        assert_eq!(spec.expect.body.as_deref(), Some("{\"message\":\"ok\"}"));
        assert_eq!((spec.connections, spec.max_connections), (48, Some(48)));
        assert_eq!(spec.arrival.rate(), Some(4_000.0));
        let closed = asked(&block(3, Scenario::Json, Arrival::Closed));
        assert_eq!(
            (closed.arrival, closed.connections),
            (LoadArrival::Closed, 48)
        );
        // The same for all servers of a block, another in the next.
        assert_eq!(spec.seed, closed.seed);
        let next = asked(&block(4, Scenario::Json, Arrival::Closed));
        assert_ne!(next.seed, closed.seed);
        let params = asked(&block(3, Scenario::Params, Arrival::Closed));
        assert_eq!(params.expect.body.as_deref(), Some("{id}/{slug}"));
        assert_eq!(params.pool, DISTINCT_IDS as usize);
    }
}
