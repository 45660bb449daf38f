//! The whole campaign in one table of ratios.

use record::{Class, Metric};

use crate::estimate::{Analysis, Bound, Role, Row, Table};
use crate::report::document::{self as report, Cell, Column, Document, RowGroup};
use crate::report::signs;
use crate::text::number;

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let rates: Vec<&Table> = analysis.tables_of(Metric::Throughput).collect();
    let costs: Vec<&Table> = analysis
        .tables_of(Metric::CpuPerRequest)
        .filter(|t| rates.iter().any(|r| r.question.mode == t.question.mode))
        .collect();
    let startup = analysis.table(Metric::Startup, "startup", "cold");
    let memory = analysis.table(Metric::Rss, "memory", "idle");

    let scenario = |t: &Table| t.question.scenario.clone();
    let mut columns = vec![Column::text("Framework")];
    columns.extend(
        rates
            .iter()
            .map(|t| Column::number(format!("requests/s {}", scenario(t)))),
    );
    columns.extend(
        costs
            .iter()
            .map(|t| Column::number(format!("CPU {}", scenario(t)))),
    );
    columns.extend(["start ms", "idle MiB"].map(Column::number));

    let line = |name: &str| {
        let mut cells = vec![Cell::from(analysis.title(name))];
        for table in rates.iter().chain(&costs) {
            cells.push(table.row(name).map_or_else(Cell::missing, ratio));
        }
        for table in [startup, memory] {
            let row = table.and_then(|t| t.row(name));
            cells.push(row.map_or_else(Cell::missing, |r| {
                let step = table.and_then(|t| {
                    number::column(t.rows.iter().map(|r| (r.estimate, r.interval.as_ref())))
                });
                let step = number::step_in(r.estimate, step, r.interval.as_ref());
                let text = format!("{} {}", number::rounded(r.estimate, step), signs::of(r));
                Cell::number(text.trim_end(), Some(r.estimate))
            }));
        }
        cells
    };
    let mut groups = vec![RowGroup {
        rows: analysis.ranking().into_iter().map(line).collect(),
        ..RowGroup::default()
    }];
    let controls: Vec<Vec<Cell>> = analysis
        .campaign
        .frameworks
        .iter()
        .filter(|f| f.class != Class::Idiomatic && analysis.took_part(&f.name))
        .map(|f| line(&f.name))
        .collect();
    if !controls.is_empty() {
        groups.push(RowGroup {
            rows: controls,
            ..RowGroup::controls()
        });
    }
    if groups.iter().all(|g| g.rows.is_empty()) {
        return;
    }
    let base = analysis.baseline();
    page.heading(2, "At a glance");
    page.paragraph(format!(
        "Times {base} at saturation: for requests/s more is better, for CPU time per request less is. {}.",
        signs::LEGEND
    ));
    page.table(report::Table {
        caption: format!("At a glance: times {base} at saturation"),
        columns,
        groups,
    });
}

fn ratio(row: &Row) -> Cell {
    if row.role == Role::Baseline {
        return Cell::number("1", Some(1.0));
    }
    if row.ratio_bound == Bound::Unknown {
        return "client-bound".into();
    }
    let sign = row.ratio_bound.sign();
    row.ratio_point().map_or_else(Cell::missing, |ratio| {
        let text = format!("{sign}{} {}", number::rounded(ratio, -2), signs::of(row));
        Cell::number(text.trim_end(), Some(ratio))
    })
}
