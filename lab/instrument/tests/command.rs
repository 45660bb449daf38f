//! The command itself: JSON in and out, exit statuses, tables, logs, search and calibration.

#[path = "../../load/tests/common/mod.rs"]
mod common;

use common::{Nobody, answer, echo_path, serve, until_it_tells};
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_instrument");

fn load(args: &[&str]) -> Output {
    Command::new(PROGRAM)
        .arg("load")
        .args(args)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_spec_on_standard_input_gives_one_outcome() {
    let server = echo_path();
    let mut child = Command::new(PROGRAM)
        .args(["load", "--spec", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let spec = format!(
        r#"{{"url":"{}","path":"/{{id}}","fields":{{"id":{{"kind":"random","min":1,"max":9}}}},
        "expect":{{"body":"/{{id}}"}},"duration":"200ms","lead_in":"10ms"}}"#,
        server.url("/")
    );
    child
        .stdin
        .take()
        .unwrap()
        .write_all(spec.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let outcome: load::Outcome = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome.schema, "load/1");
    assert_eq!(outcome.counts.failed, 0);
    assert_eq!(output.status.code(), Some(i32::from(!outcome.valid)));
}

#[test]
fn wrong_input_is_one_sentence_and_status_two() {
    for (args, says) in [
        (&["https://x/"][..], "http://"),
        (&["http://x/{id}"], "{id}"),
        (&["http://x/", "--field", "id=uuid"], "NAME=random"),
        (&["http://x/", "-H", "nocolon"], "colon"),
        (&["http://x/", "-d", "10"], "ns, us, ms, s or m"),
        (&["http://host.invalid/"], "no address"),
        (&["--spec", "/nonexistent"], "cannot read"),
    ] {
        let output = load(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            text(&output.stderr).contains(says),
            "{args:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn the_table_shows_latencies_errors_and_a_verdict() {
    let server = serve(|_, stream| {
        stream.write_all(answer(500, "oops").as_bytes())?;
        Ok(true)
    });
    let one = |longer: u32| {
        load(&[
            &server.url("/x"),
            "-c",
            "2",
            "-d",
            &format!("{}ms", 100 * longer),
            "--lead-in",
            "0s",
            "--interval",
            "50ms",
        ])
    };
    let output = until_it_tells(one, |output| {
        !text(&output.stdout).contains("requests      0 recorded")
    });
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in [
        "from intended",
        "from send",
        "until socket",
        "CPU/request",
        "status",
        "oops",
        "INVALID",
        "interval",
    ] {
        assert!(said.contains(part), "no {part:?} in:\n{said}");
    }
}

#[test]
fn a_search_finds_the_rate_that_holds() {
    // At most 250 answers a second on one connection, one after the other.
    let server = serve(|_, stream| {
        std::thread::sleep(Duration::from_millis(4));
        stream.write_all(answer(200, "x").as_bytes())?;
        Ok(true)
    });
    // Unpunctual as the instrument may be on a machine that others use, the server is no faster.
    let spec = format!(
        r#"{{"url":"{}","arrival":{{"constant":{{"rate":100}}}},"connections":1,
        "max_connections":1,"lateness_limit":"60s","duration":"500ms","lead_in":"100ms",
        "timeout":"2s"}}"#,
        server.url("/")
    );
    let output = load_spec(&spec, &["--capacity", "--slo", "p90=60ms", "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!found["steps"].as_array().unwrap().is_empty(), "{found}");
    // Whatever the machine does, no rate above what the server can do is found to hold.
    if let Some(rate) = found["rate"].as_f64() {
        assert!(rate < 300.0, "{found}");
    }
    let status = match found["verdict"].as_str().unwrap() {
        "found" => 0,
        "none" => 1,
        _ => 3,
    };
    assert_eq!(output.status.code(), Some(status), "{found}");
}

/// Gives the command a specification on standard input.
fn load_spec(spec: &str, args: &[&str]) -> Output {
    let mut child = Command::new(PROGRAM)
        .args(["load", "--spec", "-"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(spec.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn a_search_that_the_instrument_was_not_fit_for_is_undecided() {
    // Every answer is wrong, and no instrument is as punctual as this asks for: whose fault the
    // errors are is then not known.
    let server = serve(|_, stream| {
        stream.write_all(answer(500, "oops").as_bytes())?;
        Ok(true)
    });
    let spec = format!(
        r#"{{"url":"{}","arrival":{{"constant":{{"rate":400}}}},"lateness_limit":"1ns",
        "connections":2,"duration":"100ms","lead_in":"0s","timeout":"500ms"}}"#,
        server.url("/")
    );
    let output = load_spec(&spec, &["--capacity", "--slo", "p50=1s", "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{found}");
    assert_eq!(found["verdict"], "undecided");
    assert_eq!(found["limit"], "instrument");
    assert_eq!(found["fails_at"], serde_json::Value::Null);
    let first = &found["steps"][0];
    assert_eq!(
        (&first["attempts"], &first["limit"]),
        (&5.into(), &"instrument".into())
    );
    assert!(first["why"].as_str().unwrap().contains("late"), "{first}");
    // A search that cannot end does not go on for ever: 15 repeats in all, and the first tries.
    let tries: u64 = (found["steps"].as_array().unwrap().iter())
        .map(|step| step["attempts"].as_u64().unwrap())
        .sum();
    assert!(
        tries <= 15 + found["steps"].as_array().unwrap().len() as u64,
        "{found}"
    );
}

#[test]
fn a_search_with_too_few_requests_for_its_quantile_is_refused() {
    let server = echo_path();
    let url = server.url("/");
    let output = load(&[
        &url,
        "--capacity",
        "--slo",
        "p99=10ms",
        "--rate",
        "100",
        "-d",
        "1s",
    ]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("299 requests") && said.contains("--duration"),
        "{said}"
    );
    assert_eq!(server.served(), 0);
}

#[test]
fn options_that_would_have_no_effect_are_refused_before_the_run() {
    let server = echo_path();
    let url = server.url("/");
    let search = ["--capacity", "--slo", "p99=10ms"];
    let with = |more: &[&'static str]| [&search[..], more].concat();
    for (args, says) in [
        (vec!["--slo", "p99=10ms"], "--capacity"),
        (vec!["--capacity"], "--slo"),
        (with(&["--hlog", "x.hlog"]), "--hlog"),
        (with(&["--interval", "1s"]), "--interval"),
        (with(&["--watch-pid", "1"]), "--watch-pid"),
        (vec!["--coalesce", "1ms"], "closed loop"),
        (
            vec!["--rate", "100", "--coalesce", "1ms", "--spin", "1ms"],
            "--coalesce",
        ),
        (vec!["--poisson"], "--rate"),
        (vec!["--max-connections", "100"], "closed loop"),
        (
            vec!["--rate", "9", "--max-connections", "9"],
            "max_connections",
        ),
        (vec!["--field", "id=seq"], "named nowhere"),
        (
            vec!["--field", "id=seq", "--field", "id=random:1:2"],
            "twice",
        ),
        (vec!["--pool", "10"], "--field"),
        (vec!["--seed", "10"], "nothing is drawn"),
        (
            vec!["--interval", "20s", "-d", "10s"],
            "longer than the duration",
        ),
        (vec!["--watch-pid", "4194305"], "no process 4194305"),
        (vec!["--watch-pid", "0"], "watch_pid"),
        (vec!["-t", "5", "-c", "4"], "threads"),
        (vec!["-X", "HEAD", "--expect-length", "3"], "HEAD"),
        (
            vec!["--expect-body", "a", "--expect-length", "1"],
            "--expect-length",
        ),
        (vec!["--spec", "-"], "--spec"),
        (
            vec!["--hlog", "/nonexistent/x.hlog"],
            "cannot write /nonexistent/x.hlog",
        ),
    ] {
        let output = load(&[&[url.as_str()], &args[..]].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(
            said.contains(says),
            "{args:?} does not say {says:?}: {said}"
        );
    }
    let spec = format!(r#"{{"url":"{url}","interval":"1s"}}"#);
    let output = load_spec(&spec, &search);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("interval: has no meaning in a search"));
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn a_log_that_cannot_be_written_costs_no_result() {
    let server = echo_path();
    let one = |longer: u32| {
        let output = load(&[
            &server.url("/"),
            "-d",
            &format!("{}ms", 100 * longer),
            "--lead-in",
            "0s",
            "--json",
            "--hlog",
            "/dev/full",
        ]);
        let outcome: load::Outcome = serde_json::from_slice(&output.stdout).unwrap();
        (output, outcome)
    };
    let (output, outcome) = until_it_tells(one, |(_, o)| o.counts.recorded > 0);
    assert!(outcome.counts.recorded > 0);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("cannot write /dev/full") && said.contains("space"),
        "{said}"
    );
}

#[test]
fn a_run_that_did_not_happen_leaves_no_log_and_spoils_none() {
    let nobody = Nobody::new();
    let folder = tempfile::tempdir().unwrap();
    let (fresh, kept) = (folder.path().join("fresh"), folder.path().join("kept"));
    std::fs::write(&kept, "an earlier log").unwrap();
    for log in [&fresh, &kept] {
        let output = load(&[
            &format!("http://{}/", nobody.address),
            "-d",
            "100ms",
            "--hlog",
            log.to_str().unwrap(),
        ]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    }
    assert!(!fresh.exists());
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "an earlier log");
}

/// Starts the command so that Ctrl-C reaches it, also where the tests run in the background of a
/// shell, which has its jobs ignore it; sends it once the server has got so many requests.
fn interrupted(server: &common::Server, args: &[&str], after: u64) -> Output {
    interrupted_later(server, args, after, Duration::ZERO)
}

/// As [`interrupted`], so much later.
fn interrupted_later(
    server: &common::Server,
    args: &[&str],
    after: u64,
    later: Duration,
) -> Output {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(PROGRAM);
    command.arg("load").arg(server.url("/")).args(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    // SAFETY: signal is async-signal-safe.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            Ok(())
        });
    }
    let before = server.served();
    let mut child = command.spawn().unwrap();
    while server.served() < before + after {
        if child.try_wait().unwrap().is_some() {
            return child.wait_with_output().unwrap();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(later);
    // SAFETY: no pointers; the child has not been waited for, so its id is its own.
    unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGINT) };
    child.wait_with_output().unwrap()
}

#[test]
fn ctrl_c_prints_what_was_measured_and_says_that_it_was_cut_short() {
    for more in [
        &["-t", "2", "--interval", "50ms"][..],
        &["--rate", "2000", "-t", "2"],
        &["--engine", "uring"],
    ] {
        let args = [&["-c", "4", "-d", "60s", "--lead-in", "0s", "--json"], more].concat();
        let output = interrupted(&echo_path(), &args, 300);
        let said = text(&output.stderr);
        if said.contains("engine uring does not work") {
            continue;
        }
        assert_eq!(output.status.code(), Some(130), "{more:?}: {said}");
        let outcome: load::Outcome = serde_json::from_slice(&output.stdout).unwrap();
        let counts = &outcome.counts;
        assert_eq!(counts.failed, 0, "{:?}", outcome.examples);
        assert!(counts.ok > 0 && counts.recorded == counts.ok, "{counts:?}");
        let length = outcome.cut_short_ns.unwrap();
        assert!(length < 60_000_000_000);
        assert!(
            outcome
                .findings
                .iter()
                .any(|f| f.kind == load::FindingKind::CutShort)
        );
        // The rate is over the time that was measured, and the books balance over it.
        let by_length = counts.completed_inside as f64 * 1e9 / outcome.measured_ns as f64;
        assert!((outcome.rates.completed / by_length - 1.0).abs() < 1e-9);
        assert!(
            outcome.little.imbalance.abs() < 0.005,
            "{:?}",
            outcome.little
        );
        let in_rows: u64 = outcome
            .intervals
            .iter()
            .map(|row| row.ok + row.errors)
            .sum();
        assert!(outcome.intervals.is_empty() || in_rows == counts.recorded);
    }
    let output = interrupted(&echo_path(), &["-d", "60s", "--lead-in", "0s"], 100);
    let said = text(&output.stdout);
    assert!(
        said.contains("CUT SHORT by Ctrl-C") && said.contains("from intended"),
        "{said}"
    );
}

#[test]
fn ctrl_c_in_the_drain_ends_the_waiting_and_prints_the_result() {
    for engine in ["epoll", "uring"] {
        let one = |longer: u32| {
            // The first requests are never answered; the signal comes well into the drain.
            let server = common::serve(|_, _| {
                std::thread::sleep(Duration::from_secs(600));
                Ok(false)
            });
            let length = format!("{}ms", 300 * longer);
            let args = ["-c", "8", "-d", &length, "--lead-in", "0s", "--json"];
            let args = [&args[..], &["--timeout", "60s", "--engine", engine]].concat();
            interrupted_later(&server, &args, 8, Duration::from_millis(1000) * longer)
        };
        let read = |output: &Output| serde_json::from_slice::<load::Outcome>(&output.stdout);
        // All eight begin at once, unless the machine stands still just then.
        let output = until_it_tells(one, |output| {
            read(output).map_or(true, |outcome| outcome.counts.recorded == 8)
        });
        if text(&output.stderr).contains("engine uring does not work") {
            continue;
        }
        let outcome = read(&output).unwrap();
        // Had they been waited for, they would be timeouts, and not unfinished.
        let counts = &outcome.counts;
        assert_eq!((counts.recorded, counts.unfinished), (8, 8), "{counts:?}");
        assert_eq!(outcome.cut_short_ns, None);
    }
}

#[test]
fn ctrl_c_before_the_measured_part_says_that_nothing_was_measured() {
    let output = interrupted(&echo_path(), &["-d", "60s", "--lead-in", "60s"], 1);
    assert_eq!(output.status.code(), Some(130));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("nothing was measured"));
}

#[test]
fn ctrl_c_ends_a_search_with_what_is_known() {
    let args = [
        "--capacity",
        "--slo",
        "p50=10s",
        "--rate",
        "100",
        "-d",
        "60s",
        "--lead-in",
        "0s",
    ];
    let output = interrupted(&echo_path(), &args, 5);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{said}");
    // The step that was cut short says nothing, however well it went.
    assert!(
        said.ends_with("capacity with p50=10s: undecided; stopped by Ctrl-C\n"),
        "{said}"
    );
}

#[test]
fn failures_are_in_the_table_at_their_age_and_move_quantiles_to_at_least() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("run.hlog");
    let one = |longer: u32| {
        let nth = AtomicU64::new(0);
        // So late that the others are quicker on any machine.
        let server = serve(move |_, stream| {
            if nth.fetch_add(1, Ordering::SeqCst) % 10 == 9 {
                std::thread::sleep(Duration::from_millis(300));
                return Ok(false);
            }
            stream.write_all(answer(200, "x").as_bytes())?;
            Ok(true)
        });
        let output = load(&[
            &server.url("/"),
            "-c",
            "4",
            "-d",
            &format!("{}ms", 1500 * longer),
            "--lead-in",
            "0s",
            "--hlog",
            log.to_str().unwrap(),
        ]);
        (output, server.served())
    };
    let (output, _) = until_it_tells(one, |(_, served)| *served >= 100);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let line = said
        .lines()
        .find(|line| line.starts_with("from intended"))
        .unwrap();
    // Mean, p99, p99.9 and the largest; one in ten does not move a median.
    assert_eq!(
        line.matches('≥').count(),
        4 + usize::from(!line_p90_holds(line)),
        "{said}"
    );
    let failed = said
        .lines()
        .find(|line| line.starts_with("  failed after"))
        .unwrap();
    assert!(!failed.contains('≥'), "{said}");
    assert!(
        std::fs::read_to_string(&log)
            .unwrap()
            .contains("Tag=failed,")
    );
}

/// Whether the p90 of a line is exact: exactly a tenth of the requests fail, more or less one.
fn line_p90_holds(line: &str) -> bool {
    !line.split_whitespace().nth(5).unwrap().starts_with('≥')
}

#[test]
fn interval_logs_are_read_by_the_python_port() {
    let server = echo_path();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("run.hlog");
    let output = load(&[
        &server.url("/"),
        "-c",
        "2",
        "-d",
        "300ms",
        "--lead-in",
        "0s",
        "--rate",
        "1000",
        "--interval",
        "100ms",
        "--json",
        "--hlog",
        log.to_str().unwrap(),
    ]);
    let outcome: load::Outcome = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        std::fs::read_to_string(&log)
            .unwrap()
            .starts_with("#[Histogram log format version 1.3]")
    );
    let Some(port) = python_port(folder.path()) else {
        println!("skipped: the Python port of HdrHistogram is not here and cannot be installed");
        return;
    };
    let script = r#"
import sys
from hdrh.log import HistogramLogReader
from hdrh.histogram import HdrHistogram
total = HdrHistogram(1, 60_000_000_000, 3)
reader = HistogramLogReader(sys.argv[1], total)
rows = []
while True:
    h = reader.get_next_interval_histogram()
    if h is None: break
    rows.append((h.get_tag() or '-', h.get_total_count(), h.get_value_at_percentile(99), h.get_max_value()))
for row in rows: print(*row)
"#;
    let output = Command::new("python3")
        .args(["-c", script, log.to_str().unwrap()])
        .env("PYTHONPATH", port)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let mut expected: Vec<String> = outcome
        .intervals
        .iter()
        .map(|row| ("-", &row.from_intended))
        .chain([("from-send", &outcome.from_send)])
        .chain(outcome.lateness.iter().map(|d| ("lateness", d)))
        .chain(outcome.until_socket.iter().map(|d| ("until-socket", d)))
        .map(|(tag, d)| format!("{tag} {} {} {}", d.count, d.p99, d.max))
        .collect();
    expected.retain(|line| !line.is_empty());
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

/// Where Python finds the port: nowhere special, or in `folder`, installed there now.
fn python_port(folder: &std::path::Path) -> Option<std::ffi::OsString> {
    let runs = |args: &[&str]| {
        Command::new("python3")
            .args(args)
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if runs(&["-c", "import hdrh.log"]) {
        return Some("".into());
    }
    let target = folder.join("python");
    let path = target.to_str()?;
    runs(&[
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        path,
        "hdrhistogram",
    ])
    .then(|| target.clone().into_os_string())
}

#[test]
fn a_calibration_compares_with_the_servers_own_log() {
    let output = Command::new(PROGRAM)
        .args([
            "calibrate",
            "--scale",
            "0.1",
            "--only",
            "fixed-5ms,slow-drain-800ms",
            "--json",
        ])
        .output()
        .unwrap();
    let calibration: instrument::calibrate::Calibration = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", text(&output.stderr)));
    // How near it comes depends on the machine; what the truth is does not.
    let status = i32::from(calibration.verdict.status());
    assert_eq!(output.status.code(), Some(status));
    let [fixed, drain] = &calibration.rows[..] else {
        panic!("{calibration:?}")
    };
    let (five, slow) = (&fixed.medians, &drain.medians);
    assert!(
        five.truth.p50 >= 5_000_000 && five.intended.p50 >= 5_000_000,
        "{fixed:?}"
    );
    assert!(
        slow.truth.p95 >= 800_000_000 && slow.intended.p95 >= 799_000_000,
        "{drain:?}"
    );
    assert!(
        !drain.faults.iter().any(|fault| fault.contains("recorded")),
        "{drain:?}"
    );
}

#[test]
fn intervals_take_memory_for_what_is_in_them() {
    let server = echo_path();
    let output = load(&[
        &server.url("/"),
        "-c",
        "4",
        "-d",
        "4s",
        "--lead-in",
        "50ms",
        "--interval",
        "10ms",
        "--json",
    ]);
    let outcome: load::Outcome = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome.intervals.len(), 400);
    // A histogram each would be 90 MiB.
    assert!(
        outcome.peak_rss_bytes < 40 << 20,
        "{}",
        outcome.peak_rss_bytes
    );
}

#[test]
fn threads_that_cannot_be_made_are_a_sentence_and_no_hang() {
    let server = echo_path();
    // A thread takes 1 GiB of addresses for its stack: the first ones can be made, not the last.
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 2621440; exec \"$@\"", "sh", PROGRAM])
        .args(["load", &server.url("/"), "-t", "4", "-c", "8"])
        .env("RUST_MIN_STACK", (1u64 << 30).to_string())
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("of 4 threads could be made") && said.contains("ulimit"),
        "{said}"
    );
}
