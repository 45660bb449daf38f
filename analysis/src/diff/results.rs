//! The results of two campaigns side by side.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::estimate::{Analysis, Answer, Answers, Bound, Role};
use crate::text::number::significant;

/// Of every number: differences in the last bits of a machine's mathematics are none.
const DIGITS: usize = 6;

/// One result on one side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Value {
    /// The server's own value.
    pub estimate: Option<f64>,
    /// Its ratio to the baseline of the same campaign.
    pub ratio: Option<f64>,
    /// The ratio's interval, adjusted for the campaign's comparisons.
    pub interval: Option<[f64; 2]>,
    /// Whether the estimate is itself or only a bound.
    pub bound: Bound,
    /// Whether the ratio is.
    pub ratio_bound: Bound,
    /// What the campaign says of it.
    pub verdict: &'static str,
}

/// One question's answer for one server in both campaigns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// The framework's name.
    pub framework: String,
    /// Its variant, empty for the framework as declared.
    pub variant: String,
    /// What was asked.
    pub scenario: String,
    /// How it was asked.
    pub mode: String,
    /// What was measured.
    pub metric: &'static str,
    /// What was there.
    pub base: Option<Value>,
    /// What is there now.
    pub head: Option<Value>,
}

/// By question in the order of the reports, then by server.
type Results = BTreeMap<(usize, [String; 2]), (Pair, Value)>;

/// The results that do not read the same.
pub(super) fn pairs(base: &Analysis, head: &Analysis) -> Vec<Pair> {
    let mut order: Vec<[String; 3]> = Vec::new();
    let base = results(base, &mut order);
    let mut head = results(head, &mut order);
    let mut merged: BTreeMap<_, Pair> = BTreeMap::new();
    for (key, (pair, value)) in base {
        let other = head.remove(&key).map(|(_, value)| value);
        merged.insert(
            key,
            Pair {
                base: Some(value),
                head: other,
                ..pair
            },
        );
    }
    for (key, (pair, value)) in head {
        merged.insert(
            key,
            Pair {
                head: Some(value),
                ..pair
            },
        );
    }
    merged.into_values().filter(|p| p.base != p.head).collect()
}

fn results(analysis: &Analysis, order: &mut Vec<[String; 3]>) -> Results {
    let mut results = Results::new();
    for table in &analysis.tables {
        let question = &table.question;
        let name = question.metric.name().to_owned();
        let asked = [name, question.scenario.clone(), question.mode.clone()];
        let place = order.iter().position(|o| *o == asked).unwrap_or_else(|| {
            order.push(asked);
            order.len() - 1
        });
        for row in table.rows.iter().filter(|r| r.role != Role::Twin) {
            let key = (place, [row.framework.clone(), row.variant.clone()]);
            results.insert(key, (pair(table, row), value(table, row)));
        }
    }
    results
}

fn pair(table: &Answers, row: &Answer) -> Pair {
    Pair {
        framework: row.framework.clone(),
        variant: row.variant.clone(),
        scenario: table.question.scenario.clone(),
        mode: table.question.mode.clone(),
        metric: table.question.metric.name(),
        base: None,
        head: None,
    }
}

fn value(table: &Answers, row: &Answer) -> Value {
    let rounded = |value: f64| significant(value, DIGITS);
    let interval = row.ratio().map(|r| r.interval);
    Value {
        estimate: rounded(row.estimate),
        ratio: row.ratio_point().and_then(rounded),
        interval: interval.and_then(|i| Some([rounded(i.low)?, rounded(i.high)?])),
        bound: row.bound,
        ratio_bound: row.ratio_bound,
        verdict: row.verdict.word(table.question.metric),
    }
}
