//! Memory must not grow with the paths that were asked for: a server that remembers them all
//! is fast until it is full.

use std::collections::BTreeMap;
use std::time::Duration;

use catalog::scenario::DISTINCT_IDS;
use load::{Arrival, ErrorKind, Expect, Field, Outcome, Span, SpecDraft};
use server::Server;

use super::check::Failure;

/// How many paths must have been asked for before the growth is judged.
const ENOUGH: u64 = 12_000;
/// Load comes in rounds of this length until there were enough.
const ROUND: Duration = Duration::from_millis(400);
/// Paths for a round: no more than it can send, so that their rendering takes no longer than the
/// round.
pub(super) const POOL: u64 = DISTINCT_IDS as u64 / 4;
/// After so many rounds a server is too slow to be judged.
const ROUNDS: u64 = 40;
/// Growth that is there in each of so many tries is the paths'.
const TRIES: u64 = 3;
/// What a server may keep for each path, bytes. A map entry for the path alone is several times
/// that, and one that keeps nothing shows a few bytes at most.
const PER_PATH: u64 = 24;
/// What may grow whatever is asked: pools, buffers, counters, bytes.
const ONCE: u64 = 256 * 1024;

const REQUEST: &str = "GET /user/{id}/post/{slug} with ever new ids";

/// Asks for many paths, each once, and compares the live heap before and after. Where it grew too
/// much, the same paths are asked for again: what grows then too is kept for each request, not for
/// each path (go-zero keeps a record of a request until its statistics' next minute), and is
/// taken off. Such records come and go in lumps, so a path's memory is what shows in every try.
pub async fn bounded(server: &mut Server, declared: bool) -> Result<(), Failure> {
    // What the first requests leave behind belongs to the server, not to their paths.
    ask(server, 0, POOL).await?;
    let mut found = Growth::default();
    for attempt in 0..TRIES {
        let seeds = attempt * ROUNDS + 1;
        let before = live_heap(server)?;
        let rounds = rounds(server, seeds, &mut found).await?;
        let after = live_heap(server)?;
        found.new = after.saturating_sub(before);
        found.same = 0;
        if found.is_bounded() {
            break;
        }
        // Of each round's paths those that were asked for, however fast the server is now.
        for (seed, asked) in (seeds..).zip(rounds) {
            ask(server, seed, asked).await?;
        }
        found.same = live_heap(server)?.saturating_sub(after);
        if found.is_bounded() {
            break;
        }
    }
    judge(&found, declared)
}

/// Rounds with the seeds from `first` on until there were enough; gives how many paths each had.
async fn rounds(server: &Server, first: u64, found: &mut Growth) -> Result<Vec<u64>, Failure> {
    let mut rounds = Vec::new();
    for seed in (first..).take(ROUNDS as usize) {
        rounds.push(ask(server, seed, POOL).await?);
        found.asked = rounds.iter().sum();
        if found.asked >= ENOUGH {
            break;
        }
    }
    enough(found.asked).map(|()| rounds)
}

/// A server that was hardly asked is not judged.
fn enough(asked: u64) -> Result<(), Failure> {
    if asked >= ENOUGH {
        return Ok(());
    }
    let within = ROUNDS * ROUND.as_millis() as u64 / 1000;
    Err(Failure::new(
        REQUEST,
        format!("{ENOUGH} right answers within {within} s"),
        format!("{asked}"),
    )
    .in_time())
}

/// What one try found.
#[derive(Default)]
struct Growth {
    /// Paths that were asked for.
    asked: u64,
    /// Bytes that the live heap grew by while they were new.
    new: u64,
    /// Bytes that it grew by when the same were asked for again.
    same: u64,
}

impl Growth {
    fn is_bounded(&self) -> bool {
        self.new.saturating_sub(self.same) <= ONCE + PER_PATH * self.asked
    }
}

fn judge(found: &Growth, declared: bool) -> Result<(), Failure> {
    let came = format!(
        "{} bytes more after {} paths, and {} more when the same were asked for again",
        found.new, found.asked, found.same
    );
    match (found.is_bounded(), declared) {
        (true, false) | (false, true) => Ok(()),
        (false, false) => Err(Failure::new(
            REQUEST,
            format!(
                "a live heap that keeps at most {PER_PATH} bytes of each path, or `departs: [memory-grows]` in \
                 framework.yaml"
            ),
            came,
        )),
        (true, true) => Err(Failure::new(
            REQUEST,
            "a live heap that grows, as `departs: [memory-grows]` in framework.yaml declares",
            came,
        )),
    }
}

/// One round of load with the first `pool` of the seed's paths, over and over; gives the number of
/// those that were answered rightly.
pub(super) async fn ask(server: &Server, seed: u64, pool: u64) -> Result<u64, Failure> {
    let mut spec = SpecDraft::new(format!("http://{}", server.address()));
    spec.path = Some("/user/{id}/post/{slug}".to_owned());
    let number = |min, max| Field::Random { min, max };
    spec.fields = BTreeMap::from([
        ("id".to_owned(), number(100_000_000, 999_999_999)),
        ("slug".to_owned(), number(100_000_000_000, 999_999_999_999)),
    ]);
    spec.pool = pool as usize;
    spec.expect = Expect {
        status: Some(200),
        body: Some("{id}/{slug}".to_owned()),
        length: None,
    };
    spec.connections = 8;
    spec.threads = 1;
    spec.arrival = Arrival::Closed;
    spec.lead_in = Span(Duration::ZERO);
    spec.duration = Span(ROUND);
    spec.timeout = Span(Duration::from_secs(2));
    spec.seed = seed;
    let failed = |e: String| Failure::new(REQUEST, "answers", e);
    let outcome: Outcome = tokio::task::spawn_blocking(move || {
        let spec = spec.check().map_err(|e| e.to_string())?;
        load::run(&spec).map_err(|e| e.to_string())
    })
    .await
    .map_err(|e| failed(e.to_string()).of_the_lab())?
    .map_err(|e| failed(e).in_time())?;
    let examples = &outcome.examples;
    let worst = (examples.iter()).find(|(kind, _)| **kind != ErrorKind::Timeout);
    if let Some((kind, example)) = worst.or_else(|| examples.iter().next()) {
        let failure = failed(format!("{kind:?}: {example:?}"));
        return Err(match kind {
            ErrorKind::Timeout => failure.in_time(),
            _ => failure,
        });
    }
    Ok(outcome.counts.ok.min(pool))
}

/// The bytes that the last of two forced collections found reachable.
fn live_heap(server: &mut Server) -> Result<u64, Failure> {
    let failed = |e: String| Failure::new("gc", "the heap's size", e);
    let probe = server
        .probe()
        .ok_or_else(|| failed("no probe".to_owned()))?;
    let reading = probe.ask("gc").map_err(failed)?;
    reading["heap_live_bytes"]
        .as_u64()
        .ok_or_else(|| failed(reading.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grown(new: u64, same: u64) -> Growth {
        Growth {
            asked: ENOUGH,
            new,
            same,
        }
    }

    #[test]
    fn growth_is_judged_by_what_is_declared() {
        let little = ONCE + PER_PATH * ENOUGH;
        assert!(judge(&grown(little, 0), false).is_ok());
        assert!(judge(&grown(little + 1, 0), false).is_err());
        assert!(judge(&grown(little, 0), true).is_err());
        assert!(judge(&grown(little + 1, 0), true).is_ok());
    }

    #[test]
    fn a_server_that_was_hardly_asked_is_not_judged() {
        assert!(enough(ENOUGH).is_ok());
        assert!(enough(ENOUGH - 1).is_err());
    }

    #[test]
    fn what_grows_with_requests_is_not_of_their_paths() {
        let much = 10 * (ONCE + PER_PATH * ENOUGH);
        assert!(judge(&grown(much, much), false).is_ok());
        assert!(judge(&grown(much, 0), false).is_err());
        assert!(judge(&grown(much, 2 * much), true).is_err());
    }
}
