//! Finds the field that the fast reader choked on.

use std::path::Path;

use csv::{ReaderBuilder, StringRecord};
use record::observation::COLUMNS;
use record::{Metric, Validity};

use crate::error::AnalysisError;

/// The first bad field of the table, or the fast reader's own words if all fields are good.
pub(super) fn locate(path: &Path, csv: &[u8], problem: String) -> AnalysisError {
    let mut reader = ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(csv);
    for record in reader.records() {
        let found = match &record {
            Ok(record) => bad_field(record).map(|(column, problem)| {
                (record.position().map(csv::Position::line), column, problem)
            }),
            Err(e) => Some((
                e.position().map(csv::Position::line),
                COLUMNS[0],
                e.to_string(),
            )),
        };
        if let Some((line, column, problem)) = found {
            return AnalysisError::Row {
                path: path.to_owned(),
                line: line.unwrap_or_default(),
                column,
                problem,
            };
        }
    }
    AnalysisError::Table {
        path: path.to_owned(),
        problem,
    }
}

fn bad_field(record: &StringRecord) -> Option<(&'static str, String)> {
    if record.len() != COLUMNS.len() {
        let column = COLUMNS[record.len().min(COLUMNS.len() - 1)];
        let problem = format!("the row has {} of {} fields", record.len(), COLUMNS.len());
        return Some((column, problem));
    }
    let field = |name: &str| {
        let at = COLUMNS.iter().position(|c| *c == name);
        at.and_then(|i| record.get(i)).unwrap_or_default()
    };
    for column in ["launch", "block", "window"] {
        let text = field(column);
        if text.parse::<u32>().is_err() {
            return Some((column, format!("`{text}` is not a whole number")));
        }
    }
    let name = field("metric");
    let Some(metric) = Metric::ALL.into_iter().find(|m| m.name() == name) else {
        let known = Metric::ALL.map(Metric::name).join(", ");
        return Some((
            "metric",
            format!("unknown metric `{name}`; known are {known}"),
        ));
    };
    let unit = field("unit");
    if unit != metric.unit() {
        let wanted = metric.unit();
        return Some((
            "unit",
            format!("`{name}` is in `{wanted}`, not in `{unit}`"),
        ));
    }
    let text = field("value");
    match text.parse::<f64>() {
        Err(_) => return Some(("value", format!("`{text}` is not a number"))),
        Ok(value) if value < 0.0 => {
            return Some((
                "value",
                format!("`{text}` is negative, which `{name}` cannot be"),
            ));
        }
        Ok(_) => {}
    }
    field("validity")
        .parse::<Validity>()
        .err()
        .map(|problem| ("validity", problem))
}
