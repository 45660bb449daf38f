//! Blocks that the machine's surroundings disturbed, and what the answers would be without them.

use crate::estimate::{Analysis, Answer, Answers, Keep, Verdict};
use crate::report::document::Document;
use crate::text::{self, number};

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let blocks = &analysis.blocks;
    if blocks.disturbed.is_empty() {
        return;
    }
    let superseded = blocks.superseded.len();
    let left = blocks.disturbed_that_count().len();
    let rest = match (left, analysis.keep) {
        (0, _) => String::new(),
        (_, Keep::LastAttempts) => {
            format!(" {left} disturbed ones count, with their flags, as there is nothing better.")
        }
        (_, Keep::Undisturbed) => format!(" {left} more do not count here."),
    };
    page.item(format!(
        "Disturbed from outside: {} of {}; {superseded} measured again, and only the repeats count.{rest}",
        text::count(blocks.disturbed.len(), "block"),
        blocks.measured.len(),
    ));
    let Some(without) = &analysis.undisturbed else {
        return;
    };
    let changed: Vec<String> = (analysis.tables.iter())
        .flat_map(|table| table.rows.iter().map(move |row| (table, row)))
        .filter_map(|(table, row)| change(analysis, table, row, without))
        .collect();
    page.item(match changed.is_empty() {
        true => "Without them every direction is the same (both estimates are in summary.json)."
            .to_owned(),
        false => format!(
            "Without them some directions change (both estimates are in summary.json): {}.",
            changed.join("; ")
        ),
    });
}

/// `Gin, cpu per request, json, rate: less (0.97) becomes undecided (0.98)`, if it does.
fn change(
    analysis: &Analysis,
    table: &Answers,
    row: &Answer,
    without: &[Answers],
) -> Option<String> {
    let question = &table.question;
    let same = without.iter().find(|t| t.question == *question);
    let other = same.and_then(|t| t.same(row));
    let now = other.map_or(Verdict::None, |r| r.verdict);
    if now == row.verdict {
        return None;
    }
    let told = |row: Option<&Answer>| {
        let Some(row) = row else {
            return "no value".to_owned();
        };
        let ratio = row
            .ratio_point()
            .map_or_else(String::new, |r| format!(" ({})", number::rounded(r, -3)));
        format!("{}{ratio}", row.verdict.word(question.metric))
    };
    Some(format!(
        "{}, {}, {}, {}: {} becomes {}",
        analysis.title(&row.framework),
        question.metric.name().replace('_', " "),
        question.scenario,
        question.mode,
        told(Some(row)),
        told(other)
    ))
}
