//! What an article would have printed, and what it would have left out.

use record::Metric;

use crate::estimate::{Analysis, Answer, Answers, Bound};
use crate::frames::{Key, Samples};
use crate::report::charts::Chart;
use crate::report::document::{self as report, Cell, Column, Document, RowGroup, Text};
use crate::text::number;

pub(super) fn write<'a>(
    page: &mut Document<'a>,
    analysis: &Analysis,
    samples: &Samples,
    charts: &'a [Chart],
) {
    let rates: Vec<&Answers> = (analysis.tables_of(Metric::Throughput))
        .filter(|t| !t.rows.is_empty())
        .collect();
    if rates.is_empty() {
        return;
    }
    let n = analysis.campaign.design.blocks;
    page.heading(2, "What an article would print");
    page.paragraph(format!(
        "One server after the other, each warmed up and then measured {n} times in a row; the figure is the median of the {n}."
    ));
    for lacks in [
        "No interval: the samples come from one process in one stretch of time. Their scatter is that of a minute; what differs from one start to the next, and from one hour to the next, is not in it and cannot be worked out from it.",
        "Nothing is paired: a server that was measured while the machine was slow is slow in this table. The order was drawn by lot, but it was drawn once.",
        "So no order in these tables is a finding. The second copy of the baseline is the same binary: how far the two are apart is what this method makes of no difference at all, on this day.",
    ] {
        page.item(lacks);
    }
    page.paragraph(
        Text::from("The crossed protocol (")
            .code("lab bench")
            .plain(") measures the same servers so that they can be compared."),
    );
    for table in rates {
        page.heading(
            3,
            format!("{}, {}", table.question.scenario, table.question.mode),
        );
        if let Some(chart) = charts.iter().find(|c| c.question == table.question) {
            page.chart(chart);
        }
        write_table(page, analysis, samples, table);
    }
}

fn write_table(page: &mut Document<'_>, analysis: &Analysis, samples: &Samples, table: &Answers) {
    let question = &table.question;
    let cost = analysis.table(Metric::CpuPerRequest, &question.scenario, &question.mode);
    let row = |row: &Answer| -> Vec<Cell> {
        let mut values = values(samples, table, row);
        values.sort_by(f64::total_cmp);
        let spread = match (values.first(), values.last()) {
            (Some(low), Some(high)) => {
                let step = number::step(row.estimate, None);
                let shown = |v: f64| number::rounded(v, step);
                format!("{} to {}", shown(*low), shown(*high))
            }
            _ => "–".to_owned(),
        };
        let cpu = (cost.into_iter().flat_map(|t| &t.rows))
            .find(|r| (&r.framework, &r.variant) == (&row.framework, &row.variant))
            .map_or_else(Cell::missing, |r| {
                Cell::number(number::value(r.estimate, None), Some(r.estimate))
            });
        vec![
            analysis.server(&row.framework, &row.variant).into(),
            Cell::number(
                format!("{}{}", row.bound.sign(), number::value(row.estimate, None)),
                Some(row.estimate),
            ),
            spread.into(),
            cpu,
        ]
    };
    page.table(report::Table {
        caption: format!(
            "As articles print it: {}, {}, the median of samples in a row",
            question.scenario, question.mode
        ),
        columns: vec![
            Column::text("Framework"),
            Column::number("Requests/s, median"),
            Column::text("Samples, lowest to highest"),
            Column::number("CPU µs, median"),
        ],
        groups: vec![RowGroup {
            rows: by_rate(table).into_iter().map(row).collect(),
            ..RowGroup::default()
        }],
    });
    if table.rows.iter().any(|row| row.bound != Bound::Exact) {
        page.item("≥: the instrument was the bottleneck, so that server may be faster. No article would have said so.");
    }
    if let Some(apart) = table.copies_apart() {
        page.item(format!(
            "The two copies of {}, one binary, came out {} apart.",
            analysis.copied(),
            number::percent(apart)
        ));
    }
}

/// An article knows no second copies and no controls: everybody in one order.
fn by_rate(table: &Answers) -> Vec<&Answer> {
    let mut rows: Vec<&Answer> = table.rows.iter().collect();
    rows.sort_by(|a, b| b.estimate.total_cmp(&a.estimate));
    rows
}

fn values(samples: &Samples, table: &Answers, row: &Answer) -> Vec<f64> {
    let samples = samples.get(&Key {
        scenario: table.question.scenario.clone(),
        mode: table.question.mode.clone(),
        metric: table.question.metric,
        framework: row.framework.clone(),
        variant: row.variant.clone(),
    });
    (samples.into_iter().flatten()).map(|s| s.value).collect()
}
