//! What the kernel says of a campaign's processes while it measures: who runs and who is stopped,
//! on which CPUs, and what each server was told. Nothing here asks the lab.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;

use host::cpu_list::CpuList;
use plan::{Experiment, Schedule};

use crate::support::{self, Bench, alone, nobody_survives, state, wait_for, writing_into};

const SERVERS: usize = 3;

fn read(pid: u32, file: &str) -> String {
    let bytes = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The CPUs that a process may use; none of one that is gone.
fn cpus(pid: u32) -> Vec<usize> {
    let status = read(pid, "status");
    let line = (status.lines()).find_map(|l| l.strip_prefix("Cpus_allowed_list:"));
    let list: Option<CpuList> = line.and_then(|text| text.trim().parse().ok());
    list.map_or_else(Vec::new, |list| list.cpus())
}

/// The servers of the campaign's first launch, by what the lab calls them: their stderr.
fn of_the_launch(folder: &Path) -> BTreeMap<String, u32> {
    let name = |pid: u32| {
        let log = std::fs::read_link(format!("/proc/{pid}/fd/2")).ok()?;
        let name = log.file_name()?.to_str()?.strip_suffix(".launch1.txt")?;
        Some((name.to_owned(), pid))
    };
    writing_into(folder).into_iter().filter_map(name).collect()
}

/// The instruments: children of the lab that are the lab's own program.
fn instruments(lab: u32) -> Vec<u32> {
    let children = read(lab, &format!("task/{lab}/children"));
    let of_lab = children
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok());
    // Before its exec a child has neither these words nor its place.
    let begun = |pid: &u32| read(*pid, "cmdline").contains("load\0--spec");
    of_lab.filter(begun).collect()
}

#[test]
fn one_server_runs_at_a_time_each_pinned_and_padded_as_was_drawn() {
    let _alone = alone();
    let bench = Bench::new();
    // Windows so long that each is seen.
    let experiment = bench.experiment(&["nethttp", "chi"], 20, 1000);
    let mut child = bench
        .bench(&experiment, &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lab = child.id();
    let table = bench.results().join("latest/observations.csv");
    let ended = |group: &str| {
        let text = std::fs::read_to_string(&table).unwrap_or_default();
        text.contains(&format!("# end {group}\n"))
    };

    // From the first window on, everybody but one is stopped: each of the three is seen running
    // while the two others are not, in the first block unless this test has no CPU just then.
    let mut alone_on_stage = BTreeSet::new();
    let mut of_instruments = BTreeSet::new();
    let servers = wait_for(&mut child, || {
        let servers = of_the_launch(bench.path());
        if servers.len() < SERVERS {
            return None;
        }
        let running = servers.values().filter(|pid| state(**pid) != Some('T'));
        if let [pid] = running.collect::<Vec<_>>()[..] {
            alone_on_stage.insert(*pid);
            let mut seen: BTreeSet<_> = instruments(lab).into_iter().map(cpus).collect();
            seen.remove(&Vec::new());
            of_instruments.append(&mut seen);
        }
        assert!(
            alone_on_stage.len() == SERVERS || !ended("block 19"),
            "in 19 blocks only {} of {SERVERS} servers ran by themselves",
            alone_on_stage.len()
        );
        (alone_on_stage.len() == SERVERS).then_some(servers)
    });

    let file = bench.latest().file;
    for (name, pid) in &servers {
        assert_eq!(cpus(*pid), file.cpus.server, "{name}");
    }
    assert_eq!(
        of_instruments.into_iter().collect::<Vec<_>>(),
        [file.cpus.instrument]
    );

    let experiment = Experiment::load(Path::new(&experiment)).unwrap();
    let names = ["chi", "nethttp"].map(str::to_owned);
    let schedule = Schedule::draw(&experiment, experiment.protocol(false), &names, 1);
    let drawn: BTreeMap<String, usize> = (schedule.launches[0].starts.iter())
        .map(|(subject, padding)| (subject.to_string(), *padding))
        .collect();
    let padded: BTreeMap<String, usize> = (servers.iter())
        .map(|(name, pid)| {
            let told = read(*pid, "environ");
            let padding = told.split('\0').find_map(|v| v.strip_prefix("PADDING="));
            (name.clone(), padding.map_or(0, str::len))
        })
        .collect();
    assert_eq!(padded, drawn);

    child.kill().unwrap();
    child.wait().unwrap();
    nobody_survives(bench.path());
    // No program is loaded and answers in half a millisecond, and none takes a minute.
    let rows = bench.rows();
    let starts: Vec<f64> = (rows.lines())
        .filter(|l| l.contains(",startup,ms,"))
        .map(|l| l.split(',').nth(10).unwrap().parse().unwrap())
        .collect();
    assert_eq!(starts.len(), SERVERS, "{rows}");
    assert!(
        starts.iter().all(|ms| (0.5..60_000.0).contains(ms)),
        "{starts:?}"
    );
}

#[test]
fn what_a_server_costs_is_what_the_kernel_has_on_its_account() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp"], 3, 400);
    // In a window of which the instrument slept through a part, others had the CPU.
    let awake = |row: &record::Observation| {
        row.metric.name() == "throughput"
            && row.value > 0.0
            && !row
                .validity
                .flags()
                .any(|flag| flag == record::Flag::Starved)
    };
    let rows = || bench.latest().table().unwrap().rows().unwrap();
    let ended = support::until_seen(
        || bench.bench(&experiment, &[]),
        |_| rows().iter().any(awake),
    );
    ended.expect_nobody_blamed();
    let rows = rows();
    let of = |metric: &str, cell: &record::Cell| {
        let mut same = rows.iter().filter(|r| r.cell == *cell);
        same.find(|r| r.metric.name() == metric).unwrap().value
    };
    // On a machine that others keep busy every window may be such a one; the bounds are wide for it.
    let measured = rows
        .iter()
        .filter(|r| r.metric.name() == "throughput" && r.value > 0.0);
    let any_awake = rows.iter().any(awake);
    let windows: Vec<_> = measured
        .filter(|r| awake(r) || !any_awake)
        .map(|r| (&r.cell, r.value))
        .collect();
    assert!(!windows.is_empty());
    let (least, beyond) = if any_awake { (0.002, 1.1) } else { (0.0, 10.0) };
    for (cell, rate) in windows {
        // us a request x requests/s: never more CPUs than the server has, and who answers
        // without pause does not get by with a thousandth of one.
        let cores = of("cpu_per_request", cell) * rate / 1e6;
        let most = bench.latest().file.cpus.server.len() as f64;
        assert!(
            cores > least && cores < most * beyond,
            "{cores} of {most} CPUs"
        );
    }
}
