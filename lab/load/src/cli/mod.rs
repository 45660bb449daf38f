//! The command: `lab load`.

mod args;
mod field;
mod table;

pub use args::Args;

use crate::capacity::{self, Step};
use crate::{Outcome, Spec, hlog};
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// Runs the command. Exit status: 0 good, 1 the result does not hold or requests failed, 2 the
/// call or its input is wrong.
pub fn run(args: &Args) -> ExitCode {
    match try_run(args) {
        Ok(good) => ExitCode::from(u8::from(!good)),
        Err(message) => {
            eprintln!("lab load: {message}");
            ExitCode::from(2)
        }
    }
}

fn try_run(args: &Args) -> Result<bool, String> {
    let spec = args.to_spec()?;
    if let Some(slo) = args.slo {
        return search(&spec, slo, args.json);
    }
    let outcome = crate::run(&spec).map_err(|error| error.to_string())?;
    if let Some(path) = &args.hlog {
        write_hlog(&outcome, path)?;
    }
    let said = if args.json || args.spec.is_some() {
        serde_json::to_string(&outcome).map_err(|error| error.to_string())? + "\n"
    } else {
        table::render(&outcome)
    };
    print(&said)?;
    Ok(outcome.is_good())
}

fn write_hlog(outcome: &Outcome, path: &std::path::Path) -> Result<(), String> {
    let failed = |error: String| format!("cannot write {}: {error}", path.display());
    let file = std::fs::File::create(path).map_err(|error| failed(error.to_string()))?;
    hlog::write(outcome, &mut std::io::BufWriter::new(file)).map_err(failed)
}

/// A search prints each step as it is made, and the answer last.
fn search(spec: &Spec, slo: capacity::Slo, json: bool) -> Result<bool, String> {
    if !json {
        print(&format!(
            "searching the highest rate with {slo}\n{}\n",
            Step::HEADER
        ))?;
    }
    let mut failed = Ok(());
    let result = capacity::search(spec, slo, |step| {
        if !json {
            failed = print(&format!("{step}\n"));
        }
    })
    .map_err(|error| error.to_string())?;
    failed?;
    if json {
        print(&(serde_json::to_string(&result).map_err(|error| error.to_string())? + "\n"))?;
    } else {
        print(&format!("{result}\n"))?;
    }
    Ok(result.rate.is_some())
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
