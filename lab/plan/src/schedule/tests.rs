//! Orders of campaigns: whole, fair and repeatable.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::experiment::{Arrival, LineUp};
use crate::kinds::Article;

fn crossed(launches: u32, blocks: u32) -> Protocol {
    Protocol {
        starts: 20,
        ..Protocol::crossed(launches, blocks, 200, 700)
    }
}

fn experiment() -> Experiment {
    let protocol = Protocol {
        starts: 20,
        ..Protocol::crossed(3, 12, 200, 700)
    };
    Experiment {
        primary: [record::Metric::Throughput, record::Metric::LatencyP99].into(),
        margins: BTreeMap::new(),
        name: "test".to_owned(),
        title: String::new(),
        question: String::new(),
        baseline: "a".to_owned(),
        frameworks: LineUp::All,
        known: ["echo", "fiber", "gin"].map(str::to_owned).into(),
        scenarios: vec![Scenario::Plaintext, Scenario::Json],
        modes: vec![Mode {
            name: "saturation".to_owned(),
            connections: 64,
            arrival: Arrival::Closed,
        }],
        full: protocol.clone(),
        quick: protocol,
        comparison: None,
        duet: None,
        spin: BTreeMap::new(),
        claims: None,
    }
}

proptest! {
    #[test]
    fn every_block_holds_every_server_once_and_the_baseline_twice(
        seed: u64, launches in 1u32..5, extra in 0u32..20, frameworks in 1usize..8
    ) {
        let experiment = experiment();
        let blocks = launches + extra;
        let protocol = crossed(launches, blocks);
        let names: Vec<String> = ('a'..).take(frameworks).map(String::from).collect();
        let schedule = Schedule::draw(&experiment, &protocol, &names, seed);
        prop_assert_eq!(schedule.launches.len(), launches as usize);
        let mut cells: BTreeMap<_, u32> = BTreeMap::new();
        let mut numbers = Vec::new();
        for block in schedule.launches.iter().flat_map(|l| &l.blocks) {
            let mut order = block.order.clone();
            order.sort();
            order.dedup();
            prop_assert_eq!(order.len(), frameworks + 1);
            prop_assert_eq!(block.order.len(), frameworks + 1);
            *cells.entry(block.scenario).or_default() += 1;
            numbers.push(block.number);
        }
        prop_assert!(cells.values().all(|n| *n == blocks));
        prop_assert!(numbers.is_sorted() && numbers.windows(2).all(|w| w[0] != w[1]));
        prop_assert_eq!(&schedule, &Schedule::draw(&experiment, &protocol, &names, seed));
    }
}

#[test]
fn capacities_are_seen_in_every_launch_before_shares_of_them_are_offered() {
    let mut experiment = experiment();
    for share in [0.5, 0.9] {
        experiment.modes.push(Mode {
            name: format!("share-{share}"),
            connections: 64,
            arrival: Arrival::Share(share),
        });
    }
    let names: Vec<String> = ["a", "b"].map(String::from).to_vec();
    for seed in 0..20 {
        let schedule = Schedule::draw(&experiment, &experiment.full, &names, seed);
        for launch in &schedule.launches {
            let mut seen = BTreeSet::new();
            for block in &launch.blocks {
                match block.mode.arrival {
                    Arrival::Closed => {
                        seen.insert(block.scenario);
                    }
                    _ => assert!(seen.contains(&block.scenario), "{block:?}"),
                }
            }
        }
    }
}

#[test]
fn looks_come_after_whole_launches_with_the_blocks_that_they_name() {
    let experiment = experiment();
    let mut protocol = experiment.full.clone();
    let crossed = protocol.kind.as_crossed().unwrap();
    crossed.be_precise(&experiment.primary);
    let names: Vec<String> = ["a", "b"].map(String::from).to_vec();
    let schedule = Schedule::draw(&experiment, &protocol, &names, 1);
    let mut seen = Vec::new();
    for (launch, look) in &schedule.looks {
        let blocks: usize = (schedule.launches.iter())
            .filter(|l| l.number <= *launch)
            .map(|l| l.blocks.len())
            .sum();
        assert_eq!(blocks, 2 * *look as usize, "two cells");
        seen.push(*look);
    }
    assert_eq!(seen, [12, 16, 20, 30, 40]);
    // The first look costs what a fixed number of blocks would have cost.
    let fixed = Schedule::draw(&experiment, &experiment.full, &names, 1);
    assert_eq!(schedule.launches[..3], fixed.launches[..]);
}

#[test]
fn an_article_measures_one_server_after_the_other() {
    let experiment = experiment();
    let protocol = Protocol::of(Article {
        samples: 5,
        warm_up: Duration::from_secs(3),
        window: Duration::from_millis(700),
    });
    let names: Vec<String> = ["a", "b"].map(String::from).to_vec();
    let schedule = Schedule::draw(&experiment, &protocol, &names, 1);
    assert_eq!(schedule.launches.len(), 3, "two servers and the twin");
    for launch in &schedule.launches {
        assert_eq!(launch.blocks.len(), 2, "two scenarios");
        for block in &launch.blocks {
            assert_eq!(block.order, vec![launch.starts[0].0.clone(); 5]);
            assert_eq!(block.lead_in(0), Duration::from_secs(3));
            assert_eq!(block.lead_in(1), Duration::ZERO);
        }
    }
}

#[test]
fn a_block_measured_again_has_the_same_servers_in_an_order_of_its_own() {
    let names: Vec<String> = ('a'..='h').map(String::from).collect();
    let experiment = experiment();
    let block = &Schedule::draw(&experiment, &experiment.full, &names, 1).launches[0].blocks[0];
    let (once, twice) = (block.again(101, 1), block.again(102, 1));
    assert_eq!(once, block.again(101, 1));
    assert_ne!(once.order, twice.order);
    let sorted = |block: &Block| {
        let mut order = block.order.clone();
        order.sort();
        order
    };
    assert_eq!(sorted(&once), sorted(block));
    assert_eq!((once.scenario, once.number), (block.scenario, 101));
}

#[test]
fn no_position_in_a_block_is_reserved() {
    let experiment = experiment();
    let names: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
    let protocol = crossed(3, 200);
    let schedule = Schedule::draw(&experiment, &protocol, &names, 1);
    let mut first: BTreeMap<_, u32> = BTreeMap::new();
    for block in schedule.launches.iter().flat_map(|l| &l.blocks) {
        *first.entry(block.order[0].clone()).or_default() += 1;
    }
    // 400 blocks, 4 servers: 100 firsts each, sd 8.7.
    assert!(first.values().all(|n| (60..140).contains(n)), "{first:?}");
}

#[test]
fn every_start_is_padded_anew_over_the_whole_range() {
    let experiment = experiment();
    let protocol = crossed(50, 50);
    let names: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
    let schedule = Schedule::draw(&experiment, &protocol, &names, 1);
    let mut paddings: Vec<usize> = (schedule.launches.iter())
        .flat_map(|launch| launch.starts.iter().map(|(_, padding)| *padding))
        .collect();
    assert_eq!(paddings.len(), 200);
    paddings.sort_unstable();
    // Of 200 drawn from 0 to 4096: the outermost lie within some 2 % of the ends.
    assert!(paddings[0] < 250 && paddings[199] > MAX_PADDING - 250);
    assert!(paddings[199] <= MAX_PADDING);
    paddings.dedup();
    assert!(paddings.len() > 180, "{}", paddings.len());
}
