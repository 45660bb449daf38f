//! Numbers that claims name and that need no load on a server.
//!
//! ```text
//! go/         a Go program: compiles listings, asks routers, runtime and kernel
//! simulate/   simulations with fixed seeds
//! both     -> a table of facts (`claims::Facts`), which is published and judged by
//! ```
//!
//! [`deterministic`] are facts that another machine finds again. The Go program can also time
//! ratios of CPU time (`go run . -timed`), which belong to a host; nothing here publishes them yet.

mod found;
mod program;
mod simulate;

use std::path::Path;

use claims::{Fact, Facts};

pub use program::ProgramError;

/// Where the Go program lies in a checkout.
const PROGRAM: &str = "lab/facts/go";

/// All facts but those that are timed.
///
/// # Errors
/// [`ProgramError`] where the Go program does not build or cannot find a fact.
pub fn deterministic(checkout: &Path) -> Result<Facts, ProgramError> {
    let mut facts = program::run(&checkout.join(PROGRAM))?;
    facts.extend(simulate::all());
    Ok(table(facts))
}

/// Those of them that are simulated, with fixed seeds.
pub fn simulated() -> Vec<Fact> {
    simulate::all()
}

fn table(facts: Vec<Fact>) -> Facts {
    Facts {
        with: format!(
            "{}, {}/{}",
            builder::go::choice().toolchain,
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
        facts: facts.into_iter().map(|f| (f.fact.clone(), f)).collect(),
    }
}
