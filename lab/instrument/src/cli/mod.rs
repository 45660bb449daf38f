//! The command: `lab load`.

mod args;
mod field;
mod log_file;
mod table;

pub use args::Args;

use crate::capacity::{self, Step, Verdict};
use load::{LoadError, Spec, interrupt};
use log_file::LogFile;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use sys::clock::ProcessCpu;

/// How the command ended, as its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Good = 0,
    /// The result does not hold, requests failed, or no rate holds.
    BadNews = 1,
    /// The call or its input is wrong.
    WrongCall = 2,
    /// It cannot be told here and now.
    Undecided = 3,
    /// Ctrl-C, as shells have it: 128 and the number of the signal.
    CutShort = 130,
}

/// Runs the command; its help says what the exit statuses mean.
pub fn run(args: &Args) -> ExitCode {
    let status = try_run(args).unwrap_or_else(|failure| {
        eprintln!("lab load: {}", failure.message);
        failure.status
    });
    ExitCode::from(status as u8)
}

/// Why there is no result, or not all of it.
#[derive(Debug)]
struct Failure {
    message: String,
    status: Status,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self {
            message,
            status: Status::WrongCall,
        }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self {
            message: error.to_string(),
            status: match error {
                LoadError::Interrupted => Status::CutShort,
                _ => Status::WrongCall,
            },
        }
    }
}

fn try_run(args: &Args) -> Result<Status, Failure> {
    let spec = args.to_spec()?;
    if let Some(pid) = spec.draft().watch_pid
        && ProcessCpu::of(pid).and_then(ProcessCpu::read).is_none()
    {
        return Err(LoadError::NoProcess(pid).into());
    }
    let log = args.hlog.as_deref().map(LogFile::open).transpose()?;
    interrupt::catch();
    if let Some(slo) = args.slo {
        return search(&spec, slo, args.json);
    }
    let outcome = load::run(&spec)?;
    let said = if args.json || args.spec.is_some() {
        json(&outcome)?
    } else {
        table::render(&outcome)
    };
    // The result first: it is not lost if the log cannot be written.
    print(&said)?;
    if let Some(log) = log {
        log.write(&outcome)?;
    }
    Ok(if outcome.cut_short_ns.is_some() {
        Status::CutShort
    } else if outcome.is_good() {
        Status::Good
    } else {
        Status::BadNews
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, String> {
    serde_json::to_string(value)
        .map(|text| text + "\n")
        .map_err(|error| error.to_string())
}

/// A search prints each step as it is made, and the answer last.
fn search(spec: &Spec, slo: capacity::Slo, as_json: bool) -> Result<Status, Failure> {
    if !as_json {
        print(&format!(
            "searching the highest rate with {slo}\n{}\n",
            Step::HEADER
        ))?;
    }
    let mut printed = Ok(());
    let result = capacity::search(spec, slo, |step| {
        if !as_json && printed.is_ok() {
            printed = print(&format!("{step}\n"));
        }
    })?;
    printed?;
    if as_json {
        print(&json(&result)?)?;
    } else {
        print(&format!("{result}\n"))?;
    }
    Ok(match result.verdict {
        _ if result.cut_short => Status::CutShort,
        Verdict::Found => Status::Good,
        Verdict::None => Status::BadNews,
        Verdict::Undecided => Status::Undecided,
    })
}

/// A reader that went away, as in `lab load URL | head`, is no error.
pub(crate) fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot print the result: {error}"))
        }
        _ => Ok(()),
    }
}
