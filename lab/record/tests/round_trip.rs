//! A campaign's folder, written, cut off and read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use record::histogram::IntervalHistogram;
use record::{
    Campaign, CampaignFile, CampaignWriter, Cell, Cpus, Design, Flag, LabRecord, LatencyKind,
    Metric, Observation, Status, Validity, new_histogram,
};

fn campaign_file(id: &str) -> CampaignFile {
    CampaignFile {
        schema: record::campaign::SCHEMA.to_owned(),
        id: id.to_owned(),
        status: Status::Running,
        started: "2026-01-02T03:04:05Z".to_owned(),
        finished: None,
        command: vec!["bench".to_owned()],
        seed: 7,
        quick: false,
        pinned: false,
        lab: LabRecord {
            version: "0.1.0".to_owned(),
            revision: "unknown".to_owned(),
        },
        design: Design {
            experiment: "test".to_owned(),
            title: "A test".to_owned(),
            baseline: "nethttp".to_owned(),
            twin: "twin".to_owned(),
            scenarios: vec![],
            modes: vec![],
            launches: 2,
            blocks: 2,
            lead_in_ms: 100,
            window_ms: 200,
            starts: 0,
        },
        method: record::Method::default(),
        host: BTreeMap::new(),
        audit: None,
        server_host: None,
        toolchains: BTreeMap::new(),
        cpus: Cpus {
            server: vec![0],
            instrument: vec![1],
        },
        frameworks: vec![],
        notes: vec![],
        course: record::Course::default(),
        calibration: None,
    }
}

fn cell(block: u32) -> Cell {
    Cell {
        launch: 1,
        block,
        window: 1,
        framework: "gin".to_owned(),
        variant: String::new(),
        scenario: "json".to_owned(),
        mode: "rate".to_owned(),
    }
}

fn observation(block: u32, value: f64) -> Observation {
    Observation {
        cell: cell(block),
        metric: Metric::Throughput,
        value,
        validity: Validity::ok(),
    }
}

fn two_blocks(results: &Path) {
    let mut writer = CampaignWriter::create(results, campaign_file("test")).unwrap();
    blocks(&mut writer, 1..=2);
}

fn blocks(writer: &mut CampaignWriter, numbers: RangeInclusive<u32>) {
    for block in numbers {
        writer.observe(observation(block, f64::from(block)));
        let mut histogram = new_histogram();
        histogram.record(u64::from(block) * 1000).unwrap();
        writer.keep_histograms(
            cell(block),
            vec![IntervalHistogram {
                kind: LatencyKind::Intended,
                start: Duration::from_secs(u64::from(block)),
                length: Duration::from_millis(200),
                histogram,
            }],
        );
        writer.end_group(&format!("block {block}")).unwrap();
    }
}

#[test]
fn a_campaign_is_read_back_through_latest() {
    let results = tempfile::tempdir().unwrap();
    two_blocks(results.path());
    let campaign = Campaign::open(&results.path().join("latest")).unwrap();
    assert_eq!(campaign.file, campaign_file("test"));
    let table = campaign.table().unwrap();
    assert_eq!(table.ignored, 0);
    let text = String::from_utf8(table.csv).unwrap();
    assert_eq!(
        campaign.table().unwrap().rows().unwrap(),
        [observation(1, 1.0), observation(2, 2.0)]
    );
    assert!(
        text.contains("test,1,2,1,gin,,json,rate,throughput,1/s,2,ok\n"),
        "{text}"
    );
    let merged = campaign
        .latencies("gin", "", "json", "rate", LatencyKind::Intended)
        .unwrap();
    assert_eq!(merged.len(), 2);
}

#[test]
fn an_open_group_is_not_seen() {
    let results = tempfile::tempdir().unwrap();
    let mut writer = CampaignWriter::create(results.path(), campaign_file("test")).unwrap();
    writer.observe(observation(1, 1.0));
    writer.discard_group();
    writer.end_group("nothing").unwrap();
    let campaign = Campaign::open(writer.dir().path()).unwrap();
    let text = String::from_utf8(campaign.table().unwrap().csv).unwrap();
    assert!(!text.contains("gin"), "{text}");
}

#[test]
fn another_schema_is_refused_by_name() {
    let results = tempfile::tempdir().unwrap();
    two_blocks(results.path());
    let path = results.path().join("test/campaign.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("campaign/1", "campaign/9")).unwrap();
    let err = Campaign::open(&results.path().join("test"))
        .unwrap_err()
        .to_string();
    assert!(
        err.contains("`campaign/9`") && err.contains("`campaign/1`"),
        "{err}"
    );
}

#[test]
fn a_checkout_that_changed_the_ends_of_lines_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    two_blocks(folder.path());
    let campaign = Campaign::open(&folder.path().join("latest")).unwrap();
    let table = campaign.dir.observations();
    let text = std::fs::read_to_string(&table).unwrap();
    std::fs::write(&table, text.replace('\n', "\r\n")).unwrap();
    let whole = campaign.table().unwrap_err().to_string();
    let by_row = record::scan::rows(&table, |_| Ok(()))
        .unwrap_err()
        .to_string();
    for error in [whole, by_row] {
        for says in [
            "observations.csv",
            "ends in CR LF",
            "# observations/",
            "core.autocrlf",
        ] {
            assert!(error.contains(says), "{says}: {error}");
        }
    }
}

#[test]
fn an_existing_campaign_is_never_overwritten() {
    let results = tempfile::tempdir().unwrap();
    two_blocks(results.path());
    assert!(CampaignWriter::create(results.path(), campaign_file("test")).is_err());
}

proptest! {
    /// Wherever the table is cut, the whole groups before the cut are read and nothing else.
    #[test]
    fn a_table_cut_anywhere_yields_its_whole_groups(cut in 0.0..1.0f64) {
        let results = tempfile::tempdir().unwrap();
        two_blocks(results.path());
        let path = results.path().join("test/observations.csv");
        let whole = std::fs::read(&path).unwrap();
        let head = whole.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(1).unwrap().0 + 1;
        let length = head + ((whole.len() - head) as f64 * cut) as usize;
        std::fs::write(&path, &whole[..length]).unwrap();
        let table = Campaign::open(&results.path().join("test")).unwrap().table().unwrap();
        let text = String::from_utf8(table.csv).unwrap();
        let markers = text.matches("# end ").count();
        prop_assert_eq!(text.matches("throughput").count(), markers);
        prop_assert!(text.ends_with('\n'));
        prop_assert_eq!(whole[..length].windows(6).filter(|w| w == b"# end ").count() - markers,
            usize::from(!whole[..length].ends_with(b"\n") && String::from_utf8_lossy(&whole[..length]).lines().last().unwrap().starts_with("# end ")));
    }
}

proptest! {
    // Every case waits for the disk a dozen times.
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Wherever table and histograms are cut behind the last whole block, the campaign is
    /// repaired to it, and what is measured again gives the campaign that was never cut.
    #[test]
    fn a_campaign_that_was_cut_off_goes_on_as_if_it_had_not_been(
        table in 0.0..1.0f64, hlog in 0.0..1.0f64
    ) {
        let (whole, cut) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = ["test/observations.csv", "test/histograms/json.rate/gin.launch1.hlog"];
        let read = |results: &Path| files.map(|f| std::fs::read(results.join(f)).unwrap());
        let mut writer = CampaignWriter::create(cut.path(), campaign_file("test")).unwrap();
        blocks(&mut writer, 1..=1);
        let before = read(cut.path());
        two_blocks(whole.path());
        let after = read(whole.path());
        for (i, share) in [table, hlog].into_iter().enumerate() {
            let open = (after[i].len() - before[i].len()) as f64 * share;
            let bytes = &after[i][..before[i].len() + open as usize];
            std::fs::write(cut.path().join(files[i]), bytes).unwrap();
        }
        let campaign = Campaign::open(&cut.path().join("test")).unwrap();
        let (mut writer, found) = CampaignWriter::reopen(campaign).unwrap();
        prop_assert_eq!(found.groups, ["block 1"]);
        prop_assert!(writer.has_ended("block 1") && !writer.has_ended("block 2"));
        prop_assert_eq!(read(cut.path()), before);
        blocks(&mut writer, 2..=2);
        prop_assert_eq!(read(cut.path()), after);
    }
}

#[test]
fn disturbed_blocks_are_known_after_a_break_too() {
    let results = tempfile::tempdir().unwrap();
    let mut writer = CampaignWriter::create(results.path(), campaign_file("test")).unwrap();
    for (block, flags) in [(1, [Flag::Late]), (2, [Flag::Steal]), (3, [Flag::Errors])] {
        writer.observe(observation(block, 1.0));
        writer.flag_group(&flags);
        writer.end_group(&format!("block {block}")).unwrap();
    }
    let only_environmental = BTreeSet::from([2]);
    assert_eq!(*writer.disturbed(), only_environmental);
    let campaign = Campaign::open(writer.dir().path()).unwrap();
    let (writer, _) = CampaignWriter::reopen(campaign).unwrap();
    assert_eq!(*writer.disturbed(), only_environmental);
}

#[test]
fn histograms_without_a_whole_block_are_removed() {
    let results = tempfile::tempdir().unwrap();
    two_blocks(results.path());
    let table = results.path().join("test/observations.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    let head: Vec<_> = text.lines().take(2).collect();
    std::fs::write(&table, format!("{}\ntest,1,1,1,gi", head.join("\n"))).unwrap();
    let campaign = Campaign::open(&results.path().join("test")).unwrap();
    let (_, found) = CampaignWriter::reopen(campaign).unwrap();
    assert!(found.groups.is_empty());
    assert_eq!(found.cut_from_table, 13);
    assert!(
        !results
            .path()
            .join("test/histograms/json.rate/gin.launch1.hlog")
            .exists()
    );
}

#[test]
fn a_whole_block_that_has_lost_histograms_is_not_resumed() {
    let results = tempfile::tempdir().unwrap();
    two_blocks(results.path());
    std::fs::write(
        results
            .path()
            .join("test/histograms/json.rate/gin.launch1.hlog"),
        "",
    )
    .unwrap();
    let campaign = Campaign::open(&results.path().join("test")).unwrap();
    let error = CampaignWriter::reopen(campaign).unwrap_err().to_string();
    assert!(
        error.contains("gin.launch1.hlog") && error.contains("not resumed"),
        "{error}"
    );
}

#[test]
fn a_whole_block_whose_histograms_were_changed_is_not_resumed() {
    let results = tempfile::tempdir().unwrap();
    two_blocks(results.path());
    let log = "test/histograms/json.rate/gin.launch1.hlog";
    let path = results.path().join(log);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let campaign = Campaign::open(&results.path().join("test")).unwrap();
    let error = CampaignWriter::reopen(campaign).unwrap_err().to_string();
    assert!(
        error.contains("gin.launch1.hlog") && error.contains("the sum"),
        "{error}"
    );
}
