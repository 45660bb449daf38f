//! Published reports: where they are, and whether they are what their raw data give.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use record::{CampaignDir, RecordError};

use crate::error::AnalysisError;
use crate::history::{self, History};

/// One published report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its path below all reports, `/` between names: `<host>/<experiment>`. Empty where the
    /// folder that was looked through is a report itself.
    pub place: String,
    /// Where it lies.
    pub folder: PathBuf,
}

impl Published {
    /// The path in a site of one of its files.
    pub(super) fn below(&self, name: &str) -> String {
        match self.place.as_str() {
            "" => name.to_owned(),
            place => format!("{place}/{name}"),
        }
    }
}

/// Every campaign at or below a folder, in the order of their places.
///
/// # Errors
/// [`AnalysisError::Record`] when a folder cannot be read.
pub fn published(root: &Path) -> Result<Vec<Published>, AnalysisError> {
    let mut found = Vec::new();
    find(root, root, &mut found)?;
    found.sort_by(|a: &Published, b| a.place.cmp(&b.place));
    Ok(found)
}

fn find(root: &Path, folder: &Path, found: &mut Vec<Published>) -> Result<(), RecordError> {
    if CampaignDir::new(folder).campaign_file().is_file() {
        found.push(Published {
            place: slashed(folder.strip_prefix(root).unwrap_or(folder)),
            folder: folder.to_owned(),
        });
        return Ok(());
    }
    for path in sorted(folder)? {
        // A link such as `results/latest` would show a campaign twice.
        if path.is_dir() && !path.is_symlink() {
            find(root, &path, found)?;
        }
    }
    Ok(())
}

/// What of a published report is not as its raw data give it, a phrase a file.
///
/// # Errors
/// [`AnalysisError`] when the raw data cannot be read or drawn.
pub fn faults(report: &Published) -> Result<Vec<String>, AnalysisError> {
    let (analysis, rendered) = super::again(&report.folder)?;
    let mut faults = Vec::new();
    if History::of_folder(&report.folder)?.is_some_and(|history| !history.agrees(&analysis)) {
        faults.push(format!(
            "{} says of {} what its raw data do not give",
            history::FILE,
            analysis.campaign.id
        ));
    }
    for (name, bytes) in &rendered.files {
        match fs::read(report.folder.join(name)) {
            Ok(committed) if committed == *bytes => {}
            Ok(_) => faults.push(format!("{name} differs from what the raw data give")),
            Err(_) => faults.push(format!("{name} is missing")),
        }
    }
    let charts = report.folder.join("charts");
    let there: BTreeSet<String> = match charts.is_dir() {
        true => sorted(&charts)?
            .iter()
            .filter_map(|p| Some(format!("charts/{}", p.file_name()?.to_str()?)))
            .collect(),
        false => BTreeSet::new(),
    };
    let stale = there.iter().filter(|n| !rendered.files.contains_key(*n));
    faults.extend(stale.map(|name| format!("{name} is left over: the raw data give none")));
    Ok(faults)
}

/// What a folder holds, in the order of the names.
pub(super) fn sorted(folder: &Path) -> Result<Vec<PathBuf>, RecordError> {
    let unreadable = |e| RecordError::io("read", folder, e);
    let mut paths = fs::read_dir(folder)
        .map_err(unreadable)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}

/// A relative path with `/` between its names.
pub(super) fn slashed(path: &Path) -> String {
    let names: Vec<_> = path.iter().map(|n| n.to_string_lossy()).collect();
    names.join("/")
}
