//! Series, variance components, ranks and the stopping rule against values computed elsewhere.

use stats::history::{MAX_P, changes};
use stats::launches::{Component, Differences};
use stats::ranks::ranks;
use stats::stopping::{Decision, Goal, Rule};
use stats::{Bootstrap, Error, segments, steady, variance};

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} is not {b}");
}

/// Change points of Apache Otava 0.8.0 (`compute_change_points(series, window_len=100,
/// max_pvalue=0.001)`); p values of `scipy.stats.ttest_ind`.
#[test]
fn history_like_otava() {
    let up = [
        -0.0065, -0.0017, 0.0166, 0.0066, -0.0164, -0.0001, -0.0062, 0.0015, -0.0161, 0.0024,
        0.0024, 0.0158, 0.0032, 0.0051, 0.0451, 0.0825, 0.0408, 0.071, 0.0567, 0.0512, 0.0534,
        0.0533, 0.0638, 0.0589, 0.0748, 0.0417,
    ];
    let up_and_down = [
        0.0, -0.0089, 0.0078, -0.0212, -0.0034, 0.0021, -0.0148, 0.0099, 0.0018, 0.0101, 0.0596,
        0.0402, 0.042, 0.048, 0.0575, 0.0585, 0.0429, 0.0439, 0.042, 0.0042, 0.0076, 0.0087,
        0.0306, 0.0049, 0.0071, 0.0146, 0.0005, 0.0063, 0.0101, 0.0177, -0.0032, 0.0237, 0.0065,
        0.0117,
    ];
    let level = [
        0.0085, 0.0066, 0.0106, 0.0017, -0.0002, 0.0032, -0.01, 0.0121, -0.0078, -0.0126, 0.0206,
        -0.0014, -0.0118, 0.0185, -0.0033, 0.0106, -0.0083, -0.0025, -0.0169, -0.0191, -0.0098,
        -0.0008, 0.008, 0.0243, -0.0103, 0.0101, -0.006, -0.0015, -0.0148, -0.0148,
    ];
    let found = changes(&up, MAX_P, 0.0);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].index, 14);
    close(found[0].before, 0.000471, 1e-6);
    close(found[0].after, 0.057767, 1e-6);
    close(found[0].p / 3.530125960374046e-12, 1.0, 1e-6);

    let found = changes(&up_and_down, MAX_P, 0.0);
    assert_eq!(found.iter().map(|c| c.index).collect::<Vec<_>>(), [10, 19]);
    close(found[0].p / 1.8397962716155536e-09, 1.0, 1e-6);
    close(found[1].p / 3.318421272281407e-10, 1.0, 1e-6);

    assert!(changes(&level, MAX_P, 0.0).is_empty());
    assert!(
        changes(&up_and_down, MAX_P, 0.1).is_empty(),
        "smaller than what matters"
    );
    assert!(changes(&[1.0, f64::NAN, 2.0], MAX_P, 0.0).is_empty());
    assert!(changes(&[1.0, 2.0], MAX_P, 0.0).is_empty());
}

/// Three builds of four launches of five windows; components by NumPy after the revised formula.
#[test]
fn nested_variance_components() {
    let x = [
        0.805, 0.391, 1.58, 0.881, 2.834, 1.737, 1.749, 2.721, 2.102, 1.546, 1.493, 1.463, 2.66,
        2.367, 1.95, 2.382, 1.039, 2.095, 0.171, 2.931, -1.395, -1.302, -0.886, -1.495, -1.74,
        -0.296, -1.37, -2.401, -1.046, -3.191, 0.17, -1.657, -1.44, 0.772, 0.666, -1.37, -0.861,
        -0.395, 0.197, -1.617, 1.787, 2.876, 1.921, 2.406, 2.261, 0.517, 0.792, -0.99, 1.391, 2.99,
        0.542, 2.885, 2.651, 1.597, 1.644, 1.734, 0.79, 1.369, 1.605, 2.263,
    ];
    let t = variance::components(&x, &[5, 4, 3]).unwrap();
    for (t, expected) in t
        .iter()
        .zip([0.7818399416666667, 0.10176256388888896, 2.4238549519444437])
    {
        close(*t, expected, 1e-12);
    }
    let r = variance::optimal_repetitions(&t, &[1.0, 3.0, 60.0]).unwrap();
    // sqrt(3 * .78184 / .10176) = 4.80, sqrt(20 * .10176 / 2.42385) = .92
    assert_eq!(r, [Some(5), Some(1)]);
    assert_eq!(
        variance::optimal_repetitions(&[1.0, -0.1], &[1.0, 9.0]).unwrap(),
        [None]
    );
    assert_eq!(
        variance::components(&x, &[60, 1]),
        Err(Error::TooFew { need: 2, got: 1 })
    );
    assert!(variance::components(&x, &[7, 3]).is_err());
    assert!(variance::components(&[], &[]).is_err());
}

/// The F of `scipy.stats.f_oneway` (p 0.003709), and the correlation ICC(1) that it gives with 47/12
/// blocks a launch (Searle et al. 1992).
#[test]
fn launches_that_differ() {
    let d = [
        0.01, 0.02, 0.03, 0.025, 0.05, 0.06, 0.04, 0.02, 0.03, 0.01, 0.0, 0.02,
    ];
    let launches = [1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3];
    let pooled = |differences: &[f64], launches: &[u32]| {
        Component::pooled(&[Differences {
            differences,
            launches,
            beside: 0,
        }])
    };
    let found = pooled(&d, &launches).unwrap();
    close(found.icc, 0.720753791505, 1e-9);
    assert_eq!((found.between, found.within), (2.0, 9.0));
    // Launch means alone would have 2 degrees of freedom, and this is all there is to go by.
    let design = found.design(&launches);
    assert!((1.5..4.0).contains(&design.df), "{design:?}");
    assert!(
        pooled(&[1.0; 6], &[1, 1, 1, 2, 2, 2]).is_none(),
        "no scatter"
    );
    assert!(pooled(&[1.0, 2.0], &[1, 2]).is_none(), "a block a launch");
    assert!(pooled(&[1.0, 2.0], &[1, 1]).is_none(), "one launch");
}

#[test]
fn shapes_of_a_launch() {
    let noise = |i: usize| 0.01 * ((i * 7 % 5) as f64 - 2.0);
    let shape = |level: &dyn Fn(usize) -> f64| {
        let series: Vec<f64> = (0..80).map(|i| noise(i) + level(i)).collect();
        steady::classify(&series, 0.02).unwrap()
    };
    use steady::Class;
    assert_eq!(shape(&|_| 0.0).class, Class::Flat);
    assert_eq!(
        shape(&|i| if i < 20 { 0.5 } else { 0.0 }).class,
        Class::WarmUp
    );
    let slow = shape(&|i| if i < 20 { 0.0 } else { 0.5 });
    assert_eq!((slow.class, slow.steady_from), (Class::Slowdown, Some(20)));
    let late = shape(&|i| if i < 50 { 0.0 } else { 0.5 });
    assert_eq!((late.class, late.steady_from), (Class::Unsteady, None));
    // A change that does not matter is merged away, one level is left.
    assert_eq!(
        shape(&|i| if i < 40 { 0.0 } else { 0.015 }).segments.len(),
        1
    );
    assert_eq!(shape(&|i| if i < 20 { 0.5 } else { 0.0 }).mser5, Some(20));
    assert_eq!(steady::classify(&[], 0.02), None);
    assert_eq!(steady::classify(&[1.0, f64::NAN], 0.02), None);
    assert_eq!(
        steady::classify(&[0.0; 40], 0.02).unwrap().class,
        Class::Flat
    );
    assert_eq!(
        steady::classify(&[0.0; 3], 0.02).unwrap().class,
        Class::Flat
    );
}

/// The best segmentation among all, found by trying every one of them.
#[test]
fn segmentation_is_optimal() {
    let mut stream = stats::random::Stream::new(5);
    let cost = |part: &[f64], least: f64| {
        let n = part.len() as f64;
        let mean = part.iter().sum::<f64>() / n;
        let variance = part.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        n * variance.max(least).ln()
    };
    for case in 0..40 {
        let step = 0.5 * f64::from(case % 5);
        let x: Vec<f64> = (0..18)
            .map(|i| stream.normal() + if i >= 8 { step } else { 0.0 })
            .collect();
        let mean = x.iter().sum::<f64>() / 18.0;
        let least = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 18.0 * 1e-4;
        let penalty = 4.0;
        let mut best = (cost(&x, least), vec![18]);
        for a in 5..=13 {
            let two = cost(&x[..a], least) + cost(&x[a..], least) + penalty;
            if two < best.0 {
                best = (two, vec![a, 18]);
            }
            for b in a + 5..=13 {
                let parts = cost(&x[..a], least) + cost(&x[a..b], least) + cost(&x[b..], least);
                if parts + 2.0 * penalty < best.0 {
                    best = (parts + 2.0 * penalty, vec![a, b, 18]);
                }
            }
        }
        let ends: Vec<usize> = segments::segments(&x, penalty)
            .iter()
            .map(|s| s.end)
            .collect();
        assert_eq!(ends, best.1, "case {case}");
    }
    assert!(segments::segments(&[], 4.0).is_empty());
    assert!(segments::segments(&[1.0, f64::INFINITY], 4.0).is_empty());
}

/// A framework that was not in the bad block is not the better for it: additive data with holes
/// give back the levels they were made from.
#[test]
fn ranks_with_missing_cells() {
    let (levels, blocks) = ([0.0, 0.1, -0.2], [1.0, 5.0, 2.0, 3.0, 9.0, 4.0, 2.5, 3.5]);
    let mut table: Vec<Vec<f64>> = levels
        .iter()
        .map(|l| blocks.iter().map(|b| l + b).collect())
        .collect();
    table[1][4] = f64::NAN;
    table[2][0] = f64::NAN;
    table[2][1] = f64::NAN;
    let found = ranks(&table, false, 0.95, Bootstrap::default()).unwrap();
    for (rank, level) in found.iter().zip(levels) {
        close(rank.relative, level, 1e-9);
    }
    assert_eq!(
        found
            .iter()
            .map(|r| (r.rank, r.low, r.high))
            .collect::<Vec<_>>(),
        [(2, 2, 2), (3, 3, 3), (1, 1, 1)]
    );
    let other = ranks(&table, true, 0.95, Bootstrap::default()).unwrap();
    assert_eq!(other[2].rank, 3);

    let apart = [vec![1.0, f64::NAN], vec![f64::NAN, 1.0]];
    assert_eq!(
        ranks(&apart, true, 0.95, Bootstrap::default()),
        Err(Error::Disconnected)
    );
    assert!(ranks(&[], true, 0.95, Bootstrap::default()).is_err());
    assert!(
        ranks(
            &[vec![1.0, 2.0], vec![1.0]],
            true,
            0.95,
            Bootstrap::default()
        )
        .is_err()
    );
    assert!(
        ranks(
            &[vec![f64::NAN; 3], vec![1.0; 3]],
            true,
            0.95,
            Bootstrap::default()
        )
        .is_err()
    );
}

#[test]
fn stopping_looks_at_precision_only() {
    let rule = Rule::default();
    let narrow: Vec<f64> = (0..40).map(|i| 0.5 + 0.001 * f64::from(i % 3)).collect();
    let wide: Vec<f64> = (0..40).map(|i| 0.3 * f64::from(i % 3)).collect();
    let goal = Goal::of_blocks;
    assert_eq!(rule.decide(&[]), Decision::Precise { at: 12 });
    assert_eq!(
        rule.decide(&[goal(&narrow[..11], 0.02)]),
        Decision::Continue { until: 12 }
    );
    // A difference of 50 % that is beyond doubt does not stop it, its precision does.
    assert_eq!(
        rule.decide(&[goal(&narrow[..12], 0.02)]),
        Decision::Precise { at: 12 }
    );
    // Blocks beyond a look do not change what was decided there.
    assert_eq!(
        rule.decide(&[goal(&narrow, 0.02)]),
        Decision::Precise { at: 12 }
    );
    let both = |n| rule.decide(&[goal(&narrow[..n], 0.02), goal(&wide[..n], 0.02)]);
    assert_eq!(both(12), Decision::Continue { until: 16 });
    assert_eq!(both(39), Decision::Continue { until: 40 });
    assert!(
        matches!(both(40), Decision::Inconclusive { at: 40, goal: 1, half_width } if half_width > 0.05)
    );
    let missing = [f64::NAN; 40];
    assert!(matches!(
        rule.decide(&[goal(&missing, 0.02)]),
        Decision::Inconclusive {
            half_width: f64::INFINITY,
            ..
        }
    ));
    assert!(matches!(
        rule.decide(&[goal(&narrow, f64::NAN)]),
        Decision::Inconclusive { .. }
    ));
    let constant = [0.1; 40];
    assert!(matches!(
        rule.decide(&[goal(&constant, 0.0), goal(&wide, 0.02)]),
        Decision::Inconclusive { goal: 1, .. }
    ));
    assert_eq!(
        Rule {
            looks: vec![],
            ..Rule::default()
        }
        .decide(&[goal(&narrow, 0.02)]),
        Decision::Continue { until: 0 }
    );
}
