//! How often the rule errs where the truth is known: 4,000 simulated campaigns a line, fixed seeds.
//! `cargo test -p claims --test false_verdicts -- --nocapture` prints the figures.
//!
//! A claim that is true sits at the worst place that is still true, the end of its band; one that is
//! false just beyond it, where the difference is 0 and every error shows. Away from the end both are
//! rarer.

use claims::expect::{Expected, Tolerance};
use claims::rule::of_band;
use claims::{Found, Verdict};
use stats::launches::{Component, Design, Differences};
use stats::paired::Prepared;
use stats::random::Stream;
use stats::sim::Model;
use stats::{Bootstrap, noise_floor};

const CAMPAIGNS: u64 = 4_000;
const LAUNCHES: usize = 6;
const BLOCKS: usize = 2;
/// The resamples are fewer than a report's, which moves an interval by little.
const QUICK: Bootstrap = Bootstrap {
    resamples: 300,
    seed: 1,
};

/// One campaign of two servers with a true ratio: the number as a report has it.
fn found(model: &Model, ratio: f64, seed: u64) -> Found {
    let truth = [0.0, 0.0, ratio.ln()];
    let y = model.campaign(&truth, LAUNCHES, BLOCKS, &mut Stream::new(seed));
    let n = LAUNCHES * BLOCKS;
    let differences: Vec<f64> = (0..n)
        .map(|b| y[2][b] - (y[0][b] + y[1][b]) / 2.0)
        .collect();
    let copies: Vec<f64> = (0..n).map(|b| y[0][b] - y[1][b]).collect();
    let launches: Vec<u32> = (0..n as u32).map(|b| b / BLOCKS as u32).collect();
    let row = |differences| Differences {
        differences,
        launches: &launches,
        beside: 0,
    };
    let design = match Component::pooled(&[row(&differences)]) {
        Some(component) => component.design(&launches),
        None => Design::of_blocks(n),
    };
    let ratio = Prepared::new(&differences, QUICK).unwrap();
    let ratio = ratio.over(design).reported(0.95).unwrap();
    Found {
        estimate: ratio.point,
        low: ratio.interval.low,
        high: ratio.interval.high,
        level: Some(0.95),
        floor: Some(noise_floor::noise_floor(&copies, seed).unwrap().floor),
        n,
    }
}

/// The share of campaigns in which the rule says so of a claim.
fn share(model: &Model, expected: Expected, truth: f64, says: Verdict) -> f64 {
    let hits = (0..CAMPAIGNS)
        .filter(|seed| of_band(expected.band(), &found(model, truth, *seed)).0 == says)
        .count();
    100.0 * hits as f64 / CAMPAIGNS as f64
}

/// The forms of claims: with a ratio that is just right, one just wrong, and one that is amply so.
fn forms() -> [(&'static str, Expected, f64, f64); 5] {
    let tenth = Tolerance::Share(0.10);
    let just = 1.0 + 1e-9;
    [
        (
            "equal 1.2 within 10 %",
            Expected::Equal(1.2, tenth),
            1.32 / just,
            1.32 * just,
        ),
        (
            "at least 1.2 within 10 %",
            Expected::AtLeast(1.2, tenth),
            1.2 / 1.1 * just,
            1.2 / 1.1 / just,
        ),
        (
            "at most 1.2 within 10 %",
            Expected::AtMost(1.2, tenth),
            1.32 / just,
            1.32 * just,
        ),
        ("more than 1", Expected::MoreThan(1.0), just, 1.0 / just),
        (
            "between 1 and 1.5",
            Expected::Between(1.0, 1.5, Tolerance::NONE),
            1.5 / just,
            1.5 * just,
        ),
    ]
}

/// The bound leaves room for chance: of 4,000 campaigns that err in 5 % at most 5.9 % do, in 99 of
/// 100 sets.
const BOUND: f64 = 5.9;

#[test]
fn true_claims_are_refuted_and_false_ones_supported_in_one_of_twenty_at_most() {
    for (host, model) in [("noisy", Model::NOISY), ("quiet", Model::QUIET)] {
        for (form, expected, right, wrong) in forms() {
            let refuted = share(&model, expected, right, Verdict::Refuted);
            let supported = share(&model, expected, wrong, Verdict::Supported);
            println!(
                "{host}, {form}: right and refuted {refuted:.2} %, wrong and supported {supported:.2} %"
            );
            assert!(refuted <= BOUND, "{host}, {form}: {refuted}");
            assert!(supported <= BOUND, "{host}, {form}: {supported}");
        }
    }
}

/// A rule that never says anything would err never: it has to find what is amply so.
#[test]
fn what_is_amply_right_or_wrong_is_found() {
    let equal = Expected::Equal(1.2, Tolerance::Share(0.10));
    for (truth, says, least) in [
        (1.2, Verdict::Supported, 80.0),
        (1.8, Verdict::Refuted, 99.0),
        (0.9, Verdict::Refuted, 99.0),
    ] {
        let found = share(&Model::QUIET, equal, truth, says);
        println!("quiet, equal 1.2 within 10 %, true ratio {truth}: {says} {found:.1} %");
        assert!(found >= least, "{truth}: {found}");
    }
}

/// What the rule would do without the noise floor, and by the estimate alone: the reason for both.
#[test]
fn an_estimate_alone_would_be_wrong_in_every_second_campaign() {
    let order = Expected::MoreThan(1.0);
    let wrong = (0..CAMPAIGNS)
        .filter(|seed| {
            let found = Found::exact(found(&Model::NOISY, 1.0 / (1.0 + 1e-9), *seed).estimate);
            of_band(order.band(), &found).0 == Verdict::Supported
        })
        .count();
    let wrong = 100.0 * wrong as f64 / CAMPAIGNS as f64;
    println!("noisy, more than 1, by the estimate alone: wrong and supported {wrong:.1} %");
    assert!(wrong > 40.0, "{wrong}");
}
