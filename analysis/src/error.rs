//! Why a campaign cannot be analysed, in sentences that name the place.

use std::path::PathBuf;

use record::RecordError;

/// An error of reading a campaign or of writing its report.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// The campaign's folder cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The values of the long table cannot be grouped.
    #[error("the observations of {} cannot be grouped: {problem}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// The data frame library's own words.
        problem: String,
    },
    /// A chart could not be drawn.
    #[error("the chart `{name}` cannot be drawn: {problem}")]
    Chart {
        /// The chart's file name.
        name: String,
        /// The plotting library's own words.
        problem: String,
    },
    /// Ratios cannot be to the framework that was asked for.
    #[error("campaign {campaign} cannot be read with ratios to another framework: {problem}")]
    Against {
        /// The campaign.
        campaign: String,
        /// Why not.
        problem: String,
    },
    /// What should be counted instructions is none.
    #[error("{}: {problem}", path.display())]
    Counts {
        /// The file, or the folder.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}
