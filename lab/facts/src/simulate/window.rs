//! A percentile over a window of time: how long everything may stall before it shows.

use claims::Fact;
use stats::random::Stream;
use stats::summary;

use super::fact;
use crate::found;

const SEED: u64 = 240_004;
const STALLS: usize = 100;
/// Requests a second; few are enough, since the percentile is of shares of time.
const RATE: usize = 10;
/// A stall's length in seconds: all requests in it take ten times as long.
const STALL: usize = 30;

pub(super) fn facts() -> Vec<Fact> {
    let of = |name: &str, seconds: usize, window: &str| {
        let mut stream = Stream::new(SEED);
        let seen = (0..STALLS)
            .filter(|_| is_seen(seconds, &mut stream))
            .count();
        let what = format!(
            "share of stalls of 30 s, in which all requests take ten times as long, that double the p99 of {window}"
        );
        fact(name, &what, found::share(seen, STALLS))
    };
    vec![
        of("sim_stall_seen_in_hour", 3600, "the last hour"),
        of("sim_stall_seen_in_minute", 60, "the last minute"),
    ]
}

/// The window ends with the stall, where it shows most.
fn is_seen(seconds: usize, stream: &mut Stream) -> bool {
    let mut p99 = |stalled: usize| {
        let latencies: Vec<f64> = (0..seconds * RATE)
            .map(|i| {
                let slow = i >= (seconds - stalled) * RATE;
                // A tail that is usual: log-normal, sigma 0.3.
                (0.3 * stream.normal()).exp() * if slow { 10.0 } else { 1.0 }
            })
            .collect();
        summary::quantile(&latencies, 0.99)
    };
    let (before, after) = (p99(0), p99(STALL));
    after
        .zip(before)
        .is_some_and(|(after, before)| after > 2.0 * before)
}
