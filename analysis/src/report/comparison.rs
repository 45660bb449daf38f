//! The answer of a campaign that compares two versions: one sentence, and the numbers behind it.

use record::{Comparison, Metric};
use serde::Serialize;

use crate::estimate::{Analysis, Bound, Duet, Found, Role, Row, Table, Verdict};
use crate::text::number::{self, significant};

/// Of every number: differences in the last bits of a machine's mathematics are none.
const DIGITS: usize = 6;

/// One metric of the new version against the base.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// `duet` (both at once) or `interleaved` (in turn).
    pub design: &'static str,
    /// What was asked.
    pub scenario: String,
    /// How it was asked.
    pub mode: String,
    /// What was measured.
    pub metric: &'static str,
    /// Whether a larger value is the better one.
    pub higher_is_better: bool,
    /// New over base; a bound only where something is called all the same, as the true ratio lies
    /// further out.
    pub ratio: Option<f64>,
    /// Whether the ratio is itself or a bound.
    #[serde(skip_serializing_if = "Bound::is_exact")]
    pub bound: Bound,
    /// The interval's lower end, adjusted for the family of comparisons.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// The interval's own confidence level: 95 % before any adjustment, 97 % by duet where the
    /// launches were ended by their precision.
    pub level: Option<f64>,
    /// A ratio nearer to 1 than this is never called.
    pub floor_ratio: Option<f64>,
    /// A copy of the base over the base.
    pub aa_ratio: Option<f64>,
    /// What may be said: `more`, `less`, `faster`, `slower`, `undecided`, ...
    pub verdict: &'static str,
    /// Whether the verdict is that the new version is worse.
    pub worse: bool,
    /// Whether the verdict is a difference.
    #[serde(skip)]
    pub called: bool,
    /// The number of pairs.
    pub n: usize,
}

/// What a campaign that compares two versions found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Findings {
    /// Which two.
    pub versions: Comparison,
    /// The answer in a sentence.
    pub answer: String,
    /// The duet's primary answer first, then the interleaved ones in the order of the report.
    pub metrics: Vec<Moved>,
    /// Whether the duet's positive control was found; absent without one.
    pub control: Option<Control>,
}

/// What came of the positive control.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Control {
    /// `found`, `found, but not its size` or `not found`.
    pub result: &'static str,
    /// The ratio that it should have had.
    pub truth_ratio: Option<f64>,
    /// The ratio that was measured.
    pub ratio: Option<f64>,
    /// Its interval's lower end.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
}

/// What a comparison found; nothing for a campaign that compares no versions.
pub fn findings(analysis: &Analysis) -> Option<Findings> {
    let versions = analysis.campaign.method.comparison.clone()?;
    let mut metrics: Vec<Moved> = analysis.duet.iter().filter_map(by_duet).collect();
    for table in &analysis.tables {
        metrics.extend(table.row(&versions.new).map(|row| in_turn(table, row)));
    }
    Some(Findings {
        answer: answer(analysis, &versions, &metrics),
        control: analysis.duet.as_ref().and_then(control),
        versions,
        metrics,
    })
}

fn by_duet(duet: &Duet) -> Option<Moved> {
    let side = duet.versions.as_ref()?;
    let rounded = |value: f64| significant(value, DIGITS);
    let interval = side.ratio.map(|r| r.interval);
    let metric = Metric::CpuPerRequest;
    Some(Moved {
        design: "duet",
        scenario: duet.design.scenario.clone(),
        mode: "duet-versions".to_owned(),
        metric: metric.name(),
        higher_is_better: false,
        ratio: side.point().and_then(rounded),
        bound: Bound::Exact,
        low: interval.and_then(|i| rounded(i.low)),
        high: interval.and_then(|i| rounded(i.high)),
        level: side.ratio.and_then(|r| rounded(r.level)),
        floor_ratio: duet.floor.map(f64::exp).and_then(rounded),
        aa_ratio: (duet.twins.as_ref()).and_then(|t| t.point().and_then(rounded)),
        verdict: duet.verdict.word(metric),
        worse: duet.verdict == Verdict::Worse,
        called: duet.verdict.is_called(),
        n: side.differences.len(),
    })
}

fn in_turn(table: &Table, row: &Row) -> Moved {
    let rounded = |value: f64| significant(value, DIGITS);
    let metric = table.question.metric;
    let exact = row.ratio_bound.is_exact();
    let known = exact || row.verdict.is_called();
    let interval = row.ratio().filter(|_| exact).map(|r| r.interval);
    Moved {
        design: "interleaved",
        scenario: table.question.scenario.clone(),
        mode: table.question.mode.clone(),
        metric: metric.name(),
        higher_is_better: metric.higher_is_better(),
        ratio: row.ratio_point().filter(|_| known).and_then(rounded),
        bound: row.ratio_bound,
        low: interval.and_then(|i| rounded(i.low)),
        high: interval.and_then(|i| rounded(i.high)),
        level: row.ratio().and_then(|r| rounded(r.level)),
        floor_ratio: table.floor.and_then(|f| rounded(f.floor.exp())),
        aa_ratio: table.floor.and_then(|f| rounded(f.ratio)),
        verdict: row.verdict.word(metric),
        worse: row.verdict == Verdict::Worse,
        called: row.verdict.is_called(),
        n: row.differences.len(),
    }
}

fn control(duet: &Duet) -> Option<Control> {
    let side = duet.control.as_ref()?;
    let rounded = |value: f64| significant(value, DIGITS);
    Some(Control {
        result: match duet.found()? {
            Found::Yes => "found",
            Found::Wrong => "found, but not its size",
            Found::No => "not found",
        },
        truth_ratio: duet.truth.and_then(rounded),
        ratio: side.point().and_then(rounded),
        low: side.ratio.and_then(|r| rounded(r.interval.low)),
        high: side.ratio.and_then(|r| rounded(r.interval.high)),
    })
}

/// `CPU time per request (both at once): the new version takes 2.1 % more (1.6 % to 2.6 %) ...`
fn answer(analysis: &Analysis, versions: &Comparison, metrics: &[Moved]) -> String {
    let mut text = format!("{} against {}: ", versions.new_is, versions.base_is);
    let duet = analysis.duet.as_ref();
    let first = metrics.iter().find(|m| m.design == "duet");
    text += &match (first, duet.map(|d| d.verdict)) {
        (Some(moved), Some(verdict)) if verdict.is_called() => format!(
            "{} CPU time per request ({})",
            relative(moved.ratio, "more", "less"),
            span(moved)
        ),
        (_, Some(Verdict::SameCode)) => {
            "both are the same machine code, so that no measurement can tell them apart".to_owned()
        }
        (Some(moved), Some(Verdict::Undecided)) => format!(
            "no difference in CPU time per request was found ({}; one of {} would have been, four times in five)",
            span(moved),
            duet.and_then(|d| d.versions.as_ref()?.mde())
                .map_or_else(|| "unknown size".to_owned(), number::percent)
        ),
        (Some(_), Some(Verdict::TooFewBlocks)) => {
            "too few launches to judge CPU time per request".to_owned()
        }
        _ => "CPU time per request was not compared".to_owned(),
    };
    match duet.and_then(Duet::found) {
        Some(Found::Yes) => text += "; the known extra work of the control was found",
        Some(Found::Wrong) => {
            text += "; the known extra work of the control was found, but its size lies outside of the interval";
        }
        Some(Found::No) => {
            text += "; the known extra work of the control was not found, so this run could not see a difference of that size either";
        }
        None => {}
    }
    let called: Vec<String> = analysis
        .tables
        .iter()
        .filter_map(|table| Some((table, table.row(&versions.new)?)))
        .filter(|(_, row)| row.role == Role::Subject && row.verdict.is_called())
        .map(|(table, row)| {
            let question = &table.question;
            let words = match question.metric.higher_is_better() {
                true => ("more", "fewer"),
                false => ("more", "less"),
            };
            format!(
                "{}{} {} in {}, {}",
                match row.ratio_bound.is_exact() {
                    true => "",
                    false => "at least ",
                },
                relative(row.ratio_point(), words.0, words.1),
                name(question.metric),
                question.scenario,
                question.mode
            )
        })
        .collect();
    if analysis.campaign.same_code() {
        return text + ".";
    }
    text += &match called.len() {
        0 => "; of what was measured in turn, nothing differs beyond noise".to_owned(),
        _ => format!("; measured in turn: {}", crate::text::list(&called)),
    };
    text + "."
}

/// `2.1 % more`.
fn relative(ratio: Option<f64>, more: &str, less: &str) -> String {
    match ratio {
        Some(ratio) if ratio >= 1.0 => format!("{} {more}", number::share(ratio - 1.0)),
        Some(ratio) => format!("{} {less}", number::share(1.0 - ratio)),
        None => "an unknown amount of".to_owned(),
    }
}

/// `97 % interval -0.1 % to 0.4 %, noise floor 0.3 %`.
fn span(moved: &Moved) -> String {
    let share =
        |ratio: Option<f64>| ratio.map_or_else(|| "unknown".to_owned(), |r| number::share(r - 1.0));
    format!(
        "{} interval {} to {}, noise floor {}",
        number::share(moved.level.unwrap_or(crate::estimate::LEVEL)),
        share(moved.low),
        share(moved.high),
        share(moved.floor_ratio)
    )
}

/// A metric in a sentence.
pub(crate) fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::Throughput => "requests/s",
        Metric::CpuPerRequest => "CPU time per request",
        Metric::InstructionsPerRequest => "instructions per request",
        Metric::LatencyP50 => "p50 latency",
        Metric::LatencyP99 => "p99 latency",
        Metric::LatencyP999 => "p99.9 latency",
        Metric::Startup => "startup time",
        Metric::Rss => "resident memory",
        Metric::BinarySize => "binary size",
        other => other.name(),
    }
}

impl Moved {
    /// What was measured, of what: `requests/s, json`, `resident memory, idle`. What has no
    /// scenario is told without one.
    pub(crate) fn what(&self) -> String {
        match Metric::named(self.metric) {
            Some(metric @ (Metric::Startup | Metric::BinarySize)) => name(metric).to_owned(),
            Some(Metric::Rss) => format!("{}, {}", name(Metric::Rss), self.mode),
            Some(metric) => format!("{}, {}", name(metric), self.scenario),
            None => format!("{}, {}", self.metric, self.scenario),
        }
    }

    /// How it was measured: `both at once`, `in turn, saturation`.
    pub(crate) fn how(&self) -> String {
        match (self.design, Metric::named(self.metric)) {
            ("duet", _) => "both at once".to_owned(),
            (_, Some(Metric::Startup)) => "in turn, cold starts".to_owned(),
            (_, Some(Metric::Rss)) => "in turn, once a launch".to_owned(),
            (_, Some(Metric::BinarySize)) => "the file".to_owned(),
            _ => format!("in turn, {}", self.mode),
        }
    }
}
