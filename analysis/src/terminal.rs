//! The short table that a bench prints at its end: plain text, at most 80 columns.

use record::{Class, Metric};

use crate::estimate::{Analysis, Answer, Answers, Bound, Role};
use crate::report::{headline, labels, signs};
use crate::text::{escape, number};

const WIDTH: usize = 80;
/// The columns of names, and of one scenario: its rate and its ratio.
pub(crate) const NAME: usize = 18;
const RATE: usize = 10;
const RATIO: usize = 10;
/// Startup and memory.
const COST: usize = 8;

/// The table, with the answer above it.
pub fn table(analysis: &Analysis) -> String {
    let mut out = String::new();
    for sentence in headline(analysis) {
        wrap(&mut out, &escape::plain(&sentence));
    }
    let marks: Vec<&str> = labels(analysis).into_iter().map(|(word, _)| word).collect();
    if !marks.is_empty() {
        wrap(&mut out, &format!("This run is {}.", marks.join(", ")));
    }
    match analysis.kind.terminal(analysis) {
        Some(own) => out += &own,
        None => compared(&mut out, analysis),
    }
    out
}

/// The usual table: a line a server, a scenario beside the other.
fn compared(out: &mut String, analysis: &Analysis) {
    let lines = lines(analysis);
    for part in parts(analysis).into_iter().filter(|p| !p.is_empty()) {
        out.push('\n');
        block(out, analysis, &lines, &part);
    }
    excluded(out, analysis);
    out.push('\n');
    wrap(out, &legend(analysis));
}

/// What the figures are, and what the signs mean where there are any.
fn legend(analysis: &Analysis) -> String {
    let costs = "Start: median ms. MiB: resident memory, idle.";
    if analysis.is_in_a_row() {
        return format!(
            "Requests/s at saturation, the median of samples in a row, without an interval: nothing is compared. {costs}"
        );
    }
    format!(
        "Requests/s at saturation, start and MiB, and times {}; {}. {costs}",
        escape::plain(analysis.baseline()),
        signs::LEGEND
    )
}

/// One question in the table: its head, how wide its values are, and its table.
struct Question<'a> {
    head: String,
    width: usize,
    table: &'a Answers,
}

impl Question<'_> {
    /// Of all its values, so that their digits align.
    fn step(&self) -> Option<number::Step> {
        let rows = self.table.rows.iter();
        number::column(rows.map(|row| (row.estimate, row.interval.as_ref())))
    }
}

/// The questions that stand beside each other: as many as the width holds. Startup and memory
/// stay together.
fn parts(analysis: &Analysis) -> Vec<Vec<Question<'_>>> {
    let rates = analysis.tables_of(Metric::Throughput).map(|table| {
        vec![Question {
            head: escape::plain(&table.question.scenario),
            width: RATE,
            table,
        }]
    });
    let costs = Metric::apart().filter_map(|metric| {
        let (scenario, mode) = metric.asked_apart()?;
        Some(Question {
            head: metric.words().short.to_owned(),
            width: COST,
            table: analysis.table(metric, scenario, mode)?,
        })
    });
    let mut parts: Vec<Vec<Question<'_>>> = Vec::new();
    let mut room = 0;
    for mut questions in rates.chain(std::iter::once(costs.collect())) {
        questions.retain(|question| !question.table.rows.is_empty());
        let width = |question: &Question<'_>| question.width + ratio_width(analysis);
        let wanted = questions.iter().map(width).sum();
        if parts.is_empty() || room < wanted {
            parts.push(Vec::new());
            room = WIDTH - NAME;
        }
        room -= wanted;
        if let Some(last) = parts.last_mut() {
            last.append(&mut questions);
        }
    }
    parts
}

/// Where nothing is paired there are no ratios.
fn ratio_width(analysis: &Analysis) -> usize {
    match analysis.is_in_a_row() {
        true => 0,
        false => RATIO,
    }
}

/// A line of the table, or what stands between two.
enum Line<'a> {
    Server(&'a str, &'a str),
    Controls,
}

/// The frameworks by value, the baseline's second copy, the controls. An article knows no
/// difference between these: all in one order.
fn lines(analysis: &Analysis) -> Vec<Line<'_>> {
    let design = &analysis.campaign.design;
    let copy = || {
        let twin = (design.baseline.as_str(), design.twin.as_str());
        let is_there = (analysis.tables.iter().flat_map(|table| &table.rows))
            .any(|row| (row.framework.as_str(), row.variant.as_str()) == twin);
        is_there.then_some(Line::Server(twin.0, twin.1))
    };
    if analysis.is_in_a_row() {
        let all = analysis.by_value();
        let all = all
            .into_iter()
            .map(|(name, variant)| Line::Server(name, variant));
        return all.collect();
    }
    let frameworks = analysis.ranking().into_iter();
    let mut lines: Vec<Line<'_>> = frameworks.map(|name| Line::Server(name, "")).collect();
    lines.extend(copy());
    let controls: Vec<&str> = (analysis.campaign.frameworks.iter())
        .filter(|f| f.class != Class::Idiomatic && analysis.took_part(&f.name))
        .map(|f| f.name.as_str())
        .collect();
    if !controls.is_empty() {
        lines.push(Line::Controls);
    }
    lines.extend(controls.into_iter().map(|name| Line::Server(name, "")));
    lines
}

pub(crate) fn excluded(out: &mut String, analysis: &Analysis) {
    for framework in &analysis.campaign.frameworks {
        if let Some(why) = &framework.excluded {
            let title = escape::plain(&framework.title);
            wrap(out, &format!("{title} is excluded: {}", escape::plain(why)));
        }
    }
}

fn block(out: &mut String, analysis: &Analysis, lines: &[Line<'_>], part: &[Question<'_>]) {
    let ratios = ratio_width(analysis);
    let mut head = pad("", NAME);
    for question in part {
        head += &column(&question.head, question.width);
        head += &" ".repeat(ratios);
    }
    push(out, &head);
    for line in lines {
        let Line::Server(name, variant) = line else {
            push(out, "controls, not ranked:");
            continue;
        };
        let mut title = escape::plain(analysis.title(name));
        if *variant == analysis.campaign.design.twin {
            title = second(&title);
        }
        let mut text = pad(&title, NAME);
        for question in part {
            let mut rows = question.table.rows.iter();
            let row =
                rows.find(|r| (r.framework.as_str(), r.variant.as_str()) == (*name, *variant));
            let value = |row| value(row, question.step());
            text += &column(&row.map_or_else(dash, value), question.width);
            if ratios > 0 {
                text += &pad(&row.map(ratio).unwrap_or_default(), ratios);
            }
        }
        push(out, &text);
    }
}

/// What the baseline's second copy is called, cut so that this can be told.
pub(crate) fn second(title: &str) -> String {
    let cut: String = title.chars().take(NAME - 7).collect();
    format!("{cut}, 2nd")
}

pub(crate) fn dash() -> String {
    "–".to_owned()
}

fn value(row: &Answer, column: Option<number::Step>) -> String {
    let step = number::step_in(row.estimate, column, row.interval.as_ref());
    format!(
        "{}{}",
        row.bound.tight(),
        number::rounded(row.estimate, step)
    )
}

fn ratio(row: &Answer) -> String {
    if row.role == Role::Baseline && row.differences.is_empty() {
        return "   1".to_owned();
    }
    if row.ratio_bound == Bound::Unknown && row.role == Role::Subject {
        return "   bound".to_owned();
    }
    row.ratio_point().map_or_else(String::new, |ratio| {
        format!(
            " {:>2}{} {}",
            row.ratio_bound.tight(),
            number::rounded(ratio, -2),
            signs::of(row)
        )
    })
}

/// A number in its column, set to the right.
pub(crate) fn column(text: &str, width: usize) -> String {
    let cut: String = text.chars().take(width).collect();
    format!("{cut:>width$}")
}

/// A name in its column, with a space to the next; cut off if need be.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let cut: String = text.chars().take(width - 1).collect();
    format!("{cut:<width$}")
}

pub(crate) fn push(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}

/// A paragraph in lines of at most the table's width.
pub(crate) fn wrap(out: &mut String, text: &str) {
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            push(out, &line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    push(out, &line);
}
