//! All published campaigns of one experiment on one host, one after the other.
//!
//! A published folder holds the raw data of its last campaign only. What its predecessors said
//! stays in `history.csv`: for each framework and question the ratio to the baseline of *the
//! same campaign*, which is the one figure that may be followed over campaigns. Absolute values
//! change with the host.

mod chart;
mod page;
mod point;
mod series;

use std::collections::BTreeMap;
use std::path::Path;

use record::RecordError;
use serde::Serialize;

use crate::error::AnalysisError;
use crate::estimate::Analysis;
use crate::report::Rendered;

pub use point::Point;
pub use series::{Changed, Line};

/// The file, in a published folder, that remembers.
pub const FILE: &str = "history.csv";

/// What all campaigns said, in the order of their starts.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct History {
    /// One for each campaign, question and framework.
    pub points: Vec<Point>,
}

impl History {
    /// Reads what a published folder remembers; nothing where it has no [`FILE`].
    ///
    /// # Errors
    /// [`AnalysisError::Record`] names the first line that is not what it should be.
    pub fn of_folder(folder: &Path) -> Result<Option<Self>, AnalysisError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path).map_err(|e| RecordError::io("read", &path, e))?;
        let points = point::parse(&text).map_err(|problem| RecordError::Malformed {
            what: "history",
            path,
            problem,
        })?;
        let mut history = Self { points };
        history.sort();
        Ok(Some(history))
    }

    /// Adds what a campaign says, in the place of what it said before.
    pub fn add(&mut self, analysis: &Analysis) {
        self.points
            .retain(|point| point.campaign != analysis.campaign.id);
        self.points.extend(point::points(analysis));
        self.sort();
    }

    /// Whether it says of a campaign what the campaign's raw data give today.
    pub fn agrees(&self, analysis: &Analysis) -> bool {
        let mut again = self.clone();
        again.add(analysis);
        again == *self
    }

    fn sort(&mut self) {
        self.points.sort_by(|a, b| a.place().cmp(&b.place()));
    }

    /// The series, in the order of their questions and frameworks.
    pub fn lines(&self) -> Vec<Line> {
        series::lines(&self.points)
    }

    /// The file's text.
    pub fn csv(&self) -> String {
        point::write(&self.points)
    }

    /// The page without its charts, as Markdown.
    pub fn text(&self, title: &str) -> String {
        page::text(self, title)
    }

    /// Renders, in the colours of the frameworks' engines, `history.csv`, `history.md`, `history.html` and `charts/history-*.svg`.
    ///
    /// # Errors
    /// [`AnalysisError::Chart`] when a chart cannot be drawn.
    pub fn render(
        &self,
        title: &str,
        engines: &BTreeMap<String, String>,
    ) -> Result<Rendered, AnalysisError> {
        page::render(self, title, engines)
    }
}
