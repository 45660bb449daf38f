//! Stopping on precision, and on significance.

use crate::{REPLICATES, campaign, share, within};
use stats::paired;
use stats::sim::Model;
use stats::stopping::{Decision, Goal, Rule};

fn stop(model: &Model, target: f64, rule: &Rule, seed: u64) -> (usize, bool) {
    let (_, aa) = campaign(model, 4, 10, seed);
    let at = match rule.decide(&[Goal::of_blocks(&aa, target)]) {
        Decision::Precise { at } | Decision::Inconclusive { at, .. } => at,
        Decision::Continue { until } => panic!("40 blocks are the cap, not {until}"),
    };
    (
        at,
        !paired::t(&aa[..at], rule.level)
            .unwrap()
            .interval
            .contains(1.0),
    )
}

/// Stopping on precision with 97 % intervals keeps false positives below 5 %, for targets that
/// stop most campaigns at the first look, in between, and never.
#[test]
fn stopping_on_precision_keeps_false_positives_below_five_per_cent() {
    for target in [0.05, 0.06, 0.08, 0.12] {
        let rule = Rule {
            bootstrap: None,
            ..Rule::default()
        };
        let loose = Rule {
            level: 0.95,
            ..rule.clone()
        };
        let (mut wrong, mut wrong_loose, mut blocks) = (0, 0, 0);
        for seed in 0..REPLICATES {
            let (at, rejected) = stop(&Model::NOISY, target, &rule, seed);
            blocks += at;
            wrong += usize::from(rejected);
            wrong_loose += usize::from(stop(&Model::NOISY, target, &loose, seed).1);
        }
        println!(
            "target {target}: {:.1} blocks on average",
            blocks as f64 / REPLICATES as f64
        );
        println!(
            "target {target}: false positives at 95 % {:.2} %",
            share(wrong_loose)
        );
        within(
            &format!("target {target}: false positives at 97 %"),
            share(wrong),
            1.5,
            6.0,
        );
    }
}

/// What stopping on significance would do instead, to show why the rule does not.
#[test]
fn stopping_on_significance_finds_differences_that_are_not_there() {
    let mut wrong = 0;
    for seed in 0..REPLICATES {
        let (_, aa) = campaign(&Model::NOISY, 4, 10, seed);
        let looks = 6..=40;
        wrong += usize::from(
            looks
                .into_iter()
                .any(|n| paired::t(&aa[..n], 0.95).unwrap().p < 0.05),
        );
    }
    within(
        "stop when significant: false positives",
        share(wrong),
        15.0,
        35.0,
    );
}

/// Looking after every block from the fifth on makes the intervals of 95 % wrong more often: early
/// on, a scatter that is small by chance looks like precision. Hence few looks, the first at 12.
#[test]
fn looking_early_and_always_costs_more() {
    for target in [0.08, 0.12, 0.15] {
        let eager = Rule {
            looks: (5..=40).collect(),
            level: 0.95,
            bootstrap: None,
        };
        let wrong = (0..REPLICATES).filter(|seed| stop(&Model::NOISY, target, &eager, *seed).1);
        let name = format!("target {target}: false positives at 95 %, every block from 5 on");
        within(&name, share(wrong.count()), 5.0, 14.0);
    }
}
