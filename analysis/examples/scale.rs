//! How long reports take, and how much memory: a campaign of 36 frameworks, 4 scenarios, 2 modes
//! and 12 blocks, then tables of so many rows, of many windows a block and of one.
//!
//!     cargo run --release -p analysis --example scale -- [--rows N]
//!
//! With `--page DIR` it only writes the report of that campaign, and the history of some like it,
//! for whoever wants to look at so long a page.
//!
//! Each part runs in a process of its own, whose peak memory the kernel counts.

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use analysis::history::History;
use record::observation::COLUMNS;
use record::sum::{self, Sum};
use record::{Class, Metric};
use support::{Plan, server};

const SERVERS: usize = 36;
const SCENARIOS: [&str; 4] = ["plaintext", "json", "params", "echo"];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["--measure", what, folder] => measure(what, Path::new(folder)),
        ["--page", folder] => page(Path::new(folder)),
        ["--rows", rows] => all(rows.parse().expect("--rows takes a whole number")),
        [] => all(10_000_000),
        _ => panic!("the words are: [--rows N | --page DIR]"),
    }
}

fn all(rows: usize) {
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let plan = plan();
    let campaign = plan.write(&place.path().join("campaign"));
    println!("36 frameworks, 4 scenarios, 2 modes, 12 blocks:");
    child("report", &campaign);

    let table = campaign.join("observations.csv");
    let copies = repeated(&table, rows);
    // They would have to be repeated too: a log has a line for each window. The report says that
    // they are missing, and that there are more windows than were planned.
    std::fs::remove_dir_all(campaign.join("histograms")).expect("it can be removed");
    println!("the same campaign with {copies} windows for each server and block:");
    child("report", &campaign);

    println!("{rows} rows, each a block of its own:");
    let names: Vec<String> = plan.servers.iter().map(|s| s.name.clone()).collect();
    blocks(&table, &plan.id, &names, rows);
    child("read", &campaign);
}

/// Repeats the rows of each group under further window numbers until there are about so many;
/// says how often.
fn repeated(table: &Path, rows: usize) -> usize {
    let text = std::fs::read_to_string(table).expect("it is there");
    let copies = rows.div_ceil(text.lines().filter(|l| !l.starts_with('#')).count());
    let (head, body) = text.split_at(text.find("headline-test").expect("it has rows"));
    let mut out = Sealed::create(table);
    out.write(head);
    let mut group: Vec<&str> = Vec::new();
    for line in body.split_inclusive('\n') {
        if line.starts_with("# end ") {
            for copy in 0..copies {
                for row in &group {
                    let mut fields = row.splitn(5, ',');
                    let [campaign, launch, block, window, rest] =
                        [(); 5].map(|()| fields.next().expect("a row has more fields"));
                    let window: usize = window.parse().expect("it is a number");
                    // Every size, start and reading of memory is one.
                    match rest.contains(",saturation,") || rest.contains(",rate,") {
                        true => {
                            let window = window + copy * (SERVERS + 1);
                            out.write(&format!("{campaign},{launch},{block},{window},{rest}"));
                        }
                        false if copy == 0 => out.write(row),
                        false => {}
                    }
                }
            }
            out.end(line);
            group.clear();
        } else if !line.starts_with('#') {
            group.push(line);
        }
    }
    out.0.flush().expect("the disk has room");
    copies
}

/// A table that is written with the sums of its groups.
struct Sealed(BufWriter<std::fs::File>, Sum);

impl Sealed {
    fn create(table: &Path) -> Self {
        let file = std::fs::File::create(table).expect("the file can be created");
        Self(BufWriter::new(file), Sum::default())
    }

    fn write(&mut self, text: &str) {
        self.1.add(text.as_bytes());
        self.0
            .write_all(text.as_bytes())
            .expect("the disk has room");
    }

    fn end(&mut self, line: &str) {
        self.1.add(line.as_bytes());
        let sum = sum::text(self.1.value());
        write!(self.0, "# sum {sum}\n{line}").expect("the disk has room");
    }
}

fn page(folder: &Path) {
    let mut history = History::default();
    let mut plan = plan();
    for n in 1..=9 {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        plan.seed = n;
        plan.id = format!("headline-2026030{n}-040506-0a1b2c3d");
        plan.server("gin").cost = if n < 6 { 1.02 } else { 1.1 };
        let campaign = plan.write(place.path());
        let mut analysis = analysis::analyse(&campaign).expect("the campaign is whole");
        analysis.campaign.started = format!("2026-03-0{n}T04:05:06Z");
        history.add(&analysis);
        if n == 9 {
            let title = &analysis.campaign.design.title;
            let mut report = analysis::report::render(&analysis).expect("it can be drawn");
            let pages = history
                .render(title, &analysis.engines())
                .expect("it can be drawn");
            report.files.extend(pages.files);
            analysis::report::write(&report, folder).expect("it can be written");
        }
    }
}

fn plan() -> Plan {
    let mut plan = Plan {
        scenarios: SCENARIOS.to_vec(),
        ..Plan::default()
    };
    for i in plan.servers.len()..SERVERS {
        let cost = 0.8 + 0.02 * i as f64;
        let name = format!("framework{i}");
        plan.servers
            .push(server(&name, &name, Class::Idiomatic, cost));
    }
    plan
}

/// One window a block, of every metric of a window of load, in the place of a campaign's table.
fn blocks(path: &Path, id: &str, names: &[String], rows: usize) {
    let metrics = [
        Metric::Throughput,
        Metric::CpuPerRequest,
        Metric::LatencyP50,
        Metric::LatencyP99,
        Metric::Errors,
    ];
    let mut out = Sealed::create(path);
    out.write(&format!("# observations/1\n{}\n", COLUMNS.join(",")));
    let mut left = rows;
    for block in 1.. {
        for (server, framework) in names.iter().enumerate() {
            for metric in metrics {
                let (name, unit) = (metric.name(), metric.unit());
                let value = 60_000 + (block * 31 + server * 7) % 997;
                out.write(&format!(
                    "{id},1,{block},{server},{framework},,json,saturation,{name},{unit},{value}.0625,ok\n"
                ));
            }
        }
        out.end(&format!("# end block {block}\n"));
        left = left.saturating_sub(names.len() * metrics.len());
        if left == 0 {
            break;
        }
    }
    out.0.flush().expect("the disk has room");
}

fn child(what: &str, folder: &Path) {
    let program: PathBuf = std::env::current_exe().expect("this program has a path");
    let status = Command::new(program)
        .args(["--measure", what])
        .arg(folder)
        .status();
    assert!(status.expect("this program can be started").success());
}

fn measure(what: &str, place: &Path) {
    let begun = Instant::now();
    let since = || begun.elapsed().as_secs_f64();
    if what == "read" {
        let campaign = record::Campaign::open(place).expect("the campaign can be opened");
        let frames = analysis::frames::read(&campaign).expect("the table can be read");
        println!(
            "  {:.0} MiB read into {} series in {:.2} s; peak memory {:.0} MiB",
            size(&place.join("observations.csv")),
            frames.observed.len(),
            since(),
            peak_mib(),
        );
        return;
    }
    let analysis = analysis::analyse(place).expect("the campaign is whole");
    let analysed = since();
    let report = analysis::report::render(&analysis).expect("the charts can be drawn");
    let rendered = since();
    analysis::report::write(&report, &place.join("report")).expect("it can be written");
    println!(
        "  {:.0} MiB of rows analysed in {analysed:.2} s, rendered by {rendered:.2} s, written by {:.2} s; {} KiB of HTML; peak memory {:.0} MiB",
        size(&place.join("observations.csv")),
        since(),
        report.files["report.html"].len() / 1024,
        peak_mib(),
    );
}

fn size(path: &Path) -> f64 {
    std::fs::metadata(path).map_or(0.0, |m| m.len() as f64 / f64::from(1 << 20))
}

/// The most memory that this process ever held.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
