//! A neighbour on the machine: its blocks are labelled, and some of them measured again.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Bench, alone, lab, run};

#[test]
fn disturbed_blocks_are_labelled_and_at_most_a_quarter_measured_again() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp"], 8, 200);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let ended = run(bench.bench(&experiment, &[]));
        done.store(true, Ordering::Relaxed);
        ended.expect_nobody_blamed();
    });
    let repeats = bench.latest().file.course.repeats;
    let numbers: Vec<_> = repeats.iter().map(|r| (r.block, r.of)).collect();
    assert_eq!(numbers, [(9, 1), (10, 2)], "a quarter of eight");
    let report = |folder: &str| {
        let path = bench.latest().dir.report().join(folder).join("report.md");
        std::fs::read_to_string(path).unwrap()
    };
    assert!(report("").contains("measured again: 1 by 9, 2 by 10"));
    let latest = bench.results().join("latest");
    let undisturbed = ["report", "--undisturbed", latest.to_str().unwrap()];
    run(lab(&undisturbed)).expect_status(0);
    assert!(report("undisturbed").contains("of undisturbed blocks only"));
    let rows = bench.rows();
    for block in 1..=10 {
        let of_it = |l: &&str| l.split(',').nth(2) == Some(&block.to_string());
        let windows: Vec<_> = (rows.lines())
            .filter(|l| l.contains(",throughput,"))
            .filter(of_it)
            .collect();
        assert_eq!(windows.len(), 2, "block {block}: {rows}");
        let labelled = |l: &&str| l.rsplit(',').next().unwrap().contains("foreign-cpu");
        assert!(windows.iter().all(labelled), "{windows:?}");
    }
}
