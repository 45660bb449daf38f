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
        site.rendered
            .insert("index.html".to_owned(), index::page(&listed).into_bytes());
        Ok(site)
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

/// What a published folder's raw data, and what it remembers, give today.
fn again(folder: &Path) -> Result<(Analysis, Rendered), AnalysisError> {
    let analysis = analyse(folder)?;
    let history = History::of_folder(folder)?;
    let history = history.filter(|history| !history.points.is_empty());
    let place = Place::Published {
        history: history.is_some(),
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
