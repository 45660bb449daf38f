//! `summary.json`: the numbers of the report for programs.

use std::collections::{BTreeMap, BTreeSet};

use record::{Finding, ModeKind, Stopped};
use serde::Serialize;

use super::pairs;
use crate::estimate::{Analysis, Answer, Answers, LEVEL, LaunchShape, Role, Steadiness};
use crate::text::number::significant;

/// Raised when a reader of the old one would be misled.
const SCHEMA: &str = "summary/1";
/// Of every number in the file.
pub(crate) const DIGITS: usize = 6;
/// Who is in `top3`, where they took part, of campaigns that are older than the declaration: a name a
/// line.
const KNOWN_BEFORE: &str = include_str!("known-before.txt");

#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    campaign: &'a str,
    experiment: &'a str,
    status: record::Status,
    quick: bool,
    pinned: bool,
    seed: u64,
    baseline: &'a str,
    headline: Vec<String>,
    /// What of the raw data is not as it was planned; left out where they are whole.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    completeness: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<super::comparison::Findings>,
}

/// The results, behind what only the campaign's kind has.
#[derive(Serialize)]
struct Results<'a> {
    top3: BTreeMap<&'a str, BTreeMap<String, f64>>,
    excluded: BTreeMap<&'a str, &'a str>,
    level: Option<f64>,
    primary: &'a [String],
    margins: &'a BTreeMap<String, f64>,
    stopped: Option<&'a Stopped>,
    blocks: BlockCounts,
    steady_state: Vec<SteadyEntry<'a>>,
    launches: Vec<LaunchesEntry<'a>>,
    slow_requests: Vec<TailEntry<'a>>,
    noise_floor: Vec<FloorEntry<'a>>,
    results: Vec<Entry<'a>>,
}

/// What became of the blocks under load.
#[derive(Serialize)]
struct BlockCounts {
    measured: usize,
    disturbed: usize,
    /// Measured again; only the repeat counts.
    superseded: usize,
    /// They count, with their flags.
    disturbed_that_count: usize,
}

/// Whether a server's launches came to rest.
#[derive(Serialize)]
struct SteadyEntry<'a> {
    framework: &'a str,
    variant: &'a str,
    verdict: &'static str,
    flagged: usize,
    launches: usize,
    /// The classes of the launches relative to the other servers of each block, in order.
    beside: Vec<LaunchEntry<'a>>,
    /// The same with what the machine did to all.
    itself: Vec<LaunchEntry<'a>>,
    least_step_ratio: Option<f64>,
    first_window: Option<FirstEntry>,
}

#[derive(Serialize)]
struct LaunchEntry<'a> {
    launch: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<&'a (String, String)>,
    windows: usize,
    class: String,
    /// The first windows of the later stretches, from 1.
    changes: Vec<usize>,
}

#[derive(Serialize)]
struct FirstEntry {
    ratio: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    launches: usize,
}

/// How much a fresh start moves the ratios of one metric in one mode.
#[derive(Serialize)]
struct LaunchesEntry<'a> {
    metric: &'static str,
    mode: &'a str,
    comparisons: usize,
    /// The share of the variance between launches; below 0 where they differ less than by chance.
    icc: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    level: f64,
}

/// How the requests beyond a percentile are spread over the blocks.
#[derive(Serialize)]
struct TailEntry<'a> {
    scenario: &'a str,
    mode: &'a str,
    metric: &'static str,
    a_block: Option<f64>,
    /// The share of them in the worst tenth of the blocks.
    worst_tenth: Option<f64>,
    /// Whether they are so even that the percentiles have intervals.
    even: bool,
}

/// What two copies of the baseline made of one question.
#[derive(Serialize)]
struct FloorEntry<'a> {
    scenario: &'a str,
    mode: &'a str,
    metric: &'static str,
    /// The second copy over the first.
    aa_ratio: Option<f64>,
    /// The smallest ratio that may be called.
    floor_ratio: Option<f64>,
    pairs: usize,
}

/// One server's answer to one question.
#[derive(Serialize)]
struct Entry<'a> {
    framework: &'a str,
    variant: &'a str,
    class: &'static str,
    role: &'static str,
    scenario: &'a str,
    mode: &'a str,
    metric: &'static str,
    unit: &'static str,
    estimate: Option<f64>,
    bound: &'static str,
    low: Option<f64>,
    high: Option<f64>,
    p95: Option<f64>,
    ratio: Option<RatioEntry>,
    verdict: &'static str,
    /// Against the margin; null without a margin or a verdict.
    size: Option<String>,
    /// The best and the worst place among the frameworks; null where they are not ranked.
    rank: Option<[usize; 2]>,
    mde_ratio: Option<f64>,
    /// Of the adjusted interval.
    mde_adjusted_ratio: Option<f64>,
    /// The same from undisturbed blocks alone; null where no block that counts was disturbed.
    undisturbed: Option<Undisturbed>,
    n: usize,
    windows: usize,
    windows_without_value: usize,
    flags: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct Undisturbed {
    estimate: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    ratio: Option<RatioEntry>,
    verdict: &'static str,
    size: Option<String>,
    n: usize,
}

#[derive(Serialize)]
struct RatioEntry {
    point: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    level: Option<f64>,
    p_adjusted: Option<f64>,
    method: Option<String>,
    /// Of the interval: fewer than pairs where launches had to be told from blocks.
    df: Option<f64>,
    /// Half the width in log units at 95 %, before it is adjusted for other comparisons.
    half_width: Option<f64>,
    bound: &'static str,
    n: usize,
}

/// The file's bytes.
pub(super) fn json(analysis: &Analysis) -> Vec<u8> {
    let campaign = &analysis.campaign;
    let head = Head {
        schema: SCHEMA,
        campaign: &campaign.id,
        experiment: &campaign.design.experiment,
        status: campaign.status,
        quick: campaign.quick,
        pinned: campaign.pinned,
        seed: campaign.seed,
        baseline: analysis.baseline_name(),
        headline: super::headline(analysis),
        completeness: &analysis.completeness,
        comparison: super::comparison::findings(analysis),
    };
    let results = Results {
        top3: top3(analysis),
        excluded: campaign
            .frameworks
            .iter()
            .filter_map(|f| Some((f.name.as_str(), f.excluded.as_deref()?)))
            .collect(),
        level: significant(analysis.level, DIGITS),
        primary: &campaign.method.primary,
        margins: &campaign.method.margins,
        stopped: campaign.course.stopped.as_ref(),
        blocks: BlockCounts {
            measured: analysis.blocks.measured.len(),
            disturbed: analysis.blocks.disturbed.len(),
            superseded: analysis.blocks.superseded.len(),
            disturbed_that_count: analysis.blocks.disturbed_that_count().len(),
        },
        steady_state: analysis.steadiness.iter().map(steady).collect(),
        launches: launches(analysis),
        slow_requests: analysis.tables.iter().filter_map(tail).collect(),
        noise_floor: analysis.tables.iter().filter_map(floor).collect(),
        results: analysis
            .tables
            .iter()
            .flat_map(|t| t.rows.iter().map(move |r| entry(analysis, t, r)))
            .collect(),
    };
    let parts = [
        Some(pretty(&head)),
        analysis.kind.json(),
        Some(pretty(&results)),
        Some(format!("{{\n  \"pairs\": {}\n}}", pairs::json(analysis))),
    ];
    let members: Vec<String> = (parts.into_iter().flatten())
        .map(|object| members(&object).to_owned())
        .collect();
    format!("{{\n{}\n}}\n", members.join(",\n")).into_bytes()
}

/// An object's text.
pub(crate) fn pretty(object: &impl Serialize) -> String {
    serde_json::to_string_pretty(object).expect("plain structures are always JSON")
}

/// What stands between an object's braces.
fn members(object: &str) -> &str {
    let open = object.strip_prefix("{\n").unwrap_or(object);
    open.strip_suffix("\n}").unwrap_or(open)
}

fn top3(analysis: &Analysis) -> BTreeMap<&str, BTreeMap<String, f64>> {
    let mut chosen: BTreeSet<&str> = analysis.ranking().into_iter().take(3).collect();
    let known: Vec<&str> = match &analysis.campaign.method.known {
        Some(declared) => declared.iter().map(String::as_str).collect(),
        None => KNOWN_BEFORE.lines().collect(),
    };
    chosen.extend(known.into_iter().filter(|name| analysis.took_part(name)));
    chosen
        .into_iter()
        .map(|name| (name, figures(analysis, name)))
        .collect()
}

/// `json_throughput`, `json_cpu_us`, `json_p99_us`, `startup_ms`, `rss_idle_mib`, ...: of the
/// first mode of each kind.
fn figures(analysis: &Analysis, framework: &str) -> BTreeMap<String, f64> {
    let first = |kind: ModeKind| {
        let mut modes = analysis.campaign.design.modes.iter();
        modes.find(|m| m.kind == kind).map(|m| m.name.as_str())
    };
    let (saturation, rate) = (first(ModeKind::Saturation), first(ModeKind::Rate));
    let mut figures = BTreeMap::new();
    for table in &analysis.tables {
        let question = &table.question;
        let (metric, mode) = (question.metric, Some(question.mode.as_str()));
        let Some(figure) = metric.words().figure else {
            continue;
        };
        // What is asked in both is named for the rate there.
        let both = metric.is_asked_in(ModeKind::Saturation);
        let scenario = match metric.asked_apart() {
            None if mode == rate && both => format!("{}_rate", question.scenario),
            None if mode == rate || mode == saturation => question.scenario.clone(),
            None => continue,
            Some(_) => question.scenario.clone(),
        };
        let name = figure.replace("{scenario}", &scenario);
        let name = name.replace("{mode}", &question.mode);
        let value = table
            .row(framework)
            .and_then(|r| significant(r.estimate, DIGITS));
        figures.extend(value.map(|v| (name, v)));
    }
    figures
}

fn floor(table: &Answers) -> Option<FloorEntry<'_>> {
    let floor = table.floor?;
    Some(FloorEntry {
        scenario: &table.question.scenario,
        mode: &table.question.mode,
        metric: table.question.metric.name(),
        aa_ratio: significant(floor.ratio, DIGITS),
        floor_ratio: significant(floor.floor.exp(), DIGITS),
        pairs: floor.n,
    })
}

fn steady(server: &Steadiness) -> SteadyEntry<'_> {
    let (flagged, launches) = server.flagged();
    let first = server.first.map(|first| FirstEntry {
        ratio: rounded(first.ratio),
        low: first.interval.and_then(|i| rounded(i.low)),
        high: first.interval.and_then(|i| rounded(i.high)),
        launches: first.launches,
    });
    SteadyEntry {
        framework: &server.framework,
        variant: &server.variant,
        verdict: server.verdict().word(),
        flagged,
        launches,
        beside: server.beside.iter().map(launch).collect(),
        itself: server.itself.iter().map(launch).collect(),
        least_step_ratio: server.least_step.map(f64::exp).and_then(rounded),
        first_window: first,
    }
}

fn tail(table: &Answers) -> Option<TailEntry<'_>> {
    let tail = table.tail?;
    Some(TailEntry {
        scenario: &table.question.scenario,
        mode: &table.question.mode,
        metric: table.question.metric.name(),
        a_block: rounded(tail.slow_a_block),
        worst_tenth: rounded(tail.worst_tenth),
        even: tail.is_even(),
    })
}

fn launches(analysis: &Analysis) -> Vec<LaunchesEntry<'_>> {
    let mut kinds = BTreeSet::new();
    (analysis.tables.iter())
        .filter(|t| kinds.insert((t.question.metric, t.question.mode.as_str())))
        .filter_map(|table| {
            let component = table.launches?;
            let interval = component.interval(LEVEL);
            Some(LaunchesEntry {
                metric: table.question.metric.name(),
                mode: &table.question.mode,
                comparisons: component.rows,
                icc: rounded(component.icc),
                low: interval.and_then(|i| rounded(i.low)),
                high: interval.and_then(|i| rounded(i.high)),
                level: LEVEL,
            })
        })
        .collect()
}

fn launch(launch: &LaunchShape) -> LaunchEntry<'_> {
    LaunchEntry {
        launch: launch.launch,
        cell: launch.cell.as_ref(),
        windows: launch.windows,
        class: launch.class.to_string(),
        changes: (launch.segments.iter().skip(1))
            .map(|segment| segment.start + 1)
            .collect(),
    }
}

fn rounded(value: f64) -> Option<f64> {
    significant(value, DIGITS)
}

/// A row's ratio with the adjusted interval, which is the one that the report shows.
fn ratio(row: &Answer) -> Option<RatioEntry> {
    let interval = row.ratio().map(|r| r.interval);
    row.ratio_point().map(|point| RatioEntry {
        point: rounded(point),
        low: interval.and_then(|i| rounded(i.low)),
        high: interval.and_then(|i| rounded(i.high)),
        level: row.ratio().and_then(|r| rounded(r.level)),
        p_adjusted: row.ratio.and_then(|c| significant(c.p, 3)),
        method: row.ratio().map(|r| r.method.to_string()),
        df: row.ratio().and_then(|_| rounded(row.design.df)),
        half_width: (row.ratio()).and_then(|_| rounded(row.half_width()?)),
        bound: row.ratio_bound.name(),
        n: row.differences.len(),
    })
}

/// The row as it is without the blocks that were disturbed.
fn undisturbed(analysis: &Analysis, table: &Answers, row: &Answer) -> Option<Undisturbed> {
    let without = analysis.undisturbed.as_ref()?;
    let same = without.iter().find(|t| t.question == table.question);
    let row = same?.same(row)?;
    Some(Undisturbed {
        estimate: rounded(row.estimate),
        low: row.interval.and_then(|i| rounded(i.low)),
        high: row.interval.and_then(|i| rounded(i.high)),
        ratio: ratio(row),
        verdict: row.verdict.word(table.question.metric),
        size: row.size.map(|s| s.to_string()),
        n: row.blocks,
    })
}

fn entry<'a>(analysis: &'a Analysis, table: &'a Answers, row: &'a Answer) -> Entry<'a> {
    let question = &table.question;
    Entry {
        framework: &row.framework,
        variant: &row.variant,
        class: analysis
            .framework(&row.framework)
            .map_or("unknown", |f| f.class.name()),
        role: match row.role {
            Role::Baseline => "baseline",
            Role::Twin => "twin",
            Role::Subject => "subject",
        },
        scenario: &question.scenario,
        mode: &question.mode,
        metric: question.metric.name(),
        unit: question.metric.unit(),
        estimate: rounded(row.estimate),
        bound: row.bound.name(),
        low: row.interval.and_then(|i| rounded(i.low)),
        high: row.interval.and_then(|i| rounded(i.high)),
        p95: row.p95.and_then(rounded),
        ratio: ratio(row),
        verdict: row.verdict.word(question.metric),
        size: row.size.map(|s| s.to_string()),
        rank: table.places(row).map(|p| [p.best, p.worst]),
        mde_ratio: row.mde().map(f64::exp).and_then(rounded),
        mde_adjusted_ratio: row.mde_adjusted().map(f64::exp).and_then(rounded),
        undisturbed: undisturbed(analysis, table, row),
        n: row.blocks,
        windows: row.windows,
        windows_without_value: row.lost,
        flags: row.flags.iter().map(|(f, n)| (f.name(), *n)).collect(),
    }
}
