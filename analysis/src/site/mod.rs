//! All published reports as one folder of pages, each rendered anew from its own raw data.
//!
//! A published report is a folder with a campaign's raw data and, beside these, what was
//! rendered from them; `reports/<host>/<experiment>` where the lab publishes.

mod index;
mod published;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use record::{CampaignDir, RecordError};

use crate::error::AnalysisError;
use crate::estimate::{Analysis, analyse};
use crate::history::History;
use crate::instructions;
use crate::report::{self, Place, Rendered};

pub use published::{Published, faults, published};

/// Everything that a site consists of.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// What was rendered, by its path in the site, `/` between names.
    pub rendered: BTreeMap<String, Vec<u8>>,
    /// What is copied as it is: where it goes and where it comes from.
    pub copied: BTreeMap<String, PathBuf>,
}

impl Site {
    /// Renders published reports and the page that lists them.
    ///
    /// # Errors
    /// [`AnalysisError`] when the raw data of one cannot be read or drawn.
    pub fn render(reports: &[Published]) -> Result<Self, AnalysisError> {
        let mut site = Self::default();
        let mut listed = Vec::new();
        for published in reports {
            let (analysis, rendered) = again(&published.folder)?;
            for (name, path) in files_below(&published.folder)? {
                site.copied.insert(published.below(&name), path);
            }
            listed.push(index::Entry::new(published, &analysis, &rendered));
            for (name, bytes) in rendered.files {
                let place = published.below(&name);
                site.copied.remove(&place);
                site.rendered.insert(place, bytes);
            }
        }
        let root = root_of(reports);
        let beside = root.as_deref().map(beside).unwrap_or_default();
        if let Some(root) = &root {
            for (_, file) in &beside {
                site.copied.insert((*file).to_owned(), root.join(file));
            }
            // Its page has links to what it was rendered from.
            let counts = root.join(instructions::FOLDER);
            if counts.is_dir() {
                let charts = counts.join("charts");
                let charts = match charts.is_dir() {
                    true => published::sorted(&charts)?,
                    false => Vec::new(),
                };
                let all = files_below(&counts)?.into_values().chain(charts);
                for path in all {
                    let place = published::slashed(path.strip_prefix(root).unwrap_or(&path));
                    site.copied.insert(place, path);
                }
            }
        }
        site.rendered.insert(
            "index.html".to_owned(),
            index::page(&listed, &beside).into_bytes(),
        );
        Ok(site)
    }

    /// The page that lists them, and what a README says of them.
    ///
    /// # Errors
    /// As [`Self::render`].
    pub fn overview(root: &Path, reports: &[Published]) -> Result<Overview, AnalysisError> {
        let mut listed = Vec::new();
        for published in reports {
            let (analysis, rendered) = again(&published.folder)?;
            listed.push(index::Entry::new(published, &analysis, &rendered));
        }
        Ok(Overview {
            index: index::page(&listed, &beside(root)),
            readme: index::readme(&listed),
        })
    }

    /// Writes it into a folder.
    ///
    /// # Errors
    /// [`AnalysisError::Record`] when something cannot be copied or written.
    pub fn write(&self, folder: &Path) -> Result<(), AnalysisError> {
        let room = |name: &str| {
            let path = folder.join(name);
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent)
                .map(|()| path.clone())
                .map_err(|e| RecordError::io("create", parent, e))
        };
        for (name, bytes) in &self.rendered {
            let path = room(name)?;
            fs::write(&path, bytes).map_err(|e| RecordError::io("write", &path, e))?;
        }
        for (name, from) in &self.copied {
            let path = room(name)?;
            fs::copy(from, &path).map_err(|e| RecordError::io("copy", from, e))?;
        }
        Ok(())
    }
}

/// What lists all reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// `index.html` beside the hosts' folders.
    pub index: String,
    /// The table that a README has of them, as Markdown.
    pub readme: String,
}

/// What else is published: in words, and its file below the reports.
fn beside(root: &Path) -> Vec<(&'static str, &'static str)> {
    let known = [
        (
            "What articles say, and what is true",
            crate::claims::FILES[1],
        ),
        ("Instructions a request, counted", "instructions/index.html"),
        (
            "What servers do where the contract leaves them free",
            "conformance/README.md",
        ),
    ];
    known
        .into_iter()
        .filter(|(_, file)| root.join(file).is_file())
        .collect()
}

/// The folder below which all of these lie.
fn root_of(reports: &[Published]) -> Option<PathBuf> {
    let first = reports.first()?;
    let above = first
        .place
        .split('/')
        .filter(|name| !name.is_empty())
        .count();
    first.folder.ancestors().nth(above).map(Path::to_owned)
}

/// Writes what a published folder's raw data give today in the place of what lies there.
///
/// # Errors
/// [`AnalysisError`] when the raw data cannot be read or drawn, or the folder not be written.
pub fn update(report: &Published) -> Result<(), AnalysisError> {
    let folder = &report.folder;
    if let Some(mut history) = History::of_folder(folder)? {
        history.add(&analyse(folder)?);
        let path = folder.join(crate::history::FILE);
        if history.points.is_empty() {
            for name in [crate::history::FILE, "history.md", "history.html"] {
                let path = folder.join(name);
                if path.exists() {
                    fs::remove_file(&path).map_err(|e| RecordError::io("remove", &path, e))?;
                }
            }
        } else {
            fs::write(&path, history.csv()).map_err(|e| RecordError::io("write", &path, e))?;
        }
    }
    let (_, rendered) = again(folder)?;
    report::write(&rendered, folder)
}

/// What a published folder's raw data, and what it remembers, give today.
fn again(folder: &Path) -> Result<(Analysis, Rendered), AnalysisError> {
    let analysis = analyse(folder)?;
    let history = History::of_folder(folder)?;
    let history = history.filter(|history| !history.points.is_empty());
    let place = Place::Published {
        history: history.as_ref(),
    };
    let mut rendered = report::render_in(&analysis, place)?;
    if let Some(history) = history {
        let title = &analysis.campaign.design.title;
        rendered
            .files
            .extend(history.render(title, &analysis.engines())?.files);
    }
    Ok((analysis, rendered))
}

/// Every file below a published folder by its path in it, without those that an earlier
/// rendering left and none owns any more.
fn files_below(folder: &Path) -> Result<BTreeMap<String, PathBuf>, RecordError> {
    let mut found = BTreeMap::new();
    let charts = folder.join("charts");
    let stderr = CampaignDir::new(folder).stderr();
    let mut folders = vec![folder.to_owned()];
    while let Some(place) = folders.pop() {
        for path in published::sorted(&place)? {
            if path.is_dir() {
                if path != charts && path != stderr {
                    folders.push(path);
                }
            } else if let Ok(below) = path.strip_prefix(folder) {
                found.insert(published::slashed(below), path);
            }
        }
    }
    Ok(found)
}
