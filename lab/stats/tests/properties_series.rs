//! Laws of series, tables and the stopping rule that hold for any data.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stats::history::{MAX_P, changes};
use stats::launches::{Component, Differences};
use stats::ranks::ranks;
use stats::stopping::{Decision, Goal, Rule};
use stats::{Bootstrap, segments, steady, summary, variance};

const QUICK: Bootstrap = Bootstrap {
    resamples: 100,
    seed: 1,
};

/// A series with up to two steps in it.
fn series() -> impl Strategy<Value = Vec<f64>> {
    let noise = prop::collection::vec(-0.1..0.1_f64, 12..60);
    (noise, 0..60_usize, -1.0..1.0_f64).prop_map(|(mut x, at, step)| {
        x.iter_mut().skip(at).for_each(|v| *v += step);
        x
    })
}

fn anything() -> impl Strategy<Value = Vec<f64>> {
    let odd = prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(0.0), any::<f64>()];
    prop::collection::vec(
        prop_oneof![5 => (-1.0..1.0_f64).boxed(), 1 => odd.boxed()],
        0..50,
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2017),
        ..ProptestConfig::default()
    })]

    #[test]
    fn segments_cover_the_series_and_are_not_too_short(x in series(), penalty in 0.0..100.0_f64) {
        let found = segments::segments(&x, penalty);
        prop_assert_eq!((found[0].start, found[found.len() - 1].end), (0, x.len()));
        prop_assert!(found.windows(2).all(|w| w[0].end == w[1].start));
        prop_assert!(found.iter().all(|s| s.len() >= segments::LEAST));
        let fewer = segments::segments(&x, penalty + 10.0);
        prop_assert!(fewer.len() <= found.len());
    }

    #[test]
    fn shift_and_scale_do_not_move_changes(x in series(), shift in -9.0..9.0_f64) {
        let moved: Vec<f64> = x.iter().map(|v| 4.0 * v + shift).collect();
        let ends = |x: &[f64]| -> Vec<usize> {
            segments::segments(x, steady::penalty(x.len())).iter().map(|s| s.end).collect()
        };
        prop_assert_eq!(ends(&x), ends(&moved));
        let indices = |x: &[f64]| -> Vec<usize> {
            changes(x, MAX_P, 0.0).iter().map(|c| c.index).collect()
        };
        prop_assert_eq!(indices(&x), indices(&moved));
    }

    #[test]
    fn a_shape_agrees_with_its_segments(x in series()) {
        let shape = steady::classify(&x, 0.02).unwrap();
        prop_assert_eq!(shape.class == steady::Class::Unsteady, shape.steady_from.is_none());
        prop_assert_eq!(shape.class == steady::Class::Flat, shape.segments.len() == 1);
    }

    #[test]
    fn changes_are_what_they_claim(x in series(), least in 0.0..0.5_f64) {
        for c in changes(&x, MAX_P, least) {
            prop_assert!(c.p <= MAX_P && (c.after - c.before).abs() >= least);
            prop_assert!(c.index > 0 && c.index < x.len());
        }
    }

    #[test]
    fn variance_components_do_not_mind_the_order(x in prop::collection::vec(-1.0..1.0_f64, 12)) {
        // Reversing the series reverses windows and launches alike.
        let reversed: Vec<f64> = x.iter().rev().copied().collect();
        let (a, b) = (variance::components(&x, &[4, 3]).unwrap(), variance::components(&reversed, &[4, 3]).unwrap());
        prop_assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    #[test]
    fn ranks_are_places_and_blocks_do_not_matter(
        levels in prop::collection::vec(-1.0..1.0_f64, 2..6),
        noise in prop::collection::vec(-0.2..0.2_f64, 48),
        blocks in prop::collection::vec(-9.0..9.0_f64, 8),
    ) {
        let table = |shared: &[f64]| -> Vec<Vec<f64>> {
            levels.iter().enumerate().map(|(f, level)| {
                (0..8).map(|b| level + noise[f * 8 + b] + shared[b]).collect()
            }).collect()
        };
        let found = ranks(&table(&blocks), false, 0.9, QUICK).unwrap();
        let mut places: Vec<usize> = found.iter().map(|r| r.rank).collect();
        places.sort_unstable();
        prop_assert_eq!(places, (1..=levels.len()).collect::<Vec<_>>());
        prop_assert!(found.iter().all(|r| 1 <= r.low && r.low <= r.rank && r.rank <= r.high && r.high <= levels.len()));
        let quiet = ranks(&table(&[0.0; 8]), false, 0.9, QUICK).unwrap();
        for (a, b) in found.iter().zip(&quiet) {
            prop_assert!((a.relative - b.relative).abs() < 1e-9);
        }
    }

    #[test]
    fn a_decision_stands_whatever_comes_after_it(x in series(), more in series(), target in 0.001..0.5_f64) {
        let rule = Rule { bootstrap: None, ..Rule::default() };
        let now = rule.decide(&[Goal::of_blocks(&x, target)]);
        let later: Vec<f64> = x.iter().chain(&more).copied().collect();
        let then = rule.decide(&[Goal::of_blocks(&later, target)]);
        match now {
            Decision::Precise { .. } => prop_assert_eq!(now, then),
            Decision::Continue { until } => match then {
                Decision::Precise { at } | Decision::Inconclusive { at, .. } => prop_assert!(at >= until),
                Decision::Continue { until: next } => prop_assert!(next >= until),
            },
            Decision::Inconclusive { .. } => prop_assert_eq!(now, then),
        }
        // A difference itself, however large, does not move the decision.
        let shifted: Vec<f64> = x.iter().map(|d| d + 3.0).collect();
        let same = rule.decide(&[Goal::of_blocks(&shifted, target)]);
        prop_assert_eq!(std::mem::discriminant(&now), std::mem::discriminant(&same));
    }

    #[test]
    fn nothing_panics(v in anything(), w in anything(), p in any::<f64>(), n in 0..9_usize, m in 0..9_usize) {
        let _ = segments::segments(&v, p);
        let _ = steady::classify(&v, p);
        let _ = steady::mser5(&v);
        let _ = changes(&v, p, p);
        let _ = variance::components(&v, &[n, m]);
        let _ = variance::components(&v, &[v.len()]);
        let _ = variance::optimal_repetitions(&v, &w);
        let _ = variance::optimal_repetitions(&v, &vec![p; v.len()]);
        let numbers: Vec<u32> = (0..v.len()).map(|i| (i / n.max(1)) as u32).collect();
        let row = |differences| Differences { differences, launches: &numbers, beside: m };
        if let Some(found) = Component::pooled(&[row(&v), row(&w)]) {
            let _ = (found.interval(p), found.design(&numbers), found.design(&[]));
        }
        let both = v.len().min(w.len());
        let _ = ranks(&[v[..both].to_vec(), w[..both].to_vec()], true, 0.95, QUICK);
        let _ = ranks(&[v.clone(), w.clone()], true, p, QUICK);
        let rule = Rule { looks: vec![n, m, 20], level: p, bootstrap: Some(QUICK) };
        let _ = rule.decide(&[Goal::of_blocks(&v, p), Goal::of_blocks(&w, 0.1)]);
        let _ = summary::autocorrelation(&v);
    }
}
