//! The long table as rows, for whoever needs them without a data frame.

use std::path::Path;

use crate::error::RecordError;
use crate::metric::Metric;
use crate::observation::{Cell, Observation};
use crate::reader::{RawTable, head};
use crate::scan::{self, BadField, Line, Row};

impl RawTable {
    /// All rows, in the order of writing.
    ///
    /// # Errors
    /// A sentence that names the first line that is not what it should be.
    pub fn rows(&self) -> Result<Vec<Observation>, String> {
        let mut all = Vec::new();
        let behind = self.csv.get(head().len()..).unwrap_or_default();
        scan::behind_head(behind, Path::new(""), |line| {
            if let Line::Row(row) = line {
                all.push(observation(&row)?);
            }
            Ok(())
        })
        .map_err(|error| match error {
            RecordError::Row {
                line,
                column,
                problem,
                ..
            } => format!("line {line}, column `{column}`: {problem}"),
            RecordError::Line { line, problem, .. } => format!("line {line}: {problem}"),
            other => other.to_string(),
        })?;
        Ok(all)
    }
}

/// A row as a value of its own.
pub(crate) fn observation(row: &Row<'_>) -> Result<Observation, BadField> {
    let [framework, variant, scenario, mode, metric, _] = scan::subject(row.subject);
    Ok(Observation {
        cell: Cell {
            launch: row.launch,
            block: row.block,
            window: row.window,
            framework,
            variant,
            scenario,
            mode,
        },
        metric: Metric::named(&metric).ok_or_else(|| unknown_metric(&metric))?,
        value: row.value,
        validity: scan::unquoted(row.validity)
            .parse()
            .map_err(|problem| BadField {
                column: "validity",
                problem,
            })?,
    })
}

pub(crate) fn unknown_metric(name: &str) -> BadField {
    let known = Metric::ALL.map(Metric::name).join(", ");
    BadField {
        column: "metric",
        problem: format!("unknown metric `{name}`; known are {known}"),
    }
}
