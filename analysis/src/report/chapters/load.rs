//! Latency and CPU time as the load comes near to what each server can answer.

use record::{Class, Metric, ModeKind};

use super::answers::{Steps, estimate, flags};
use crate::estimate::{Analysis, Answer, Answers, Role};
use crate::frames::Key;
use crate::report::charts::Chart;
use crate::report::document::{self as report, Cell, Column, Document, RowGroup};
use crate::report::{shares, signs};
use crate::text::number;

/// What is shown: what is asked of open loops alone, and then what has been shown at saturation too.
fn shown() -> impl Iterator<Item = Metric> {
    let of = |also: bool| {
        let asked = Metric::asked_in(ModeKind::Share);
        asked.filter(move |metric| metric.is_asked_in(ModeKind::Saturation) == also)
    };
    of(false).chain(of(true))
}

pub(super) fn write<'a>(page: &mut Document<'a>, analysis: &Analysis, charts: &'a [Chart]) {
    let design = &analysis.campaign.design;
    let mut begun = false;
    for scenario in &design.scenarios {
        let shown: Vec<_> = shown()
            .map(|metric| {
                let tables = shares::tables(analysis, metric, &scenario.name);
                (metric.words().column, tables)
            })
            .filter(|(_, tables)| !tables.is_empty())
            .collect();
        if shown.is_empty() {
            continue;
        }
        if !begun {
            begun = true;
            page.heading(2, "Latency and CPU time against load");
            page.paragraph(format!(
                "Open loop, at shares of what each server itself answered at saturation up to then: none is idle where another is busy. Less is better. A sign compares with {} at the same share of its own capacity, and so not at the same rate. {}.",
                analysis.baseline(),
                signs::LEGEND
            ));
        }
        page.heading(3, format!("{}: {}", scenario.name, scenario.title));
        for (label, tables) in &shown {
            page.heading(4, format!("{}, {label} by share", scenario.name));
            let first = &tables[0].1.question;
            if let Some(chart) = charts.iter().find(|chart| chart.question == *first) {
                page.chart(chart);
            }
            let caption = format!("{label} by share of its own capacity: {}", scenario.name);
            page.table(by_share(analysis, tables, caption, |steps, _, row| {
                value(row, steps)
            }));
        }
        let tables = &shown[shown.len() - 1].1;
        page.heading(4, format!("{}, requests/s by share", scenario.name));
        let caption = format!("Requests/s by share of its own capacity: {}", scenario.name);
        page.table(by_share(analysis, tables, caption, |_, table, row| {
            answered(analysis, table, row)
        }));
        page.item(
            "What was answered, and in brackets its share of the server's mean at saturation over the whole campaign: how near the load came to what it was meant to be.",
        );
        for (share, table) in tables {
            for row in table.rows.iter().filter(|row| !row.flags.is_empty()) {
                page.item(format!(
                    "{} at {}: {}.",
                    analysis.server(&row.framework, &row.variant),
                    number::share(*share),
                    flags(row)
                ));
            }
        }
    }
}

/// A line a server, a column a share.
fn by_share(
    analysis: &Analysis,
    tables: &[(f64, &Answers)],
    caption: String,
    cell: impl Fn(Steps, &Answers, &Answer) -> Cell,
) -> report::Table {
    let steps: Vec<Steps> = tables.iter().map(|(_, table)| Steps::of(table)).collect();
    let mut columns = vec![Column::text("Framework")];
    columns.extend(
        tables
            .iter()
            .map(|(share, _)| Column::number(number::share(*share))),
    );
    let (mut frameworks, mut controls) = (RowGroup::default(), RowGroup::controls());
    // In the order of the lowest share, the last table's servers behind those.
    let mut servers: Vec<&Answer> = Vec::new();
    for row in tables.iter().flat_map(|(_, table)| &table.rows) {
        let known = |r: &&Answer| (&r.framework, &r.variant) == (&row.framework, &row.variant);
        if !servers.iter().any(known) {
            servers.push(row);
        }
    }
    for server in servers {
        let mut cells: Vec<Cell> = vec![analysis.server(&server.framework, &server.variant).into()];
        for ((_, table), steps) in tables.iter().zip(&steps) {
            let row = table.same(server);
            cells.push(row.map_or_else(Cell::missing, |row| cell(*steps, table, row)));
        }
        let class = analysis.framework(&server.framework).map(|f| f.class);
        match class.unwrap_or(Class::Idiomatic) {
            Class::Idiomatic => frameworks.rows.push(cells),
            _ => controls.rows.push(cells),
        }
    }
    report::Table {
        caption,
        columns,
        groups: [frameworks, controls]
            .into_iter()
            .filter(|group| !group.rows.is_empty())
            .collect(),
    }
}

/// `61.2 ▲ (58–65)`.
fn value(row: &Answer, steps: Steps) -> Cell {
    let mut cell = estimate(row, steps);
    let sign = match row.role {
        Role::Subject => signs::of(row),
        Role::Baseline | Role::Twin => "",
    };
    if !sign.is_empty() {
        cell.text = cell.text.plain(format!(" {sign}"));
    }
    cell
}

/// `59,100 (49.8 %)`.
fn answered(analysis: &Analysis, table: &Answers, row: &Answer) -> Cell {
    let question = &table.question;
    let mean = |mode: &str| {
        let series = analysis.observed.get(&Key {
            scenario: question.scenario.clone(),
            mode: mode.to_owned(),
            metric: analysis.campaign.method.protocol.beat(),
            framework: row.framework.clone(),
            variant: row.variant.clone(),
        })?;
        stats::summary::geometric_mean(&series.positive())
    };
    let mut modes = analysis.campaign.design.modes.iter();
    let closed = modes.find(|mode| mode.kind == ModeKind::Saturation);
    let Some(rate) = mean(&question.mode) else {
        return Cell::missing();
    };
    let of = closed.and_then(|mode| mean(&mode.name));
    let text = report::Text::from(number::value(rate, None));
    let text = match of {
        Some(of) => text.range(number::share(rate / of)),
        None => text,
    };
    Cell::number(text, Some(rate))
}
