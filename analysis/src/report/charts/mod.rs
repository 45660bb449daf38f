//! The charts: SVG without fonts, one question a chart, every number also written out.

mod bars;
pub(crate) mod canvas;
mod curves;
mod log;
mod memory;
pub(crate) mod palette;
mod scatter;
mod shares;
mod startup;

use plotters::style::RGBColor;
use record::metric::Drawn;
use record::{Class, Metric, ModeKind};

use super::labels;
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Answer, Answers, Question, Role};
use crate::text::{escape, number};
use palette::Palette;

/// One chart.
#[derive(Debug, Clone)]
pub(crate) struct Chart {
    /// The file's name, without its ending.
    pub name: String,
    /// What it shows, for those who cannot see it.
    pub title: String,
    /// The question that it answers.
    pub question: Question,
    /// The same where the page is too narrow for it.
    pub narrow: Vec<Narrow>,
    /// The picture.
    pub svg: String,
}

/// A server's line of a chart on a narrow page: its numbers in words, and a bar under them.
#[derive(Debug, Clone)]
pub(crate) struct Narrow {
    pub label: String,
    pub text: String,
    /// How long the bar is, a share of the width, and its colour.
    pub bar: Option<(f64, RGBColor)>,
}

impl Narrow {
    pub(crate) fn text(label: String, text: String) -> Self {
        Self {
            label,
            text,
            bar: None,
        }
    }

    /// A value out of the largest one.
    fn bar(label: String, text: String, (value, most): (f64, f64), colour: RGBColor) -> Self {
        let share = (value / most).clamp(0.0, 1.0);
        Self {
            label,
            text,
            bar: share.is_finite().then_some((share, colour)),
        }
    }
}

/// All charts of a campaign.
pub(super) fn all(analysis: &Analysis) -> Result<Vec<Chart>, AnalysisError> {
    let palette = Palette::new(&analysis.campaign);
    let mut charts = Vec::new();
    for table in &analysis.tables {
        if table.rows.is_empty() {
            continue;
        }
        let chart = match table.question.metric.words().drawn {
            Drawn::Bars { file, title } if is(ModeKind::Saturation, analysis, table) => {
                bars::chart(analysis, &palette, table, file, title)
            }
            // At a share of its own capacity a server's latency is a point of another chart.
            Drawn::Curves if !table.curves.is_empty() && !is(ModeKind::Share, analysis, table) => {
                curves::chart(analysis, &palette, table)
            }
            Drawn::Starts => startup::chart(analysis, &palette, table),
            Drawn::Memory if table.question.mode == "idle" => {
                memory::chart(analysis, &palette, table)
            }
            Drawn::Bars { .. } | Drawn::Curves | Drawn::Memory | Drawn::Nothing => continue,
        };
        charts.push(chart?);
        if table.question.metric.words().drawn == Drawn::Memory {
            charts.extend(scatter::chart(analysis, &palette, table).transpose()?);
        }
    }
    for scenario in &analysis.campaign.design.scenarios {
        for metric in [Metric::LatencyP99, Metric::CpuPerRequest] {
            let tables = super::shares::tables(analysis, metric, &scenario.name);
            if !tables.is_empty() {
                charts.push(shares::chart(analysis, &palette, &tables)?);
            }
        }
    }
    charts.extend(analysis.kind.charts(analysis, &palette)?);
    Ok(charts)
}

/// Whether a table is of a mode of this kind.
fn is(kind: ModeKind, analysis: &Analysis, table: &Answers) -> bool {
    let mut modes = analysis.campaign.design.modes.iter();
    modes.any(|m| m.name == table.question.mode && m.kind == kind)
}

/// How a server is drawn: the frameworks solid, the twin hollow, controls pale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Solid,
    Hollow,
    Pale,
}

fn style(analysis: &Analysis, row: &Answer) -> Style {
    if row.role == Role::Twin {
        return Style::Hollow;
    }
    match analysis.framework(&row.framework) {
        Some(f) if f.class != Class::Idiomatic => Style::Pale,
        _ => Style::Solid,
    }
}

/// The label of a row, short enough for its area.
fn label(analysis: &Analysis, row: &Answer) -> String {
    let title = escape::plain(analysis.title(&row.framework));
    match row.role {
        Role::Twin => format!("{}, 2nd copy (A/A)", shortened(&title, 12)),
        _ if style(analysis, row) == Style::Pale => format!("{} (control)", shortened(&title, 16)),
        _ if row.variant.is_empty() => shortened(&title, 26),
        _ => shortened(&format!("{title} ({})", escape::plain(&row.variant)), 26),
    }
}

pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}

/// The step of a row's value, so that the digits of all of its table align.
fn step(table: &Answers, row: &Answer) -> number::Step {
    let all = table.rows.iter().map(|r| (r.estimate, r.interval.as_ref()));
    number::step_in(row.estimate, number::column(all), row.interval.as_ref())
}

/// A row's value in the digits of its table.
fn value(table: &Answers, row: &Answer) -> String {
    number::rounded(row.estimate, step(table, row))
}

/// What is said of each server on a narrow page, above a bar as long as its value.
fn narrow_bars<'a>(
    analysis: &Analysis,
    palette: &Palette,
    most: f64,
    rows: impl Iterator<Item = (&'a Answer, String)>,
) -> Vec<Narrow> {
    rows.map(|(row, text)| {
        let colour = palette.of(&row.framework);
        Narrow::bar(label(analysis, row), text, (row.estimate, most), colour)
    })
    .collect()
}

/// ` · quick, unpinned`, or nothing.
pub(crate) fn marks(analysis: &Analysis) -> String {
    let words: Vec<&str> = labels(analysis).into_iter().map(|(word, _)| word).collect();
    if words.is_empty() {
        String::new()
    } else {
        format!(" · {}", words.join(", "))
    }
}

/// The index of the first control, before which a line is drawn.
fn first_control(analysis: &Analysis, rows: &[Answer]) -> Option<usize> {
    rows.iter()
        .position(|r| style(analysis, r) == Style::Pale)
        .filter(|i| *i > 0)
}
