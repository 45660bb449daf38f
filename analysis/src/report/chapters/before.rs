//! What the campaigns before said: each ratio with its course in a small line.

use std::collections::BTreeSet;

use record::{Class, Metric, ModeKind};

use crate::estimate::Analysis;
use crate::history::{History, Line};
use crate::report::document::{Cell, Column, Document, RowGroup, Step, Table, Text, Trend};
use crate::text::{self, number};

/// How high a line is at least (log units), so that mere noise looks small.
const LEAST_SPAN: f64 = 0.03;

/// One question's lines, one for each framework.
struct Question<'a> {
    title: String,
    lines: Vec<&'a Line>,
    /// The farthest that a value lies from the mean of its line, log units.
    span: f64,
}

/// Writes nothing of a single campaign.
pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis, history: &History) {
    let lines = history.lines();
    let questions = questions(analysis, &lines);
    let campaigns: BTreeSet<(&str, &str)> = (questions.iter())
        .flat_map(|question| &question.lines)
        .flat_map(|line| &line.points)
        .map(|point| (point.started.as_str(), point.campaign.as_str()))
        .collect();
    let (Some(first), Some(last)) = (campaigns.first(), campaigns.last()) else {
        return;
    };
    if campaigns.len() < 2 {
        return;
    }
    let day = |started: &str| started.chars().take(10).collect::<String>();
    let (since, until) = (day(first.0), day(last.0));
    let when = match since == until {
        true => format!("of {since}"),
        false => format!("from {since} to {until}"),
    };
    page.heading(2, "Over time");
    page.paragraph(
        Text::from(format!(
            "{} {when}, each ratio to {} of the same campaign: its course around its own mean, and the last. A gap parts campaigns that were measured in different ways. Intervals are in the ",
            text::count(campaigns.len(), "campaign"),
            analysis.baseline(),
        ))
        .fixed("history", "history.html")
        .plain("."),
    );
    let mut columns = vec![Column::text("Framework")];
    columns.extend(questions.iter().map(|q| Column::number(&q.title)));
    let mut names: Vec<&str> = analysis.ranking();
    names.retain(|name| *name != analysis.baseline_name());
    let controls = (analysis.campaign.frameworks.iter())
        .filter(|f| f.class != Class::Idiomatic)
        .map(|f| f.name.as_str());
    let row = |name: &str| -> Option<Vec<Cell>> {
        let cells: Vec<Option<Cell>> = questions.iter().map(|q| q.cell(name)).collect();
        cells.iter().any(Option::is_some).then(|| {
            let cells = cells
                .into_iter()
                .map(|cell| cell.unwrap_or_else(Cell::missing));
            [Cell::from(analysis.title(name))]
                .into_iter()
                .chain(cells)
                .collect()
        })
    };
    let mut groups = vec![RowGroup {
        rows: names.into_iter().filter_map(row).collect(),
        ..RowGroup::default()
    }];
    groups.push(RowGroup {
        rows: controls.filter_map(row).collect(),
        ..RowGroup::controls()
    });
    groups.retain(|group| !group.rows.is_empty());
    page.table(Table {
        caption: format!("Over time: times {} at saturation", analysis.baseline()),
        columns,
        groups,
    });
}

/// The questions of this campaign that were asked before, in the order of the report.
fn questions<'a>(analysis: &Analysis, lines: &'a [Line]) -> Vec<Question<'a>> {
    let mut questions = Vec::new();
    for metric in Metric::asked_in(ModeKind::Saturation) {
        let word = metric.words().short;
        for table in analysis.tables_of(metric) {
            let asked = &table.question;
            let lines: Vec<&Line> = (lines.iter())
                .filter(|line| {
                    [&line.metric, &line.scenario, &line.mode, &line.baseline].map(String::as_str)
                        == [
                            metric.name(),
                            &asked.scenario,
                            &asked.mode,
                            &analysis.campaign.design.baseline,
                        ]
                })
                .collect();
            if !lines.is_empty() {
                questions.push(Question {
                    title: format!("{word} {}", asked.scenario),
                    span: lines
                        .iter()
                        .map(|line| line.reach())
                        .fold(LEAST_SPAN, f64::max),
                    lines,
                });
            }
        }
    }
    questions
}

impl Question<'_> {
    fn cell(&self, name: &str) -> Option<Cell> {
        let line = self.lines.iter().find(|line| line.framework == name)?;
        let last = line.points.last()?;
        let words = number::rounded(last.ratio, -2);
        let words = match line.changes.last() {
            Some(change) => {
                let since: String = line.points[change.at].started.chars().take(10).collect();
                let more = change.relative();
                let sign = if more >= 0.0 { "+" } else { "" };
                format!(" {words}, {sign}{} since {since}", number::share(more))
            }
            None => format!(" {words}"),
        };
        let text = Text::default().trend(self.trend(line)).plain(words);
        Some(Cell::number(text, Some(last.ratio)))
    }

    fn trend(&self, line: &Line) -> Trend {
        let mean = line.mean_ln();
        let steps = line.points.iter().enumerate().map(|(i, point)| {
            let part = ((point.ratio.ln() - mean) / self.span).clamp(-1.0, 1.0);
            Step {
                height: ((part + 1.0) / 2.0 * f64::from(Step::TOP)).round() as u8,
                joined: i > 0 && line.is_joined(i - 1, i),
            }
        });
        Trend(steps.collect())
    }
}
