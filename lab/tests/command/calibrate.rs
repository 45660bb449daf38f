//! `lab calibrate` keeps what it found, and campaigns remember it.

use crate::support::{Bench, alone, lab, run};

#[test]
fn a_campaign_remembers_the_last_calibration() {
    let _alone = alone();
    let bench = Bench::new();
    let mut command = lab(&[
        "calibrate",
        "--only",
        "fixed-0ms",
        "--scale",
        "0.02",
        "--out",
    ]);
    command.arg(bench.results());
    let calibrated = run(command);
    // Whether the instrument is fit depends on how quiet the machine is; that it is said does not.
    let verdict = match calibrated.status() {
        Some(0) => "the instrument is fit",
        Some(1) => "the instrument is NOT fit here",
        Some(3) => "UNDECIDED",
        _ => panic!("{}", calibrated.stderr()),
    };
    assert!(
        calibrated.stdout().contains(verdict),
        "{}",
        calibrated.stdout()
    );
    let kept = record::CalibrationRecord::last(&bench.results())
        .unwrap()
        .unwrap();
    assert_eq!(kept.fit, calibrated.status() == Some(0));
    assert_eq!(kept.limits, ["only fixed-0ms", "0.02 of the usual length"]);

    let experiment = bench.experiment(&["nethttp"], 1, 100);
    run(bench.bench(&experiment, &[])).expect_nobody_blamed();
    let campaign = bench.latest();
    assert_eq!(campaign.file.calibration.as_ref(), Some(&kept));
    assert_eq!(campaign.file.course.program, kept.program);
    let report = std::fs::read_to_string(campaign.dir.report().join("report.md")).unwrap();
    assert!(
        report.contains("Calibration of the instrument: "),
        "{report}"
    );
    assert!(
        report.contains(" in part (only fixed-0ms; 0.02 of the usual length), "),
        "{report}"
    );
    assert!(report.contains("this very program"), "{report}");
}
