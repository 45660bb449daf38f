//! Campaigns whose launches differ: coverage and false calls by intraclass correlation.
//!
//! The demand in each: what is wrong in truly one of twenty campaigns is found wrong in no more of
//! 2,000 than chance allows once in a hundred (the binomial bound).

use crate::REPLICATES;
use stats::launches::{Component, Design, Differences};
use stats::multiplicity::Family;
use stats::paired::Prepared;
use stats::random::Stream;
use stats::stopping::{Decision, Goal, Rule};
use stats::{rejections, summary};

const FRAMEWORKS: usize = 5;
const SCENARIOS: usize = 3;
const SERVERS: usize = FRAMEWORKS + 2;

/// A campaign like the default one, with its truth 0: the differences of five frameworks to the
/// mean of the baseline's two copies, then those of the copies, a table a scenario. The variance
/// of a server's block is 1, of which a share of `icc` is its launch's; half of that is the same
/// in all scenarios, as the process is.
fn campaign(
    icc: &[f64; SERVERS],
    (launches, blocks): (usize, usize),
    stream: &mut Stream,
) -> Vec<Vec<Vec<f64>>> {
    let mut y = vec![vec![Vec::new(); SERVERS]; SCENARIOS];
    for _ in 0..launches {
        for (server, icc) in icc.iter().enumerate() {
            let shared = stream.normal();
            for table in &mut y {
                let settled = (icc / 2.0).sqrt() * (shared + stream.normal());
                for _ in 0..blocks {
                    let own = (1.0 - icc).sqrt() * stream.normal();
                    table[server].push(settled + own);
                }
            }
        }
    }
    let differences = |y: &Vec<Vec<f64>>| {
        let against = |of: &dyn Fn(usize) -> f64| (0..launches * blocks).map(of).collect();
        (2..SERVERS)
            .map(|s| against(&|b| y[s][b] - (y[0][b] + y[1][b]) / 2.0))
            .chain([against(&|b| y[1][b] - y[0][b])])
            .collect()
    };
    y.iter().map(differences).collect()
}

fn rows<'a>(tables: &'a [Vec<Vec<f64>>], launches: &'a [u32]) -> Vec<Differences<'a>> {
    let row = |(i, differences): (usize, &'a Vec<f64>)| Differences {
        differences,
        launches,
        beside: if i < FRAMEWORKS { FRAMEWORKS - 1 } else { 0 },
    };
    let table = |table: &'a Vec<Vec<f64>>| table.iter().enumerate().map(row);
    tables.iter().flat_map(table).collect()
}

fn numbered((launches, blocks): (usize, usize)) -> Vec<u32> {
    (0..launches * blocks)
        .map(|b| (b / blocks) as u32)
        .collect()
}

/// Of how many campaigns the first comparison's interval is wrong, and of how many any of all
/// fifteen by their adjusted intervals: over blocks, and as printed.
struct Wrong {
    first: [usize; 2],
    any: [usize; 2],
    /// The printed interval's width over that over blocks, on average.
    width: f64,
}

fn wrong(icc: &[f64; SERVERS], shape: (usize, usize)) -> Wrong {
    let launches = numbered(shape);
    let mut wrong = Wrong {
        first: [0; 2],
        any: [0; 2],
        width: 0.0,
    };
    for seed in 0..REPLICATES {
        let tables = campaign(icc, shape, &mut Stream::new(seed));
        let rows = rows(&tables, &launches);
        let component = Component::pooled(&rows).unwrap();
        let blocks = Design::of_blocks(launches.len());
        let designs = [blocks, component.design(&launches)];
        let mut widths = [0.0; 2];
        for (way, design) in designs.into_iter().enumerate() {
            let subjects: Vec<&Differences> = rows.iter().filter(|row| row.beside > 0).collect();
            let prepared = subjects.iter().map(|row| {
                let prepared = Prepared::of_t(row.differences).unwrap();
                prepared.over(design)
            });
            let prepared: Vec<Prepared> = prepared.collect();
            let first = prepared[0].reported(0.95).unwrap();
            wrong.first[way] += usize::from(!first.interval.contains(1.0));
            widths[way] = first.half_width().ln_1p();
            let all = (0..prepared.len()).filter(|i| {
                let level = 1.0 - 0.05 / prepared.len() as f64;
                !prepared[*i].reported(level).unwrap().interval.contains(1.0)
            });
            wrong.any[way] += usize::from(all.count() > 0);
        }
        wrong.width += widths[1] / widths[0] / REPLICATES as f64;
    }
    wrong
}

fn share(hits: usize) -> f64 {
    100.0 * hits as f64 / REPLICATES as f64
}

fn most() -> usize {
    rejections::most(REPLICATES, 0.05, 0.99).unwrap() as usize
}

fn printed(what: &str, wrong: &Wrong) {
    println!(
        "{what}: coverage {:.1} % (over blocks {:.1} %), anything called of fifteen {:.1} % (over blocks {:.1} %), {:.2} times as wide",
        100.0 - share(wrong.first[1]),
        100.0 - share(wrong.first[0]),
        share(wrong.any[1]),
        share(wrong.any[0]),
        wrong.width
    );
}

/// The default layout, and the one of campaigns before it, which has to be right as well.
#[test]
fn intervals_hold_however_much_launches_differ() {
    for shape in [(6, 2), (3, 4)] {
        for icc in [0.0, 0.05, 0.10, 0.28] {
            let wrong = wrong(&[icc; SERVERS], shape);
            printed(&format!("launches x blocks {shape:?}, icc {icc}"), &wrong);
            assert!(wrong.first[1] <= most(), "{} > {}", wrong.first[1], most());
            assert!(wrong.any[1] <= most(), "{} > {}", wrong.any[1], most());
            if shape == (6, 2) && icc == 0.0 {
                assert!(wrong.width < 1.1, "{}", wrong.width);
            }
        }
    }
}

/// One framework whose launches differ among others whose do not: the correlation of all together
/// is too small for it. Six launches of two keep that harmless; three of four do not.
#[test]
fn one_framework_that_differs_more_than_the_others() {
    let mut icc = [0.0; SERVERS];
    icc[2] = 0.28;
    let default = wrong(&icc, (6, 2));
    printed("one of five has icc 0.28, (6, 2)", &default);
    let before = wrong(&icc, (3, 4));
    printed("one of five has icc 0.28, (3, 4)", &before);
    assert!(default.any[1] <= most() && before.any[1] <= most());
    assert!(share(default.first[1]) < 7.5 && share(before.first[1]) < 12.0);
}

/// The correlation itself, and its interval.
#[test]
fn the_correlation_is_found() {
    let launches = numbered((6, 2));
    for icc in [0.0, 0.10, 0.28] {
        let (mut estimates, mut inside) = (Vec::new(), 0);
        for seed in 0..REPLICATES {
            let tables = campaign(&[icc; SERVERS], (6, 2), &mut Stream::new(seed));
            let found = Component::pooled(&rows(&tables, &launches)).unwrap();
            estimates.push(found.icc);
            inside += usize::from(found.interval(0.95).unwrap().contains(icc));
        }
        let mean = summary::mean(&estimates).unwrap();
        println!(
            "icc {icc}: {mean:.3} on average, interval holds it in {:.1} %",
            share(inside)
        );
        assert!((mean - icc).abs() < 0.02, "{mean}");
        assert!(share(inside) >= 90.0);
    }
}

/// A campaign that waits for precision waits longer where launches differ: it sees the same
/// widths that the report prints.
#[test]
fn who_waits_for_precision_sees_the_launches() {
    let shape = (3, 4);
    let launches = numbered(shape);
    let rule = Rule {
        looks: vec![12],
        bootstrap: None,
        ..Rule::default()
    };
    let tables = campaign(&[0.28; SERVERS], shape, &mut Stream::new(1));
    let rows = rows(&tables, &launches);
    let component = Component::pooled(&rows).unwrap();
    let goals: Vec<Goal> = (rows.iter())
        .map(|row| Goal {
            row: *row,
            kind: 0,
            target: if row.beside > 0 { 0.001 } else { f64::INFINITY },
        })
        .collect();
    let Decision::Inconclusive {
        goal, half_width, ..
    } = rule.decide(&goals)
    else {
        panic!("no interval is that narrow");
    };
    let d = rows[goal].differences;
    let shown = Prepared::of_t(d).unwrap().over(component.design(&launches));
    assert_eq!(half_width, shown.reported(rule.level).unwrap().half_width());
    let blocks = Prepared::of_t(d).unwrap().reported(rule.level).unwrap();
    assert!(half_width > blocks.half_width());
    // Who has no target is not waited for.
    let aa = Goal {
        target: f64::INFINITY,
        ..goals[0]
    };
    assert_eq!(rule.decide(&[aa]), Decision::Precise { at: 12 });
}

/// A family's chance of a false call as it is printed, exploratory ones too.
#[test]
fn p_and_interval_agree_over_launches() {
    let launches = numbered((6, 2));
    for seed in 0..200 {
        let tables = campaign(&[0.28; SERVERS], (6, 2), &mut Stream::new(seed));
        let rows = rows(&tables, &launches);
        let design = Component::pooled(&rows).unwrap().design(&launches);
        for family in [Family::Primary, Family::Exploratory] {
            let estimate = |i: usize, level| {
                let prepared = Prepared::of_t(rows[i].differences)?;
                prepared.over(design).reported(level)
            };
            for c in family.compare(rows.len(), 0.95, estimate).unwrap() {
                let c = c.unwrap();
                assert_eq!(c.p <= 0.05, !c.ratio.interval.contains(1.0), "{c:?}");
            }
        }
    }
}
