//! False and true change points in launches and histories.

use crate::{REPLICATES, share, within};
use stats::random::Stream;
use stats::sim::Model;
use stats::steady::Class;
use stats::{history, segments, steady};

fn steady_host(rho: f64, spikes: bool) -> Model {
    let spike_chance = if spikes { 0.05 } else { 0.0 };
    Model {
        rho,
        environment: 0.05,
        window: 0.0,
        launch: 0.0,
        spike_chance,
        spike: 0.10,
    }
}

/// The calibration of `steady::penalty`: on steady series of any correlation up to .8 at most 5 %
/// have a change point, and fewer are called anything but flat.
#[test]
fn steady_series_have_few_change_points() {
    for (rho, spikes, windows, replicates) in [
        (0.3, false, 60, REPLICATES),
        (0.5, false, 60, REPLICATES),
        (0.8, false, 30, REPLICATES),
        (0.8, false, 60, REPLICATES),
        (0.8, true, 60, REPLICATES),
        (0.3, true, 120, REPLICATES / 2),
        (0.8, false, 120, REPLICATES / 2),
        (0.8, false, 240, REPLICATES / 4),
    ] {
        let (mut changed, mut not_flat, mut by_bic) = (0, 0, 0);
        for seed in 0..replicates {
            let x = steady_host(rho, spikes).series(windows, &mut Stream::new(seed));
            changed += usize::from(segments::segments(&x, steady::penalty(windows)).len() > 1);
            not_flat += usize::from(steady::classify(&x, 0.02).unwrap().class != Class::Flat);
            if seed < 200 {
                by_bic +=
                    usize::from(segments::segments(&x, 2.0 * (windows as f64).ln()).len() > 1);
            }
        }
        let share = |hits| 100.0 * hits as f64 / replicates as f64;
        let name = format!("rho {rho}, spikes {spikes}, {windows} windows");
        println!(
            "{name}: with 2 ln n {:.0} %, not flat {:.2} %",
            by_bic as f64 / 2.0,
            share(not_flat)
        );
        within(
            &format!("{name}: with a change point"),
            share(changed),
            0.0,
            5.0,
        );
    }
}

/// A launch's values of every server relative to the median of the others in the same block: what
/// the host did to all is gone, and what is left correlates so little that the smaller penalty
/// will do. Servers take turns, so a server's windows of a launch are as many blocks apart.
fn beside(effects: &[f64], windows: usize, seed: u64) -> Vec<Vec<f64>> {
    let y = Model::NOISY.campaign(effects, 1, windows, &mut Stream::new(seed));
    let others = |server: usize, b: usize| {
        let rows = (0..y.len()).filter(|other| *other != server);
        let values: Vec<f64> = rows.map(|other| y[other][b]).collect();
        stats::summary::median(&values).unwrap()
    };
    let beside = |server: usize| {
        (0..windows)
            .map(|b| y[server][b] - others(server, b))
            .collect()
    };
    (0..y.len()).map(beside).collect()
}

#[test]
fn beside_the_others_few_steady_servers_have_change_points() {
    for (servers, windows) in [(3, 24), (8, 24), (8, 60), (8, 240), (36, 24)] {
        let replicates = REPLICATES / servers.max(windows / 10) as u64;
        let (mut changed, mut all) = (0, 0);
        for seed in 0..replicates {
            for row in beside(&vec![0.0; servers], windows, seed) {
                let penalty = steady::penalty_beside(windows);
                changed += usize::from(segments::segments(&row, penalty).len() > 1);
                all += 1;
            }
        }
        within(
            &format!(
                "beside the others, {servers} servers, {windows} windows: with a change point"
            ),
            100.0 * changed as f64 / all as f64,
            0.0,
            5.0,
        );
    }
}

/// The step that is said to show does so in about three launches of four; one twice as large in
/// nearly all.
#[test]
fn beside_the_others_a_step_shows_as_promised() {
    let windows = 24;
    let penalty = steady::penalty_beside(windows);
    let (mut promised, mut double, mut all) = (0, 0, 0);
    for seed in 0..REPLICATES / 4 {
        for row in beside(&[0.0; 4], windows, seed) {
            let sd = stats::summary::sd(&row).unwrap();
            let step = steady::least_step(sd, windows, penalty).unwrap();
            let found = |step: f64| {
                let stepped: Vec<f64> = (0..windows)
                    .map(|i| row[i] + if i < windows / 2 { 0.0 } else { step })
                    .collect();
                steady::classify_by(&stepped, 0.02, penalty).unwrap().class != Class::Flat
            };
            promised += usize::from(found(step));
            double += usize::from(found(2.0 * step));
            all += 1;
        }
    }
    let share = |hits: usize| 100.0 * hits as f64 / all as f64;
    within(
        "beside the others: the least step, found",
        share(promised),
        60.0,
        90.0,
    );
    within(
        "beside the others: twice that, found",
        share(double),
        95.0,
        100.0,
    );
}

/// What that penalty still finds: a cold start of a sixth of the series.
#[test]
fn warm_up_is_found() {
    for (size, least) in [(0.2, 40.0), (0.3, 90.0)] {
        let (mut found, mut near) = (0, 0);
        for seed in 0..REPLICATES {
            let mut x = steady_host(0.5, false).series(60, &mut Stream::new(seed));
            x.iter_mut().take(10).for_each(|v| *v += size);
            let shape = steady::classify(&x, 0.02).unwrap();
            found += usize::from(shape.class == Class::WarmUp);
            near += usize::from(
                shape
                    .steady_from
                    .is_some_and(|from| (8..=12).contains(&from)),
            );
        }
        println!(
            "warm-up of {size}: placed within two windows {:.2} %",
            share(near)
        );
        within(
            &format!("warm-up of {size}, found"),
            share(found),
            least,
            100.0,
        );
    }
}

/// Histories of campaigns whose levels are correlated from one to the next, without a change:
/// one is marked in at most 5 %, up to what chance allows once in a hundred.
#[test]
fn correlated_histories_have_no_changes() {
    for (campaigns, replicates) in [
        (10, REPLICATES),
        (20, REPLICATES),
        (30, REPLICATES),
        (60, REPLICATES / 4),
    ] {
        let most = stats::rejections::most(replicates, 0.05, 0.99).unwrap() as usize;
        for rho in [0.0, 0.3, 0.5, 0.7] {
            let host = Model {
                environment: 0.015,
                ..steady_host(rho, false)
            };
            let wrong = (0..replicates).filter(|seed| {
                let x = host.series(campaigns, &mut Stream::new(*seed));
                !history::changes(&x, history::MAX_P, 0.0).is_empty()
            });
            let wrong = wrong.count();
            println!(
                "history of {campaigns}, correlation {rho}: false changes in {:.1} %",
                100.0 * wrong as f64 / replicates as f64
            );
            assert!(wrong <= most, "{campaigns}, {rho}: {wrong} > {most}");
        }
    }
}

/// Histories of thirty campaigns without and with a change of 4 % (campaigns scatter by 1.5 %).
#[test]
fn history_changes() {
    let replicates = REPLICATES / 2;
    let (mut wrong, mut found) = (0, 0);
    for seed in 0..replicates {
        let mut stream = Stream::new(seed);
        let mut x: Vec<f64> = (0..30).map(|_| 0.015 * stream.normal()).collect();
        wrong += usize::from(!history::changes(&x, history::MAX_P, 0.0).is_empty());
        x.iter_mut().skip(18).for_each(|v| *v += 0.04);
        let changes = history::changes(&x, history::MAX_P, 0.0);
        found += usize::from(changes.iter().any(|c| (17..=19).contains(&c.index)));
    }
    let share = |hits| 100.0 * hits as f64 / replicates as f64;
    within(
        "history: false changes in 30 campaigns",
        share(wrong),
        0.0,
        5.0,
    );
    within(
        "history: change of 4 % placed within one",
        share(found),
        85.0,
        100.0,
    );
}
