//! What a server times of a request and what its client does: the wait before the handler is in
//! one of them only.

use claims::Fact;
use stats::random::Stream;
use stats::summary;

use super::fact;
use crate::found::{self, Number};

const SEED: u64 = 240_003;
const RUNS: usize = 100;
const REQUESTS: usize = 20_000;

pub(super) fn facts() -> Vec<Fact> {
    let of = |name: &str, load: f64| {
        let what = format!(
            "p99 of the time in the handler, over that of the time that the client waits, of a server that works on one request at a time at {:.0} % of its capacity with arrivals at random",
            load * 100.0
        );
        fact(name, &what, ratio(load))
    };
    vec![
        of("sim_handler_p99_over_client_50", 0.5),
        of("sim_handler_p99_over_client_90", 0.9),
    ]
}

fn ratio(load: f64) -> Number {
    let mut stream = Stream::new(SEED);
    let logs: Vec<f64> = (0..RUNS).filter_map(|_| run(load, &mut stream)).collect();
    found::ratio(&logs).expect("each run gives a logarithm")
}

/// Lindley's recursion (1952): a wait is the last one's, and its service, less the gap between.
fn run(load: f64, stream: &mut Stream) -> Option<f64> {
    let mut wait = 0.0_f64;
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for _ in 0..REQUESTS {
        let service = stream.exponential(1.0);
        inside.push(service);
        outside.push(wait + service);
        wait = (wait + service - stream.exponential(1.0 / load)).max(0.0);
    }
    let p99 = |values: &[f64]| summary::quantile(values, 0.99);
    Some((p99(&inside)? / p99(&outside)?).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulation_agrees_with_the_formula() {
        // Of M/M/1 both times are exponential, with means 1 and 1 / (1 - load).
        let found = ratio(0.5);
        assert!((found.value - 0.5).abs() < 0.03, "{found:?}");
    }
}
