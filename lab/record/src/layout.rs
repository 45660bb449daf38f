//! Where everything lies in a campaign's folder.

use std::path::{Path, PathBuf};

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

/// The name of a server in a campaign: the framework's, with `@variant` where there is one.
pub fn subject(framework: &str, variant: &str) -> String {
    if variant.is_empty() {
        framework.to_owned()
    } else {
        format!("{framework}@{variant}")
    }
}
