//! An instrument that does not run: stopped, or beside others on its CPU. Such a result never holds,
//! in any loop, and what is missing is not taken for the server's.

mod common;

use common::{Server, answer, serve};
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

#[test]
fn a_stopped_instrument_knows_it() {
    'loops: for options in LOOPS {
        let server = quick();
        let mut child = start(&server, options, None);
        while server.served() == 0 {
            if child.try_wait().unwrap().is_some() {
                println!("{options:?} does not work here");
                continue 'loops;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(500));
        let send = |signal| {
            // SAFETY: no pointers; the child has not been waited for, so the number is its own.
            unsafe { libc::kill(child.id() as i32, signal) };
        };
        send(libc::SIGSTOP);
        while !all_stopped(child.id()) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(300));
        send(libc::SIGCONT);
        let outcome = outcome(child);
        assert_starved(&outcome);
        // Up to 10 ms of it may look like sleep.
        let gap = outcome.own_cpu.longest_gap_ns;
        assert!(gap >= 285_000_000, "{options:?}: {gap}");
        assert!(outcome.own_cpu.away_ns >= gap.min(285_000_000));
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
    let busy = std::thread::spawn(move || {
        pin(cpu);
        while !until.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
    });
    // Those that want all of their CPU, so that the busy loop takes half of it.
    for options in [["--spin", "2ms"], ["--rate", "1000"]] {
        let server = quick();
        let outcome = outcome(start(&server, &options, Some(cpu)));
        assert_starved(&outcome);
        // What it used for its work is not taken for spinning because others ran meanwhile.
        assert!(outcome.own_cpu.per_request_ns.unwrap() > 0.0);
    }
    stop.store(true, Ordering::Relaxed);
    busy.join().unwrap();
}
