//! The plot of the freeze: a server that does nothing for 200 ms every 2 s, seen by intended
//! start, by actual send, and by wrk. Writes the SVG to standard output, the figures to stderr.
//!
//! `freeze_plot INSTRUMENT > freeze.svg`, with wrk on PATH

use load::{Arrival, Expect, Span, SpecDraft};
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const CPU_SERVER: &str = "0";
const CPU_CLIENT: &str = "1";
/// Quantiles of the plot, percent.
const PERCENT: [f64; 14] = [
    50.0, 75.0, 85.0, 89.0, 90.0, 91.0, 92.5, 95.0, 97.5, 99.0, 99.5, 99.9, 99.95, 99.99,
];

struct Server(Child, String);

impl Server {
    fn start(instrument: &str) -> Self {
        let mut child = Command::new("taskset")
            .args([
                "-c",
                CPU_SERVER,
                instrument,
                "calibrate",
                "--serve",
                "freeze-200ms-in-2s",
            ])
            .args(["--requests", "10000"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the truth server starts");
        let mut address = String::new();
        let out = child.stdout.take().expect("stdout is piped");
        BufReader::new(out)
            .read_line(&mut address)
            .expect("the truth server says its address");
        Self(child, address.trim().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() {
    let instrument = std::env::args()
        .nth(1)
        .expect("usage: freeze_plot INSTRUMENT");
    let (intended, sent) = lab_load(&instrument);
    let wrk = wrk(&instrument);
    // A request due x ms before the end of a freeze waits x ms; a tenth of them are due in one.
    let truth = PERCENT.map(|p| ((p - 90.0).max(0.0) * 20.0).max(0.02));
    let lines = [
        ("truth", "#999999", truth),
        ("from intended start", "#0b6e4f", intended),
        ("from actual send", "#c1440e", sent),
        ("wrk -c10", "#3a5fcd", wrk),
    ];
    for (name, _, values) in &lines {
        eprintln!(
            "{name:<20} p50 {:.3}  p95 {:.3}  p99 {:.3} ms",
            values[0], values[7], values[9]
        );
    }
    print!("{}", draw(&lines));
}

/// The instrument at 1,000 requests/s on ten connections: milliseconds at each quantile.
fn lab_load(instrument: &str) -> ([f64; 14], [f64; 14]) {
    let server = Server::start(instrument);
    let draft = SpecDraft {
        path: Some("/w/1".into()),
        expect: Expect {
            body: Some("1".into()),
            ..Expect::default()
        },
        connections: 10,
        max_connections: Some(10),
        arrival: Arrival::Constant { rate: 1000.0 },
        lead_in: Span::from_millis(0),
        duration: Span::from_secs(10),
        ..SpecDraft::new(format!("http://{}/", server.1))
    };
    let json = serde_json::to_string(&draft).expect("a draft is JSON");
    let folder = std::env::temp_dir().join(format!("freeze-{}.json", std::process::id()));
    std::fs::write(&folder, json).expect("the temporary folder can be written");
    let output = Command::new("taskset")
        .args(["-c", CPU_CLIENT, instrument, "load", "--spec"])
        .arg(&folder)
        .output()
        .expect("the instrument runs");
    let _ = std::fs::remove_file(&folder);
    let outcome: load::Outcome = serde_json::from_slice(&output.stdout).expect("an outcome");
    let at = |d: &load::Distribution| {
        let histogram = d.decode().expect("a histogram");
        PERCENT.map(|p| histogram.value_at_quantile(p / 100.0) as f64 / 1e6)
    };
    (at(&outcome.from_intended), at(&outcome.from_send))
}

/// wrk on ten connections, as fast as it goes: it has no rate.
fn wrk(instrument: &str) -> [f64; 14] {
    let server = Server::start(instrument);
    let list = PERCENT.map(|p| p.to_string()).join(",");
    let script = format!(
        "done = function(s, l, r) for _, p in ipairs({{{list}}}) do \
         io.write(string.format('Q %d\\n', l:percentile(p))) end end"
    );
    let path = std::env::temp_dir().join(format!("freeze-{}.lua", std::process::id()));
    std::fs::write(&path, script).expect("the temporary folder can be written");
    let output = Command::new("taskset")
        .args(["-c", CPU_CLIENT, "wrk", "-t1", "-c10", "-d10s", "-s"])
        .arg(&path)
        .arg(format!("http://{}/w/1", server.1))
        .output()
        .expect("wrk runs");
    let _ = std::fs::remove_file(&path);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let micros = text
        .lines()
        .filter_map(|line| line.strip_prefix("Q ")?.parse::<f64>().ok());
    let values: Vec<f64> = micros.map(|us| us / 1e3).collect();
    values
        .try_into()
        .unwrap_or_else(|_| panic!("wrk said: {text}"))
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 50.0;
const RIGHT: f64 = 20.0;
const BOTTOM: f64 = 60.0;
/// Decades of the latency axis: 0.01 ms to 1 s.
const DECADES: (f64, f64) = (-2.0, 3.0);

/// Percentiles on a scale that stretches the tail: -log10(1 - p).
fn x(percent: f64) -> f64 {
    let tail = |p: f64| -(1.0 - p / 100.0).log10();
    let share = (tail(percent) - tail(50.0)) / (tail(99.99) - tail(50.0));
    LEFT + share * (WIDTH - LEFT - RIGHT)
}

fn y(millis: f64) -> f64 {
    let share = (millis.log10() - DECADES.0) / (DECADES.1 - DECADES.0);
    HEIGHT - BOTTOM - share.clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
}

fn draw(lines: &[(&str, &str, [f64; 14])]) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-size=\"14\">A server frozen 200 ms every 2 s, 1,000 requests/s on 10 connections</text>\n"
    );
    for (millis, label) in [
        (0.01, "10 us"),
        (0.1, "100 us"),
        (1.0, "1 ms"),
        (10.0, "10 ms"),
        (100.0, "100 ms"),
        (1000.0, "1 s"),
    ] {
        let at = y(millis);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            at + 4.0
        );
    }
    for percent in [50.0, 90.0, 95.0, 99.0, 99.9, 99.99] {
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{percent}</text>",
            x(percent),
            HEIGHT - BOTTOM + 18.0
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">percentile of latency</text>",
        (WIDTH + LEFT) / 2.0,
        HEIGHT - 16.0
    );
    for (index, (name, colour, values)) in lines.iter().enumerate() {
        let points: Vec<String> = PERCENT
            .iter()
            .zip(values)
            .map(|(p, v)| format!("{:.1},{:.1}", x(*p), y(*v)))
            .collect();
        let width = if *name == "truth" { 6 } else { 2 };
        let _ = writeln!(
            out,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" points=\"{}\"/>",
            points.join(" ")
        );
        let at = LEFT + 10.0 + 165.0 * index as f64;
        let _ = writeln!(
            out,
            "<line x1=\"{at:.0}\" x2=\"{:.0}\" y1=\"36\" y2=\"36\" stroke=\"{colour}\" stroke-width=\"{width}\"/>\
             <text x=\"{:.0}\" y=\"40\">{name}</text>",
            at + 22.0,
            at + 28.0
        );
    }
    out + "</svg>\n"
}
