//! Real servers under the real emulator, whose work for a request is known.
//!
//! Where there is no emulator each test says SKIPPED with the reason and checks nothing; `.ci/run
//! tests` installs one and has them fail instead.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use catalog::Scenario;
use count::role::A_TURN;
use count::run::Plan;
use count::verdict::{self, Direction, What};
use count::{CountError, Means, Measured, Protocol, Role, Subject, Subjects, Verdict};
use instructions::{Emulator, Packages, Symbols};

struct Bench {
    folder: tempfile::TempDir,
    means: Means,
}

impl Bench {
    /// Nothing, with the reason said, where nothing can be counted.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        match Emulator::find(folder.path()) {
            Ok(emulator) => Some(Self {
                folder,
                means: Means::Emulator(emulator),
            }),
            Err(why) if std::env::var_os("LAB_NEEDS_EMULATOR").is_some() => panic!("{why}"),
            Err(why) => {
                eprintln!("SKIPPED: {why}");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The server, compiled with these words; the file that runs has no symbols.
    fn server(&self, name: &str, defines: &[&str]) -> Subject {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server.c");
        let twin = self.path().join(format!("{name}-symbols"));
        let mut cc = Command::new("cc");
        cc.args(["-O1", "-static", "-no-pie"]).args(defines);
        cc.arg("-o").arg(&twin).arg(source);
        assert!(cc.status().unwrap().success());
        let program = self.path().join(name);
        std::fs::copy(&twin, &program).unwrap();
        let strip = Command::new("strip").arg(&program).status().unwrap();
        assert!(strip.success());
        Subject {
            name: name.to_owned(),
            symbols: Some(Symbols::of_twin(&program, &twin).unwrap()),
            program,
        }
    }

    fn run(&self, protocol: &Protocol, subject: &Subject) -> Result<Vec<Measured>, CountError> {
        self.run_until(protocol, subject, &|_, _| {}, &|| false)
    }

    fn run_until(
        &self,
        protocol: &Protocol,
        subject: &Subject,
        each: &(dyn Fn(usize, &Measured) + Sync),
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Measured>, CountError> {
        let subjects = Subjects {
            base: subject.clone(),
            new: subject.clone(),
        };
        let scratch = self.scratch();
        let plan = Plan {
            means: &self.means,
            protocol,
            subjects: &subjects,
            scenario: Scenario::Json,
            seed: 7,
            folder: &scratch,
        };
        count::run(&plan, each, stop)
    }

    fn scratch(&self) -> PathBuf {
        self.path().join("scratch")
    }
}

fn protocol(round: &[Role]) -> Protocol {
    Protocol {
        connections: 16,
        resting: 4,
        warm_up: 50,
        requests: 400,
        rounds: 2,
        round: round.to_vec(),
        known: 1_000,
        // A neighbour may keep who asks from its CPU for longer than so few requests last.
        dry_share: 4,
        ..Protocol::default()
    }
}

#[test]
fn exactly_the_requests_of_the_batch_are_counted_and_the_loop_to_the_instruction() {
    let Some(bench) = Bench::new() else { return };
    let server = bench.server("right", &[]);
    let protocol = protocol(&[Role::Base, Role::New, Role::Reference, Role::Control]);
    let starts = bench.run(&protocol, &server).unwrap();
    assert_eq!(starts.len(), 8);
    for start in &starts {
        let profile = start.profile.as_ref().unwrap();
        // Neither the start, nor the warm-up, nor the opening of connections is in it.
        assert_eq!(profile.entered["respond"], 1.0, "{:?}", start.role);
        assert_eq!(profile.entered.get("main"), None);
        assert!(!profile.functions.contains_key("_start"));
        let turns = match start.role {
            Role::Reference => 1,
            Role::Control => 1 + protocol.known / A_TURN,
            _ => {
                assert_eq!(profile.of_function("turn"), 0.0);
                continue;
            }
        };
        // The loop, one instruction before it, the return behind it.
        let wanted = (A_TURN * turns) as f64;
        let beside = profile.of_function("turn") - wanted;
        assert!(
            (2.0..=4.0).contains(&beside) && beside.fract() == 0.0,
            "{beside}"
        );
        let total = profile.total();
        assert!((total - start.instructions).abs() < 1e-6 * total, "{total}");
    }
    // Every request of a start is the same work but for how many answers a poll finds.
    let mean = |role| {
        let these: Vec<f64> = starts
            .iter()
            .filter(|s| s.role == role)
            .map(|s| s.instructions)
            .collect();
        these.iter().sum::<f64>() / these.len() as f64
    };
    let found = mean(Role::Control) - mean(Role::Reference);
    assert!((found - 1_000.0).abs() < 100.0, "{found}");

    let what = What {
        framework: "right".to_owned(),
        scenario: "json".to_owned(),
        base_is: "itself".to_owned(),
        new_is: "itself".to_owned(),
        counter: bench.means.name().to_owned(),
        seed: 7,
        same_code: false,
    };
    let control = |level| {
        let protocol = Protocol {
            level,
            ..protocol.clone()
        };
        Verdict::of(what.clone(), protocol, starts.clone(), &Packages::default()).unwrap()
    };
    let verdict = control(0.95);
    let control = verdict.control.unwrap();
    assert_eq!(control.compared.direction(), Direction::More, "{control:?}");
    assert!(verdict::profile(&starts, Role::Base).is_some());
    assert_eq!(std::fs::read_dir(bench.scratch()).unwrap().count(), 0);
}

#[test]
fn a_server_that_dies_in_the_batch_gives_no_number_and_is_named() {
    let Some(bench) = Bench::new() else { return };
    let server = bench.server("dying", &["-DDIES"]);
    let error = bench.run(&protocol(&[Role::Base]), &server).unwrap_err();
    let CountError::Died { status, .. } = &error else {
        panic!("{error}")
    };
    assert!(
        status.contains("signal 6") || status.contains("134"),
        "{error}"
    );
    assert!(error.to_string().contains("nothing was counted"), "{error}");
}

#[test]
fn an_emulator_that_is_killed_gives_no_number() {
    let Some(bench) = Bench::new() else { return };
    let server = bench.server("killed", &["-DHANGS"]);
    let killed = AtomicBool::new(false);
    let begun = Mutex::new(None::<Instant>);
    // It hangs in the batch; then its emulator is killed, as for want of memory.
    let stop = || {
        let mut begun = begun.lock().unwrap();
        let begun = begun.get_or_insert_with(Instant::now);
        if begun.elapsed() > Duration::from_secs(2) && !killed.swap(true, Ordering::Relaxed) {
            let mark = server.program.display().to_string();
            for pid in emulators(&mark) {
                // SAFETY: a signal to a process that this test has started.
                unsafe { libc::kill(pid, libc::SIGKILL) };
            }
        }
        false
    };
    let error = bench
        .run_until(&protocol(&[Role::Base]), &server, &|_, _| {}, &stop)
        .unwrap_err();
    assert!(matches!(error, CountError::Died { .. }), "{error}");
    assert!(error.to_string().contains("signal 9"), "{error}");
}

/// The processes with a word in their command line, this one left out.
fn emulators(word: &str) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| *pid as u32 != std::process::id())
        .filter(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line)
                .split('\0')
                .any(|w| w == word)
        })
        .collect()
}

#[test]
fn a_wrong_answer_and_a_server_that_does_not_start_are_told_with_their_words() {
    let Some(bench) = Bench::new() else { return };
    let liar = bench.server("liar", &["-DLIES"]);
    let error = bench.run(&protocol(&[Role::Base]), &liar).unwrap_err();
    assert!(matches!(error, CountError::Wrong { .. }), "{error}");
    assert!(error.to_string().contains("GET /json"), "{error}");
    let never = bench.server("never", &["-DNEVER_STARTS"]);
    let error = bench
        .run(&protocol(&[Role::Base]), &never)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("status 7") && error.contains("no licence"),
        "{error}"
    );
}

#[test]
fn who_is_asked_by_one_connection_has_nothing_to_do_and_is_not_counted() {
    let Some(bench) = Bench::new() else { return };
    let server = bench.server("idle", &[]);
    let protocol = Protocol {
        connections: 1,
        resting: 0,
        ..protocol(&[Role::Base])
    };
    let error = bench.run(&protocol, &server).unwrap_err();
    assert!(matches!(error, CountError::Starved { .. }), "{error}");
}

#[test]
fn ctrl_c_ends_it_without_a_number_and_without_servers() {
    let Some(bench) = Bench::new() else { return };
    let server = bench.server("cut", &[]);
    let seen = AtomicBool::new(false);
    let each = |_: usize, _: &Measured| seen.store(true, Ordering::Relaxed);
    let stop = || seen.load(Ordering::Relaxed);
    let protocol = Protocol {
        rounds: 20,
        ..protocol(&[Role::Base])
    };
    let error = bench
        .run_until(&protocol, &server, &each, &stop)
        .unwrap_err();
    assert!(matches!(error, CountError::CutShort), "{error}");
    let left = emulators(&server.program.display().to_string());
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_processors_counter_finds_the_loop_where_there_is_one() {
    let means = match Means::pmu() {
        Ok(means) => means,
        Err(why) => {
            eprintln!("SKIPPED: {why}");
            return;
        }
    };
    let Some(mut bench) = Bench::new() else {
        return;
    };
    bench.means = means;
    let server = bench.server("native", &[]);
    let protocol = Protocol {
        // At its own speed it is faster than who asks.
        dry_share: 1,
        known: 100_000,
        ..protocol(&[Role::Reference, Role::Control])
    };
    let starts = bench.run(&protocol, &server).unwrap();
    let mean = |role| {
        let these = starts.iter().filter(|s| s.role == role);
        these.map(|s| s.instructions).sum::<f64>() / 2.0
    };
    let found = mean(Role::Control) - mean(Role::Reference);
    assert!((found - 100_000.0).abs() < 5_000.0, "{found}");
}
