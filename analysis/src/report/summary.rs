//! `summary.json`: the numbers of the report for programs.

use std::collections::{BTreeMap, BTreeSet};

use record::{Finding, Metric, ModeKind, Stopped};
use serde::Serialize;

use stats::Interval;
use stats::trend::Trend;

use super::pairs;
use crate::estimate::{
    Analysis, Bound, LEVEL, LaunchShape, Role, Row, Soak, Steadiness, Table, Watched,
};
use crate::text::number::significant;

/// Raised when a reader of the old one would be misled.
const SCHEMA: &str = "summary/1";
/// Of every number in the file.
const DIGITS: usize = 6;
/// They are in `top3` whenever they took part.
const ALWAYS: [&str; 3] = ["gin", "echo", "fiber"];

#[derive(Serialize)]
struct Summary<'a> {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    soak: Option<Vec<SoakEntry<'a>>>,
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

/// One server's long window on many connections.
#[derive(Serialize)]
struct SoakEntry<'a> {
    framework: &'a str,
    variant: &'a str,
    scenario: &'a str,
    mode: &'a str,
    /// Medians over the intervals, counts of the window and what a connection costs.
    figures: BTreeMap<&'static str, f64>,
    /// The figures that are only lower bounds, because requests failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    at_least: Vec<&'static str>,
    p99_drift: Option<DriftEntry>,
    memory_drift: Option<DriftEntry>,
    /// Values by metric, one an interval; null where there is none.
    intervals: BTreeMap<&'static str, Vec<Option<f64>>>,
}

/// A relative change a minute.
#[derive(Serialize)]
struct DriftEntry {
    a_minute: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    level: Option<f64>,
    /// Whether it is itself or a bound, because requests failed in some intervals.
    #[serde(skip_serializing_if = "Bound::is_exact")]
    bound: Bound,
    shown: bool,
    /// `drifts`, `level` or `cannot tell`.
    told: &'static str,
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
    let summary = Summary {
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
        soak: analysis
            .soak
            .as_ref()
            .map(|soak| soak.servers.iter().map(|s| watched(soak, s)).collect()),
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
    let text = serde_json::to_string_pretty(&summary).expect("plain structures are always JSON");
    let open = text.strip_suffix("\n}").unwrap_or(&text);
    format!("{open},\n  \"pairs\": {}\n}}\n", pairs::json(analysis)).into_bytes()
}

fn watched<'a>(soak: &Soak, server: &'a Watched) -> SoakEntry<'a> {
    let rounded = |value: f64| significant(value, DIGITS);
    let drift = |trend: Option<Trend>, bound: Bound| {
        let trend = trend?;
        let end = |of: fn(&Interval) -> f64| {
            let end = trend.interval.as_ref().map(of)?;
            rounded(end.exp_m1())
        };
        Some(DriftEntry {
            a_minute: rounded(trend.slope.exp_m1()),
            low: end(|i| i.low),
            high: end(|i| i.high),
            level: rounded(soak.level),
            bound,
            shown: Watched::is_called(&trend, bound),
            told: server.told(Some(trend), bound, soak.interval).word(),
        })
    };
    let figures = [
        ("p99_us", server.median(Metric::LatencyP99)),
        ("rss_mib", server.median(Metric::Rss)),
        ("pss_mib", server.median(Metric::Pss)),
        ("goroutines", server.median(Metric::Goroutines)),
        ("bytes_a_connection", server.bytes_a_connection()),
        ("goroutines_a_connection", server.goroutines_a_connection()),
        (
            "connections",
            server.whole.get(&Metric::Connections).copied(),
        ),
        (
            "connections_lost",
            server.whole.get(&Metric::ConnectionsLost).copied(),
        ),
        ("errors", server.whole.get(&Metric::Errors).copied()),
    ];
    let metrics = [
        Metric::Throughput,
        Metric::LatencyP50,
        Metric::LatencyP99,
        Metric::LatencyP999,
        Metric::Errors,
        Metric::Rss,
        Metric::Pss,
        Metric::Goroutines,
    ];
    SoakEntry {
        framework: &server.framework,
        variant: &server.variant,
        scenario: &server.scenario,
        mode: &server.mode,
        figures: figures
            .into_iter()
            .filter_map(|(name, value)| Some((name, rounded(value?)?)))
            .collect(),
        at_least: (server.median_is_at_least(Metric::LatencyP99))
            .then_some("p99_us")
            .into_iter()
            .collect(),
        p99_drift: drift(server.p99_drift(), server.p99_drift_bound()),
        memory_drift: drift(server.memory_drift(), Bound::Exact),
        intervals: metrics
            .into_iter()
            .map(|metric| {
                let value = |v: &BTreeMap<Metric, f64>| v.get(&metric).copied().and_then(rounded);
                (metric.name(), server.intervals.iter().map(value).collect())
            })
            .collect(),
    }
}

fn top3(analysis: &Analysis) -> BTreeMap<&str, BTreeMap<String, f64>> {
    let mut chosen: BTreeSet<&str> = analysis.ranking().into_iter().take(3).collect();
    chosen.extend(ALWAYS.into_iter().filter(|name| analysis.took_part(name)));
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
        let scenario = &question.scenario;
        let mode = Some(question.mode.as_str());
        let name = match question.metric {
            Metric::Throughput if mode == saturation => format!("{scenario}_throughput"),
            Metric::CpuPerRequest if mode == saturation => format!("{scenario}_cpu_us"),
            Metric::CpuPerRequest if mode == rate => format!("{scenario}_rate_cpu_us"),
            Metric::LatencyP50 if mode == rate => format!("{scenario}_p50_us"),
            Metric::LatencyP99 if mode == rate => format!("{scenario}_p99_us"),
            Metric::LatencyP999 if mode == rate => format!("{scenario}_p999_us"),
            Metric::Startup => "startup_ms".to_owned(),
            Metric::Rss => format!("rss_{}_mib", question.mode),
            Metric::BinarySize => "binary_mib".to_owned(),
            _ => continue,
        };
        let value = table
            .row(framework)
            .and_then(|r| significant(r.estimate, DIGITS));
        figures.extend(value.map(|v| (name, v)));
    }
    figures
}

fn floor(table: &Table) -> Option<FloorEntry<'_>> {
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

fn tail(table: &Table) -> Option<TailEntry<'_>> {
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
fn ratio(row: &Row) -> Option<RatioEntry> {
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
fn undisturbed(analysis: &Analysis, table: &Table, row: &Row) -> Option<Undisturbed> {
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

fn entry<'a>(analysis: &'a Analysis, table: &'a Table, row: &'a Row) -> Entry<'a> {
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
        rank: row.places.map(|p| [p.best, p.worst]),
        mde_ratio: row.mde().map(f64::exp).and_then(rounded),
        mde_adjusted_ratio: row.mde_adjusted().map(f64::exp).and_then(rounded),
        undisturbed: undisturbed(analysis, table, row),
        n: row.blocks,
        windows: row.windows,
        windows_without_value: row.lost,
        flags: row.flags.iter().map(|(f, n)| (f.name(), *n)).collect(),
    }
}
