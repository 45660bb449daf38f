//! One run: limits, requests, threads, and their results put together.

use crate::LoadError;
use crate::drive::{Drive, Harvest, Share};
use crate::engine::{Engine, Epoll, Opener, Uring, ephemeral_ports, first_reachable};
use crate::ledger::Ledger;
use crate::outcome::{Facts, Outcome};
use crate::request::Pool;
use crate::spec::{EngineChoice, Spec, SpecError};
use crate::start::Place;
use sys::{clock, limits};

/// Descriptors beside the connections: standard streams, engines, files.
const SPARE_FILES: u64 = 32;

/// Offers the load that `spec` describes and returns what came of it. Takes no longer than
/// opening the connections, lead-in, duration and drain together, whatever the server does.
pub fn run(spec: &Spec) -> Result<Outcome, LoadError> {
    let pool = Pool::render(spec)?;
    match spec.draft().engine {
        EngineChoice::Epoll => run_on::<Epoll<'_>>(spec, &pool),
        EngineChoice::Uring => run_on::<Uring>(spec, &pool),
    }
}

fn run_on<'a, E: Engine<'a>>(spec: &Spec, pool: &'a Pool) -> Result<Outcome, LoadError> {
    allow_files(spec.most_connections() as u64 + SPARE_FILES)?;
    let draft = spec.draft();
    let address = first_reachable(&spec.target.resolve()?, draft.connections)?;
    check_congestion_control(&draft.congestion_control)?;
    let threads = draft.threads;
    let results: Vec<Result<Option<Ran>, LoadError>> = std::thread::scope(|scope| {
        let handles: Vec<_> = Place::for_threads(threads)
            .into_iter()
            .enumerate()
            .map(|(thread, place)| {
                let opener = Opener {
                    address,
                    congestion: std::ffi::CString::new(draft.congestion_control.as_str())
                        .expect("the name was checked to be printable"),
                    close: draft.close,
                    per_source: draft
                        .connections_per_source
                        .unwrap_or_else(|| ephemeral_ports() * 9 / 10),
                    first_slot: part(spec.most_connections(), threads, thread).0,
                };
                std::thread::Builder::new()
                    .name(format!("load {thread}"))
                    .spawn_scoped(scope, move || {
                        one_thread::<E>(spec, pool, thread, opener, place)
                    })
                    .map_err(|source| LoadError::Thread {
                        made: thread,
                        wanted: threads,
                        source,
                    })
            })
            .collect();
        handles
            .into_iter()
            .map(|handle| handle?.join().expect("a load thread panicked"))
            .collect()
    });
    let results = results.into_iter().collect::<Result<Vec<_>, _>>()?;
    // Each has begun, or one has said above why not.
    let results: Vec<Ran> = results.into_iter().flatten().collect();
    let begin = results.first().map_or(0, |ran| ran.begin);
    let facts = Facts {
        engine: E::NAME,
        address: address.to_string(),
        begin,
        start_wall: clock::realtime() - clock::now() + begin + draft.lead_in.nanos(),
        stamps: E::STAMPS && draft.receive_stamps,
    };
    let results = results.into_iter().map(|ran| (ran.ledger, ran.harvest));
    Ok(Outcome::new(spec, facts, results.collect()))
}

/// What a thread has to show for its run.
struct Ran {
    begin: u64,
    ledger: Ledger,
    harvest: Harvest,
}

fn one_thread<'a, E: Engine<'a>>(
    spec: &Spec,
    pool: &'a Pool,
    thread: usize,
    opener: Opener,
    place: Place,
) -> Result<Option<Ran>, LoadError> {
    // Sleeps end when they are asked to, not up to 50 us later.
    // SAFETY: no pointers.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1usize) };
    let draft = spec.draft();
    let of = |total| part(total, draft.threads, thread).1;
    let share = Share {
        thread,
        threads: draft.threads,
        connections: of(draft.connections),
        most_connections: of(spec.most_connections()),
    };
    let address = opener.address.to_string();
    let mut drive = Drive::new(spec, pool, share);
    let mut engine = E::new(share.most_connections, opener, stamp_every(spec))?;
    drive.connect(&mut engine, &address)?;
    let Some(begin) = place.wait() else {
        // Another thread says what is wrong.
        return Ok(None);
    };
    let (ledger, harvest) = drive.run(spec, &mut engine, begin)?;
    Ok(Some(Ran {
        begin,
        ledger,
        harvest,
    }))
}

/// Of how many reads one asks for its receive stamp. In an open loop all do: CPU is to spare. In a
/// closed loop that would cost 5 % of the throughput, so it is one of seven, a number that no
/// count of connections is likely to keep in step with.
fn stamp_every(spec: &Spec) -> u32 {
    match (spec.draft().receive_stamps, spec.is_closed()) {
        (false, _) => 0,
        (true, true) => 7,
        (true, false) => 1,
    }
}

/// The first index and the size of part `index` when `total` is dealt out to `parts`.
fn part(total: usize, parts: usize, index: usize) -> (usize, usize) {
    let (each, more) = (total / parts, total % parts);
    (
        each * index + more.min(index),
        each + usize::from(index < more),
    )
}

/// Asks the kernel for the congestion control before a thousand sockets do.
fn check_congestion_control(name: &str) -> Result<(), LoadError> {
    const AVAILABLE: &str = "/proc/sys/net/ipv4/tcp_available_congestion_control";
    match std::fs::read_to_string(AVAILABLE) {
        Ok(names) if !names.split_whitespace().any(|known| known == name) => Err(SpecError::new(
            "congestion_control",
            format!("is {name:?}; this kernel has: {}", names.trim()),
        )
        .into()),
        _ => Ok(()),
    }
}

/// Raises the soft limit of descriptors to what the run needs.
fn allow_files(need: u64) -> Result<(), LoadError> {
    limits::raise(need).map_err(|not| match not.refused {
        Some((what, source)) => LoadError::System { what, source },
        None => LoadError::Files {
            need,
            have: not.hard,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn parts_cover_the_whole_without_overlap() {
        for (total, parts) in [(10, 3), (64, 1), (5, 5), (1000, 7)] {
            let mut next = 0;
            for index in 0..parts {
                let (first, size) = part(total, parts, index);
                assert_eq!(first, next);
                next += size;
            }
            assert_eq!(next, total);
        }
    }
}
