//! All starts of a comparison, several at a time: they share no state, and what one executes does
//! not depend on what others do.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use catalog::Scenario;
use instructions::Symbols;

use crate::ask::Ask;
use crate::measure::Job;
use crate::process::Means;
use crate::role::{Protocol, Start};
use crate::{CountError, Measured};

/// A version of a server.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What messages call it.
    pub name: String,
    /// Its executable.
    pub program: PathBuf,
    /// The functions in it, where they are known.
    pub symbols: Option<Symbols>,
}

/// The two versions.
#[derive(Debug, Clone)]
pub struct Subjects {
    /// What is compared with.
    pub base: Subject,
    /// What is compared.
    pub new: Subject,
}

/// What is to be counted.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// By what.
    pub means: &'a Means,
    /// How.
    pub protocol: &'a Protocol,
    /// Of what.
    pub subjects: &'a Subjects,
    /// By which requests.
    pub scenario: Scenario,
    /// Of all orders, and of what is random in requests.
    pub seed: u64,
    /// Where servers' standard error goes; what was said by a server that failed stays there.
    pub folder: &'a Path,
}

/// Makes all starts and gives what came of them in the order of the plan. `each` hears of every one
/// that has ended; `stop` is asked now and then whether to go on.
///
/// # Errors
/// The first [`CountError`]: a result that lacks a start is none.
pub fn run(
    plan: &Plan<'_>,
    each: &(dyn Fn(usize, &Measured) + Sync),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Measured>, CountError> {
    let Plan {
        means,
        protocol,
        subjects,
        scenario,
        seed,
        folder,
    } = *plan;
    std::fs::create_dir_all(folder)
        .map_err(CountError::io(format!("create {}", folder.display())))?;
    let starts = protocol.starts(seed);
    let ask = Ask::new(scenario, seed);
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let results = Mutex::new(vec![None; starts.len()]);
    let first_error = Mutex::new(None);
    let halted = || stop() || failed.load(Ordering::Relaxed);
    let one = |number: usize, start: Start| {
        let subject = match start.role.is_base() {
            true => &subjects.base,
            false => &subjects.new,
        };
        let stderr = folder.join(format!("{number:03}-{}.stderr", start.role.name()));
        let job = Job {
            means,
            protocol,
            start,
            subject,
            ask: &ask,
            stop: &halted,
        };
        let measured = job.measure(&stderr)?;
        let _ = std::fs::remove_file(&stderr);
        Ok(measured)
    };
    std::thread::scope(|scope| {
        for _ in 0..at_once.min(starts.len()) {
            // Each server is started, and ends, with the thread that asks it.
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(start) = starts.get(number) else {
                        return;
                    };
                    match one(number, *start) {
                        Ok(measured) => {
                            each(number, &measured);
                            results.lock().expect("no thread panicked")[number] = Some(measured);
                        }
                        Err(e) => {
                            // Those that are cut short because of the first say nothing new.
                            let mut first = first_error.lock().expect("no thread panicked");
                            if !failed.swap(true, Ordering::Relaxed) {
                                *first = Some(e);
                            }
                            return;
                        }
                    }
                }
            });
        }
    });
    if let Some(error) = first_error.into_inner().expect("no thread panicked") {
        return Err(error);
    }
    let all = results.into_inner().expect("no thread panicked");
    Ok(all.into_iter().flatten().collect())
}
