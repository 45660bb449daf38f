//! Raw data that are not what the lab wrote: whatever happened to them, the report is the same,
//! or there is an error that names the file, or the report says what is missing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use analysis::frames;
use proptest::prelude::*;
use record::sum::{self, Sum};
use record::{Campaign, FindingKind};
use tempfile::TempDir;

/// A campaign that was recorded and published.
fn published(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../reports/unpinned")
        .join(name)
}

/// A copy of its raw data, as it was written.
fn copied(name: &str) -> TempDir {
    let (from, to) = (published(name), tempfile::tempdir().unwrap());
    let mut folders = vec![PathBuf::from("histograms")];
    for file in ["campaign.yaml", "observations.csv"] {
        fs::copy(from.join(file), to.path().join(file)).unwrap();
    }
    while let Some(folder) = folders.pop() {
        fs::create_dir_all(to.path().join(&folder)).unwrap();
        for entry in fs::read_dir(from.join(&folder)).unwrap() {
            let below = folder.join(entry.unwrap().file_name());
            match from.join(&below).is_dir() {
                true => folders.push(below),
                false => drop(fs::copy(from.join(&below), to.path().join(&below)).unwrap()),
            }
        }
    }
    to
}

/// The copy with the sums that a campaign of today has.
fn sealed(name: &str) -> TempDir {
    let folder = copied(name);
    let at = |name: &str| folder.path().join(name);
    let text = fs::read_to_string(at("campaign.yaml")).unwrap();
    let text = record::campaign::unsealed(&text);
    let seal = sum::text(Sum::of(text.as_bytes()));
    let whole = format!("# crc32 of all that follows: {seal}\n{text}");
    fs::write(at("campaign.yaml"), whole).unwrap();
    let table = fs::read_to_string(at("observations.csv")).unwrap();
    let (mut out, mut so_far) = (String::new(), Sum::default());
    let old = |line: &&str| !line.starts_with("# sum ") && !line.starts_with("# hlogsum ");
    for line in table.split_inclusive('\n').filter(old) {
        so_far.add(line.as_bytes());
        if line.starts_with("# end ") {
            out += &format!("# sum {}\n", sum::text(so_far.value()));
        }
        out += line;
        if let Some((log, bytes)) = line
            .strip_prefix("# hlog ")
            .and_then(|l| l.rsplit_once(' '))
        {
            let whole = fs::read(at("histograms").join(log)).unwrap();
            let part = &whole[..bytes.trim().parse::<usize>().unwrap()];
            let line = format!("# hlogsum {log} {}\n", sum::text(Sum::of(part)));
            so_far.add(line.as_bytes());
            out += &line;
        }
    }
    fs::write(at("observations.csv"), out).unwrap();
    folder
}

type Files = BTreeMap<String, Vec<u8>>;

fn report(folder: &Path) -> Result<(Files, usize), String> {
    let analysis = analysis::analyse(folder).map_err(|e| e.to_string())?;
    let files = analysis::report::render(&analysis).unwrap().files;
    let said = analysis.completeness.len();
    if said > 0 {
        let markdown = String::from_utf8_lossy(&files["report.md"]).into_owned();
        assert!(markdown.contains("**Not whole:**"), "{markdown}");
        let summary: serde_json::Value = serde_json::from_slice(&files["summary.json"]).unwrap();
        assert_eq!(summary["completeness"].as_array().unwrap().len(), said);
    }
    Ok((files, said))
}

/// Something that happens to a file; places are shares of its length.
#[derive(Debug, Clone)]
enum Damage {
    Cut(f64),
    Remove(f64, f64),
    Double(f64, f64),
    Move(f64, f64, f64),
    Flip(f64, u8),
    Zero(f64, f64),
    Insert(f64, u8),
    /// The same with whole lines.
    RemoveLines(f64, f64),
    DoubleLines(f64, f64),
    MoveLines(f64, f64, f64),
    Gone,
}

impl Damage {
    fn to(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        let whole: Vec<&[u8]> = bytes.chunks(1).collect();
        Some(match *self {
            Self::Gone => return None,
            Self::Cut(at) => bytes[..place(at, bytes.len())].to_vec(),
            Self::Remove(at, long) => removed(&whole, at, long).concat(),
            Self::Double(at, long) => doubled(&whole, at, long).concat(),
            Self::Move(at, long, to) => moved(&whole, at, long, to).concat(),
            Self::RemoveLines(at, long) => removed(&lines, at, long).concat(),
            Self::DoubleLines(at, long) => doubled(&lines, at, long).concat(),
            Self::MoveLines(at, long, to) => moved(&lines, at, long, to).concat(),
            Self::Flip(at, with) => {
                let mut bytes = bytes.to_vec();
                let at = place(at, bytes.len() - 1);
                bytes[at] ^= with;
                bytes
            }
            Self::Zero(at, long) => {
                let mut bytes = bytes.to_vec();
                let (at, end) = range(at, long, bytes.len());
                bytes[at..end.min(at + 4096)].fill(0);
                bytes
            }
            Self::Insert(at, byte) => {
                let mut bytes = bytes.to_vec();
                bytes.insert(place(at, bytes.len()), byte);
                bytes
            }
        })
    }
}

fn place(share: f64, of: usize) -> usize {
    ((share * (of + 1) as f64) as usize).min(of)
}

/// A stretch of one to a tenth of all, short ones as often as long ones.
fn range(at: f64, long: f64, of: usize) -> (usize, usize) {
    let at = place(at, of - 1);
    let long = (of as f64 / 10.0).max(1.0).powf(long) as usize;
    (at, (at + long.max(1)).min(of))
}

fn removed<'a>(parts: &[&'a [u8]], at: f64, long: f64) -> Vec<&'a [u8]> {
    let (at, end) = range(at, long, parts.len());
    [&parts[..at], &parts[end..]].concat()
}

fn doubled<'a>(parts: &[&'a [u8]], at: f64, long: f64) -> Vec<&'a [u8]> {
    let (at, end) = range(at, long, parts.len());
    [&parts[..end], &parts[at..]].concat()
}

fn moved<'a>(parts: &[&'a [u8]], at: f64, long: f64, to: f64) -> Vec<&'a [u8]> {
    let (at, end) = range(at, long, parts.len());
    let rest = [&parts[..at], &parts[end..]].concat();
    let to = place(to, rest.len());
    [&rest[..to], &parts[at..end], &rest[to..]].concat()
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let share = || 0.0..1.0f64;
    prop_oneof![
        share().prop_map(Damage::Cut),
        (share(), share()).prop_map(|(a, b)| Damage::Remove(a, b)),
        (share(), share()).prop_map(|(a, b)| Damage::Double(a, b)),
        (share(), share(), share()).prop_map(|(a, b, c)| Damage::Move(a, b, c)),
        (share(), 1..=255u8).prop_map(|(a, b)| Damage::Flip(a, b)),
        // Those that a digit becomes another one by.
        (share(), 1..=3u8).prop_map(|(a, b)| Damage::Flip(a, b)),
        (share(), share()).prop_map(|(a, b)| Damage::Zero(a, b)),
        (
            share(),
            prop_oneof![Just(b'"'), Just(b'\n'), Just(b'0'), any::<u8>()]
        )
            .prop_map(|(a, b)| Damage::Insert(a, b)),
        line_damage(),
        Just(Damage::Gone),
    ]
}

fn line_damage() -> impl Strategy<Value = Damage> {
    let share = || 0.0..1.0f64;
    prop_oneof![
        share().prop_map(Damage::Cut),
        (share(), share()).prop_map(|(a, b)| Damage::RemoveLines(a, b)),
        (share(), share()).prop_map(|(a, b)| Damage::DoubleLines(a, b)),
        (share(), share(), share()).prop_map(|(a, b, c)| Damage::MoveLines(a, b, c)),
        Just(Damage::Gone),
    ]
}

const FILES: [&str; 3] = [
    "observations.csv",
    "campaign.yaml",
    "histograms/json.longconn/fiber.launch1.hlog",
];

/// Damages a file of a campaign, and demands the same report, an error that names the file, or
/// a word.
fn demand(folder: &Path, file: &str, damage: &Damage, before: &Files) -> Result<(), TestCaseError> {
    let path = folder.join(file);
    let bytes = fs::read(&path).unwrap();
    match damage.to(&bytes) {
        Some(damaged) => fs::write(&path, damaged).unwrap(),
        None => fs::remove_file(&path).unwrap(),
    }
    let after = report(folder);
    fs::write(&path, &bytes).unwrap();
    match after {
        Ok((files, said)) => prop_assert!(
            said > 0 || files == *before,
            "{file}: {damage:?} changes the report without a word"
        ),
        Err(error) => {
            let files = ["observations.csv", "campaign.yaml", ".hlog"];
            prop_assert!(
                files.iter().any(|name| error.contains(name)),
                "{error} names no file"
            );
        }
    }
    Ok(())
}

fn tries(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[test]
fn no_damage_to_a_campaign_of_today_goes_by_in_silence() {
    let folder = sealed("longconn");
    let (before, said) = report(folder.path()).unwrap();
    assert_eq!(said, 0);
    let cases = (
        prop_oneof![5 => Just(0), 2 => Just(1), 1 => Just(2)],
        any_damage(),
    );
    let config = tries(400);
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let tried = runner.run(&cases, |(file, damage)| {
        demand(folder.path(), FILES[file], &damage, &before)
    });
    tried.unwrap();
}

/// Older tables have no sums, so that a changed digit cannot be seen; all that is missing,
/// doubled or out of its place can.
#[test]
fn no_line_of_an_older_campaign_is_lost_in_silence() {
    let folder = copied("longconn");
    let (before, said) = report(folder.path()).unwrap();
    assert_eq!(said, 0);
    let config = tries(300);
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let tried = runner.run(&line_damage(), |damage| {
        demand(folder.path(), FILES[0], &damage, &before)
    });
    tried.unwrap();
}

/// Servers that take turns in blocks: the rows that estimates are made of are the same, or there
/// is an error or a word.
#[test]
fn no_block_changes_in_silence() {
    let read = |folder: &Path| -> Result<_, String> {
        let campaign = Campaign::open(folder).map_err(|e| e.to_string())?;
        let frames = frames::read(&campaign).map_err(|e| e.to_string())?;
        Ok((frames.observed, frames.disturbed, frames.findings))
    };
    let try_all = |folder: TempDir, damages: BoxedStrategy<Damage>| {
        let whole = read(folder.path()).unwrap();
        assert_eq!(whole.2, []);
        let path = folder.path().join(FILES[0]);
        let bytes = fs::read(&path).unwrap();
        let mut runner = proptest::test_runner::TestRunner::new(tries(120));
        let tried = runner.run(&damages, |damage| {
            match damage.to(&bytes) {
                Some(damaged) => fs::write(&path, damaged).unwrap(),
                None => drop(fs::remove_file(&path)),
            }
            match read(folder.path()) {
                Ok(found) => prop_assert!(
                    !found.2.is_empty() || found == whole,
                    "{damage:?} changes values without a word"
                ),
                Err(error) => prop_assert!(
                    error.contains("observations.csv") || error.contains(".hlog"),
                    "{error}"
                ),
            }
            Ok(())
        });
        tried.unwrap();
    };
    try_all(sealed("headline"), any_damage().boxed());
    try_all(copied("headline"), line_damage().boxed());
}

/// Edits a file of a published campaign.
fn edited(file: &str, edit: impl Fn(&str) -> String) -> Result<Vec<record::Finding>, String> {
    let folder = copied("headline");
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    let changed = edit(&text);
    assert_ne!(text, changed, "nothing was edited");
    fs::write(&path, changed).unwrap();
    let campaign = Campaign::open(folder.path()).map_err(|e| e.to_string())?;
    let frames = frames::read(&campaign).map_err(|e| e.to_string())?;
    Ok(frames.findings)
}

/// The first line that holds some words, and where it is.
fn line<'a>(text: &'a str, words: &str) -> (&'a str, usize) {
    let mut lines = text.split_inclusive('\n').zip(1..);
    lines.find(|(line, _)| line.contains(words)).unwrap()
}

#[test]
fn what_the_lab_cannot_have_written_is_refused_with_file_and_line() {
    type Edit = fn(&str) -> String;
    let cases: [(&str, Edit, &str); 22] = [
        (
            "observations.csv",
            |t| t.replacen(",gin,", ",\"gin,", 1),
            "a quote is opened",
        ),
        (
            "observations.csv",
            |t| {
                let at = t.find("# end block 4\n").unwrap() + 40;
                format!("{}{}{}", &t[..at], "\0".repeat(4096), &t[at + 4096..])
            },
            "column `campaign`",
        ),
        (
            "observations.csv",
            |t| {
                let (row, _) = line(t, ",gin,,json,saturation,throughput,");
                let tripled = row.replace(",1/s,", ",1/s,3");
                t.replacen(row, &format!("{row}{tripled}"), 1)
            },
            "rows are doubled",
        ),
        (
            "observations.csv",
            |t| t.replacen("headline-2026", "headline-2025", 1),
            "the row is of campaign",
        ),
        (
            "observations.csv",
            |t| t.replacen(",gin,", ",gim,", 1),
            "`gim` is none of the campaign's frameworks",
        ),
        (
            "observations.csv",
            |t| t.replacen(",json,", ",jsn,", 1),
            "`jsn` is none of the campaign's scenarios",
        ),
        (
            "observations.csv",
            |t| t.replacen(",saturation,", ",satin,", 1),
            "`satin` is none of the campaign's modes",
        ),
        (
            "observations.csv",
            |t| t.replacen(",throughput,", ",speed,", 1),
            "unknown metric `speed`",
        ),
        (
            "observations.csv",
            |t| t.replacen(",twin,", ",twain,", 1),
            "`twain` is no variant of nethttp",
        ),
        (
            "observations.csv",
            |t| t.replacen("# end block 4\n", "", 1),
            "does not belong to the group",
        ),
        (
            "observations.csv",
            |t| t.replacen("# end block 4\n", "# end blok 4\n", 1),
            "is no group that the lab writes",
        ),
        (
            "observations.csv",
            |t| t.replacen("\n# hlog ", "\n# hlog ../", 1),
            "is no interval log that this campaign can have",
        ),
        (
            "campaign.yaml",
            |t| t.replacen("baseline: nethttp", "baseline: gin", 1),
            "`twin` is no variant of nethttp",
        ),
        (
            "campaign.yaml",
            |t| t.replacen("level: null", "level: 2.0", 1),
            "method.level is 2, allowed are 0.5 to 0.999999",
        ),
        (
            "campaign.yaml",
            |t| t.replacen("level: null", "level: .nan", 1),
            "method.level is NaN",
        ),
        (
            "campaign.yaml",
            |t| t.replacen("launches: 3", "launches: 4294967295", 1),
            "design.launches is 4294967295",
        ),
        (
            "campaign.yaml",
            |t| t.replacen("blocks: 12", "blocks: 4294967295", 1),
            "design.blocks is 4294967295",
        ),
        (
            "campaign.yaml",
            |t| t.replacen("starts: 20", "starts: 4294967295", 1),
            "design.starts is 4294967295",
        ),
        (
            "campaign.yaml",
            |t| t.replacen("  window_ms: 600", "  window_ms: 0", 1),
            "design.window_ms is 0",
        ),
        (
            "campaign.yaml",
            |t| t.replacen("throughput: 0.03", "throughput: -0.03", 1),
            "method.margins is -0.03",
        ),
        (
            "campaign.yaml",
            |t| t.replacen("- latency_p99", "- latency", 1),
            "unknown metric `latency`",
        ),
        (
            "campaign.yaml",
            |t| t.replacen("    of: 4\n", "    of: 73\n", 1),
            "only earlier ones can be repeated",
        ),
    ];
    for (file, edit, says) in cases {
        let error = edited(file, edit).expect_err(says);
        let place = match error.contains("`twin` is no variant") {
            true => "observations.csv, line ".to_owned(),
            false => format!("{file}, line "),
        };
        assert!(
            error.contains(&place) && error.contains(says),
            "{error}\nshould say: {says}"
        );
    }
}

#[test]
fn what_is_missing_is_counted() {
    let first = |findings: Result<Vec<record::Finding>, String>| findings.unwrap()[0].clone();
    let block = |t: &str| {
        let (from, to) = (
            t.find("# end block 4\n").unwrap(),
            t.find("# end block 5\n").unwrap(),
        );
        format!("{}{}", &t[..from], &t[to..])
    };
    let without = |t: &str| block(t).replacen("# end block 5\n", "# end block 4\n", 1);
    let found = first(edited("observations.csv", without));
    assert_eq!(found.to_string(), "71 of 72 planned blocks are here");
    let found = first(edited("observations.csv", |t| {
        let (row, _) = line(t, ",gin,,json,saturation,cpu_per_request,");
        t.replacen(row, "", 1)
    }));
    assert_eq!(found.kind, FindingKind::Values);
    let words = found.to_string();
    assert!(
        words.starts_with("cpu_per_request of gin in json saturation has "),
        "{words}"
    );
    let found = first(edited("observations.csv", |t| {
        let (row, _) = line(t, ",echo,,startup,cold,");
        t.replacen(row, "", 1)
    }));
    assert_eq!(found.to_string(), "cold starts of echo has 19 of 20 values");
    let group = |t: &str, after: &str, name: &str| {
        let from = t.find(after).unwrap() + after.len();
        let to = t.find(name).unwrap() + name.len();
        format!("{}{}", &t[..from], &t[to..])
    };
    for (after, name, says) in [
        (
            "# end block 75\n",
            "# end block 76\n",
            "17 of 18 repeated blocks are here",
        ),
        (
            "# end starts 20\n",
            "# end launch 1 idle\n",
            "2 of 3 planned launches are here",
        ),
        (
            "# end starts 2\n",
            "# end starts 3\n",
            "19 of 20 planned rounds of cold starts are here",
        ),
        (
            "metric,unit,value,validity\n",
            "# end build\n",
            "the size of chi has 0 of 1 values",
        ),
    ] {
        let found = first(edited("observations.csv", |t| group(t, after, name)));
        assert_eq!(found.to_string(), says);
    }
    let found = first(edited("campaign.yaml", |t| {
        t.replacen("launches: 3", "launches: 90000", 1)
    }));
    assert_eq!(found.to_string(), "3 of 90000 planned launches are here");
    let found = first(edited("observations.csv", |t| {
        format!("{t}{}", "\0".repeat(4096))
    }));
    assert_eq!(found.kind, FindingKind::Tail);
}

#[test]
fn interval_logs_are_those_that_the_table_names() {
    let read = |folder: &Path| {
        let campaign = Campaign::open(folder).unwrap();
        frames::read(&campaign)
            .map(|f| f.findings)
            .map_err(|e| e.to_string())
    };
    let log = |folder: &Path, name: &str| folder.join("histograms/json.rate").join(name);
    let folder = copied("headline");
    let (gin, echo) = ("gin.launch1.hlog", "echo.launch1.hlog");
    fs::remove_file(log(folder.path(), gin)).unwrap();
    let findings = read(folder.path()).unwrap();
    assert_eq!(
        findings[0].to_string(),
        "125 of 126 interval logs that the table names are here, all but json.rate/gin.launch1.hlog"
    );
    fs::copy(log(folder.path(), echo), log(folder.path(), gin)).unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(
        error.contains(gin) && error.contains("is another one"),
        "{error}"
    );
    let folder = sealed("headline");
    fs::copy(
        log(folder.path(), echo),
        log(folder.path(), "gin.launch9.hlog"),
    )
    .unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(error.contains("names no such log"), "{error}");
    fs::remove_file(log(folder.path(), "gin.launch9.hlog")).unwrap();
    let mut bytes = fs::read(log(folder.path(), gin)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(log(folder.path(), gin), bytes).unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(error.contains(gin) && error.contains("the sum"), "{error}");
}
