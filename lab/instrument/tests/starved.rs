//! An instrument that does not run: stopped, or beside others on its CPU. Such a result never holds,
//! in any loop, and what is missing is not taken for the server's.

#[path = "../../load/tests/common/mod.rs"]
mod common;

use common::{Server, answer, monotonic, serve, until_it_tells, wait_for};
use load::{FindingKind, Outcome, Severity};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const LOOPS: [&[&str]; 4] = [
    &[],
    &["--spin", "2ms"],
    &["--rate", "500"],
    &["--engine", "uring"],
];

/// The instrument as a process of its own, on `cpu` if that is said.
fn start(server: &Server, options: &[&str], cpu: Option<usize>) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instrument"));
    command
        .args(["load", &server.url("/"), "--json", "-c", "8"])
        .args(["-d", "1500ms", "--lead-in", "100ms"])
        .args(options)
        .stdout(Stdio::piped());
    if let Some(cpu) = cpu {
        // SAFETY: the call is safe between fork and exec.
        unsafe {
            command.pre_exec(move || {
                pin(cpu);
                Ok(())
            });
        }
    }
    command.spawn().unwrap()
}

fn outcome(child: Child) -> Outcome {
    serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap()
}

fn quick() -> Server {
    serve(|_, stream| {
        stream.write_all(answer(200, "x").as_bytes())?;
        Ok(true)
    })
}

fn assert_starved(outcome: &Outcome) {
    let void = |f: &&load::Finding| f.kind == FindingKind::Starved;
    let finding = outcome.findings.iter().find(void);
    let finding = finding.unwrap_or_else(|| panic!("{:?}", outcome.own_cpu));
    assert_eq!(finding.severity, Severity::Invalid, "{finding:?}");
    assert!(!outcome.valid);
}

/// What came of an instrument that was stopped, and from when to when, in ns since the planned start
/// of the measured part.
struct Stopped {
    outcome: Outcome,
    from: u64,
    until: u64,
}

impl Stopped {
    /// How long the measured part was to be, ns.
    fn planned(&self) -> u64 {
        self.outcome.spec.duration.nanos()
    }

    /// Whether all of the stop, and something before and after it, was in the measured part.
    fn was_inside(&self) -> bool {
        self.from > 0 && self.until < self.planned()
    }

    /// Whether it began in the measured part and went on beyond it.
    fn was_over_the_end(&self) -> bool {
        self.from > 0 && self.from + 200_000_000 < self.planned() && self.until > self.planned()
    }
}

#[test]
fn a_stopped_instrument_knows_it() {
    for options in LOOPS {
        let server = quick();
        let one = |_| stop(start(&server, options, None), &server, 500, 300);
        let inside = |s: &Option<Stopped>| s.as_ref().is_none_or(Stopped::was_inside);
        let Some(Stopped { outcome, .. }) = until_it_tells(one, inside) else {
            println!("{options:?} does not work here");
            continue;
        };
        assert_starved(&outcome);
        // Up to 10 ms of it may look like sleep.
        let gap = outcome.own_cpu.longest_gap_ns;
        assert!(gap >= 285_000_000, "{options:?}: {gap}");
        assert!(outcome.own_cpu.away_ns >= gap.min(285_000_000));
    }
}

/// Stops the instrument for a while, so many ms after its first request; nothing where it has ended
/// before one.
fn stop(mut child: Child, server: &Server, after: u64, pause: u64) -> Option<Stopped> {
    let before = server.served();
    while server.served() == before {
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(after));
    let send = |signal| {
        // SAFETY: no pointers; the child has not been waited for, so the number is its own.
        unsafe { libc::kill(child.id() as i32, signal) };
    };
    send(libc::SIGSTOP);
    wait_for("all threads stopped", || all_stopped(child.id()));
    let from = monotonic();
    std::thread::sleep(Duration::from_millis(pause));
    let until = monotonic();
    send(libc::SIGCONT);
    let outcome = outcome(child);
    let since = |at: u64| at.saturating_sub(outcome.start_ns);
    let (from, until) = (since(from), since(until));
    Some(Stopped {
        outcome,
        from,
        until,
    })
}

#[test]
fn answers_that_came_while_the_instrument_was_stopped_are_no_timeouts() {
    // It is stopped over the end of the measured part and the drain, for much longer than the
    // timeout.
    for options in LOOPS {
        let server = quick();
        // What fell due meanwhile is sent at once, and must not be more connections than the
        // server's backlog takes.
        let mut more = [options, &["--timeout", "1s"]].concat();
        if options.contains(&"--rate") {
            more.extend(["--max-connections", "8"]);
        }
        let one = |_| stop(start(&server, &more, None), &server, 1000, 3500);
        let over = |s: &Option<Stopped>| s.as_ref().is_none_or(Stopped::was_over_the_end);
        let Some(Stopped { outcome, .. }) = until_it_tells(one, over) else {
            println!("{options:?} does not work here");
            continue;
        };
        assert_starved(&outcome);
        assert_eq!(
            outcome.counts.failed, 0,
            "{options:?}: {:?}",
            outcome.examples
        );
        assert_eq!(outcome.counts.carried_in_failed, 0);
    }
}

#[test]
fn what_is_missing_while_the_instrument_was_stopped_is_not_laid_at_the_servers_door() {
    let server = quick();
    let one = |_| {
        let child = start(&server, &["--rate", "500"], None);
        stop(child, &server, 1200, 600)
    };
    let over = |s: &Option<Stopped>| s.as_ref().is_some_and(Stopped::was_over_the_end);
    let outcome = until_it_tells(one, over).unwrap().outcome;
    assert_starved(&outcome);
    let position = |kind| outcome.findings.iter().position(|f| f.kind == kind);
    let missed = position(FindingKind::RateMissed).expect("much was due in the gap");
    assert!(position(FindingKind::Starved) < Some(missed));
    let advice = &outcome.findings[missed].advice;
    assert!(advice.contains("the instrument did not run"), "{advice}");
    for finding in &outcome.findings {
        assert!(!finding.advice.contains("at the server"), "{finding:?}");
    }
}

/// True once all threads of the process are stopped (or gone): the signal takes its time to reach
/// them. The state is the field behind the name in parentheses.
fn all_stopped(pid: u32) -> bool {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return true;
    };
    tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("stat")).ok())
        .all(|stat| {
            let state = stat
                .rsplit(") ")
                .next()
                .and_then(|rest| rest.chars().next());
            matches!(state, Some('T' | 't' | 'Z' | 'X'))
        })
}

fn pin(cpu: usize) {
    // SAFETY: an all-zero set is valid, and the call reads no more than its size.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
    }
}

/// The first CPU that this process may use.
fn first_cpu() -> usize {
    // SAFETY: as above; the call fills in no more than the size.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set);
        (0..libc::CPU_SETSIZE as usize)
            .find(|cpu| libc::CPU_ISSET(*cpu, &set))
            .unwrap()
    }
}

#[test]
fn an_instrument_beside_a_busy_loop_knows_it() {
    let cpu = first_cpu();
    let stop = Arc::new(AtomicBool::new(false));
    let until = stop.clone();
    let pinned = Arc::new(AtomicBool::new(false));
    let there = pinned.clone();
    let busy = std::thread::spawn(move || {
        pin(cpu);
        there.store(true, Ordering::SeqCst);
        while !until.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
    });
    wait_for("the busy loop", || pinned.load(Ordering::SeqCst));
    // Those that want all of their CPU, so that the busy loop takes half of it.
    for options in [["--spin", "2ms"], ["--rate", "1000"]] {
        let server = quick();
        let outcome = outcome(start(&server, &options, Some(cpu)));
        assert_starved(&outcome);
        // What it used for its work is not taken for spinning because others ran meanwhile; where
        // the two cannot be told apart there is no number.
        let own = outcome.own_cpu.per_request_ns;
        assert!(own.is_none_or(|ns| ns > 0.0), "{own:?}");
    }
    stop.store(true, Ordering::Relaxed);
    busy.join().unwrap();
}
