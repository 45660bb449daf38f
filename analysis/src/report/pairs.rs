//! Every server against every other, as `summary.json` has it: a line a pair.

use serde::Serialize;

use crate::estimate::{Analysis, Answers};
use crate::text::number::significant;

/// Of every number: differences in the last bits of a machine's mathematics are none.
const DIGITS: usize = 6;

/// What the values of a pair are.
const COLUMNS: [&str; 9] = [
    "framework",
    "against",
    "ratio",
    "low",
    "high",
    "level",
    "bound",
    "verdict",
    "n",
];

/// One pair, by the columns. The other way round the ratio is one over it.
#[derive(Serialize)]
struct Line<'a>(
    &'a str,
    &'a str,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    &'static str,
    &'static str,
    usize,
);

/// The list of all questions with their pairs; both copies of the baseline are one server.
pub(super) fn json(analysis: &Analysis) -> String {
    let questions: Vec<String> = (analysis.tables.iter())
        .filter(|table| !table.question.metric.is_exact())
        .filter_map(question)
        .collect();
    match questions.is_empty() {
        true => "[]".to_owned(),
        false => format!("[\n{}\n  ]", questions.join(",\n")),
    }
}

fn question(table: &Answers) -> Option<String> {
    let lines: Vec<String> = lines(table)
        .iter()
        .map(|line| format!("        {}", text(line)))
        .collect();
    if lines.is_empty() {
        return None;
    }
    let question = &table.question;
    Some(format!(
        "    {{\n      \"scenario\": {},\n      \"mode\": {},\n      \"metric\": {},\n      \"columns\": {},\n      \"pairs\": [\n{}\n      ]\n    }}",
        text(&question.scenario),
        text(&question.mode),
        text(&question.metric.name()),
        text(&COLUMNS),
        lines.join(",\n")
    ))
}

fn lines(table: &Answers) -> Vec<Line<'_>> {
    let metric = table.question.metric;
    let rounded = |value: f64| significant(value, DIGITS);
    let mut lines = Vec::new();
    for (j, other) in table.rows.iter().enumerate() {
        for (i, one) in table.rows.iter().enumerate().take(j) {
            let Some(pair) = table.between(i, j) else {
                continue;
            };
            let ratio = pair.ratio;
            lines.push(Line(
                &one.framework,
                &other.framework,
                rounded(pair.point),
                ratio.and_then(|r| rounded(r.interval.low)),
                ratio.and_then(|r| rounded(r.interval.high)),
                ratio.and_then(|r| rounded(r.level)),
                pair.bound.name(),
                pair.verdict.word(metric),
                pair.n,
            ));
        }
    }
    lines
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain structures are always JSON")
}
