//! Where everything lies in a campaign's folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::RecordError;

/// The path of a campaign's folder, and the names of what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignDir(PathBuf);

impl CampaignDir {
    /// Names a folder; does not look whether it exists.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What was run, on what, and how it ended.
    pub fn campaign_file(&self) -> PathBuf {
        self.0.join("campaign.yaml")
    }

    /// The long table.
    pub fn observations(&self) -> PathBuf {
        self.0.join("observations.csv")
    }

    /// All latency histograms.
    pub fn histograms(&self) -> PathBuf {
        self.0.join("histograms")
    }

    /// The histograms of one framework in one scenario, mode and launch.
    pub fn hlog(&self, scenario: &str, mode: &str, subject: &str, launch: u32) -> PathBuf {
        self.histograms()
            .join(format!("{scenario}.{mode}"))
            .join(format!("{subject}.launch{launch}.hlog"))
    }

    /// All histograms of one framework in one scenario and mode, by launch.
    ///
    /// # Errors
    /// [`RecordError::Io`] when the folder is there and cannot be listed.
    pub fn hlogs(
        &self,
        scenario: &str,
        mode: &str,
        subject: &str,
    ) -> Result<BTreeMap<u32, PathBuf>, RecordError> {
        let folder = self.histograms().join(format!("{scenario}.{mode}"));
        if !folder.exists() {
            return Ok(BTreeMap::new());
        }
        let unreadable = |e| RecordError::io("list", &folder, e);
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let launch = (path.file_name()).and_then(|name| launch_of(name.to_str()?, subject));
            found.extend(launch.map(|launch| (launch, path)));
        }
        Ok(found)
    }

    /// What the servers wrote to stderr.
    pub fn stderr(&self) -> PathBuf {
        self.0.join("stderr")
    }

    /// The stderr of one server; `phase` is `build`, `check`, `startup` or `launch<N>`.
    pub fn stderr_of(&self, subject: &str, phase: &str) -> PathBuf {
        self.stderr().join(format!("{subject}.{phase}.txt"))
    }

    /// What was rendered from the raw data.
    pub fn report(&self) -> PathBuf {
        self.0.join("report")
    }
}

/// The launch in the name of a server's histogram file.
fn launch_of(name: &str, subject: &str) -> Option<u32> {
    let launch = name.strip_prefix(subject)?.strip_prefix(".launch")?;
    let launch: u32 = launch.strip_suffix(".hlog")?.parse().ok()?;
    (name == format!("{subject}.launch{launch}.hlog")).then_some(launch)
}

/// The name of a server in a campaign: the framework's, with `@variant` where there is one.
pub fn subject(framework: &str, variant: &str) -> String {
    if variant.is_empty() {
        framework.to_owned()
    } else {
        format!("{framework}@{variant}")
    }
}
