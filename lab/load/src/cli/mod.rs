//! The command: `lab load`.

mod args;

pub use args::Args;

use crate::Spec;
use std::process::ExitCode;

/// Runs the command. Exit status: 0 good, 1 the result is invalid or requests failed, 2 the call
/// or its input is wrong.
pub fn run(args: &Args) -> ExitCode {
    match try_run(args) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("lab load: {message}");
            ExitCode::from(2)
        }
    }
}

fn try_run(args: &Args) -> Result<ExitCode, String> {
    let spec: Spec = args.spec()?;
    let outcome = crate::run(&spec).map_err(|error| error.to_string())?;
    let json = serde_json::to_string(&outcome).map_err(|error| error.to_string())?;
    println!("{json}");
    let good = outcome.valid && outcome.counts.failed == 0;
    Ok(ExitCode::from(u8::from(!good)))
}
