//! Benchmarks of Go web frameworks that can be believed.
//!
//! The command joins the runner and the analysis and holds no logic of its own: it reads
//! its words, asks the runner for a campaign, and the analysis for what came of it.
//!
//! Exit status: 0 good; 1 the answer is bad news (a failed check, a framework left out);
//! 2 the call or its input is wrong; 3 it cannot be told on this machine now (`calibrate`; `load
//! --capacity`; `bench` and `check` where what they need does not work, also on the way, or nothing
//! could be measured of a server); 130 it was cut short by Ctrl-C (`bench`, `load`, `trials`).

#[macro_use]
mod out;

mod agent;
mod bench;
mod build;
mod calibrate;
mod check;
mod claims;
mod collect;
mod compare;
mod completions;
mod conformance;
mod count;
mod diff;
mod history;
mod host;
mod hosts;
mod list;
mod load;
mod new;
mod outdated;
mod percentage;
mod plan;
mod progress;
mod publish;
mod report;
mod results;
mod select;
mod selfcheck;
mod signal;
mod site;
mod there;
mod trials;
mod vendor_hashes;

use std::process::ExitCode;

use ::plan::project::ProjectError;
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

/// Each is described where its words are.
#[derive(Subcommand)]
enum Verb {
    Bench(Box<bench::Args>),
    Plan(plan::Args),
    Build(build::Args),
    New(new::Args),
    Check(check::Args),
    /// Serve a lab on another machine, which starts this by ssh
    #[command(hide = true)]
    Agent,
    Host(host::Args),
    Conformance(conformance::Args),
    Claims(claims::Args),
    List(list::Args),
    Report(report::Args),
    Collect(collect::Args),
    Diff(diff::Args),
    History(history::Args),
    Site(site::Args),
    Hosts(hosts::Args),
    Completions(completions::Args),
    Trials(trials::Args),
    #[command(after_help = "Example: lab load http://127.0.0.1:8080/plaintext")]
    Load(Box<load::Args>),
    Calibrate(calibrate::Args),
    Count(Box<count::Args>),
    Outdated(outdated::Args),
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
    /// Ctrl-C, which has been told.
    CutShort,
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

/// The name that was most likely meant, where one was not known.
fn hint(error: &anyhow::Error) -> String {
    let (name, known) = match error.downcast_ref::<ProjectError>() {
        Some(ProjectError::UnknownFramework { name, known }) => (name, known),
        Some(ProjectError::UnknownExperiment { name, known }) => (name, known),
        _ => return String::new(),
    };
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    select::meant(name, &known)
}

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
        Verb::Claims(args) => claims::run(&args),
        Verb::List(args) => list::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Collect(args) => collect::run(&args),
        Verb::Diff(args) => diff::run(&args),
        Verb::History(args) => history::run(&args),
        Verb::Site(args) => site::run(&args),
        Verb::Hosts(args) => hosts::run(&args),
        Verb::Completions(args) => completions::run(&args),
        Verb::Trials(args) => trials::run(&args),
        Verb::Load(args) => return load::run(&args),
        Verb::Calibrate(args) => calibrate::run(&args),
        Verb::Count(args) => count::run(&args),
        Verb::Outdated(args) => outdated::run(&args),
        Verb::VendorHashes(args) => vendor_hashes::run(&args),
    };
    match answer {
        Ok(Answer::Good) => ExitCode::SUCCESS,
        Ok(Answer::BadNews) => ExitCode::from(1),
        Ok(Answer::Undecided) => ExitCode::from(3),
        // As shells have it: 128 and the number of the signal.
        Ok(Answer::CutShort) => ExitCode::from(130),
        Err(error) => {
            eprintln!("lab: {}{}", out::chain(&error), hint(&error));
            ExitCode::from(if error.is::<NotNow>() { 3 } else { 2 })
        }
    }
}
