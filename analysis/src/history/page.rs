//! `history.md` and `history.html`: a chapter a question, a line a framework.

use std::collections::{BTreeMap, BTreeSet};

use record::Metric;

use super::point::{Limit, Point};
use super::series::{LEAST, Line};
use super::{FILE, History, chart};
use crate::error::AnalysisError;
use crate::report::charts::Chart;
use crate::report::document::{Cell, Column, Document, RowGroup, Table, Text};
use crate::report::{Rendered, html, markdown};
use crate::text::{self, number};

/// All files of a history.
pub(super) fn render(
    history: &History,
    title: &str,
    engines: &BTreeMap<String, String>,
) -> Result<Rendered, AnalysisError> {
    let lines = history.lines();
    let questions: Vec<&[Line]> = lines.chunk_by(|a, b| question(a) == question(b)).collect();
    let charts: Vec<Chart> = questions
        .iter()
        .map(|lines| chart::draw(lines, engines))
        .collect::<Result<_, _>>()?;
    let page = document(history, title, &questions, &charts);
    let mut files = BTreeMap::from([
        (FILE.to_owned(), history.csv().into_bytes()),
        (
            "history.md".to_owned(),
            markdown::render(&page).into_bytes(),
        ),
        ("history.html".to_owned(), html::render(&page).into_bytes()),
    ]);
    for chart in charts {
        files.insert(format!("charts/{}.svg", chart.name), chart.svg.into_bytes());
    }
    Ok(Rendered { files })
}

/// The page without its charts.
pub(super) fn text(history: &History, title: &str) -> String {
    let lines = history.lines();
    let questions: Vec<&[Line]> = lines.chunk_by(|a, b| question(a) == question(b)).collect();
    let mut page = document(history, title, &questions, &[]);
    page.command = "lab history".to_owned();
    markdown::render(&page)
}

fn question(line: &Line) -> [&str; 4] {
    [&line.metric, &line.scenario, &line.mode, &line.baseline]
}

fn document<'a>(
    history: &History,
    title: &str,
    questions: &[&[Line]],
    charts: &'a [Chart],
) -> Document<'a> {
    let mut page = Document {
        command: "lab report --publish".to_owned(),
        ..Document::default()
    };
    page.heading(1, format!("History: {title}"));
    let campaigns: BTreeSet<(&str, &str)> = (history.points.iter())
        .map(|p| (p.started.as_str(), p.campaign.as_str()))
        .collect();
    page.paragraph(format!(
        "{} published from this host. A figure is the ratio to the baseline of the same campaign; absolute values change with the host and are not followed. A level that changed for every framework at once is the baseline's change, the toolchain's or the host's.",
        text::count(campaigns.len(), "campaign"),
    ));
    page.paragraph(format!(
        "A change is marked where E-divisive means splits a series and Student's t test between the two stretches has p below {} and they are {} apart or more; three campaigns are the least for one, and most need more. What the instrument limited is shown hollow and marks no change.",
        stats::history::MAX_P,
        number::percent(LEAST),
    ));
    let ways: BTreeSet<&str> = history.points.iter().map(|p| p.protocol.as_str()).collect();
    if ways.len() > 1 {
        page.paragraph(format!(
            "These campaigns were measured in {} ways ({}): no line joins two of them, and no change is looked for across.",
            ways.len(),
            { ways.iter() }
                .map(|way| if way.is_empty() { "one that was not recorded" } else { way })
                .collect::<Vec<_>>()
                .join("; ")
        ));
    }
    page.paragraph(marked(questions));
    for (i, lines) in questions.iter().enumerate() {
        let title = chart::title(&lines[0]);
        page.heading(2, &title);
        if let Some(chart) = charts.get(i) {
            page.chart(chart);
        }
        page.table(table(lines, &title));
    }
    page.heading(2, "Campaigns");
    page.table(all(&history.points));
    page
}

/// Every change, in one sentence.
fn marked(questions: &[&[Line]]) -> Text {
    let all: Vec<String> = questions
        .iter()
        .flat_map(|lines| lines.iter())
        .flat_map(|line| line.changes.iter().map(move |c| (line, c)))
        .map(|(line, change)| {
            format!(
                "{} {} {} ({}, {}) since {}",
                line.framework,
                signed(change.relative()),
                what(&line.metric),
                line.scenario,
                line.mode,
                day(&line.points[change.at])
            )
        })
        .collect();
    let sentence = match all.is_empty() {
        true => "No level changed.".to_owned(),
        false => format!("{}.", text::list(&all)),
    };
    Text::default()
        .strong("Changes:")
        .plain(format!(" {sentence}"))
}

fn table(lines: &[Line], title: &str) -> Table {
    let row = |line: &Line| -> Vec<Cell> {
        let last = &line.points[line.points.len() - 1];
        let changes: Vec<String> = (line.changes.iter())
            .map(|change| {
                let (before, at) = (&line.points[change.at - 1], &line.points[change.at]);
                let versions = match before.version == at.version {
                    true => String::new(),
                    false => format!(" ({} to {})", before.version, at.version),
                };
                format!("{} on {}{versions}", signed(change.relative()), day(at))
            })
            .collect();
        vec![
            line.framework.as_str().into(),
            Cell::number(
                line.points.len().to_string(),
                Some(line.points.len() as f64),
            ),
            ratio(&line.points[0]),
            ratio(last),
            day(last).into(),
            last.version.as_str().into(),
            changes.join("; ").into(),
        ]
    };
    Table {
        caption: title.to_owned(),
        columns: vec![
            Column::text("Framework"),
            Column::number("Campaigns"),
            Column::number("First"),
            Column::number("Last"),
            Column::text("Measured"),
            Column::text("Version"),
            Column::text("Changes of level"),
        ],
        groups: vec![RowGroup {
            rows: lines.iter().map(row).collect(),
            ..RowGroup::default()
        }],
    }
}

fn ratio(point: &Point) -> Cell {
    let sign = match point.bound {
        Limit::Exact => "",
        Limit::Limited => "limited ",
    };
    let two = |x: f64| number::rounded(x, -2);
    let text = Text::from(format!("{sign}{}", two(point.ratio)));
    let text = match (point.low, point.high) {
        (Some(low), Some(high)) => text.range(format!("{}–{}", two(low), two(high))),
        _ => text,
    };
    Cell::number(text, Some(point.ratio))
}

/// Every campaign, the last first.
fn all(points: &[Point]) -> Table {
    let mut campaigns: BTreeMap<(&str, &str), Vec<&Point>> = BTreeMap::new();
    for point in points {
        let campaign = (point.started.as_str(), point.campaign.as_str());
        campaigns.entry(campaign).or_default().push(point);
    }
    let rows = campaigns
        .into_iter()
        .rev()
        .map(|((started, name), points)| {
            let frameworks: BTreeSet<&str> = points.iter().map(|p| p.framework.as_str()).collect();
            vec![
                Cell::from(name),
                started.into(),
                points[0]
                    .revision
                    .chars()
                    .take(12)
                    .collect::<String>()
                    .into(),
                points[0].toolchain.as_str().into(),
                Cell::number(frameworks.len().to_string(), Some(frameworks.len() as f64)),
            ]
        });
    Table {
        caption: "Campaigns, the last first".to_owned(),
        columns: vec![
            Column::text("Campaign"),
            Column::text("Started"),
            Column::text("Revision"),
            Column::text("Toolchain"),
            Column::number("Compared"),
        ],
        groups: vec![RowGroup {
            rows: rows.collect(),
            ..RowGroup::default()
        }],
    }
}

/// The day of a campaign.
pub(super) fn day(point: &Point) -> String {
    point.started.chars().take(10).collect()
}

/// `+5.2 %`.
pub(super) fn signed(relative: f64) -> String {
    let sign = if relative >= 0.0 { "+" } else { "" };
    format!("{sign}{}", number::share(relative))
}

/// A metric in a sentence.
pub(super) fn what(metric: &str) -> &str {
    Metric::named(metric).map_or(metric, |metric| metric.words().name)
}
