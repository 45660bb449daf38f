//! Simulations: what a rule does to data whose truth is known. Each has a seed of its own, so that
//! every machine finds the same.

mod canary;
mod five_samples;
mod queue;
mod window;

use claims::{Fact, Kind};

use crate::found::Number;

/// All of them.
pub(crate) fn all() -> Vec<Fact> {
    let mut facts = five_samples::facts();
    facts.extend(canary::facts());
    facts.extend(queue::facts());
    facts.extend(window::facts());
    facts
}

fn fact(name: &str, what: &str, found: Number) -> Fact {
    Fact {
        fact: name.to_owned(),
        kind: Kind::Simulated,
        unit: "1".to_owned(),
        value: found.value,
        low: found.low,
        high: found.high,
        n: found.n,
        what: what.to_owned(),
    }
}
