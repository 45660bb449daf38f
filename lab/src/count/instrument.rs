//! The lab's own instrument against an earlier one.

use std::path::Path;

use ::count::verdict::Compared;
use ::count::{instrument, words};
use anyhow::Context;

use super::{Args, Counter, write};
use crate::{Answer, NotNow};

/// The confidence level of the interval.
const LEVEL: f64 = 0.99;
/// Starts of each, if nothing else is said.
const STARTS: u32 = 6;

/// Compares this program's `lab load` with that of another `lab`.
pub fn run(args: &Args, counter: &Counter, other: &Path) -> anyhow::Result<Answer> {
    let this = std::env::current_exe().context("the lab's own program cannot be found")?;
    let (mut base, mut new) = (Vec::new(), Vec::new());
    for start in 1..=args.rounds.unwrap_or(STARTS) {
        for (program, numbers) in [(other, &mut base), (&*this, &mut new)] {
            let one = instrument::instructions(counter.emulator()?, program);
            let one = one.map_err(|e| NotNow(e.to_string()))?;
            crate::progress::note(&format!("start {start}: {}", words::thousands(one)));
            numbers.push(one);
            if counter.is_stopped() {
                eprintln!("cut short: nothing was counted to the end");
                return Ok(Answer::CutShort);
            }
        }
    }
    let compared = Compared::of(&base, &new, LEVEL).map_err(|e| NotNow(e.to_string()))?;
    let text = format!(
        "### lab load: instructions a request\n\n| | base | new | change |\n|---|---:|---:|---:|\n| lab load | {} | {} | {} |\n\nUser space only, counted by {}; {} starts of each.\n",
        words::thousands(compared.base),
        words::thousands(compared.new),
        words::interval(&compared),
        counter.name(),
        base.len()
    );
    if let Some(file) = &args.markdown {
        write(file, &text)?;
    }
    match args.json {
        true => println!("{}", serde_json::to_string_pretty(&compared)?),
        false => print!("{text}"),
    }
    let limit = args.threshold.map(|share| 1.0 + share);
    match limit.is_some_and(|limit| compared.low > limit) {
        true => Ok(Answer::BadNews),
        false => Ok(Answer::Good),
    }
}
