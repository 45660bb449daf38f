//! Whole tables of comparisons, ranks, verdicts, and unpaired samples.

use crate::{QUICK, REPLICATES, share, within};
use stats::multiplicity::Family;
use stats::random::Stream;
use stats::sim::Model;
use stats::verdict::{Direction, Size, direction, size};
use stats::{Bootstrap, absolute, paired, ranks, two_sample};

/// Differences of all frameworks to the first, in 20 blocks.
fn table(effects: &[f64], seed: u64) -> Vec<Vec<f64>> {
    let y = Model::NOISY.campaign(effects, 4, 5, &mut Stream::new(seed));
    let against = |row: &Vec<f64>| row.iter().zip(&y[0]).map(|(s, b)| s - b).collect();
    y[1..].iter().map(against).collect()
}

/// Eight frameworks that share a baseline and do not differ from it: any of them is called in at
/// most 5 % of campaigns, whereas unadjusted intervals call one in every fourth or fifth.
#[test]
fn a_primary_family_is_wrong_as_a_whole_in_five_per_cent() {
    let (mut any, mut any_explored, mut any_bare) = (0, 0, 0);
    for seed in 0..REPLICATES {
        let d = table(&[0.0; 9], seed);
        let estimate = |i: usize, level| paired::t(&d[i], level);
        let called = |family: Family| {
            let all = family.compare(d.len(), 0.95, estimate).unwrap();
            all.iter()
                .any(|c| direction(&c.unwrap().ratio, true, 0.0) != Direction::Undecided)
        };
        any += usize::from(called(Family::Primary));
        any_explored += usize::from(called(Family::Exploratory));
        any_bare += usize::from((0..8).any(|i| estimate(i, 0.95).unwrap().p < 0.05));
    }
    within(
        "primary family, nothing there: something called",
        share(any),
        2.0,
        6.0,
    );
    within(
        "exploratory family, nothing there: something called",
        share(any_explored),
        2.0,
        6.0,
    );
    within(
        "no adjustment: something called",
        share(any_bare),
        18.0,
        40.0,
    );
}

/// Two real differences among eight: all eight adjusted intervals hold their truths at once, the
/// real ones are found, and of what is called in the exploratory way few are wrong.
#[test]
fn families_with_something_to_find() {
    let effects = [0.0, 0.25, -0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let (mut together, mut found) = (0, 0);
    let mut wrong_share = 0.0;
    for seed in 0..REPLICATES {
        let d = table(&effects, seed);
        let estimate = |i: usize, level| paired::t(&d[i], level);
        let primary = Family::Primary.compare(8, 0.95, estimate).unwrap();
        together += usize::from(
            primary
                .iter()
                .zip(&effects[1..])
                .all(|(c, e)| c.unwrap().ratio.interval.contains(e.exp())),
        );
        found += usize::from(primary[..2].iter().all(|c| c.unwrap().p < 0.05));
        let explored = Family::Exploratory.compare(8, 0.95, estimate).unwrap();
        let selected: Vec<usize> = (0..8).filter(|i| explored[*i].unwrap().p <= 0.05).collect();
        let missed = |i: &&usize| {
            !explored[**i]
                .unwrap()
                .ratio
                .interval
                .contains(effects[**i + 1].exp())
        };
        wrong_share += selected.iter().filter(missed).count() as f64 / selected.len().max(1) as f64;
    }
    within(
        "primary family: all eight intervals hold at once",
        share(together),
        94.0,
        98.5,
    );
    within(
        "primary family: both real differences found",
        share(found),
        80.0,
        100.0,
    );
    within(
        "exploratory family: false coverage",
        100.0 * wrong_share / REPLICATES as f64,
        1.0,
        5.5,
    );
}

/// The two wrong answers of the size column, each at the worst truth: exactly the margin.
#[test]
fn size_is_seldom_wrong_at_the_margin() {
    let margin: f64 = 0.02;
    let (mut larger, mut equal, mut equal_right) = (0, 0, 0);
    for seed in 0..REPLICATES {
        let mut stream = Stream::new(seed);
        let noise: Vec<f64> = (0..20).map(|_| 0.02 * stream.normal()).collect();
        let at = |effect: f64| {
            let d: Vec<f64> = noise.iter().map(|v| v + effect).collect();
            size(&paired::t(&d, 0.95).unwrap(), margin, 0.0)
        };
        larger += usize::from(at(margin.ln_1p()) == Size::Larger);
        equal += usize::from(at(margin.ln_1p()) == Size::Within);
        equal_right += usize::from(at(0.0) == Size::Within);
    }
    within(
        "truth at the margin: called larger",
        share(larger),
        1.5,
        3.5,
    );
    within("truth at the margin: called within", share(equal), 1.5, 3.5);
    within("truth 1: called within", share(equal_right), 90.0, 100.0);
}

/// Start-up times: a fixed cost, a scattered one with a long tail, and now and then a hiccup.
fn startup(n: usize, scale: f64, stream: &mut Stream) -> Vec<f64> {
    (0..n)
        .map(|_| {
            let hiccup = if stream.uniform() < 0.05 { 0.5 } else { 0.0 };
            scale * (1.0 + stream.exponential(0.2) + hiccup)
        })
        .collect()
}

#[test]
fn startup_times() {
    let (mut welch, mut robust, mut median) = (0, 0, 0);
    let truth = 1.0 + 0.2 * 2.0_f64.ln(); // the median without hiccups
    let mut clean = Stream::new(0);
    for seed in 0..REPLICATES {
        let mut stream = Stream::new(seed);
        let (slow, fast) = (startup(20, 3.0, &mut stream), startup(12, 2.0, &mut stream));
        let w = two_sample::welch(&slow, &fast, 0.95).unwrap();
        welch += usize::from(w.interval.contains(1.5));
        let r = two_sample::robust(&slow, &fast, 0.95, QUICK).unwrap();
        robust += usize::from(r.interval.contains(1.5));
        let times: Vec<f64> = (0..20).map(|_| 1.0 + clean.exponential(0.2)).collect();
        let m = absolute::median(&times, 0.95).unwrap();
        median += usize::from(m.interval.contains(truth));
    }
    within(
        "start-up times: coverage of Welch's ratio",
        share(welch),
        93.0,
        97.0,
    );
    within(
        "start-up times: coverage of the robust ratio",
        share(robust),
        93.0,
        97.0,
    );
    // The binomial distribution gives 95.9 % for 20 values.
    within(
        "start-up times: coverage of the median",
        share(median),
        94.5,
        97.5,
    );
}

/// The true rank lies within the interval, also in a table with near ties and missing cells.
#[test]
fn rank_intervals_hold_the_true_rank() {
    let replicates = 300; // five frameworks, 300 resamples each
    let effects = [0.0, 0.01, 0.02, 0.10, 0.30];
    let (mut inside, mut width) = (0, 0);
    for seed in 0..replicates {
        let mut stream = Stream::new(seed);
        let mut y = Model::NOISY.campaign(&effects, 4, 5, &mut stream);
        for row in y.iter_mut().skip(2) {
            let gap = stream.index(row.len());
            row[gap] = f64::NAN;
        }
        let found = ranks::ranks(
            &y,
            false,
            0.95,
            Bootstrap {
                resamples: 300,
                seed,
            },
        )
        .unwrap();
        for (truth, r) in (1..).zip(&found) {
            inside += usize::from((r.low..=r.high).contains(&truth));
            width += r.high - r.low;
        }
    }
    let cells = replicates as f64 * effects.len() as f64;
    println!(
        "rank intervals span {:.2} places on average",
        1.0 + width as f64 / cells
    );
    within(
        "rank intervals hold the true rank",
        100.0 * inside as f64 / cells,
        93.0,
        100.0,
    );
}
