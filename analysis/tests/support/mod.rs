//! A synthetic campaign with known truths, written as the runner writes it.
#![allow(
    dead_code,
    reason = "every test file is a crate of its own and uses its share"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hdrhistogram::Histogram;
use record::declared::Setting;
use record::histogram::IntervalHistogram;
use record::{
    CampaignFile, CampaignWriter, Cell, Class, Comparison, Declared, Design, Flag, FrameworkRecord,
    LatencyKind, Method, Metric, ModeDesign, ModeKind, Observation, Repeat, ScenarioDesign, Status,
    Validity, new_histogram,
};
use serde_json::json;
use stats::random::Stream;

/// One server's truths.
#[derive(Debug, Clone)]
pub struct Server {
    pub name: String,
    pub title: String,
    pub class: Class,
    /// CPU time of a request relative to the baseline's; the rate is its inverse.
    pub cost: f64,
    /// The share of windows, the first ones, in which the instrument is the bottleneck.
    pub client_bound: f64,
    /// Of the 200 requests of a window at a fixed rate so many fail, after so many nanoseconds.
    pub failing: (u64, u64),
    /// It is measured up to this block.
    pub blocks: u32,
    pub excluded: Option<String>,
    /// What a request costs more in the nth block of a launch, as a factor.
    pub mood: fn(launch: u32, nth: u32) -> f64,
}

/// What is generated.
#[derive(Debug, Clone)]
pub struct Plan {
    pub id: String,
    pub title: String,
    pub servers: Vec<Server>,
    pub scenarios: Vec<&'static str>,
    pub launches: u32,
    pub blocks: u32,
    pub starts: u32,
    pub quick: bool,
    pub status: Status,
    /// The spread of a window's logarithm that two servers of a block do not share.
    pub noise: f64,
    pub seed: u64,
    pub comparison: Option<Comparison>,
    pub method: Method,
    /// Blocks during which a neighbour took CPU time, from whom the second window suffered.
    pub disturbed: Vec<u32>,
    /// Those of them that were measured again at the end of their launch.
    pub repeated: Vec<u32>,
    /// Windows that the instrument had no outcome of: block and server.
    pub unmeasured: Vec<(u32, &'static str)>,
    /// At which shares of their capacities the servers are asked, too.
    pub shares: Vec<f64>,
    /// Whether the machine counts instructions.
    pub counted: bool,
}

/// What was to be said of the campaign, declared before it.
pub fn declared() -> Method {
    serde_json::from_value(json!({
        "protocol": "crossed",
        "primary": ["throughput", "cpu_per_request", "latency_p99"],
        "margins": { "throughput": 0.03, "cpu_per_request": 0.02, "latency_p99": 0.05 },
    }))
    .unwrap()
}

pub fn server(name: &str, title: &str, class: Class, cost: f64) -> Server {
    Server {
        name: name.to_owned(),
        title: title.to_owned(),
        class,
        cost,
        client_bound: 0.0,
        failing: (0, 0),
        blocks: u32::MAX,
        excluded: None,
        mood: |_, _| 1.0,
    }
}

impl Default for Plan {
    fn default() -> Self {
        let mut fasthttp = server("fasthttp", "fasthttp", Class::Engine, 0.55);
        fasthttp.client_bound = 1.0;
        Self {
            id: "headline-test".to_owned(),
            title: "Go web frameworks on plaintext and JSON".to_owned(),
            servers: vec![
                server("chi", "chi", Class::Idiomatic, 1.0),
                server("echo", "Echo", Class::Idiomatic, 1.08),
                fasthttp,
                server("fiber", "Fiber", Class::Idiomatic, 0.7),
                server("gin", "Gin", Class::Idiomatic, 1.02),
                server("nethttp", "net/http", Class::Idiomatic, 1.0),
            ],
            scenarios: vec!["plaintext", "json"],
            launches: 3,
            blocks: 12,
            starts: 20,
            quick: false,
            status: Status::Complete,
            noise: 0.02,
            seed: 11,
            comparison: None,
            method: declared(),
            disturbed: Vec::new(),
            repeated: Vec::new(),
            unmeasured: Vec::new(),
            shares: Vec::new(),
            counted: false,
        }
    }
}

const BASELINE: &str = "nethttp";
const TWIN: &str = "twin";

impl Plan {
    pub fn server(&mut self, name: &str) -> &mut Server {
        self.servers.iter_mut().find(|s| s.name == name).unwrap()
    }

    /// Writes the campaign into a folder and returns its own.
    pub fn write(&self, results: &Path) -> PathBuf {
        let mut writer = CampaignWriter::create(results, self.file()).unwrap();
        let mut random = Stream::new(self.seed);
        self.starts(&mut writer, &mut random);
        self.load(&mut writer, &mut random);
        writer.update(|file| file.status = self.status).unwrap();
        results.join(&self.id)
    }

    fn subjects(&self) -> Vec<(&Server, &'static str)> {
        let mut all: Vec<(&Server, &str)> = self.servers.iter().map(|s| (s, "")).collect();
        all.extend(
            self.servers
                .iter()
                .filter(|s| s.name == BASELINE)
                .map(|s| (s, TWIN)),
        );
        all
    }

    fn starts(&self, writer: &mut CampaignWriter, random: &mut Stream) {
        for round in 1..=self.starts {
            for (server, variant) in self.subjects() {
                let cell = cell(0, round, 1, server, variant, "startup", "cold");
                let value =
                    8.0 * server.cost * (0.08 * random.normal()).exp() + random.exponential(0.4);
                writer.observe(observation(&cell, Metric::Startup, value, Validity::ok()));
            }
            writer.end_group(&format!("starts {round}")).unwrap();
        }
        for server in &self.servers {
            let cell = cell(0, 0, 0, server, "", "build", "size");
            writer.observe(observation(&cell, Metric::BinarySize, 6.25, Validity::ok()));
        }
        writer.end_group("build").unwrap();
    }

    fn load(&self, writer: &mut CampaignWriter, random: &mut Stream) {
        let mut block = 0;
        let per_launch = self.blocks / self.launches;
        let modes = self.modes();
        let planned = self.blocks * (modes.len() * self.scenarios.len()) as u32;
        let mut repeats = 0;
        for launch in 1..=self.launches {
            let mut memory = Vec::new();
            for (mode, base) in [("idle", 7.0), ("load", 15.0), ("after", 12.0)] {
                for (server, variant) in self.subjects() {
                    let cell = cell(launch, block, 0, server, variant, "memory", mode);
                    let value = base * server.cost.sqrt() * (0.02 * random.normal()).exp();
                    let row = observation(&cell, Metric::Rss, value, Validity::ok());
                    match mode {
                        "idle" => writer.observe(row),
                        _ => memory.push(row),
                    }
                }
            }
            writer.end_group(&format!("launch {launch} idle")).unwrap();
            let first = block;
            let mut again = Vec::new();
            for round in 1..=per_launch {
                for scenario in &self.scenarios {
                    for mode in &modes {
                        block += 1;
                        let nth = (launch - 1) * per_launch + round;
                        let at = (launch, block, *scenario, mode.name.as_str());
                        self.block(writer, random, at, nth, block - first);
                        if self.repeated.contains(&block) {
                            again.push((at, nth));
                        }
                    }
                }
            }
            for ((_, of, scenario, mode), nth) in again {
                repeats += 1;
                let at = (launch, planned + repeats, scenario, mode);
                self.block(writer, random, at, nth, block - first);
                let repeat = Repeat {
                    block: planned + repeats,
                    of,
                    launch,
                };
                writer
                    .update(|file| file.course.repeats.push(repeat))
                    .unwrap();
            }
            memory.into_iter().for_each(|row| writer.observe(row));
            writer
                .end_group(&format!("launch {launch} memory"))
                .unwrap();
        }
    }

    /// One block: every server a window. `nth` counts in its scenario and mode, `in_launch` in
    /// its launch.
    fn block(
        &self,
        writer: &mut CampaignWriter,
        random: &mut Stream,
        (launch, block, scenario, mode): (u32, u32, &str, &str),
        nth: u32,
        in_launch: u32,
    ) {
        let shared = (0.05 * random.normal()).exp();
        for (window, (server, variant)) in self.subjects().into_iter().enumerate() {
            if nth > server.blocks {
                continue;
            }
            let window = window as u32 + 1;
            let at = cell(launch, block, window, server, variant, scenario, mode);
            let mood = (server.mood)(launch, in_launch);
            self.window(writer, random, &at, server, shared * mood, nth);
        }
        if self.disturbed.contains(&block) {
            writer.flag_group(&[Flag::ForeignCpu]);
        }
        writer.end_group(&format!("block {block}")).unwrap();
    }

    fn window(
        &self,
        writer: &mut CampaignWriter,
        random: &mut Stream,
        cell: &Cell,
        server: &Server,
        shared: f64,
        nth: u32,
    ) {
        let saturation = cell.mode == "saturation";
        let suffers = self.disturbed.contains(&cell.block) && cell.window == 2;
        let shared = if suffers { 10.0 * shared } else { shared };
        let own = (self.noise * random.normal()).exp();
        let cpu = 16.0 * server.cost * shared * own;
        let share = (self.shares.iter()).find(|share| name_of(**share) == cell.mode);
        let rate = match (saturation, share) {
            (true, _) => 1e6 / cpu,
            (false, Some(share)) => share * 1e6 / (16.0 * server.cost),
            (false, None) => 4000.0,
        };
        // As a queue does: twice as long at half of the load, ten times as long at nine tenths.
        let waits = share.map_or(1.0, |share| 1.0 / (1.0 - share));
        let mut validity = Validity::ok();
        if saturation && f64::from(nth) <= server.client_bound * f64::from(self.blocks) {
            validity.flag(Flag::ClientBound);
        }
        if nth == 3 && cell.window == 2 {
            validity.flag(Flag::ForeignCpu);
        }
        let mut histogram = new_histogram();
        let mut failed = new_histogram();
        let (failing, age) = server.failing;
        for nth in 0..200 {
            let us = waits * (60.0 * server.cost * shared + random.exponential(25.0));
            if nth < failing && !saturation {
                histogram.record(age).unwrap();
                failed.record(age).unwrap();
            } else {
                histogram.record((us * 1000.0) as u64).unwrap();
            }
        }
        if (self.unmeasured.iter()).any(|of| *of == (cell.block, &*cell.framework)) {
            nothing(writer, cell, shared);
            return;
        }
        let quantile = |q: f64| histogram.value_at_quantile(q) as f64 / 1000.0;
        let instructions = (self.counted).then(|| {
            (
                Metric::InstructionsPerRequest,
                30_000.0 * server.cost * own.sqrt(),
            )
        });
        let values = [
            (Metric::Throughput, rate),
            (Metric::CpuPerRequest, cpu),
            (Metric::ClientCpuPerRequest, 9.0 * shared),
            (Metric::LatencyP50, quantile(0.5)),
            (Metric::LatencyP99, quantile(0.99)),
            (Metric::LatencyP999, quantile(0.999)),
            (Metric::LatenessP99, 3.0 * shared),
            (Metric::Errors, 0.0),
            (Metric::ForeignCpu, 0.01 * shared),
        ];
        for (metric, value) in values.into_iter().chain(instructions) {
            let mut validity = validity.clone();
            let high = matches!(metric, Metric::LatencyP99 | Metric::LatencyP999);
            if high && !failed.is_empty() {
                validity.flag(Flag::LowerBound);
            }
            writer.observe(observation(cell, metric, value, validity));
        }
        if !saturation {
            let line = |kind, histogram: Histogram<u64>| IntervalHistogram {
                kind,
                start: Duration::from_secs(u64::from(cell.block)),
                length: Duration::from_millis(700),
                histogram,
            };
            let none = failed.is_empty();
            let failed = (!none).then(|| line(LatencyKind::Failed, failed));
            writer.keep_histograms(
                cell.clone(),
                [line(LatencyKind::Intended, histogram)]
                    .into_iter()
                    .chain(failed)
                    .collect(),
            );
        }
    }

    /// From JSON, so that what a campaign file may leave out is left out here.
    fn file(&self) -> CampaignFile {
        let frameworks: Vec<FrameworkRecord> = self.servers.iter().map(framework).collect();
        let mut file: CampaignFile = serde_json::from_value(json!({
            "schema": record::campaign::SCHEMA,
            "id": self.id,
            "status": "running",
            "started": "2026-01-02T03:04:05Z",
            "finished": "2026-01-02T03:14:05Z",
            "command": ["bench", "--seed", "11"],
            "seed": self.seed,
            "quick": self.quick,
            "pinned": false,
            "lab": { "version": "0.1.0", "revision": "0123abc" },
            "design": self.design(),
            "method": self.method,
            "host": { "kernel": "Linux 6.1" },
            "toolchains": { "go": "go1.26.0" },
            "cpus": { "server": [0], "instrument": [1] },
            "frameworks": frameworks,
            "notes": [],
        }))
        .unwrap();
        file.method.comparison.clone_from(&self.comparison);
        file
    }

    fn modes(&self) -> Vec<ModeDesign> {
        let mode = |name: &str, kind, rate, share| ModeDesign {
            name: name.to_owned(),
            kind,
            connections: 64,
            rate,
            share,
            spin_ms: Some(2),
        };
        let shares = self.shares.iter();
        let shares = shares.map(|s| mode(&name_of(*s), ModeKind::Share, None, Some(*s)));
        [
            mode("saturation", ModeKind::Saturation, None, None),
            mode("rate", ModeKind::Rate, Some(4000.0), None),
        ]
        .into_iter()
        .chain(shares)
        .collect()
    }

    fn design(&self) -> Design {
        Design {
            experiment: "headline".to_owned(),
            title: self.title.clone(),
            baseline: BASELINE.to_owned(),
            twin: TWIN.to_owned(),
            scenarios: self
                .scenarios
                .iter()
                .map(|name| ScenarioDesign {
                    name: (*name).to_owned(),
                    title: format!("the {name} answer of the contract"),
                })
                .collect(),
            modes: self.modes(),
            launches: self.launches,
            blocks: self.blocks,
            lead_in_ms: 200,
            window_ms: 700,
            starts: self.starts,
        }
    }
}

/// What the mode of a share is called.
fn name_of(share: f64) -> String {
    format!("share-{}", (100.0 * share).round())
}

/// The rows of a window in which nothing was measured; no log has a line of it.
fn nothing(writer: &mut CampaignWriter, cell: &Cell, shared: f64) {
    let validity: Validity = [Flag::NotMeasured].into_iter().collect();
    for (metric, value) in [
        (Metric::Throughput, f64::NAN),
        (Metric::CpuPerRequest, f64::NAN),
        (Metric::LatencyP50, f64::NAN),
        (Metric::LatencyP99, f64::NAN),
        (Metric::LatencyP999, f64::NAN),
        (Metric::ForeignCpu, 0.01 * shared),
    ] {
        writer.observe(observation(cell, metric, value, validity.clone()));
    }
}

/// One has settings and one departs; the others are as their projects ship them.
fn declared_by(name: &str) -> Declared {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let setting = |set: &str, why: &str| Setting {
        set: set.to_owned(),
        why: why.to_owned(),
    };
    Declared {
        settings: match name {
            "gin" => vec![
                setting("HandleMethodNotAllowed = true", "405 instead of 404"),
                setting("Mode = release", "no output"),
            ],
            _ => Vec::new(),
        },
        departs: match name {
            "fiber" => words(&["first-route-wins", "no-backtracking"]),
            _ => Vec::new(),
        },
        supports: words(&["probe", "routes"]),
    }
}

fn framework(server: &Server) -> FrameworkRecord {
    FrameworkRecord {
        name: server.name.clone(),
        title: server.title.clone(),
        class: server.class,
        language: "go".to_owned(),
        engine: "net/http".to_owned(),
        router: "radix".to_owned(),
        module: format!("example.com/{}", server.name),
        version: "v1.2.3".to_owned(),
        sha256: "ab".repeat(32),
        code: None,
        binary_bytes: 6_553_600,
        modules: BTreeMap::new(),
        replaced: BTreeMap::new(),
        exceptions: Vec::new(),
        warnings: Vec::new(),
        declared: Some(declared_by(&server.name)),
        excluded: server.excluded.clone(),
    }
}

fn cell(
    launch: u32,
    block: u32,
    window: u32,
    server: &Server,
    variant: &str,
    scenario: &str,
    mode: &str,
) -> Cell {
    Cell {
        launch,
        block,
        window,
        framework: server.name.clone(),
        variant: variant.to_owned(),
        scenario: scenario.to_owned(),
        mode: mode.to_owned(),
    }
}

fn observation(cell: &Cell, metric: Metric, value: f64, validity: Validity) -> Observation {
    Observation {
        cell: cell.clone(),
        metric,
        value,
        validity,
    }
}

/// Everything that a test wants of a plan: analysed, rendered, as text.
pub struct Report {
    pub analysis: analysis::Analysis,
    pub files: BTreeMap<String, String>,
}

pub fn report(plan: &Plan) -> Report {
    let results = tempfile::tempdir().unwrap();
    let folder = plan.write(results.path());
    report_of(&folder)
}

pub fn report_of(folder: &Path) -> Report {
    let analysis = analysis::analyse(folder).unwrap();
    let files = analysis::report::render(&analysis)
        .unwrap()
        .files
        .into_iter()
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .collect();
    Report { analysis, files }
}

impl Report {
    pub fn markdown(&self) -> &str {
        &self.files["report.md"]
    }

    pub fn summary(&self) -> serde_json::Value {
        serde_json::from_str(&self.files["summary.json"]).unwrap()
    }
}
