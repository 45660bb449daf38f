//! The instrument by itself, without the rest of the lab: `lab load` and `lab calibrate`.

use clap::Parser;
use std::process::ExitCode;

/// The lab's load generator.
#[derive(Parser)]
#[command(version)]
enum Command {
    /// Offer HTTP load and measure what comes back
    Load(Box<load::cli::Args>),
    /// Run the instrument against known truths
    Calibrate(load::calibrate::Args),
}

fn main() -> ExitCode {
    match Command::parse() {
        Command::Load(args) => load::cli::run(&args),
        Command::Calibrate(args) => load::calibrate::run(&args),
    }
}
