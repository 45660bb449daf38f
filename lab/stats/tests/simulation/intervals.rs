//! Coverage, power, and the noise floor.

use crate::{QUICK, REPLICATES, TRUTH, campaign, share, within};
use stats::random::Stream;
use stats::sim::Model;
use stats::{Bootstrap, Ratio, noise_floor, paired};

fn covers(ratio: &Ratio) -> bool {
    ratio.interval.contains(TRUTH.exp())
}

/// Coverage of the 95 % intervals, and their false positives on the A/A differences.
fn coverage(name: &str, model: &Model, launches: usize, blocks: usize) -> [f64; 4] {
    let (mut t, mut boot, mut robust, mut ranked, mut wrong) = (0, 0, 0, 0, 0);
    for seed in 0..REPLICATES {
        let (d, aa) = campaign(model, launches, blocks, seed);
        let r = paired::robust(&d, 0.95, QUICK).unwrap();
        t += usize::from(covers(&r.t));
        boot += usize::from(covers(&r.boot_t.unwrap()));
        robust += usize::from(covers(&r.used));
        ranked += usize::from(covers(&paired::hodges_lehmann(&d, 0.95).unwrap()));
        let aa = paired::robust(&aa, 0.95, QUICK).unwrap().used;
        wrong += usize::from(!aa.interval.contains(1.0));
    }
    let n = launches * blocks;
    println!(
        "{name}, {n} blocks: A/A false positives {:.2} %",
        share(wrong)
    );
    println!(
        "{name}, {n} blocks: coverage of signed-rank {:.2} %",
        share(ranked)
    );
    for (method, hits) in [("t", t), ("bootstrap-t", boot), ("robust", robust)] {
        println!(
            "{name}, {n} blocks: coverage of {method} {:.2} %",
            share(hits)
        );
    }
    [share(t), share(boot), share(robust), share(wrong)]
}

#[test]
fn coverage_on_a_noisy_host() {
    for (launches, blocks) in [(3, 4), (4, 5), (4, 10)] {
        let [t, boot, robust, wrong] = coverage("noisy", &Model::NOISY, launches, blocks);
        within("t", t, 93.0, 97.0);
        // Alone it would fall short on spiky blocks; it is never reported alone.
        within("bootstrap-t", boot, 91.0, 97.0);
        within("robust", robust, 93.0, 97.0);
        within("A/A false positives", wrong, 3.0, 7.0);
    }
}

/// The report's own figure, nothing cut down: `paired::reported` with all its resamples on a
/// campaign of the default size (3 launches, 12 blocks a cell), and of the sizes at which a
/// campaign that waits for precision looks.
#[test]
fn coverage_of_what_the_report_prints() {
    for (launches, blocks) in [(3, 4), (4, 4), (5, 4), (5, 6), (5, 8)] {
        let (mut covered, mut wrong) = (0, 0);
        for seed in 0..REPLICATES {
            let (d, aa) = campaign(&Model::NOISY, launches, blocks, seed);
            let printed = |d: &[f64]| paired::reported(d, 0.95, Bootstrap::default()).unwrap();
            covered += usize::from(covers(&printed(&d)));
            wrong += usize::from(!printed(&aa).interval.contains(1.0));
        }
        let n = launches * blocks;
        within(
            &format!("printed, {n} blocks: coverage"),
            share(covered),
            93.0,
            97.0,
        );
        within(
            &format!("printed, {n} blocks: A/A false positives"),
            share(wrong),
            3.0,
            7.0,
        );
    }
}

#[test]
fn coverage_on_a_quiet_host() {
    let [t, _, robust, wrong] = coverage("quiet", &Model::QUIET, 4, 5);
    within("t", t, 93.0, 97.0);
    within("robust", robust, 93.0, 97.0);
    within("A/A false positives", wrong, 3.0, 7.0);
}

/// The powers that the formula of the minimal detectable effect promises.
#[test]
fn the_minimal_detectable_effect_is_found_in_four_of_five_campaigns() {
    for n in [10, 20, 40] {
        let effect = stats::mde::mde(0.04, n).unwrap();
        let mut found = 0;
        for seed in 0..REPLICATES {
            let mut stream = Stream::new(seed);
            let d: Vec<f64> = (0..n).map(|_| effect + 0.04 * stream.normal()).collect();
            found += usize::from(paired::t(&d, 0.95).unwrap().p < 0.05);
        }
        within(
            &format!("power at the MDE, {n} blocks"),
            share(found),
            77.0,
            83.0,
        );
    }
}

/// Under "no difference" the observed mean is one of the flips, so it stays below their 95th
/// percentile in 95 % of campaigns. The mean of *another* campaign like it stays below the floor
/// a little less often: few blocks know their own scatter only roughly. The floor rises to the
/// observed mean where there is a bias.
#[test]
fn the_noise_floor_is_that_of_its_campaign() {
    let replicates = REPLICATES / 4; // 2,000 flips in each: a quarter of the replicates will do
    let (mut own, mut covered) = (0, 0);
    for seed in 0..replicates {
        let (_, aa) = campaign(&Model::NOISY, 4, 5, seed);
        let (_, next) = campaign(&Model::NOISY, 4, 5, seed + 1_000_000);
        let floor = noise_floor::noise_floor(&aa, seed).unwrap();
        own += usize::from(floor.observed <= floor.flipped);
        covered += usize::from(stats::summary::mean(&next).unwrap().abs() <= floor.floor);
    }
    let share = |hits| 100.0 * hits as f64 / replicates as f64;
    within(
        "noise floor: own A/A mean below the flips",
        share(own),
        92.5,
        97.5,
    );
    within(
        "noise floor: next campaign's A/A mean below it",
        share(covered),
        85.0,
        97.0,
    );
    let (_, aa) = campaign(&Model::NOISY, 4, 5, 0);
    let biased: Vec<f64> = aa.iter().map(|d| d + 0.5).collect();
    let floor = noise_floor::noise_floor(&biased, 0).unwrap();
    assert!(floor.floor == floor.flipped.max(floor.observed) && floor.observed > 0.3);
}
