//! One table for questions that share their servers: a line a server, two columns a
//! question.

use std::collections::BTreeMap;

use record::{Class, Metric};

use crate::estimate::{Analysis, Bound, LEAST_BLOCKS, Role, Row, Table, Verdict};
use crate::report::document::{self as report, Cell, Column, Document, RowGroup, Text};
use crate::text::{self, number};

/// One question of a table and what its columns are called.
pub(super) struct Group<'a> {
    pub label: String,
    pub table: &'a Table,
}

/// Writes the table of some questions, sorted by the first, and the lines that belong under it.
pub(super) fn write(
    page: &mut Document<'_>,
    analysis: &Analysis,
    caption: String,
    groups: &[Group<'_>],
) {
    let Some(first) = groups.first() else { return };
    let baseline = analysis.baseline();
    let with_p95 = first.table.question.metric == Metric::Startup;
    let by = match first.table.question.metric {
        Metric::Rss => "Launches",
        Metric::Startup => "Starts",
        _ => "Blocks",
    };
    let mut columns = vec![Column::text("Framework"), Column::text("Class")];
    for group in groups {
        columns.push(Column::number(&group.label));
        if with_p95 {
            columns.push(Column::number("p95"));
        }
        columns.push(Column::number(format!("× {baseline}")));
    }
    columns.extend([Column::number(by), Column::text("Flags")]);
    let (mut frameworks, mut controls) = (RowGroup::default(), RowGroup::controls());
    for (framework, variant) in order(groups) {
        let class = analysis
            .framework(framework)
            .map_or(Class::Idiomatic, |f| f.class);
        let found: Vec<Option<&Row>> = groups
            .iter()
            .map(|g| {
                let mut rows = g.table.rows.iter();
                rows.find(|r| (r.framework.as_str(), r.variant.as_str()) == (framework, variant))
            })
            .collect();
        let names = names(analysis, framework, variant, class, &found);
        let cells = line(names, groups, &found, with_p95);
        match class {
            Class::Idiomatic => frameworks.rows.push(cells),
            _ => controls.rows.push(cells),
        }
    }
    page.table(report::Table {
        caption,
        columns,
        groups: [frameworks, controls]
            .into_iter()
            .filter(|g| !g.rows.is_empty())
            .collect(),
    });
    footer(page, analysis, groups);
}

/// Every server of any group, in the order of the first group that has it.
fn order<'a>(groups: &[Group<'a>]) -> Vec<(&'a str, &'a str)> {
    let mut order: Vec<(&str, &str)> = Vec::new();
    for group in groups {
        for row in &group.table.rows {
            let server = (row.framework.as_str(), row.variant.as_str());
            if !order.contains(&server) {
                order.push(server);
            }
        }
    }
    order
}

/// What a server is called, and its class.
fn names(
    analysis: &Analysis,
    framework: &str,
    variant: &str,
    class: Class,
    found: &[Option<&Row>],
) -> [String; 2] {
    let title = analysis.title(framework);
    let class = class.name().to_owned();
    if found.iter().flatten().any(|r| r.role == Role::Twin) {
        [format!("{title}, second copy"), "A/A".to_owned()]
    } else if variant.is_empty() {
        [title.to_owned(), class]
    } else {
        [format!("{title} ({variant})"), class]
    }
}

fn line(
    names: [String; 2],
    groups: &[Group<'_>],
    found: &[Option<&Row>],
    with_p95: bool,
) -> Vec<Cell> {
    let mut cells: Vec<Cell> = names.map(Cell::from).into();
    for row in found {
        cells.push(row.map_or_else(missing, estimate));
        if with_p95 {
            let p95 = row.and_then(|r| r.p95.map(|p| (number::value(p, r.interval.as_ref()), p)));
            cells.push(p95.map_or_else(missing, |(text, p)| Cell::number(text, Some(p))));
        }
        cells.push(row.map_or_else(missing, |r| ratio(r, groups[0].table.question.metric)));
    }
    let mut blocks: Vec<String> = found
        .iter()
        .map(|r| r.map_or(0, |r| r.blocks).to_string())
        .collect();
    blocks.dedup();
    cells.push(blocks.join(", ").into());
    cells.push(flags(groups, found).into());
    cells
}

fn missing() -> Cell {
    "–".into()
}

/// `61,200 (60,300–62,100)`.
pub(super) fn estimate(row: &Row) -> Cell {
    let sign = match row.bound {
        Bound::AtLeast => "≥ ",
        _ => "",
    };
    let value = number::value(row.estimate, row.interval.as_ref());
    let text = Text::from(format!("{sign}{value}"));
    let text = match &row.interval {
        Some(interval) => text.range(number::range(row.estimate, interval)),
        None => text,
    };
    Cell::number(text, Some(row.estimate))
}

/// `1.42 (1.38–1.47) faster`.
fn ratio(row: &Row, metric: Metric) -> Cell {
    if row.role == Role::Baseline {
        return Cell::number("1", Some(1.0));
    }
    let word = match row.verdict {
        // The lines below the table say once what holds for all of it.
        Verdict::None | Verdict::TooFewBlocks | Verdict::NoFloor => "",
        v => v.word(metric),
    };
    if row.ratio_bound == Bound::Unknown && row.role == Role::Subject {
        return word.into();
    }
    let (Some(point), known) = (row.ratio_point(), row.ratio()) else {
        return missing();
    };
    let text = known.map_or_else(
        || number::rounded(point, -2).into(),
        |ratio| {
            let sign = match row.ratio_bound {
                Bound::AtLeast => "≥ ",
                Bound::AtMost => "≤ ",
                Bound::Exact | Bound::Unknown => "",
            };
            let step = number::ratio_step(ratio.point, Some(&ratio.interval));
            let shown = |value: f64| number::rounded(value, step);
            let (low, high) = (shown(ratio.interval.low), shown(ratio.interval.high));
            Text::from(format!("{sign}{}", shown(ratio.point))).range(format!("{low}–{high}"))
        },
    );
    let text = match word {
        "" => text,
        _ if row.verdict.is_called() => text.plain(" ").strong(word),
        _ => text.plain(format!(" {word}")),
    };
    Cell::number(text, Some(point))
}

/// `client-bound 12/12`, with the group's name where groups are different windows.
fn flags(groups: &[Group<'_>], found: &[Option<&Row>]) -> String {
    let same_windows = groups
        .iter()
        .all(|g| g.table.question.mode == groups[0].table.question.mode);
    let mut words: Vec<String> = Vec::new();
    for (group, row) in groups.iter().zip(found) {
        let Some(row) = row else { continue };
        let mut counts: BTreeMap<&str, usize> =
            row.flags.iter().map(|(f, n)| (f.name(), *n)).collect();
        if row.lost > 0 {
            counts.insert("no value", row.lost);
        }
        for (name, n) in counts {
            let mut word = format!("{name} {n}/{}", row.windows);
            if !same_windows {
                word += &format!(" ({})", group.table.question.mode);
            }
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words.join(", ")
}

/// The A/A floor, what could have been found, what is a bound and who is missing.
fn footer(page: &mut Document<'_>, analysis: &Analysis, groups: &[Group<'_>]) {
    for group in groups {
        let name = if groups.len() > 1 {
            format!("{}: ", group.label)
        } else {
            String::new()
        };
        match group.table.floor {
            Some(floor) => page.item(format!(
                "{name}A/A: the second copy measured {} times the first over {}; noise floor ±{}.",
                number::rounded(floor.ratio, -3),
                text::count(floor.n, "pair"),
                number::percent(floor.floor),
            )),
            None => page.item(format!(
                "{name}No A/A here, so the noise floor is unknown and nothing is called."
            )),
        }
        let pairs = |r: &Row| (r.verdict == Verdict::TooFewBlocks).then_some(r.differences.len());
        if let Some(most) = group.table.rows.iter().filter_map(pairs).max() {
            page.item(format!(
                "{name}No verdict: {}, {LEAST_BLOCKS} are the least.",
                text::count(most, "pair")
            ));
        }
        let mut mde: Vec<f64> = group
            .table
            .rows
            .iter()
            .filter(|r| r.role == Role::Subject)
            .filter_map(Row::mde)
            .collect();
        mde.sort_by(f64::total_cmp);
        if let (Some(least), Some(most)) = (mde.first(), mde.last()) {
            page.item(format!(
                "{name}MDE: a true difference of {} would be found four times in five.",
                number::span(*least, *most),
            ));
        }
    }
    let mut rows = groups.iter().flat_map(|g| &g.table.rows);
    if rows.any(|r| r.bound != Bound::Exact) {
        page.item(
            Text::from("≥: the instrument was the bottleneck (")
                .code("client-bound")
                .plain("); the server may be faster, so the rate is a lower bound."),
        );
    }
    for group in groups {
        let absent: Vec<String> = analysis
            .campaign
            .frameworks
            .iter()
            .filter(|f| group.table.row(&f.name).is_none())
            .map(|f| f.title.clone())
            .collect();
        if !absent.is_empty() {
            page.item(format!(
                "{}: no value for {}.",
                group.label,
                text::list(&absent)
            ));
        }
    }
}
