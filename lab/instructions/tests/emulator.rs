//! The real emulator, on programs whose number of instructions is known.
//!
//! Where there is no emulator each test says SKIPPED with the reason and checks nothing: only
//! `.ci/run tests` installs one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use instructions::pmu::{Pmu, PmuError};
use instructions::{Counters, Emulator, Profile, SymbolError, Symbols};

/// The emulator, or nothing with the reason said.
fn emulator(folder: &Path) -> Option<Emulator> {
    match Emulator::find(folder) {
        Ok(emulator) => Some(emulator),
        Err(why) if std::env::var_os("LAB_NEEDS_EMULATOR").is_some() => panic!("{why}"),
        Err(why) => {
            eprintln!("SKIPPED: {why}");
            None
        }
    }
}

/// Two threads at once: `first` turns in one, `second` in the other, two instructions a turn.
const THREADS: &str = r#"
#include <pthread.h>
#include <stdlib.h>
__attribute__((noinline)) void turn(long n) {
    __asm__ volatile("1: dec %0\n jnz 1b" : "+r"(n) : : "cc");
}
static void *other(void *n) { turn((long)n); return 0; }
int main(int argc, char **argv) {
    if (argc < 3) return 2;
    pthread_t thread;
    pthread_create(&thread, 0, other, (void *)atol(argv[2]));
    turn(atol(argv[1]));
    pthread_join(thread, 0);
    return 0;
}
"#;

fn compile(folder: &Path, name: &str, text: &str, flags: &[&str]) -> PathBuf {
    let (source, built) = (folder.join(format!("{name}.c")), folder.join(name));
    std::fs::write(&source, text).unwrap();
    let mut cc = Command::new("cc");
    cc.args(flags).arg("-o").arg(&built).arg(&source);
    assert!(cc.status().unwrap().success(), "{name}");
    built
}

fn run(emulator: &Emulator, program: &Path, words: [u64; 2]) -> instructions::Counts {
    let counters = Counters::new().unwrap();
    let mut command = emulator.command(program, &counters);
    command.env_clear().args(words.map(|n| n.to_string()));
    let status = command.stdin(Stdio::null()).status().unwrap();
    assert!(status.success(), "{status}");
    counters.read().unwrap()
}

#[test]
fn a_loop_is_counted_to_the_instruction_in_its_function_and_its_thread() {
    let folder = tempfile::tempdir().unwrap();
    let Some(emulator) = emulator(folder.path()) else {
        return;
    };
    let flags = ["-O1", "-static", "-no-pie", "-pthread"];
    let program = compile(folder.path(), "threads", THREADS, &flags);
    let stripped = folder.path().join("stripped");
    std::fs::copy(&program, &stripped).unwrap();
    let strip = Command::new("strip").arg(&stripped).status().unwrap();
    assert!(strip.success());

    let symbols = Symbols::of_twin(&stripped, &program).unwrap();
    let code = symbols.range("turn").unwrap();
    let turns = |first, second| {
        let counts = run(&emulator, &stripped, [first, second]);
        let threads = counts.threads_in(&code);
        assert_eq!(threads.len(), 2, "{threads:?}");
        let of = |threads: &[usize]| Profile::of(&counts, &symbols, threads).of_function("turn");
        let each = threads.iter().map(|t| of(&[*t])).collect::<Vec<_>>();
        assert_eq!(each.iter().sum::<f64>(), of(&threads));
        let all: Vec<usize> = (0..counts.executed.len()).collect();
        let whole = Profile::of(&counts, &symbols, &all);
        assert_eq!(whole.total(), counts.instructions() as f64);
        each
    };
    // Both threads run the same code at the same time for long: a counter that they shared would
    // lose some of it.
    let (few, many) = (turns(1_000, 2_000), turns(5_001_000, 7_002_000));
    let mut more = [many[0] - few[0], many[1] - few[1]];
    more.sort_by(f64::total_cmp);
    assert_eq!(more, [2.0 * 5_000_000.0, 2.0 * 7_000_000.0]);
}

#[test]
fn symbols_of_other_code_are_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    if !Command::new("cc")
        .arg("--version")
        .output()
        .is_ok_and(|o| o.status.success())
    {
        eprintln!("SKIPPED: there is no C compiler");
        return;
    }
    let build = |name: &str, flags: &[&str]| {
        let flags: Vec<_> = ["-static", "-pthread"]
            .iter()
            .chain(flags)
            .copied()
            .collect();
        compile(folder.path(), name, THREADS, &flags)
    };
    let one = build("one", &["-O1", "-no-pie"]);
    let other = build("other", &["-O0", "-no-pie"]);
    let error = Symbols::of_twin(&one, &other).unwrap_err();
    assert!(matches!(error, SymbolError::OtherCode { .. }), "{error}");
    let bare = build("bare", &["-O1", "-no-pie", "-s"]);
    let error = Symbols::of_twin(&one, &bare).unwrap_err();
    assert!(matches!(error, SymbolError::Stripped(_)), "{error}");
    let moving = compile(
        folder.path(),
        "moving",
        THREADS,
        &["-pie", "-fPIE", "-pthread"],
    );
    let error = Symbols::of(&moving).unwrap_err();
    assert!(matches!(error, SymbolError::Moving(_)), "{error}");
}

#[test]
fn a_program_that_never_ran_has_no_count() {
    let folder = tempfile::tempdir().unwrap();
    let Some(emulator) = emulator(folder.path()) else {
        return;
    };
    let counters = Counters::new().unwrap();
    let mut command = emulator.command(Path::new("/nowhere/program"), &counters);
    let status = command.stderr(Stdio::null()).status().unwrap();
    assert!(!status.success());
    let error = counters.read().unwrap_err().to_string();
    assert!(error.contains("counted nothing"), "{error}");
}

#[test]
fn the_plugin_is_built_once_and_the_emulator_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let Some(first) = emulator(folder.path()) else {
        return;
    };
    let files = || {
        let mut all: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        all.sort();
        all
    };
    let before = files();
    assert_eq!(Emulator::find(folder.path()).unwrap(), first);
    assert_eq!(files(), before);
    assert!(first.version().contains("version"), "{}", first.version());
    assert!(first.api() >= 1);
}

#[test]
fn the_processors_counter_agrees_with_a_known_loop_where_there_is_one() {
    const TURNS: u64 = 50_000_000;
    let mut pmu = match Pmu::attach(std::process::id()) {
        Ok(pmu) => pmu,
        Err(why @ (PmuError::None(_) | PmuError::Forbidden(_))) => {
            eprintln!("SKIPPED: {why}");
            return;
        }
        Err(why) => panic!("{why}"),
    };
    let before = pmu.read().unwrap();
    std::hint::black_box(spin(TURNS));
    let counted = pmu.read().unwrap() - before;
    // What reading and the other tests' threads take is small against the loop.
    assert!(counted >= 2 * TURNS, "{counted}");
}

#[inline(never)]
fn spin(turns: u64) -> u64 {
    let mut left = turns;
    while left > 0 {
        left = std::hint::black_box(left) - 1;
    }
    left
}
