//! The instrument by itself, without the rest of the lab: `lab load` and `lab calibrate`.

use clap::Parser;
use instrument::{calibrate, cli};
use std::process::ExitCode;

/// The lab's load generator.
#[derive(Parser)]
#[command(version)]
enum Command {
    /// Offer HTTP load and measure what comes back
    Load(Box<cli::Args>),
    /// Run the instrument against known truths
    Calibrate(calibrate::Args),
}

fn main() -> ExitCode {
    match Command::parse() {
        Command::Load(args) => cli::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
    }
}
