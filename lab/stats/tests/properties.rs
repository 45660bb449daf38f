//! Laws that hold for any data.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stats::launches::Design;
use stats::verdict::{Direction, Size, direction, size};
use stats::{Bootstrap, Ratio, absolute, multiplicity, noise_floor, paired, summary, two_sample};

const QUICK: Bootstrap = Bootstrap {
    resamples: 1_000,
    seed: 1,
};

fn differences() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-0.5..0.5_f64, 6..24)
}

fn positive() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.01..1e4_f64, 6..24)
}

/// Anything a caller may hand over, broken values included.
fn anything() -> impl Strategy<Value = Vec<f64>> {
    let odd = prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(0.0),
        Just(-1.0),
        Just(1e308),
        Just(5e-324),
        any::<f64>(),
    ];
    prop::collection::vec(
        prop_oneof![3 => (-1.0..1.0_f64).boxed(), 1 => odd.boxed()],
        0..12,
    )
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

fn all_methods(d: &[f64], level: f64) -> Vec<Ratio> {
    let robust = paired::robust(d, level, QUICK).unwrap();
    let mut all = vec![
        robust.used,
        robust.t,
        paired::boot_t(d, level, QUICK).unwrap(),
    ];
    all.extend(paired::hodges_lehmann(d, level));
    all
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2013),
        ..ProptestConfig::default()
    })]

    #[test]
    fn an_interval_holds_its_point_and_p_agrees_with_it(d in differences(), level in 0.8..0.98_f64) {
        for r in all_methods(&d, level) {
            prop_assert!(r.interval.contains(r.point) || close(r.interval.low, r.point), "{r:?}");
            let excluded = !r.interval.contains(1.0);
            let margin = (r.p - (1.0 - level)).abs() < 1e-6;
            prop_assert!(margin || excluded == (r.p <= 1.0 - level), "{r:?}");
        }
    }

    #[test]
    fn a_higher_level_is_never_narrower(d in differences(), low in 0.8..0.96_f64) {
        for (narrow, wide) in all_methods(&d, low).iter().zip(all_methods(&d, low + 0.02)) {
            prop_assert_eq!(narrow.method, wide.method);
            prop_assert!(wide.interval.low <= narrow.interval.low + 1e-12);
            prop_assert!(wide.interval.high >= narrow.interval.high - 1e-12);
        }
    }

    #[test]
    fn shifted_differences_scale_the_ratio(d in differences(), shift in -1.0..1.0_f64) {
        let moved: Vec<f64> = d.iter().map(|v| v + shift).collect();
        for (a, b) in all_methods(&d, 0.95).iter().zip(all_methods(&moved, 0.95)) {
            prop_assert!(close(a.point * shift.exp(), b.point));
            prop_assert!(close(a.interval.low * shift.exp(), b.interval.low));
            prop_assert!(close(a.interval.high * shift.exp(), b.interval.high));
        }
    }

    #[test]
    fn units_do_not_matter(a in positive(), scale in 0.001..1000.0_f64) {
        let scaled: Vec<f64> = a.iter().map(|v| v * scale).collect();
        let (e, f) = (absolute::geometric_mean(&a, 0.95).unwrap(), absolute::geometric_mean(&scaled, 0.95).unwrap());
        prop_assert!(close(e.point * scale, f.point) && close(e.interval.high * scale, f.interval.high));
        let (e, f) = (absolute::median(&a, 0.95).unwrap(), absolute::median(&scaled, 0.95).unwrap());
        prop_assert!(close(e.interval.low * scale, f.interval.low));
        let same = two_sample::welch(&scaled, &a, 0.95).unwrap();
        prop_assert!(close(same.point, scale) && same.interval.contains(same.point));
    }

    #[test]
    fn swapping_the_two_inverts_the_ratio(a in positive(), b in positive()) {
        let (ab, ba) = (two_sample::welch(&a, &b, 0.95).unwrap(), two_sample::welch(&b, &a, 0.95).unwrap());
        prop_assert!(close(ab.interval.low * ba.interval.high, 1.0) && close(ab.p, ba.p));
        let r = two_sample::robust(&a, &b, 0.95, QUICK).unwrap();
        prop_assert!(r.interval.contains(r.point));
    }

    #[test]
    fn order_does_not_matter(d in differences(), seed in any::<u64>()) {
        let mut other = d.clone();
        stats::random::Stream::new(seed).shuffle(&mut other);
        for (a, b) in [
            (paired::t(&d, 0.95), paired::t(&other, 0.95)),
            (paired::hodges_lehmann(&d, 0.95), paired::hodges_lehmann(&other, 0.95)),
        ] {
            let (a, b) = (a.unwrap(), b.unwrap());
            prop_assert!(close(a.interval.low, b.interval.low) && close(a.p, b.p));
        }
        prop_assert_eq!(summary::quantile(&d, 0.3), summary::quantile(&other, 0.3));
    }

    #[test]
    fn nothing_panics(v in anything(), w in anything(), level in any::<f64>(), n in 0..50_usize) {
        for level in [level, 0.95] {
            let _ = paired::robust(&v, level, QUICK);
            let _ = paired::boot_t(&v, level, QUICK);
            let _ = paired::hodges_lehmann(&v, level);
            let _ = paired::differences(&v, &w);
            let _ = two_sample::robust(&v, &w, level, QUICK);
            let _ = absolute::geometric_mean(&v, level);
            let _ = absolute::median(&v, level);
            let _ = absolute::pseudo_median(&v, level);
            let _ = multiplicity::Family::Primary.adjust(&v, level);
            let _ = multiplicity::Family::Exploratory.adjust(&v, level);
            let _ = stats::mde::mde(level, n);
            let _ = stats::mde::blocks_for(level, 0.02, 0.95, n, 40);
            let _ = summary::quantile(&v, level);
            let _ = stats::student::two_sided_p(level, v.len() as f64);
        }
        let _ = noise_floor::noise_floor(&v, 1);
        let _ = (summary::cv(&v), summary::geometric_mean(&v), summary::skewness(&v), summary::autocorrelation(&v));
    }

    #[test]
    fn adjusted_p_are_ordered_and_larger(p in prop::collection::vec(0.0..1.0_f64, 1..30)) {
        let bh = multiplicity::benjamini_hochberg(&p);
        let all = multiplicity::Family::Primary.adjust(&p, 0.95).unwrap();
        for i in 0..p.len() {
            prop_assert!(p[i] <= bh[i] && bh[i] <= all[i].p && all[i].p <= 1.0);
            for j in 0..p.len() {
                prop_assert!(p[i] > p[j] || (all[i].p <= all[j].p && bh[i] <= bh[j]));
            }
        }
    }

    #[test]
    fn an_interval_excludes_no_difference_just_where_the_p_beside_it_says_so(
        shifts in prop::collection::vec(-0.4..0.4_f64, 2..8), d in differences(),
        wild in 0.0..4.0_f64, effect in 1.0..1.5_f64, df in 2.0..12.0_f64,
    ) {
        let mut d = d;
        // One block far off brings in the bootstrap.
        d[0] += wild;
        let table: Vec<Vec<f64>> = shifts.iter().map(|s| d.iter().map(|v| v + s).collect()).collect();
        let members = table.len();
        let strictest = 1.0 - 0.05 / members as f64;
        for design in [Design::of_blocks(d.len()), Design { effect, df }] {
            let prepared: Vec<_> = (table.iter())
                .map(|d| paired::Prepared::new(d, QUICK).unwrap().over(design).up_to(strictest).unwrap())
                .collect();
            for family in [multiplicity::Family::Primary, multiplicity::Family::Exploratory] {
                let all = family.compare(members, 0.95, |i, level| prepared[i].reported(level)).unwrap();
                for c in all {
                    let c = c.unwrap();
                    prop_assert_eq!(!c.ratio.interval.contains(1.0), c.p <= 0.05, "{:?}", c);
                }
            }
        }
    }

    #[test]
    fn a_verdict_never_goes_beyond_interval_and_floor(d in differences(), floor in 0.0..0.3_f64, margin in 0.001..0.5_f64) {
        let r = paired::t(&d, 0.95).unwrap();
        let word = direction(&r, true, floor);
        if word != Direction::Undecided {
            prop_assert!(r.ln().abs() > floor && !r.interval.contains(1.0));
        }
        // The other way of looking at the same data says the opposite word.
        let other = direction(&r.inverse(), true, floor);
        prop_assert_eq!(word == Direction::Faster, other == Direction::Slower);
        prop_assert_eq!(word, direction(&r.inverse(), false, floor));
        if size(&r, margin, floor) == Size::Larger {
            prop_assert!(direction(&r, true, floor) != Direction::Undecided);
        }
        prop_assert_eq!(size(&r, margin, floor), size(&r.inverse(), margin, floor));
        prop_assert_eq!(direction(&r, true, f64::NAN), Direction::Undecided);
        prop_assert_eq!(size(&r, margin, f64::NAN), Size::Unclear);
    }
}

#[test]
fn few_or_equal_values_have_a_defined_answer() {
    assert!(paired::t(&[], 0.95).is_err());
    assert!(paired::t(&[1.0, f64::NAN], 0.95).is_err());
    assert!(paired::t(&[0.1, 0.2], 1.0).is_err());
    let same = paired::robust(&[0.1; 8], 0.95, QUICK).unwrap();
    assert!(close(same.used.interval.low, same.used.point) && same.used.p == 0.0);
    assert_eq!(same.boot_t, None);
    let zero = paired::robust(&[0.0; 8], 0.95, QUICK).unwrap();
    assert!(zero.used.p == 1.0 && zero.used.interval.contains(1.0));
    assert!(paired::hodges_lehmann(&[0.1; 5], 0.95).is_err());
    assert!(
        paired::robust(&[0.1, 0.2], 0.95, QUICK)
            .unwrap()
            .boot_t
            .is_none()
    );
    assert!(
        two_sample::welch(&[1.0, 1.0], &[2.0, 2.0], 0.95)
            .unwrap()
            .interval
            .contains(0.5)
    );
    assert_eq!(summary::sd(&[f64::INFINITY, 1.0]), None);
    assert_eq!(stats::mde::mde(0.1, 1), None);
    assert_eq!(paired::t(&[1e308; 4], 0.95), Err(stats::Error::NotFinite));
    let odd = stats::Interval {
        low: f64::NAN,
        high: f64::NAN,
    };
    assert_eq!(
        direction(
            &Ratio {
                interval: odd,
                ..same.used
            },
            true,
            0.0
        ),
        Direction::Undecided
    );
}

#[test]
fn equal_seeds_give_equal_answers() {
    let d = [0.01, 0.03, 0.02, 0.02, 0.04, 0.00, 0.02, 0.03];
    let run = |seed| {
        paired::boot_t(
            &d,
            0.95,
            Bootstrap {
                resamples: 999,
                seed,
            },
        )
        .unwrap()
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
    assert_eq!(
        noise_floor::noise_floor(&d, 5),
        noise_floor::noise_floor(&d, 5)
    );
}
