//! Broken off at any moment, a campaign goes on and ends as if it had not been.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use record::{Campaign, LatencyKind, Status, histogram};
use stats::random::Stream;

use crate::support::{Bench, alone, lab, nobody_survives, run, wait_for};

const KILLS: usize = 20;

const EXPERIMENT: &str = "schema: experiment/1
name: broken
title: A campaign that is broken off
question: Is anything lost or measured twice?
baseline: nethttp
frameworks: [nethttp, chi]
scenarios: [plaintext]
modes:
  - {name: saturation, kind: saturation, connections: 4}
startup: {starts: 3}
protocol: {launches: 2, blocks: 8, lead_in_ms: 0, window_ms: 100}
quick:
  startup: {starts: 1}
  protocol: {launches: 1, blocks: 1, lead_in_ms: 0, window_ms: 50}
";

#[test]
fn killed_at_twenty_random_moments_nothing_is_lost_and_nothing_measured_twice() {
    let _alone = alone();
    // Moments from the first to the last, however fast the machine is today: the whole is timed.
    let whole = Bench::new();
    let experiment = write_experiment(&whole);
    let begun = Instant::now();
    run(whole.bench(&experiment, &[])).expect_nobody_blamed();
    let mut latest_kill = begun.elapsed();
    let mut random = Stream::new(4);
    let mut kills = 0;
    let mut resumes = 0;
    while kills < KILLS {
        let bench = Bench::new();
        let experiment = write_experiment(&bench);
        loop {
            let latest = bench.results().join("latest");
            let begun = Instant::now();
            let is_whole = !latest.exists();
            let mut command = match latest.exists() {
                false => bench.bench(&experiment, &[]),
                true => resume(&latest),
            };
            let mut child = command
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let after = latest_kill.mul_f64(random.uniform());
            if kills < KILLS && !ends_within(&mut child, after) {
                child.kill().unwrap();
                kills += 1;
            }
            let ended = child.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&ended.stderr);
            resumes += usize::from(stderr.contains("Going on with"));
            nobody_survives(bench.path());
            if ended.status.code().is_some() {
                assert!(ended.status.success(), "{stderr}");
                if is_whole {
                    // The first time was a slow one.
                    latest_kill = latest_kill.min(begun.elapsed());
                }
                break;
            }
            // A kill may also come when all is measured and the report is being written.
            let found = Campaign::open(&latest);
            if found.is_ok_and(|campaign| campaign.file.status == Status::Complete) {
                break;
            }
        }
        holds_the_plan(&bench, &experiment);
    }
    assert!(resumes > 0, "no kill came late enough to resume from");
}

#[test]
fn what_changed_is_named_and_a_complete_campaign_left_alone() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = write_experiment(&bench);
    run(bench.bench(&experiment, &[])).expect_status(0);
    let latest = bench.results().join("latest");
    let refused = |says: &str| {
        let ended = run(resume(&latest));
        ended.expect_status(2);
        assert!(ended.stderr().contains(says), "{}", ended.stderr());
    };
    refused("is complete, there is nothing to resume");

    let file = latest.join("campaign.yaml");
    let complete = std::fs::read_to_string(&file).unwrap();
    let broken =
        record::campaign::unsealed(&complete).replace("status: complete", "status: running");
    let sha256 = Campaign::open(&latest).unwrap().file.frameworks[1]
        .sha256
        .clone();
    for (from, to, says) in [
        (
            sha256.as_str(),
            "0123",
            "the SHA-256 of nethttp's server was 0123 and is ",
        ),
        ("kernel: ", "kernel: old-", "the host's kernel was old-"),
        (
            "window_ms: 100",
            "window_ms: 70",
            "the experiment's window_ms was 70 and is 100",
        ),
        (
            "program: ",
            "program: f",
            "the SHA-256 of the lab's program was f",
        ),
        (
            "server:\n  - ",
            "server:\n  - 9",
            "the CPUs of server and instrument was",
        ),
    ] {
        assert!(broken.contains(from), "{from}: {broken}");
        std::fs::write(&file, broken.replacen(from, to, 1)).unwrap();
        refused(says);
    }
}

#[test]
fn a_second_campaign_is_told_who_has_the_host() {
    let _alone = alone();
    let (first, second) = (Bench::new(), Bench::new());
    // So long that it is not over before the second was refused.
    let experiment = first.experiment(&["nethttp"], 2000, 100);
    let mut child = first
        .bench(&experiment, &[])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(&mut child, || {
        first.results().join("latest").exists().then_some(())
    });
    let ended = run(second.bench(&experiment, &[]));
    child.kill().unwrap();
    child.wait().unwrap();
    ended.expect_status(2);
    let holder = format!("process {}, campaign tiny-", child.id());
    assert!(ended.stderr().contains(&holder), "{}", ended.stderr());
    assert!(!second.results().exists());
    nobody_survives(first.path());
}

fn write_experiment(bench: &Bench) -> String {
    let path = bench.path().join("broken.yaml");
    std::fs::write(&path, EXPERIMENT).unwrap();
    path.display().to_string()
}

fn resume(campaign: &Path) -> std::process::Command {
    let mut command = lab(&["bench", "--resume"]);
    command.arg(campaign);
    command
}

fn ends_within(child: &mut Child, time: Duration) -> bool {
    let until = Instant::now() + time;
    while Instant::now() < until {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

/// Every window, start and histogram of the plan is there exactly once.
fn holds_the_plan(bench: &Bench, experiment: &str) {
    let campaign = bench.latest();
    assert_eq!(campaign.file.status, Status::Complete);
    let plan = run(lab(&["plan", experiment, "--seed", "1", "--json"]));
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout()).unwrap();
    let mut planned = BTreeSet::new();
    let blocks = plan["blocks"].as_array().unwrap();
    for block in blocks {
        for (i, subject) in block["order"].as_array().unwrap().iter().enumerate() {
            let subject = subject.as_str().unwrap();
            let (framework, variant) = subject.split_once('@').unwrap_or((subject, ""));
            planned.insert(format!(
                "{},{},{},{framework},{variant},plaintext,saturation",
                block["launch"],
                block["block"],
                i + 1
            ));
        }
    }
    let rows = bench.rows();
    let measured = |metric: &str| -> Vec<String> {
        rows.lines()
            .filter_map(|l| l.split_once(&format!(",{metric},")))
            .filter_map(|(cell, _)| Some(cell.split_once(',')?.1.to_owned()))
            .collect()
    };
    let windows = measured("throughput");
    // What a machine that stands still leaves no time for has a row and no histogram.
    let lost: BTreeSet<String> = (rows.lines())
        .filter(|l| l.contains(",NaN,"))
        .filter_map(|l| l.split_once(",throughput,"))
        .filter_map(|(cell, _)| Some(cell.split_once(',')?.1.to_owned()))
        .collect();
    let block = |cell: &String| cell.split(',').nth(1).unwrap().parse::<usize>().unwrap();
    let (repeats, windows): (Vec<_>, Vec<_>) = windows
        .into_iter()
        .partition(|cell| block(cell) > blocks.len());
    assert_eq!(windows.len(), planned.len());
    assert_eq!(windows.into_iter().collect::<BTreeSet<_>>(), planned);
    // On a noisy machine some blocks are measured again; each server once in each.
    assert_eq!(repeats.len(), 3 * campaign.file.course.repeats.len());
    planned.extend(repeats);
    let starts = measured("startup");
    assert_eq!(starts.len(), 9);
    assert_eq!(starts.into_iter().collect::<BTreeSet<_>>().len(), 9);

    let mut histograms: BTreeMap<String, usize> = BTreeMap::new();
    for cell in planned.difference(&lost) {
        let words: Vec<_> = cell.split(',').collect();
        let subject = record::layout::subject(words[3], words[4]);
        let file = campaign.dir.hlog(
            "plaintext",
            "saturation",
            &subject,
            words[0].parse().unwrap(),
        );
        *histograms.entry(file.display().to_string()).or_default() += 1;
    }
    for (file, windows) in histograms {
        let kept = histogram::read(Path::new(&file), LatencyKind::Intended).unwrap();
        assert_eq!(kept.len(), windows, "{file}");
    }
}
