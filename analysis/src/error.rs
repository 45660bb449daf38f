//! Why a campaign cannot be analysed, in sentences that name the place.

use std::path::PathBuf;

use record::RecordError;

/// An error of reading a campaign or of writing its report.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// The campaign's folder cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// One row of the long table is not what its schema says.
    #[error("{}, line {line}, column `{column}`: {problem}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1, comments counted.
        line: u64,
        /// The column's name.
        column: &'static str,
        /// What is wrong with the field.
        problem: String,
    },
    /// The long table as a whole cannot be read.
    #[error("{} is not a readable table of observations: {problem}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// The reader's own words.
        problem: String,
    },
    /// The campaign's design contradicts itself.
    #[error("the campaign's design cannot be reported: {0}")]
    Design(String),
    /// A chart could not be drawn.
    #[error("the chart `{name}` cannot be drawn: {problem}")]
    Chart {
        /// The chart's file name.
        name: String,
        /// The plotting library's own words.
        problem: String,
    },
}
