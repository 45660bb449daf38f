//! The instrument by itself, without the rest of the lab: the same as `lab load`.

use clap::Parser;
use std::process::ExitCode;

#[derive(Parser)]
#[command(version, about)]
struct Command {
    #[command(flatten)]
    load: load::cli::Args,
}

fn main() -> ExitCode {
    load::cli::run(&Command::parse().load)
}
