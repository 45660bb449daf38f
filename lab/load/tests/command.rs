//! The command itself: JSON in and out, exit statuses, tables, logs, search and calibration.

mod common;

use common::{answer, echo_path, serve};
use std::io::Write;
use std::process::{Command, Output, Stdio};
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
    let output = load(&[
        &server.url("/x"),
        "-c",
        "2",
        "-d",
        "100ms",
        "--lead-in",
        "0s",
        "--interval",
        "50ms",
    ]);
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
    let output = load(&[
        &server.url("/"),
        "-c",
        "1",
        "--max-connections",
        "1",
        "--rate",
        "25",
        "-d",
        "500ms",
        "--lead-in",
        "100ms",
        "--timeout",
        "2s",
        "--capacity",
        "--slo",
        "p90=60ms",
        "--json",
    ]);
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps = found["steps"].as_array().unwrap();
    assert!(steps.len() >= 2, "{found}");
    // Whatever the machine does, no rate above what the server can do is found to hold.
    if let Some(rate) = found["rate"].as_f64() {
        assert!(rate < 300.0, "{found}");
        assert_eq!(output.status.code(), Some(0));
    }
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
    let calibration: load::calibrate::Calibration = serde_json::from_slice(&output.stdout)
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
