//! How much a fresh start of all servers moves what is compared.

use std::collections::BTreeSet;

use crate::estimate::{Analysis, Answers, LEVEL};
use crate::report::document::{Cell, Column, Document, RowGroup, Table, Text};
use crate::text::{self, number};

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let launches: BTreeSet<u32> = (analysis.tables.iter())
        .flat_map(|table| &table.rows)
        .flat_map(|row| row.launches.iter().copied())
        .filter(|launch| *launch > 0)
        .collect();
    if launches.is_empty() {
        return;
    }
    page.heading(2, "Launches");
    let mut kinds = BTreeSet::new();
    let answers: Vec<&Answers> = (analysis.tables.iter())
        .filter(|t| t.launches.is_some())
        .filter(|t| kinds.insert((t.question.metric, t.question.mode.as_str())))
        .collect();
    if answers.is_empty() {
        page.paragraph(match launches.len() {
            1 => "All servers were started once: how much a fresh start moves them is not known, and every interval speaks for this start.".to_owned(),
            _ => "Every block has a launch of its own, so what a fresh start moves is in every interval.".to_owned(),
        });
        return;
    }
    page.table(Table {
        caption: format!(
            "How much a fresh start moves a ratio, over {}",
            text::count(launches.len(), "launch")
        ),
        columns: vec![
            Column::text("Metric"),
            Column::text("Mode"),
            Column::number("Comparisons"),
            Column::number("Variance between launches"),
            Column::number("Intervals wider by"),
        ],
        groups: vec![RowGroup {
            rows: answers.iter().filter_map(|t| line(t)).collect(),
            ..RowGroup::default()
        }],
    });
    page.item("Variance between launches: the share of a ratio's variance that stays for all blocks of a launch (intraclass correlation), estimated from all comparisons of a metric in a mode together, the two copies too, with its interval; 0 where launches differ by no more than chance makes them.");
    page.item("Intervals wider by: what that share, and not knowing it exactly, make of the intervals shown, against intervals that take all blocks as independent. Noise floors and MDE have their part of it.");
}

fn line(table: &Answers) -> Option<Vec<Cell>> {
    let component = table.launches?;
    let share = |value: f64| format!("{} %", number::rounded(100.0 * value, 0));
    let mut icc = Text::from(share(component.icc.max(0.0)));
    if let Some(interval) = component.interval(LEVEL) {
        icc = icc.range(format!(
            "{}–{}",
            number::rounded(100.0 * interval.low, 0),
            number::rounded(100.0 * interval.high, 0)
        ));
    }
    let widest = (table.rows.iter().filter(|row| !row.differences.is_empty()))
        .filter_map(|row| row.design.widening(LEVEL, row.differences.len()))
        .max_by(f64::total_cmp)?;
    Some(vec![
        table.question.metric.name().replace('_', " ").into(),
        table.question.mode.as_str().into(),
        Cell::number(component.rows.to_string(), Some(component.rows as f64)),
        Cell::number(icc, Some(component.icc)),
        Cell::number(share(widest - 1.0), Some(widest)),
    ])
}
