//! How long reports take: a campaign of 36 frameworks, 4 scenarios, 2 modes and 12 blocks, and
//! a table of as many rows as are asked for.
//!
//!     cargo run --release -p analysis --example big_campaign [ROWS]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use record::Class;
use record::observation::COLUMNS;
use support::{Plan, server};

fn main() {
    let rows = std::env::args().nth(1).map_or(1_000_000, |word| {
        word.parse().expect("ROWS is a whole number")
    });
    campaign();
    table(rows);
}

fn campaign() {
    let results = tempfile::tempdir().expect("a temporary folder can be made");
    let mut plan = Plan {
        scenarios: vec!["plaintext", "json", "params", "echo"],
        ..Plan::default()
    };
    for i in plan.servers.len()..36 {
        let cost = 0.8 + 0.02 * i as f64;
        let name = format!("framework{i}");
        plan.servers
            .push(server(&name, &name, Class::Idiomatic, cost));
    }
    let folder = plan.write(results.path());
    let begun = Instant::now();
    let analysis = analysis::analyse(&folder).expect("the campaign is whole");
    let analysed = begun.elapsed();
    let report = analysis::report::render(&analysis).expect("the charts can be drawn");
    let rendered = begun.elapsed();
    analysis::report::write(&report, &results.path().join("report")).expect("it can be written");
    println!(
        "36 frameworks, 4 scenarios, 2 modes, 12 blocks: analysed in {:.2} s, rendered by {:.2} s, written by {:.2} s; {} KiB of HTML; peak memory {} MiB",
        analysed.as_secs_f64(),
        rendered.as_secs_f64(),
        begun.elapsed().as_secs_f64(),
        report.files["report.html"].len() / 1024,
        peak_mib(),
    );
}

fn table(rows: usize) {
    let mut csv = format!("# observations/1\n{}\n", COLUMNS.join(","));
    for row in 0..rows {
        let (framework, block, window) = (row % 36, row / 36 % 1000, row / 36_000);
        writeln!(
            csv,
            "big,1,{block},{window},framework{framework},,json,saturation,throughput,1/s,{}.5,ok",
            60_000 + row % 997
        )
        .expect("memory can be written to");
    }
    let begun = Instant::now();
    let observed = analysis::frames::observed(Path::new("big.csv"), csv.as_bytes());
    let series = observed.expect("the table is whole").len();
    println!(
        "{rows} rows, {} MiB of text: read into {series} series in {:.2} s; peak memory {} MiB",
        csv.len() >> 20,
        begun.elapsed().as_secs_f64(),
        peak_mib(),
    );
}

/// The most memory that this process ever held.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
