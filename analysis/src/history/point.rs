//! One figure of a campaign, and its line in `history.csv`.

use std::collections::BTreeSet;

use record::{Metric, ModeKind};
use serde::{Deserialize, Serialize};

use crate::estimate::{Analysis, Answer, Answers, Bound, Role};
use crate::text::number::significant;

/// The first line of the file.
const SCHEMA: &str = "# history/1";
/// Of every number: differences in the last bits of a machine's mathematics are none.
const DIGITS: usize = 6;

/// One framework's answer to one question in one campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The campaign's start in UTC, RFC 3339.
    pub started: String,
    /// The campaign's name.
    pub campaign: String,
    /// The revision of the lab and its servers.
    pub revision: String,
    /// What built the servers.
    pub toolchain: String,
    /// The framework that the campaign compared with.
    pub baseline: String,
    /// What was measured.
    pub metric: String,
    /// What was asked.
    pub scenario: String,
    /// How it was asked.
    pub mode: String,
    /// The framework.
    pub framework: String,
    /// Its version.
    pub version: String,
    /// Times the baseline of the same campaign.
    pub ratio: f64,
    /// The lower end of the ratio's interval, adjusted for the campaign's comparisons.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Whether the ratio is itself or only a limit.
    pub bound: Limit,
    /// The number of pairs.
    pub n: usize,
    /// How it was measured, in a line: campaigns that differ in it are not one series. Empty in
    /// files that are older than this column.
    #[serde(default)]
    pub protocol: String,
}

/// Whether the instrument left the ratio what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// The ratio itself.
    Exact,
    /// The instrument was the bottleneck on one side.
    Limited,
}

impl Point {
    /// Where it stands in the file.
    pub(super) fn place(&self) -> impl Ord {
        let metric = Metric::ALL.iter().position(|m| m.name() == self.metric);
        [
            self.started.clone(),
            self.campaign.clone(),
            format!("{:02}", metric.unwrap_or(Metric::ALL.len())),
            self.scenario.clone(),
            self.mode.clone(),
            self.framework.clone(),
        ]
    }
}

/// What a campaign says, unordered: the rate and the CPU time of a request at saturation.
pub(super) fn points(analysis: &Analysis) -> Vec<Point> {
    let modes = &analysis.campaign.design.modes;
    let saturation = |table: &&Answers| {
        let mut modes = modes.iter();
        modes.any(|m| m.name == table.question.mode && m.kind == ModeKind::Saturation)
    };
    Metric::asked_in(ModeKind::Saturation)
        .flat_map(|metric| analysis.tables_of(metric).filter(saturation))
        .flat_map(|table| {
            let rows = table.rows.iter();
            rows.filter_map(move |row| point(analysis, table, row))
        })
        .collect()
}

fn point(analysis: &Analysis, table: &Answers, row: &Answer) -> Option<Point> {
    if row.role != Role::Subject || !row.variant.is_empty() {
        return None;
    }
    let campaign = &analysis.campaign;
    let rounded = |value: f64| significant(value, DIGITS);
    let interval = row.ratio().map(|r| r.interval);
    Some(Point {
        started: campaign.started.clone(),
        campaign: campaign.id.clone(),
        revision: campaign.lab.revision.clone(),
        toolchain: campaign.toolchains.get("go").cloned().unwrap_or_default(),
        baseline: campaign.design.baseline.clone(),
        metric: table.question.metric.name().to_owned(),
        scenario: table.question.scenario.clone(),
        mode: table.question.mode.clone(),
        framework: row.framework.clone(),
        version: analysis
            .framework(&row.framework)
            .map_or_else(String::new, |f| f.version.clone()),
        ratio: row.ratio_point().and_then(rounded)?,
        low: interval.and_then(|i| rounded(i.low)),
        high: interval.and_then(|i| rounded(i.high)),
        bound: match row.ratio_bound {
            Bound::Exact => Limit::Exact,
            _ => Limit::Limited,
        },
        n: row.differences.len(),
        protocol: protocol(analysis, table),
    })
}

/// `6 launches, 12 blocks, 200+600 ms, 64 connections, spin 2 ms`.
fn protocol(analysis: &Analysis, table: &Answers) -> String {
    let design = &analysis.campaign.design;
    let mode = design.modes.iter().find(|m| m.name == table.question.mode);
    let load = mode.map_or_else(String::new, |mode| {
        let spin = mode
            .spin_ms
            .map_or_else(String::new, |ms| format!(", spin {ms} ms"));
        format!(", {} connections{spin}", mode.connections)
    });
    format!(
        "{} launches, {} blocks, {}+{} ms{load}",
        design.launches, design.blocks, design.lead_in_ms, design.window_ms
    )
}

/// The text of a file.
pub(super) fn write(points: &[Point]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for point in points {
        writer
            .serialize(point)
            .expect("plain structures are always CSV");
    }
    let bytes = writer.into_inner().expect("memory can be written to");
    let text = String::from_utf8(bytes).expect("what was text is text");
    format!("{SCHEMA}\n{text}")
}

/// The points of a file's text; a sentence where one is bad.
pub(super) fn parse(text: &str) -> Result<Vec<Point>, String> {
    let first = text.lines().next().unwrap_or_default();
    if first != SCHEMA {
        return Err(format!("its first line is `{first}` and not `{SCHEMA}`"));
    }
    // A line is a point: a stray quote cannot make one of several.
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let mut points: Vec<Point> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut rows = reader.deserialize();
    let mut line = 2;
    while let Some(row) = rows.next() {
        line += 1;
        let bad = |problem: String| format!("line {line}: {problem}");
        let point: Point = row.map_err(|e: csv::Error| bad(e.to_string()))?;
        if rows.reader().position().line() != line + 1 {
            let problem = "a quote is opened and not closed before its end, or the file is cut off";
            return Err(bad(problem.to_owned()));
        }
        point.check().map_err(bad)?;
        let said = [
            &point.campaign,
            &point.metric,
            &point.scenario,
            &point.mode,
            &point.framework,
        ];
        if !seen.insert(said.map(String::clone)) {
            let of = said[1..].iter().map(|s| s.as_str());
            let of = of.collect::<Vec<_>>().join(" ");
            return Err(bad(format!("{} has said {of} before", point.campaign)));
        }
        points.push(point);
    }
    Ok(points)
}

impl Point {
    /// A sentence where it is none that the lab writes.
    fn check(&self) -> Result<(), String> {
        let of = || format!("{} in {}", self.framework, self.campaign);
        if Metric::named(&self.metric).is_none() {
            return Err(format!("it has the unknown metric `{}`", self.metric));
        }
        if !is_time(&self.started) {
            return Err(format!(
                "`{}` is no time such as 2026-01-02T03:04:05Z",
                self.started
            ));
        }
        let is_ratio = |value: f64| value.is_finite() && value > 0.0;
        if !is_ratio(self.ratio) {
            return Err(format!(
                "the ratio of {} is {}, which none can be",
                of(),
                self.ratio
            ));
        }
        match (self.low, self.high) {
            (None, None) => Ok(()),
            (Some(low), Some(high)) if is_ratio(low) && is_ratio(high) && low <= high => Ok(()),
            (Some(low), Some(high)) => Err(format!(
                "the interval of {} is {low} to {high}, which none can be",
                of()
            )),
            _ => Err(format!("the interval of {} has one end", of())),
        }
    }
}

/// Whether it is a time in UTC, RFC 3339, to the second.
fn is_time(text: &str) -> bool {
    let shape = "0000-00-00T00:00:00Z";
    text.len() == shape.len()
        && (text.bytes().zip(shape.bytes())).all(|(byte, like)| match like {
            b'0' => byte.is_ascii_digit(),
            _ => byte == like,
        })
}
