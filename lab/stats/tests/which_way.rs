//! Which way round: signs, sides and limits, on values that can be checked by hand.

use std::collections::BTreeMap;

use stats::noise_floor::noise_floor;
use stats::random::Stream;
use stats::verdict::{Direction, Size, direction, size};
use stats::{paired, two_sample};

#[test]
fn a_ratio_is_the_subject_to_the_baseline() {
    let d = paired::differences(&[2.0, 4.0, 8.0], &[1.0, 2.0, 4.0]).unwrap();
    assert!(d.iter().all(|d| (d - 2.0_f64.ln()).abs() < 1e-12), "{d:?}");
    let twice = paired::t(&d, 0.95).unwrap();
    assert!((twice.point - 2.0).abs() < 1e-12);
    assert!((twice.inverse().point - 0.5).abs() < 1e-12);
    let welch = two_sample::welch(&[4.0, 4.4, 3.6], &[2.0, 2.2, 1.8], 0.95).unwrap();
    assert!((welch.point - 2.0).abs() < 1e-12);
}

#[test]
fn more_is_faster_only_where_more_is_better() {
    let more = paired::t(&[0.05, 0.06, 0.05, 0.04], 0.95).unwrap();
    let less = more.inverse();
    assert_eq!(direction(&more, true, 0.01), Direction::Faster);
    assert_eq!(direction(&more, false, 0.01), Direction::Slower);
    assert_eq!(direction(&less, true, 0.01), Direction::Slower);
    assert_eq!(direction(&less, false, 0.01), Direction::Faster);
    assert_eq!(direction(&more, true, 0.06), Direction::Undecided);
}

#[test]
fn a_size_is_judged_by_the_margin_on_either_side_and_by_the_noise() {
    // 3 % more, known to a tenth of a per cent.
    let r = paired::t(&[0.0300, 0.0301, 0.0299, 0.0300], 0.95).unwrap();
    for r in [r, r.inverse()] {
        assert_eq!(size(&r, 0.02, 0.001), Size::Larger);
        assert_eq!(size(&r, 0.04, 0.001), Size::Within);
        assert_eq!(
            size(&r, 0.0305, 0.001),
            Size::Unclear,
            "the margin lies in it"
        );
        // A noise floor above the margin: nobody can be called equal, and none larger below it.
        assert_eq!(size(&r, 0.04, 0.05), Size::Unclear);
        assert_eq!(size(&r, 0.02, 0.05), Size::Unclear);
    }
}

#[test]
fn a_noise_floor_is_the_95th_percentile_of_all_signs_or_the_bias() {
    // Of 16 ways to sign four ones two have the mean 1, eight a half, six none: 12.5 % are 1.
    let four = noise_floor(&[1.0, -1.0, 1.0, -1.0], 7).unwrap();
    assert_eq!((four.flipped, four.observed, four.floor), (1.0, 0.0, 1.0));
    // Twenty of one sign are no chance: their mean is the floor, and more than flips give.
    let biased = noise_floor(&[0.03; 20], 7).unwrap();
    assert!(biased.flipped < 0.02, "{biased:?}");
    assert!((biased.floor - 0.03).abs() < 1e-12, "{biased:?}");
}

#[test]
fn every_order_is_drawn_as_often() {
    let mut orders: BTreeMap<[u8; 3], u32> = BTreeMap::new();
    for seed in 0..6_000 {
        let mut items = [1, 2, 3];
        Stream::new(seed).shuffle(&mut items);
        *orders.entry(items).or_default() += 1;
    }
    assert_eq!(orders.len(), 6, "{orders:?}");
    // 1000 each, sd 29.
    assert!(
        orders.values().all(|n| (800..1200).contains(n)),
        "{orders:?}"
    );
}
