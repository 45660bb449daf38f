//! Several repetitions become one campaign, or are refused with what sets them apart.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use record::histogram::IntervalHistogram;
use record::{
    Campaign, CampaignFile, CampaignWriter, Cell, LatencyKind, Metric, Observation, Repeat,
    Repetition, Status, Validity, collect, new_histogram,
};

const LAUNCHES: u32 = 2;
const BLOCKS: u32 = 4;

fn file(number: u32) -> CampaignFile {
    serde_json::from_value(serde_json::json!({
        "schema": record::campaign::SCHEMA,
        "id": format!("tiny-{number}"),
        "status": "complete",
        "started": format!("2026-01-0{number}T03:04:05Z"),
        "finished": format!("2026-01-0{number}T03:14:05Z"),
        "command": ["bench"],
        "seed": Repetition { family: 7, number }.seed(),
        "quick": false,
        "pinned": false,
        "lab": { "version": "0.1.0", "revision": "0123abc" },
        "design": {
            "experiment": "tiny", "title": "Tiny", "baseline": "a", "twin": "twin",
            "scenarios": [{ "name": "json", "title": "a small object" }],
            "modes": [{ "name": "saturation", "kind": "saturation", "connections": 8, "rate": null }],
            "launches": LAUNCHES, "blocks": BLOCKS, "lead_in_ms": 50, "window_ms": 100, "starts": 3,
        },
        "host": { "kernel": "6.1", "load-average-before": format!("0.{number}") },
        "toolchains": { "go": "go1.26" },
        "cpus": { "server": [0], "instrument": [1] },
        "frameworks": [{
            "name": "a", "title": "A", "class": "idiomatic", "language": "go", "engine": "net/http",
            "router": "none", "module": "std", "version": "go1.26", "sha256": "aa",
            "binary_bytes": 1, "modules": {}, "excluded": null,
        }],
        "notes": [],
        "course": {
            "program": "bb",
            "repetition": { "family": 7, "number": number },
            "repeats": [{ "block": 5, "of": 2, "launch": 1 }],
        },
    }))
    .unwrap()
}

fn row(launch: u32, block: u32, metric: Metric, value: f64) -> Observation {
    Observation {
        cell: Cell {
            launch,
            block,
            window: 1,
            framework: "a".to_owned(),
            variant: String::new(),
            scenario: "json".to_owned(),
            mode: "saturation".to_owned(),
        },
        metric,
        value,
        validity: Validity::ok(),
    }
}

/// A repetition with three starts, two launches of two blocks and a repeat, a histogram each.
fn repetition(results: &Path, number: u32, change: impl Fn(&mut CampaignFile)) -> PathBuf {
    let mut said = file(number);
    change(&mut said);
    let id = said.id.clone();
    let mut writer = CampaignWriter::create(results, said).unwrap();
    let outside = |block, scenario: &str, mode: &str, metric, value| {
        let mut row = row(0, block, metric, value);
        (row.cell.scenario, row.cell.mode) = (scenario.to_owned(), mode.to_owned());
        row
    };
    writer.observe(outside(0, "build", "size", Metric::BinarySize, 1.0));
    writer.end_group("build").unwrap();
    for start in 1..=3 {
        for server in ["", "twin"] {
            let mut row = outside(start, "startup", "cold", Metric::Startup, 2.0);
            row.cell.variant = server.to_owned();
            writer.observe(row);
        }
        writer.end_group(&format!("starts {start}")).unwrap();
    }
    for (launch, block) in [(1, 1), (1, 2), (1, 5), (2, 3), (2, 4)] {
        let value = f64::from(number * 100 + block);
        let mut twin = row(launch, block, Metric::Throughput, value);
        (twin.cell.variant, twin.cell.window) = ("twin".to_owned(), 2);
        writer.observe(twin);
        let window = row(launch, block, Metric::Throughput, value);
        let mut histogram = new_histogram();
        histogram.record(u64::from(number * 1000)).unwrap();
        let interval = IntervalHistogram {
            kind: LatencyKind::Sent,
            start: Duration::from_secs(block.into()),
            length: Duration::from_millis(100),
            histogram,
        };
        writer.keep_histograms(window.cell.clone(), vec![interval]);
        writer.observe(window);
        writer.end_group(&format!("block {block}")).unwrap();
        if [1, 3].contains(&block) {
            writer.end_group(&format!("launch {launch} idle")).unwrap();
        }
        if [5, 4].contains(&block) {
            writer
                .end_group(&format!("launch {launch} memory"))
                .unwrap();
        }
    }
    std::fs::write(writer.dir().stderr().join("a.launch1.txt"), "said\n").unwrap();
    results.join(id)
}

fn open(folder: &Path) -> Campaign {
    Campaign::open(folder).unwrap()
}

#[test]
fn what_stood_side_by_side_still_does_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    // Out of order, and with a gap: what counts is the numbers, and each is there once.
    let parts = [3, 1].map(|n| open(&repetition(folder.path(), n, |_| {})));
    let out = folder.path().join("out");
    let dir = collect(&parts, &out, vec!["collect".to_owned()]).unwrap();
    let joined = Campaign::open(dir.path()).unwrap();
    let design = &joined.file.design;
    assert_eq!((design.launches, design.blocks, design.starts), (4, 8, 6));
    assert_eq!(joined.file.status, Status::Complete);
    assert_eq!(joined.file.seed, 7);
    assert_eq!(joined.file.started, "2026-01-01T03:04:05Z");
    assert_eq!(
        joined.file.finished.as_deref(),
        Some("2026-01-03T03:14:05Z")
    );
    assert_eq!(joined.file.host["load-average-before"], "0.1; 0.3");
    assert_eq!(joined.file.host["kernel"], "6.1");
    let place = |launch, block| (launch, block);
    let rows = joined.table().unwrap().rows().unwrap();
    let found: Vec<_> = (rows.iter())
        .filter(|r| r.metric == Metric::Throughput && r.cell.variant.is_empty())
        .map(|r| (place(r.cell.launch, r.cell.block), r.value))
        .collect();
    let expected = [
        (place(1, 1), 101.0),
        (place(1, 2), 102.0),
        (place(1, 5), 105.0),
        (place(2, 3), 103.0),
        (place(2, 4), 104.0),
        (place(3, 6), 301.0),
        (place(3, 7), 302.0),
        (place(3, 10), 305.0),
        (place(4, 8), 303.0),
        (place(4, 9), 304.0),
    ];
    assert_eq!(found, expected);
    let starts: BTreeSet<_> = (rows.iter())
        .filter(|r| r.metric == Metric::Startup)
        .map(|r| (r.cell.launch, r.cell.block))
        .collect();
    assert_eq!(starts, (1..=6).map(|start| (0, start)).collect());
    let repeat = |block, of, launch| Repeat { block, of, launch };
    assert_eq!(
        joined.file.course.repeats,
        [repeat(5, 2, 1), repeat(10, 7, 3)]
    );
    let from: Vec<_> = (joined.file.course.collected.iter())
        .map(|c| (c.number, c.first_launch, c.last_launch))
        .collect();
    assert_eq!(from, [(1, 1, 2), (3, 3, 4)]);
    let latencies = joined
        .latencies("a", "", "json", "saturation", LatencyKind::Sent)
        .unwrap();
    assert_eq!(latencies.len(), 10);
    assert_eq!(latencies.count_between(2900, 3100), 5);
    assert!(dir.stderr().join("repetition3/a.launch1.txt").is_file());
    // Held to its design like any other: its groups, its logs and their sums.
    assert_eq!(joined.rows().unwrap().1.findings, []);
}

#[test]
fn what_does_not_belong_together_is_refused_with_the_difference() {
    type Change = fn(&mut CampaignFile);
    let changes: [(Change, &str); 10] = [
        (
            |f| f.frameworks[0].sha256 = "cc".to_owned(),
            "the SHA-256 of a's server is aa in the first and cc in the second",
        ),
        (
            |f| f.frameworks.clear(),
            "the SHA-256 of a's server is aa in the first and absent in the second",
        ),
        (
            |f| drop(f.host.insert("kernel".to_owned(), "6.2".to_owned())),
            "the host's kernel is 6.1 in the first and 6.2 in the second",
        ),
        (
            |f| f.design.window_ms = 200,
            "the experiment's design, window_ms, is 100 in the first and 200 in the second",
        ),
        (
            |f| {
                f.course.repetition = Some(Repetition {
                    family: 8,
                    number: 2,
                });
                f.seed = f.course.repetition.unwrap().seed();
            },
            "the seed they share is 7 in the first and 8 in the second",
        ),
        (
            |f| f.course.program = "dd".to_owned(),
            "the SHA-256 of the lab's program is bb",
        ),
        (|f| f.cpus.server = vec![1], "the server's CPUs is [0]"),
        (
            |f| f.course.repetition = None,
            "campaign tiny-2 is no repetition",
        ),
        (
            |f| f.status = Status::Interrupted,
            "campaign tiny-2 is not complete",
        ),
        (
            |f| {
                f.course.repetition = Some(Repetition {
                    family: 7,
                    number: 1,
                });
                f.seed = f.course.repetition.unwrap().seed();
            },
            "campaigns tiny-1 and tiny-2 are both repetition 1",
        ),
    ];
    for (change, says) in changes {
        let folder = tempfile::tempdir().unwrap();
        let parts = [
            open(&repetition(folder.path(), 1, |_| {})),
            open(&repetition(folder.path(), 2, change)),
        ];
        let out = folder.path().join("out");
        let refused = collect(&parts, &out, Vec::new()).unwrap_err().to_string();
        assert!(refused.contains(says), "{refused}");
        assert!(!out.exists(), "{says}: something was written");
    }
    let folder = tempfile::tempdir().unwrap();
    let one = [open(&repetition(folder.path(), 1, |_| {}))];
    let refused = collect(&one, folder.path(), Vec::new()).unwrap_err();
    assert!(
        refused.to_string().contains("and one was given"),
        "{refused}"
    );
}

/// A second repetition of which something is missing or not its own.
#[test]
fn what_is_not_whole_is_not_collected() {
    type Damage = fn(&Path);
    let table = |folder: &Path, edit: &dyn Fn(&str) -> String| {
        let path = folder.join("observations.csv");
        let text = std::fs::read_to_string(&path).unwrap();
        // Without sums, as older labs wrote it: what is missing has to show all the same.
        let plain: String = (text.split_inclusive('\n'))
            .filter(|line| !line.starts_with("# sum ") && !line.starts_with("# hlogsum "))
            .collect();
        std::fs::write(path, edit(&plain)).unwrap();
    };
    let damages: [(Damage, &str); 4] = [
        (|_| {}, ""),
        (
            |folder| {
                let path = folder.join("observations.csv");
                let text = std::fs::read_to_string(&path).unwrap();
                let head: Vec<&str> = text.lines().take(2).collect();
                std::fs::write(path, head.join("\n") + "\n").unwrap();
            },
            "campaign tiny-2 is not whole: 0 of 4 planned blocks are here",
        ),
        (
            |folder| {
                let path = folder.join("observations.csv");
                let text = std::fs::read_to_string(&path).unwrap();
                let half = text.find("# end block 2\n").unwrap() + "# end block 2\n".len();
                std::fs::write(path, &text[..half]).unwrap();
            },
            "campaign tiny-2 is not whole: 2 of 4 planned blocks are here",
        ),
        (
            |folder| {
                std::fs::remove_dir_all(folder.join("histograms")).unwrap();
            },
            "campaign tiny-2 is not whole: 0 of 2 interval logs that the table names are here",
        ),
    ];
    for (damage, says) in damages {
        let folder = tempfile::tempdir().unwrap();
        let places = [1, 2].map(|n| repetition(folder.path(), n, |_| {}));
        damage(&places[1]);
        let joined = collect(
            &[open(&places[0]), open(&places[1])],
            &folder.path().join("out"),
            Vec::new(),
        );
        match joined {
            Ok(_) => assert_eq!(says, ""),
            Err(error) => assert!(
                !says.is_empty() && error.to_string().contains(says),
                "{error}"
            ),
        }
        let places = [1, 2].map(|n| repetition(&folder.path().join("plain"), n, |_| {}));
        table(&places[1], &|text| text.replacen("# end block 4\n", "", 1));
        let error = collect(
            &[open(&places[0]), open(&places[1])],
            &folder.path().join("other"),
            Vec::new(),
        );
        let error = error.unwrap_err().to_string();
        assert!(error.contains("observations.csv, line "), "{error}");
    }
}

#[test]
fn one_repetition_under_two_numbers_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = repetition(folder.path(), 1, |_| {});
    // The copy's name and number, as an editor would change them.
    let copy = folder.path().join("tiny-2");
    std::fs::create_dir_all(&copy).unwrap();
    for name in ["campaign.yaml", "observations.csv"] {
        let text = std::fs::read_to_string(first.join(name)).unwrap();
        let text = record::campaign::unsealed(&text).replace("tiny-1", "tiny-2");
        let text: String = (text.split_inclusive('\n'))
            .filter(|line| !line.starts_with("# sum ") && !line.starts_with("# hlog"))
            .collect();
        std::fs::write(copy.join(name), text.replace("number: 1", "number: 2")).unwrap();
    }
    let error = Campaign::open(&copy).unwrap_err().to_string();
    assert!(
        error.contains("campaign.yaml, line ") && error.contains("another number"),
        "{error}"
    );
    let seed = |number| Repetition { family: 7, number }.seed().to_string();
    let path = copy.join("campaign.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(&seed(1), &seed(2))).unwrap();
    let error = collect(
        &[open(&first), open(&copy)],
        &folder.path().join("out"),
        Vec::new(),
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("hold the same measured values"), "{error}");
}
