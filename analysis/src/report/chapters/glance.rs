//! The whole campaign in one table, and what it says of each engine in a sentence.

use std::collections::BTreeMap;

use record::{Class, Metric, ModeKind};
use serde_json::json;

use crate::estimate::{Analysis, Answer, Answers, Bound, Role};
use crate::report::document::{
    self as report, Block, Cell, Column, Document, Matrix, RowGroup, Text,
};
use crate::report::signs;
use crate::text::{self, number};

/// From so many times the median on a value stands out.
const FAR: f64 = 3.0;

/// One column of figures.
struct Figure<'a> {
    title: String,
    table: &'a Answers,
    /// Whether the ratio is shown, or else the value.
    ratio: bool,
}

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let figures = figures(analysis);
    let took_part = |f: &&record::FrameworkRecord| {
        analysis.took_part(&f.name) && figures.iter().any(|of| of.table.row(&f.name).is_some())
    };
    let mut names: Vec<&str> = analysis.ranking();
    names.retain(|name| figures.iter().any(|of| of.table.row(name).is_some()));
    let controls: Vec<&str> = (analysis.campaign.frameworks.iter())
        .filter(|f| f.class != Class::Idiomatic)
        .filter(took_part)
        .map(|f| f.name.as_str())
        .collect();
    if names.is_empty() && controls.is_empty() {
        return;
    }
    let mut columns = vec![Column::text("Framework"), Column::text("Engine")];
    columns.extend(figures.iter().map(|f| Column::number(&f.title)));
    columns.push(Column::text("Version"));
    let line = |name: &&str| line(analysis, &figures, name);
    let mut groups = vec![RowGroup {
        rows: names.iter().map(line).collect(),
        ..RowGroup::default()
    }];
    if !controls.is_empty() {
        groups.push(RowGroup {
            rows: controls.iter().map(line).collect(),
            ..RowGroup::controls()
        });
    }
    groups.retain(|group| !group.rows.is_empty());
    let base = analysis.baseline();
    let caption = match analysis.is_in_a_row() {
        true => "At a glance: the median of samples in a row".to_owned(),
        false => format!("At a glance: times {base} at saturation"),
    };
    page.heading(2, "At a glance");
    page.paragraph(match analysis.is_in_a_row() {
        true => "Requests/s and microseconds of CPU time a request at saturation, as an article would print them.".to_owned(),
        false => format!(
            "Requests/s (more is better) and CPU time per request (less is better) at saturation are times {base}; start is the median in ms and MiB the resident memory before any load, with the sign of their comparison. {}.",
            signs::LEGEND
        ),
    });
    let servers: Vec<String> = names
        .iter()
        .chain(&controls)
        .map(|name| (*name).to_owned())
        .collect();
    let matrix = Matrix {
        json: data(analysis, &figures, &servers),
        servers,
    };
    page.blocks.push(Block::Matrix(
        report::Table {
            caption,
            columns,
            groups,
        },
        matrix,
    ));
    for sentence in findings(analysis, &figures) {
        page.item(sentence);
    }
}

/// The columns that have a value in them.
fn figures(analysis: &Analysis) -> Vec<Figure<'_>> {
    let modes = &analysis.campaign.design.modes;
    let saturation = |table: &&Answers| {
        (modes.iter()).any(|m| m.name == table.question.mode && m.kind == ModeKind::Saturation)
    };
    let paired = !analysis.is_in_a_row();
    let mut figures = Vec::new();
    for metric in Metric::asked_in(ModeKind::Saturation) {
        let head = match paired {
            true => metric.words().short,
            false => metric.words().narrow,
        };
        for table in analysis.tables_of(metric).filter(saturation) {
            figures.push(Figure {
                title: format!("{head} {}", table.question.scenario),
                table,
                ratio: paired,
            });
        }
    }
    for metric in Metric::apart() {
        let table = (metric.asked_apart())
            .and_then(|(scenario, mode)| analysis.table(metric, scenario, mode));
        figures.extend(table.map(|table| Figure {
            title: metric.words().column.to_owned(),
            table,
            ratio: false,
        }));
    }
    figures.retain(|figure| !figure.table.rows.is_empty());
    figures
}

fn line(analysis: &Analysis, figures: &[Figure<'_>], name: &str) -> Vec<Cell> {
    let record = analysis.framework(name);
    let engine = record.map_or("", |f| f.engine.as_str());
    let mut cells: Vec<Cell> = vec![
        analysis.title(name).into(),
        Text::default().engine(engine).into(),
    ];
    for figure in figures {
        let row = figure.table.row(name);
        cells.push(match (row, figure.ratio) {
            (None, _) => Cell::missing(),
            (Some(row), true) => ratio(row),
            (Some(row), false) => value(figure.table, row),
        });
    }
    let version = record.map_or("", |f| f.version.as_str());
    cells.push(version.into());
    cells
}

fn ratio(row: &Answer) -> Cell {
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

fn value(table: &Answers, row: &Answer) -> Cell {
    let all = table.rows.iter().map(|r| (r.estimate, r.interval.as_ref()));
    let step = number::step_in(row.estimate, number::column(all), row.interval.as_ref());
    let sign = row.bound.sign();
    let text = format!(
        "{sign}{} {}",
        number::rounded(row.estimate, step),
        signs::of(row)
    );
    Cell::number(text.trim_end(), Some(row.estimate))
}

/// Every server against every other in the figures shown, for the page's script.
fn data(analysis: &Analysis, figures: &[Figure<'_>], servers: &[String]) -> String {
    let named: Vec<_> = (servers.iter())
        .map(|name| {
            let record = analysis.framework(name);
            json!({
                "name": name,
                "title": text::escape::plain(analysis.title(name)),
                "engine": record.map_or("", |f| f.engine.as_str()),
                "class": record.map_or("", |f| f.class.name()),
            })
        })
        .collect();
    let questions: Vec<_> = (figures.iter().enumerate())
        .map(|(i, figure)| {
            let mut pairs = Vec::new();
            for (b, other) in servers.iter().enumerate() {
                for (a, one) in servers.iter().enumerate().take(b) {
                    let Some(pair) = figure.table.against(one, other) else {
                        continue;
                    };
                    let short = |value: f64| number::significant(value, 4);
                    let interval = pair.ratio.map(|ratio| ratio.interval);
                    pairs.push(json!([
                        a,
                        b,
                        short(pair.point),
                        interval.and_then(|i| short(i.low)),
                        interval.and_then(|i| short(i.high)),
                        signs::sign(pair.verdict, pair.size),
                        pair.bound.tight(),
                    ]));
                }
            }
            // Behind the name and the engine.
            json!({ "column": i + 2, "ratio": figure.ratio, "pairs": pairs })
        })
        .collect();
    json!({ "base": analysis.baseline_name(), "servers": named, "questions": questions })
        .to_string()
}

/// A sentence for each engine, and who stands out.
fn findings(analysis: &Analysis, figures: &[Figure<'_>]) -> Vec<Text> {
    let mut engines: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for f in analysis
        .campaign
        .frameworks
        .iter()
        .filter(|f| f.class != Class::Variant)
    {
        if analysis.took_part(&f.name) {
            engines.entry(&f.engine).or_default().push(&f.name);
        }
    }
    let mut sentences = Vec::new();
    if engines.len() > 1 {
        for (engine, names) in &engines {
            sentences.extend(engine_words(analysis, figures, engine, names));
        }
    }
    for figure in figures
        .iter()
        .filter(|f| f.table.question.metric.asked_apart().is_some())
    {
        sentences.extend(far_away(analysis, figure).map(Text::from));
    }
    sentences
}

/// `fasthttp (Fiber, fasthttp): 1.73 to 1.86 times net/http's requests/s, ...`.
fn engine_words(
    analysis: &Analysis,
    figures: &[Figure<'_>],
    engine: &str,
    names: &[&str],
) -> Option<Text> {
    let span = |metric: Metric| {
        let tables = figures.iter().filter(|f| f.table.question.metric == metric);
        let rows = tables.flat_map(|f| names.iter().filter_map(|name| f.table.row(name)));
        let mut values: Vec<f64> = match analysis.is_in_a_row() {
            true => rows.map(|row| row.estimate).collect(),
            false => rows
                .filter(|row| row.role == Role::Subject && row.ratio_bound != Bound::Unknown)
                .filter_map(Answer::ratio_point)
                .collect(),
        };
        values.sort_by(f64::total_cmp);
        let shown = |value: f64| match analysis.is_in_a_row() {
            true => number::value(value, None),
            false => number::rounded(value, -2),
        };
        let (least, most) = (shown(*values.first()?), shown(*values.last()?));
        Some(if least == most {
            least
        } else {
            format!("{least} to {most}")
        })
    };
    let base = analysis.baseline();
    let (rates, costs) = (span(Metric::Throughput), span(Metric::CpuPerRequest));
    let words: Vec<String> = match analysis.is_in_a_row() {
        true => [
            rates.map(|span| format!("{span} requests/s")),
            costs.map(|span| format!("{span} µs of CPU time a request")),
        ],
        false => [
            rates.map(|span| format!("{span} times the requests/s of {base}")),
            costs.map(|span| format!("{span} times its CPU time per request")),
        ],
    }
    .into_iter()
    .flatten()
    .collect();
    let titles: Vec<String> = (names.iter())
        .filter(|name| analysis.is_in_a_row() || **name != analysis.baseline_name())
        .map(|name| analysis.title(name).to_owned())
        .collect();
    let who = match titles.len() {
        0 => return None,
        n if n <= 6 => text::list(&titles),
        n => format!("{n} of them"),
    };
    (!words.is_empty()).then(|| {
        Text::default()
            .engine(engine)
            .plain(format!(" ({who}): {}.", words.join(", ")))
    })
}

/// Who takes many times what most take.
fn far_away(analysis: &Analysis, figure: &Figure<'_>) -> Option<String> {
    let rows = || {
        figure
            .table
            .rows
            .iter()
            .filter(|row| row.role != Role::Twin)
    };
    let median = stats::summary::median(&rows().map(|row| row.estimate).collect::<Vec<_>>())?;
    let unit = figure.table.question.metric.unit();
    let far: Vec<String> = rows()
        .filter(|row| row.estimate > FAR * median)
        .map(|row| {
            let value = number::value(row.estimate, row.interval.as_ref());
            format!(
                "{} with {value} {unit}",
                analysis.server(&row.framework, &row.variant)
            )
        })
        .collect();
    (!far.is_empty()).then(|| {
        let what = text::capital(figure.table.question.metric.words().long);
        format!(
            "{what}: {} {} out; the median of all is {} {unit}.",
            text::list(&far),
            if far.len() == 1 { "stands" } else { "stand" },
            number::value(median, None)
        )
    })
}
