//! One Markdown table for questions that share their servers: a line a server, two columns a
//! question.

use std::collections::BTreeMap;

use record::{Class, Metric};

use super::Page;
use crate::estimate::{Analysis, Bound, LEAST_BLOCKS, Role, Row, Table, Verdict};
use crate::text::{self, escape, number};

/// One question of a table and what its columns are called.
pub(super) struct Group<'a> {
    pub label: String,
    pub table: &'a Table,
}

/// Writes the table of some questions, sorted by the first, and the lines that belong under it.
pub(super) fn write(page: &mut Page, analysis: &Analysis, groups: &[Group<'_>]) {
    let Some(first) = groups.first() else { return };
    let baseline = escape::markdown(analysis.baseline());
    let with_p95 = first.table.question.metric == Metric::Startup;
    let by = match first.table.question.metric {
        Metric::Rss => "Launches",
        Metric::Startup => "Starts",
        _ => "Blocks",
    };
    let mut head = vec!["Framework".to_owned(), "Class".to_owned()];
    for group in groups {
        head.push(group.label.clone());
        if with_p95 {
            head.push("p95".to_owned());
        }
        head.push(format!("× {baseline}"));
    }
    head.extend([by.to_owned(), "Flags".to_owned()]);
    let mut right = vec![true; head.len()];
    for text in [0, 1, head.len() - 1] {
        right[text] = false;
    }
    let mut rows = Vec::new();
    let mut controls = false;
    for (framework, variant) in order(groups) {
        let class = analysis
            .framework(framework)
            .map_or(Class::Idiomatic, |f| f.class);
        if class != Class::Idiomatic && !controls {
            controls = true;
            let mut line = vec![String::new(); head.len()];
            line[0] = "*controls, not ranked:*".to_owned();
            rows.push(line);
        }
        let found: Vec<Option<&Row>> = groups
            .iter()
            .map(|g| {
                let mut rows = g.table.rows.iter();
                rows.find(|r| (r.framework.as_str(), r.variant.as_str()) == (framework, variant))
            })
            .collect();
        rows.push(line(
            analysis, framework, variant, class, groups, &found, with_p95,
        ));
    }
    page.table(&head, &right, &rows);
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

fn line(
    analysis: &Analysis,
    framework: &str,
    variant: &str,
    class: Class,
    groups: &[Group<'_>],
    found: &[Option<&Row>],
    with_p95: bool,
) -> Vec<String> {
    let twin = found.iter().flatten().any(|r| r.role == Role::Twin);
    let title = escape::markdown(analysis.title(framework));
    let mut cells = if twin {
        vec![format!("{title}, second copy"), "A/A".to_owned()]
    } else if variant.is_empty() {
        vec![title, class.name().to_owned()]
    } else {
        let variant = escape::markdown(variant);
        vec![format!("{title} ({variant})"), class.name().to_owned()]
    };
    for row in found {
        cells.push(row.map_or_else(missing, estimate));
        if with_p95 {
            cells.push(row.map_or_else(missing, |r| {
                r.p95
                    .map_or_else(missing, |p| number::value(p, r.interval.as_ref()))
            }));
        }
        cells.push(row.map_or_else(missing, |r| ratio(r, groups[0].table.question.metric)));
    }
    let mut blocks: Vec<String> = found
        .iter()
        .map(|r| r.map_or(0, |r| r.blocks).to_string())
        .collect();
    blocks.dedup();
    cells.push(blocks.join(", "));
    cells.push(flags(groups, found));
    cells
}

fn missing() -> String {
    "–".to_owned()
}

/// `61,200 (60,300–62,100)`.
fn estimate(row: &Row) -> String {
    let sign = match row.bound {
        Bound::AtLeast => "≥ ",
        _ => "",
    };
    let value = number::value(row.estimate, row.interval.as_ref());
    let range = row
        .interval
        .as_ref()
        .map(|i| format!(" ({})", number::range(row.estimate, i)))
        .unwrap_or_default();
    format!("{sign}{value}{range}")
}

/// `1.42 (1.38–1.47) **faster**`.
pub(super) fn ratio(row: &Row, metric: Metric) -> String {
    let word = match row.verdict {
        // The lines below the table say once what holds for all of it.
        Verdict::None | Verdict::TooFewBlocks | Verdict::NoFloor => String::new(),
        v if v.is_called() => format!(" **{}**", v.word(metric)),
        v => format!(" {}", v.word(metric)),
    };
    if row.role == Role::Baseline {
        return "1".to_owned();
    }
    if row.ratio_bound == Bound::Unknown && row.role == Role::Subject {
        return word.trim().to_owned();
    }
    let Some(ratio) = row.ratio() else {
        return row.ratio_point().map_or_else(missing, |ratio| {
            format!("{}{word}", number::rounded(ratio, -2))
        });
    };
    let sign = match row.ratio_bound {
        Bound::AtLeast => "≥ ",
        Bound::AtMost => "≤ ",
        Bound::Exact | Bound::Unknown => "",
    };
    let step = number::ratio_step(ratio.point, Some(&ratio.interval));
    format!(
        "{sign}{} ({}–{}){word}",
        number::rounded(ratio.point, step),
        number::rounded(ratio.interval.low, step),
        number::rounded(ratio.interval.high, step),
    )
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
                word += &format!(" ({})", escape::markdown(&group.table.question.mode));
            }
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words.join(", ")
}

/// The A/A floor, what could have been found, what is a bound and who is missing.
fn footer(page: &mut Page, analysis: &Analysis, groups: &[Group<'_>]) {
    for group in groups {
        let name = if groups.len() > 1 {
            format!("{}: ", group.label)
        } else {
            String::new()
        };
        match group.table.floor {
            Some(floor) => page.item(&format!(
                "{name}A/A: the second copy measured {} times the first over {}; noise floor ±{}.",
                number::rounded(floor.ratio, -3),
                text::count(floor.n, "pair"),
                number::percent(floor.floor),
            )),
            None => page.item(&format!(
                "{name}No A/A here, so the noise floor is unknown and nothing is called."
            )),
        }
        let pairs = |r: &Row| (r.verdict == Verdict::TooFewBlocks).then_some(r.differences.len());
        if let Some(most) = group.table.rows.iter().filter_map(pairs).max() {
            page.item(&format!(
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
            page.item(&format!(
                "{name}MDE: a true difference of {} would be found four times in five.",
                number::span(*least, *most),
            ));
        }
    }
    let mut rows = groups.iter().flat_map(|g| &g.table.rows);
    if rows.any(|r| r.bound != Bound::Exact) {
        page.item(
            "≥: the instrument was the bottleneck (`client-bound`); the server may be faster, so the rate is a lower bound.",
        );
    }
    for group in groups {
        let absent: Vec<String> = analysis
            .campaign
            .frameworks
            .iter()
            .filter(|f| group.table.row(&f.name).is_none())
            .map(|f| escape::markdown(&f.title))
            .collect();
        if !absent.is_empty() {
            page.item(&format!(
                "{}: no value for {}.",
                group.label,
                text::list(&absent)
            ));
        }
    }
}
