//! A campaign's report as files: the same raw data give the same bytes, on any machine.

mod chapters;
pub(crate) mod charts;
pub mod comparison;
pub(crate) mod document;
pub(crate) mod headline;
pub(crate) mod html;
pub(crate) mod markdown;
mod pairs;
mod shares;
pub(crate) mod signs;
pub(crate) mod stands;
pub(crate) mod summary;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use record::RecordError;
use record::writer::replace;

use crate::error::AnalysisError;
use crate::estimate::Analysis;
use crate::history::History;

pub use headline::{headline, labels};

/// A report's files by their path inside the report's folder, `/` between names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The bytes of each file.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Renders `report.md`, `report.html`, `summary.json` and `charts/*.svg`.
///
/// # Errors
/// [`AnalysisError::Chart`] when a chart cannot be drawn.
pub fn render(analysis: &Analysis) -> Result<Rendered, AnalysisError> {
    render_in(analysis, Place::Results)
}

/// Where a report lies, which is what its links begin from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place<'a> {
    /// In the folder `report` of its campaign.
    Results,
    /// In a folder of its own in that one.
    Below,
    /// Beside the published raw data.
    Published {
        /// What the campaigns in this place said, where there is a `history.html` of them.
        history: Option<&'a History>,
    },
}

/// As [`render`], for a place of its own.
///
/// # Errors
/// As [`render`].
pub fn render_in(analysis: &Analysis, place: Place<'_>) -> Result<Rendered, AnalysisError> {
    let charts = charts::all(analysis)?;
    let mut files = BTreeMap::new();
    let document = chapters::document(analysis, &charts, place);
    files.insert(
        "report.md".to_owned(),
        markdown::render(&document).into_bytes(),
    );
    files.insert(
        "report.html".to_owned(),
        html::render(&document).into_bytes(),
    );
    files.insert("summary.json".to_owned(), summary::json(analysis));
    for chart in charts {
        files.insert(format!("charts/{}.svg", chart.name), chart.svg.into_bytes());
    }
    Ok(Rendered { files })
}

/// Writes a report into a folder, each file whole or not at all, and takes charts away that
/// an earlier report left there.
///
/// # Errors
/// [`AnalysisError::Record`] when the folder cannot be written.
pub fn write(report: &Rendered, folder: &Path) -> Result<(), AnalysisError> {
    let charts = folder.join("charts");
    fs::create_dir_all(&charts).map_err(|e| RecordError::io("create", &charts, e))?;
    for (name, bytes) in &report.files {
        replace(&folder.join(name), bytes)?;
    }
    let entries = fs::read_dir(&charts).map_err(|e| RecordError::io("read", &charts, e))?;
    for entry in entries {
        let path = entry
            .map_err(|e| RecordError::io("read", &charts, e))?
            .path();
        let name = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        let stale = path.extension().is_some_and(|e| e == "svg")
            && !report.files.contains_key(&format!("charts/{name}"));
        if stale {
            fs::remove_file(&path).map_err(|e| RecordError::io("remove", &path, e))?;
        }
    }
    Ok(())
}
