//! One experiment on several machines.

mod support;

use analysis::hosts::Hosts;
use support::{Plan, report};

/// A machine on which Fiber costs so much.
fn machine(n: u64, fiber: f64) -> analysis::Analysis {
    let mut plan = Plan {
        id: format!("headline-{n}"),
        seed: n,
        scenarios: vec!["json"],
        starts: 8,
        ..Plan::default()
    };
    plan.server("fiber").cost = fiber;
    report(&plan).analysis
}

#[test]
fn what_holds_on_two_machines_is_said_and_that_they_differ() {
    let found = Hosts::of(&[machine(1, 0.7), machine(2, 0.6)]).unwrap();
    let of = |framework: &str| {
        let mut all = found.figures.iter();
        all.find(|f| f.metric == "throughput" && f.framework == framework)
            .unwrap()
    };
    assert_eq!(of("Fiber").everywhere, "better");
    assert!(of("Fiber").differ, "{:?}", of("Fiber"));
    assert_eq!(of("chi").everywhere, "undecided");
    assert!(!of("chi").differ, "{:?}", of("chi"));
    // Two machines are no sample of any.
    assert!(found.figures.iter().all(|figure| figure.joined.is_none()));
    assert!(
        found
            .answer
            .starts_with("On all 2 machines: better than net/http in Fiber"),
        "{}",
        found.answer
    );
    assert!(
        found.answer.contains("the size may not"),
        "{}",
        found.answer
    );
    assert!(found.answer.contains("only 1 machine"), "{}", found.answer);
    assert!(!found.measured_differently);
    let mut later = machine(2, 0.6);
    later.campaign.design.window_ms = 900;
    let otherwise = Hosts::of(&[machine(1, 0.7), later]).unwrap();
    assert!(
        otherwise.answer.contains("not measured in one way"),
        "{}",
        otherwise.answer
    );
    assert!(
        found.markdown().contains("| Fiber | 1.4"),
        "{}",
        found.markdown()
    );
}

#[test]
fn from_five_machines_on_they_are_joined() {
    let machines: Vec<_> = (1..=5).map(|n| machine(n, 0.7)).collect();
    let found = Hosts::of(&machines).unwrap();
    let fiber = found
        .figures
        .iter()
        .find(|f| f.framework == "Fiber")
        .unwrap();
    let all = fiber.joined.unwrap();
    let truth = Some(1.0 / 0.7);
    assert!(all.low < truth && truth < all.high, "{all:?}");
    assert!(
        all.next_low <= all.low && all.high <= all.next_high,
        "{all:?}"
    );
}

#[test]
fn other_experiments_and_the_same_campaign_twice_are_refused() {
    let one = machine(1, 0.7);
    assert!(
        Hosts::of(std::slice::from_ref(&one))
            .unwrap_err()
            .contains("two machines")
    );
    assert!(
        Hosts::of(&[one.clone(), one.clone()])
            .unwrap_err()
            .contains("named twice")
    );
    let mut other = machine(2, 0.7);
    other.campaign.design.experiment = "another".to_owned();
    assert!(
        Hosts::of(&[one, other])
            .unwrap_err()
            .contains("only one and the same")
    );
}
