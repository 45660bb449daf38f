//! What the estimators do on data whose truth is known: 2,000 campaigns each from `stats::sim`,
//! with fixed seeds. `cargo test -p stats --test simulation -- --nocapture` prints the figures.
//! The bootstrap uses 600 resamples here instead of 10,000, which moves coverage by a few tenths
//! of a per cent (tried with 4,000).

mod intervals;
mod launches;
mod series;
mod stopping;
mod tables;

use stats::Bootstrap;
use stats::random::Stream;
use stats::sim::Model;

const REPLICATES: u64 = 2_000;
const QUICK: Bootstrap = Bootstrap {
    resamples: 600,
    seed: 1,
};
const TRUTH: f64 = 0.05;

/// One campaign: the differences of a framework that is 5 % worse, and the A/A differences. The
/// baseline has two windows in each block; its value is their mean.
fn campaign(model: &Model, launches: usize, blocks: usize, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let y = model.campaign(&[0.0, 0.0, TRUTH], launches, blocks, &mut Stream::new(seed));
    (0..launches * blocks)
        .map(|b| (y[2][b] - (y[0][b] + y[1][b]) / 2.0, y[0][b] - y[1][b]))
        .unzip()
}

/// Hits as a percentage of the replicates.
fn share(hits: usize) -> f64 {
    100.0 * hits as f64 / REPLICATES as f64
}

/// Prints a percentage and holds it to its bounds.
fn within(what: &str, value: f64, low: f64, high: f64) {
    println!("{what}: {value:.2} %");
    assert!(
        (low..=high).contains(&value),
        "{what}: {value} not in {low}..{high}"
    );
}
