//! A rule that promotes a new version whose p99 is lower than the old one's.

use claims::Fact;
use stats::random::Stream;
use stats::summary;

use super::fact;
use crate::found;

const SEED: u64 = 240_002;
const TRIES: usize = 1_000;
/// Requests that the old and the new version answer before the rule looks: 80 and 20 of 100.
const OLD: usize = 4_000;
const NEW: usize = 1_000;

pub(super) fn facts() -> Vec<Fact> {
    let of = |name: &str, slower: f64, is: &str| {
        let mut stream = Stream::new(SEED);
        let promoted = (0..TRIES)
            .filter(|_| is_promoted(slower, &mut stream))
            .count();
        let what = format!(
            "share of new versions that are {is} and that a rule promotes because their p99 is lower, after 1,000 requests of theirs and 4,000 of the old version's"
        );
        fact(name, &what, found::share(promoted, TRIES))
    };
    vec![
        of("sim_canary_promotes_equal", 1.0, "as fast as the old one"),
        of(
            "sim_canary_promotes_slower",
            1.05,
            "5 % slower than the old one",
        ),
        of(
            "sim_canary_promotes_much_faster",
            0.5,
            "twice as fast as the old one",
        ),
    ]
}

/// Latencies are log-normal with a long tail (sigma 1), scaled.
fn is_promoted(slower: f64, stream: &mut Stream) -> bool {
    let mut p99 = |n: usize, scale: f64| {
        let latencies: Vec<f64> = (0..n).map(|_| scale * stream.normal().exp()).collect();
        summary::quantile(&latencies, 0.99)
    };
    let (old, new) = (p99(OLD, 1.0), p99(NEW, slower));
    new.zip(old).is_some_and(|(new, old)| new < old)
}
