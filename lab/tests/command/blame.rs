//! Trouble of the instrument, the machine or its container is booked on no server.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use record::{CampaignFile, Status};

use crate::support::{Bench, alone, lab, run, within};

/// The instruments that a lab has running.
fn instruments(lab: u32) -> Vec<i32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    (processes.filter_map(|p| p.file_name().to_str()?.parse().ok()))
        .filter(|pid: &i32| {
            let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}"));
            let parent = read("stat").unwrap_or_default();
            let parent = parent.rsplit(") ").next().unwrap_or_default();
            parent.split(' ').nth(1) == Some(&lab.to_string())
                && read("cmdline").is_ok_and(|words| words.contains("load\0--spec"))
        })
        .collect()
}

/// Kills instruments of a bench, `most` of them, until it ends; gives how many.
fn kill_instruments(child: &mut Child, most: usize) -> usize {
    let mut killed = Vec::new();
    while child.try_wait().unwrap().is_none() {
        for pid in instruments(child.id()) {
            if killed.len() < most && !killed.contains(&pid) {
                // SAFETY: kill takes no pointers.
                unsafe { libc::kill(pid, libc::SIGKILL) };
                killed.push(pid);
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.len()
}

/// A mode of the tiny experiment, as its file says it.
const CLOSED: &str = "{name: saturation, kind: saturation, connections: 8}";
/// One in an open loop, of which reports have percentiles from the interval logs.
const OPEN: &str = "{name: rate, kind: rate, connections: 8, rate: 500}";

fn started(bench: &Bench, blocks: u32, window_ms: u64, mode: &str) -> Child {
    let experiment = bench.experiment(&["nethttp"], blocks, window_ms);
    let text = std::fs::read_to_string(&experiment).unwrap();
    assert!(text.contains(CLOSED), "{text}");
    std::fs::write(&experiment, text.replace(CLOSED, mode)).unwrap();
    let mut command = bench.bench(&experiment, &[]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn stderr(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), words)
}

#[track_caller]
fn nobody_left(file: &CampaignFile) {
    for framework in &file.frameworks {
        assert_eq!(framework.excluded, None, "{}", framework.name);
    }
    assert!(file.notes.is_empty(), "{:?}", file.notes);
}

#[test]
fn a_window_without_its_instrument_is_measured_again_and_no_server_leaves() {
    let _alone = alone();
    for mode in [CLOSED, OPEN] {
        without_one_instrument(mode);
    }
}

#[track_caller]
fn without_one_instrument(mode: &str) {
    let bench = Bench::new();
    let mut child = started(&bench, 4, 300, mode);
    assert_eq!(kill_instruments(&mut child, 1), 1);
    let (status, words) = stderr(child);
    assert!(matches!(status, Some(0 | 3)), "{status:?}: {words}");
    assert!(
        words.contains(
            "by no fault of its own: the instrument printed no outcome: it was killed by signal 9"
        ),
        "{words}"
    );
    let file = bench.latest().file;
    assert_eq!(file.status, Status::Complete);
    nobody_left(&file);
    // One block in four is measured again.
    assert_eq!(file.course.repeats.len(), 1, "{:?}", file.course.repeats);
    let rows = bench.rows();
    let lost = |l: &&str| l.contains(",throughput,") && l.contains(",NaN,");
    let lost: Vec<_> = rows.lines().filter(lost).collect();
    assert!(!lost.is_empty(), "{rows}");
    assert!(lost.iter().all(|l| l.contains("not-measured")), "{lost:?}");
    let report = std::fs::read_to_string(bench.latest().dir.report().join("report.md")).unwrap();
    assert!(report.contains("`not-measured`"), "{report}");
    let again = run(lab(&[
        "report",
        bench.latest().dir.path().to_str().unwrap(),
    ]));
    again.expect_status(0);
}

#[test]
fn an_instrument_that_never_works_ends_the_campaign_and_no_server_leaves() {
    let _alone = alone();
    let bench = Bench::new();
    // Windows so long that each instrument is seen: it is killed long before its end.
    let mut child = started(&bench, 8, 3000, CLOSED);
    let killed = kill_instruments(&mut child, usize::MAX);
    // Three in a row are enough, whatever was measured before a machine stood still.
    assert!((1..16).contains(&killed), "{killed}");
    let (status, words) = stderr(child);
    assert_eq!(status, Some(3), "{words}");
    assert!(
        words.contains("lab: the instrument printed no outcome"),
        "{words}"
    );
    assert!(words.contains("`lab bench --resume` goes on"), "{words}");
    // Three windows in a row are of both copies, each by its name.
    for copy in ["nethttp", "nethttp@twin"] {
        let says = format!("Not measured: {copy} in block ");
        assert!(words.contains(&says), "{says}: {words}");
    }
    let file = bench.latest().file;
    assert_eq!(file.status, Status::Failed);
    nobody_left(&file);
}

/// A control group of the kernel's own with a quota, where this machine lets tests make one.
struct Quota(PathBuf);

impl Quota {
    fn new(percent: u32) -> Option<Self> {
        let quota = percent * 1000;
        let name = format!("lab-bench-{}", std::process::id());
        let files = [
            ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", quota.to_string()),
            ("/sys/fs/cgroup", "cpu.max", format!("{quota} 100000")),
        ];
        files.into_iter().find_map(|(place, file, text)| {
            let folder = PathBuf::from(place).join(&name);
            std::fs::create_dir(&folder).ok()?;
            let group = Self(folder);
            std::fs::write(group.0.join(file), text).ok()?;
            Some(group)
        })
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// Skipped, by name, where no control group can be made.
#[test]
fn a_cpu_quota_is_in_headline_facts_and_flags() {
    let Some(group) = Quota::new(40) else {
        eprintln!(
            "skipped: a_cpu_quota_is_in_headline_facts_and_flags: no cgroup can be made here"
        );
        return;
    };
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp"], 4, 300);
    let script = format!(
        "echo $$ > {}/cgroup.procs && exec \"$0\" \"$@\"",
        group.0.display()
    );
    let ended = run(within(&[], &script, &bench.bench(&experiment, &[])));
    ended.expect_nobody_blamed();
    let file = bench.latest().file;
    nobody_left(&file);
    let quota = &file.host["cpu-quota"];
    assert!(quota.starts_with("0.4 CPUs by /sys/fs/cgroup/"), "{quota}");
    assert_eq!(
        file.host[record::SHORT_QUOTA],
        format!("{quota}, where 2 CPUs are measured on")
    );
    let report = std::fs::read_to_string(bench.latest().dir.report().join("report.md")).unwrap();
    assert!(
        report.contains("- `throttled`: the control group"),
        "{report}"
    );
    assert!(report.contains("cpu-quota: 0.4 CPUs by "), "{report}");
    assert!(
        report.contains("A CPU quota stopped servers and instrument in "),
        "{report}"
    );
    let rows = bench.rows();
    let throttled = |l: &&str| l.contains(",throughput,") && l.contains("throttled");
    assert!(rows.lines().any(|l| throttled(&l)), "{rows}");
    assert_eq!(file.course.repeats.len(), 1, "{:?}", file.course.repeats);
}
