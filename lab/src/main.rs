//! Benchmarks of Go web frameworks that can be believed.
//!
//! The command joins the runner and the analysis and holds no logic of its own: it reads
//! its words, asks the runner for a campaign, and the analysis for what came of it.
//!
//! Exit status: 0 good; 1 the answer is bad news (a failed check, a framework left out);
//! 2 the call or its input is wrong; 3 it cannot be told on this machine now (`calibrate`; `load
//! --capacity`; `bench` and `check` where what they need does not work, or nothing could be measured
//! of a server); 130 `load` was cut short by Ctrl-C.

#[macro_use]
mod out;

mod agent;
mod bench;
mod build;
mod calibrate;
mod check;
mod collect;
mod compare;
mod conformance;
mod diff;
mod history;
mod host;
mod list;
mod load;
mod new;
mod outdated;
mod plan;
mod progress;
mod publish;
mod report;
mod results;
mod select;
mod selfcheck;
mod signal;
mod site;
mod trials;
mod vendor_hashes;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Benchmarks of Go web frameworks that can be believed.
///
/// Every number comes with an interval, with an A/A twin measured beside it, and with what
/// speaks against it. Run `lab bench` in a checkout: it builds the servers, holds them to
/// the contract, measures them and writes a report.
#[derive(Parser)]
#[command(name = "lab", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Build, check and measure the frameworks, and write a report
    Bench(Box<bench::Args>),
    /// Show what a bench would run, in which order, and how long it would take
    Plan(plan::Args),
    /// Build servers, those that have changed
    Build(build::Args),
    /// Make the folder of a new framework, to be filled in
    New(new::Args),
    /// Hold servers to the contract: routes, answers, concurrency, stop
    Check(check::Args),
    /// Serve a lab on another machine, which starts this by ssh
    #[command(hide = true)]
    Agent,
    /// Compare this machine with a host profile, set it, put back what was found
    Host(host::Args),
    /// Write down what servers do where the contract leaves them free
    Conformance(conformance::Args),
    /// List the frameworks and the experiments
    List(list::Args),
    /// Write the report of a campaign again, from its raw data
    Report(report::Args),
    /// Make one campaign of several repetitions of it
    Collect(collect::Args),
    /// Show what changed between two campaigns, or between two revisions' reports
    Diff(diff::Args),
    /// Follow the published campaigns of a host, and mark where something changed
    History(history::Args),
    /// Render all published reports as pages, or check that they are as rendered
    Site(site::Args),
    /// Try the lab itself on comparisons whose answer is known
    Trials(trials::Args),
    /// Offer load to a URL with the lab's own instrument
    Load(Box<load::Args>),
    /// Hold the instrument to servers whose service times are known
    Calibrate(calibrate::Args),
    /// Show what is newer than the versions that the frameworks' folders pin
    Outdated(outdated::Args),
    /// Write the hashes by which the flake pins what the servers are built from
    VendorHashes(vendor_hashes::Args),
}

/// The words of a `lab bench` as a campaign file keeps them; nothing where they are another
/// verb's, or none that this lab knows.
fn bench_words(words: &[String]) -> Option<bench::Args> {
    let words = std::iter::once("lab").chain(words.iter().map(String::as_str));
    match Cli::try_parse_from(words).ok()?.verb {
        Verb::Bench(args) => Some(*args),
        _ => None,
    }
}

/// What an answer means for the exit status.
enum Answer {
    Good,
    BadNews,
    /// It cannot be told on this machine now.
    Undecided,
}

/// Why nothing can be told on this machine now.
#[derive(Debug)]
struct NotNow(String);

impl std::fmt::Display for NotNow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotNow {}

fn main() -> ExitCode {
    let answer = match Cli::parse().verb {
        Verb::Bench(args) => bench::run(&args),
        Verb::Plan(args) => plan::run(&args),
        Verb::Build(args) => build::run(&args),
        Verb::New(args) => new::run(&args),
        Verb::Check(args) => check::run(&args),
        Verb::Agent => agent::run(),
        Verb::Host(args) => host::run(&args),
        Verb::Conformance(args) => conformance::run(&args),
        Verb::List(args) => list::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Collect(args) => collect::run(&args),
        Verb::Diff(args) => diff::run(&args),
        Verb::History(args) => history::run(&args),
        Verb::Site(args) => site::run(&args),
        Verb::Trials(args) => trials::run(&args),
        Verb::Load(args) => return load::run(&args),
        Verb::Calibrate(args) => calibrate::run(&args),
        Verb::Outdated(args) => outdated::run(&args),
        Verb::VendorHashes(args) => vendor_hashes::run(&args),
    };
    match answer {
        Ok(Answer::Good) => ExitCode::SUCCESS,
        Ok(Answer::BadNews) => ExitCode::from(1),
        Ok(Answer::Undecided) => ExitCode::from(3),
        Err(error) => {
            eprintln!("lab: {}", out::chain(&error));
            ExitCode::from(if error.is::<NotNow>() { 3 } else { 2 })
        }
    }
}
