//! The page of counted instructions.

use super::beside::Beside;
use super::counts::{Counted, Counts};
use super::flame::Flame;
use super::scatter;
use crate::error::AnalysisError;
use crate::estimate::Question;
use crate::report::charts::{Chart, Narrow};
use crate::report::document::{Cell, Column, Document, RowGroup, Table, Text};
use crate::text::number;
use record::{Class, Metric};

/// What is said of one table: its picture, and why it has none.
pub(super) struct Chapter<'a> {
    counts: &'a Counts,
    beside: Option<Result<Beside, String>>,
    picture: Option<Chart>,
}

impl<'a> Chapter<'a> {
    /// `summary` is that of the campaign whose CPU times stand beside.
    pub(super) fn new(counts: &'a Counts, summary: Option<&str>) -> Result<Self, AnalysisError> {
        let beside = summary.map(|summary| Beside::new(counts, summary));
        let picture = match &beside {
            Some(Ok(beside)) => Some(Chart {
                name: format!("instructions-{}", counts.scenario),
                title: format!(
                    "Instructions a request against CPU time per request, {}",
                    counts.scenario
                ),
                question: question(&counts.scenario),
                narrow: Vec::new(),
                svg: scatter::draw(beside)?,
            }),
            _ => None,
        };
        Ok(Self {
            counts,
            beside,
            picture,
        })
    }

    pub(super) fn picture(&self) -> Option<&Chart> {
        self.picture.as_ref()
    }

    pub(super) fn write<'b>(&'b self, page: &mut Document<'b>) {
        let counts = self.counts;
        page.heading(2, format!("Instructions a request: {}", counts.scenario));
        for line in &counts.about {
            page.item(line.as_str());
        }
        let beside = match &self.beside {
            Some(Ok(beside)) => Some(beside),
            Some(Err(why)) => {
                page.paragraph(format!("No CPU times stand beside: {why}."));
                None
            }
            None => None,
        };
        if let Some(beside) = beside {
            page.paragraph(
                Text::default()
                    .plain("CPU times are of campaign ")
                    .code(&beside.campaign)
                    .plain(format!(
                        ", in saturation, taken at another time and at full speed. Correlation of the logs: {:.3} over {}; time goes as instructions to the power of {:.2}. Where a framework lies off the line, more or less of its time than of the others' goes to the kernel, to caches, to branches that were guessed wrongly; instructions do not show which.",
                        beside.correlation,
                        crate::text::count(beside.points.len(), "server"),
                        beside.exponent
                    )),
            );
        }
        if let Some(picture) = &self.picture {
            page.chart(picture);
        }
        page.table(numbers(counts, beside));
        let alone = beside.map_or(&[][..], |beside| &beside.alone);
        if !alone.is_empty() {
            page.paragraph(format!(
                "With one of the two numbers only: {}.",
                alone.join(", ")
            ));
        }
        if counts
            .rows
            .iter()
            .any(|row| row.parts.iter().any(Option::is_some))
        {
            page.heading(3, format!("By part of the server: {}", counts.scenario));
            page.paragraph(
                "With the collector off. Servers whose functions are not known have no row.",
            );
            page.table(parts(counts));
        }
    }
}

/// What the pictures answer.
pub(super) fn question(scenario: &str) -> Question {
    Question {
        scenario: scenario.to_owned(),
        mode: "saturation".to_owned(),
        metric: Metric::CpuPerRequest,
    }
}

/// A flame graph with a bar a part for narrow pages.
pub(super) fn flame(name: &str, scenario: &str, flame: &Flame) -> Chart {
    let narrow = flame.parts().map(|(part, n)| {
        let text = number::rounded(n as f64, 0);
        Narrow::text(part.to_owned(), text)
    });
    Chart {
        name: format!("flame-{name}-{scenario}"),
        title: format!("Where the instructions of {name} are, {scenario}"),
        question: question(scenario),
        narrow: narrow.collect(),
        svg: flame.svg(),
    }
}

/// Every server with its numbers, fewest instructions first.
fn numbers(counts: &Counts, beside: Option<&Beside>) -> Table {
    let mut columns = vec![
        Column::text("Framework"),
        Column::number("Instructions"),
        Column::number("Interval"),
        Column::number("With the collector"),
    ];
    if beside.is_some() {
        columns.extend(
            ["CPU time, us", "ns per 1,000 instructions", "Off the line"].map(Column::number),
        );
    }
    let whole = |n: f64| Cell::number(number::rounded(n, 0), Some(n));
    let row = |row: &Counted| -> Vec<Cell> {
        let half = (row.high - row.low) / 2.0 / row.instructions;
        let mut cells: Vec<Cell> = vec![
            row.framework.as_str().into(),
            whole(row.instructions),
            Cell::number(format!("±{:.2} %", 100.0 * half), Some(half)),
            row.with_collector.map_or_else(Cell::missing, whole),
        ];
        let Some(beside) = beside else { return cells };
        match beside.point(&row.framework) {
            Some(point) => {
                let each = 1e6 * point.cpu_us / point.instructions;
                cells.extend([
                    Cell::number(number::rounded(point.cpu_us, -2), Some(point.cpu_us)),
                    whole(each),
                    Cell::number(
                        format!("{:+.0} %", 100.0 * (point.off - 1.0)),
                        Some(point.off),
                    ),
                ]);
            }
            None => cells.extend([Cell::missing(), Cell::missing(), Cell::missing()]),
        }
        cells
    };
    Table {
        caption: format!("Instructions a request, {}", counts.scenario),
        columns,
        groups: groups(counts, |_| true, row),
    }
}

/// Where each server's instructions are.
fn parts(counts: &Counts) -> Table {
    let shown: Vec<usize> = (0..counts.parts.len())
        .filter(|part| counts.rows.iter().any(|row| row.parts[*part].is_some()))
        .collect();
    let mut columns = vec![Column::text("Framework")];
    columns.extend((shown.iter()).map(|part| Column::number(counts.parts[*part].clone())));
    let row = |row: &Counted| -> Vec<Cell> {
        let mut cells: Vec<Cell> = vec![row.framework.as_str().into()];
        cells.extend(shown.iter().map(|part| match row.parts[*part] {
            Some(n) => Cell::number(number::rounded(n, 0), Some(n)),
            None => Cell::missing(),
        }));
        cells
    };
    Table {
        caption: format!("Instructions a request by part, {}", counts.scenario),
        columns,
        groups: groups(counts, |row| row.parts.iter().any(Option::is_some), row),
    }
}

/// Rows, fewest instructions first; engines and other controls apart.
fn groups(
    counts: &Counts,
    shown: impl Fn(&Counted) -> bool,
    cells: impl Fn(&Counted) -> Vec<Cell>,
) -> Vec<RowGroup> {
    let mut rows: Vec<&Counted> = counts.rows.iter().filter(|row| shown(row)).collect();
    rows.sort_by(|a, b| {
        (a.instructions.total_cmp(&b.instructions)).then_with(|| a.framework.cmp(&b.framework))
    });
    let (mut main, mut controls) = (RowGroup::default(), RowGroup::controls());
    for row in rows {
        match row.class == Class::Idiomatic.name() {
            true => main.rows.push(cells(row)),
            false => controls.rows.push(cells(row)),
        }
    }
    [main, controls]
        .into_iter()
        .filter(|group| !group.rows.is_empty())
        .collect()
}
