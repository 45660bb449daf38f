//! One run: limits, requests, threads, and their results put together.

use crate::LoadError;
use crate::clock::{self, MILLI};
use crate::drive::{Drive, Harvest, Share};
use crate::engine::{Engine, Epoll, Opener, Uring, ephemeral_ports, first_reachable};
use crate::ledger::Ledger;
use crate::outcome::{Facts, Outcome};
use crate::request::Pool;
use crate::spec::{EngineChoice, Spec, SpecError};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};

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
    let start = Start {
        barrier: Barrier::new(threads),
        begin: AtomicU64::new(0),
    };
    let results: Vec<Result<(Ledger, Harvest), LoadError>> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|thread| {
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
                let start = &start;
                scope.spawn(move || one_thread::<E>(spec, pool, thread, opener, start))
            })
            .collect();
        handles
            .into_iter()
            .map(|handle| handle.join().expect("a load thread panicked"))
            .collect()
    });
    let results = results.into_iter().collect::<Result<Vec<_>, _>>()?;
    let begin = start.begin.load(Ordering::Relaxed);
    let facts = Facts {
        engine: E::NAME,
        address: address.to_string(),
        begin,
        start_wall: clock::realtime() - clock::now() + begin + draft.lead_in.nanos(),
        stamps: E::STAMPS && draft.receive_stamps,
    };
    Ok(Outcome::new(spec, facts, results))
}

/// What the threads agree on before the load.
struct Start {
    barrier: Barrier,
    /// When the load begins; [`u64::MAX`] if a thread has no connections.
    begin: AtomicU64,
}

fn one_thread<'a, E: Engine<'a>>(
    spec: &Spec,
    pool: &'a Pool,
    thread: usize,
    opener: Opener,
    start: &Start,
) -> Result<(Ledger, Harvest), LoadError> {
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
    let ready = E::new(share.most_connections, opener, stamp_every(spec))
        .and_then(|mut engine| drive.connect(&mut engine, &address).map(|()| engine));
    if ready.is_err() {
        start.begin.store(u64::MAX, Ordering::Relaxed);
    }
    // Every thread comes here, whatever happened to it: nobody waits in vain.
    if start.barrier.wait().is_leader() && start.begin.load(Ordering::Relaxed) == 0 {
        start.begin.store(clock::now() + MILLI, Ordering::Relaxed);
    }
    start.barrier.wait();
    let mut engine = ready?;
    match start.begin.load(Ordering::Relaxed) {
        u64::MAX => Ok((Ledger::new(0, 1, 0, None), Harvest::default())),
        begin => drive.run(spec, &mut engine, begin),
    }
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
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is valid for the call to fill in.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0 {
        return Err(LoadError::system("getrlimit"));
    }
    if limit.rlim_cur >= need {
        return Ok(());
    }
    if limit.rlim_max < need {
        return Err(LoadError::Files {
            need,
            have: limit.rlim_max,
        });
    }
    limit.rlim_cur = need;
    // SAFETY: `limit` is valid.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) } {
        0 => Ok(()),
        _ => Err(LoadError::system("setrlimit")),
    }
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
