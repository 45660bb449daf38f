//! Reads a campaign's folder, also one that was cut off.

use std::fs;
use std::path::Path;

use hdrhistogram::Histogram;
use serde::Deserialize;

use crate::bounds;
use crate::campaign::{self, CampaignFile};
use crate::error::RecordError;
use crate::histogram::{self, LatencyKind, new_histogram};
use crate::layout::{CampaignDir, subject};
use crate::observation::COLUMNS;
use crate::writer::{END_MARKER, OBSERVATIONS_SCHEMA};

/// A campaign opened for reading.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Where it lies.
    pub dir: CampaignDir,
    /// What was run, on what, and how it ended.
    pub file: CampaignFile,
}

/// The rows of a campaign that reached the disk in whole groups.
#[derive(Debug, Clone)]
pub struct RawTable {
    /// CSV with a header line; lines that begin with `#` are comments.
    pub csv: Vec<u8>,
    /// The bytes behind the last whole group that were ignored.
    pub ignored: usize,
}

impl Campaign {
    /// Opens a campaign's folder.
    ///
    /// # Errors
    /// [`RecordError`] when it is no campaign's folder or of another schema version.
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let dir = CampaignDir::new(path);
        let place = dir.campaign_file();
        let text = fs::read_to_string(&place).map_err(|e| RecordError::io("read", &place, e))?;
        let malformed = |e: serde_yaml::Error| RecordError::Malformed {
            what: "campaign file",
            path: place.clone(),
            problem: e.to_string(),
        };
        let head: Head = serde_yaml::from_str(&text).map_err(malformed)?;
        if head.schema != campaign::SCHEMA {
            return Err(RecordError::Schema {
                path: place,
                found: head.schema,
                wanted: campaign::SCHEMA,
            });
        }
        if !campaign::is_as_written(&text) {
            return Err(RecordError::Line {
                path: place,
                line: 1,
                problem: "what follows does not have the sum that this line gives, so it was changed after the lab wrote it; who changes it on purpose takes this line away".to_owned(),
            });
        }
        let file = serde_yaml::from_str(&text).map_err(malformed)?;
        bounds::check(&file).map_err(|(key, problem)| match bounds::line(&text, &key) {
            Some(line) => RecordError::Line {
                path: place.clone(),
                line,
                problem,
            },
            None => RecordError::Malformed {
                what: "campaign file",
                path: place.clone(),
                problem,
            },
        })?;
        Ok(Self { dir, file })
    }

    /// The long table up to the last whole group.
    ///
    /// # Errors
    /// [`RecordError`] when the file is missing or its head is not what it should be.
    pub fn table(&self) -> Result<RawTable, RecordError> {
        let path = self.dir.observations();
        let bytes = fs::read(&path).map_err(|e| RecordError::io("read", &path, e))?;
        cut_to_whole_groups(&path, bytes)
    }

    /// The latencies of one server in one scenario and mode, merged over the launches.
    ///
    /// Empty when nothing was recorded.
    ///
    /// # Errors
    /// [`RecordError`] when a file is there and cannot be read.
    pub fn latencies(
        &self,
        framework: &str,
        variant: &str,
        scenario: &str,
        mode: &str,
        kind: LatencyKind,
    ) -> Result<Histogram<u64>, RecordError> {
        let mut merged = new_histogram();
        let subject = subject(framework, variant);
        for (_, path) in self.dir.hlogs(scenario, mode, &subject)? {
            for interval in histogram::read(&path, kind)? {
                merged
                    .add(&interval.histogram)
                    .map_err(|e| RecordError::Malformed {
                        what: "interval log",
                        path: path.to_owned(),
                        problem: format!("a histogram has another layout: {e:?}"),
                    })?;
            }
        }
        Ok(merged)
    }
}

/// The first lines of every table.
pub(crate) fn head() -> String {
    format!("# {OBSERVATIONS_SCHEMA}\n{}\n", COLUMNS.join(","))
}

/// What is wrong with a table that begins otherwise.
pub(crate) fn other_head(path: &Path, bytes: &[u8]) -> RecordError {
    let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let first = String::from_utf8_lossy(&first[..first.len().min(80)]).into_owned();
    if first.trim_end_matches('\r') == format!("# {OBSERVATIONS_SCHEMA}") && first.ends_with('\r') {
        return RecordError::Malformed {
            what: "table of observations",
            path: path.to_owned(),
            problem: format!(
                "its first line ends in CR LF, and the lab wrote `# {OBSERVATIONS_SCHEMA}` and LF: a checkout that changes the ends of lines; `git config core.autocrlf false`, then `git checkout HEAD -- .`"
            ),
        };
    }
    match first.strip_prefix("# observations/") {
        Some(_) if first != format!("# {OBSERVATIONS_SCHEMA}") => RecordError::Schema {
            path: path.to_owned(),
            found: first.trim_start_matches("# ").to_owned(),
            wanted: OBSERVATIONS_SCHEMA,
        },
        _ => RecordError::Malformed {
            what: "table of observations",
            path: path.to_owned(),
            problem: format!("its head is `{first}`"),
        },
    }
}

/// Checks the table's head and drops what stands behind the last end marker.
fn cut_to_whole_groups(path: &Path, mut bytes: Vec<u8>) -> Result<RawTable, RecordError> {
    let head = head();
    if !bytes.starts_with(head.as_bytes()) {
        return Err(other_head(path, &bytes));
    }
    let mut end = head.len();
    let mut at = end;
    while let Some(length) = bytes[at..].iter().position(|b| *b == b'\n') {
        let line = &bytes[at..at + length];
        at += length + 1;
        if line.starts_with(END_MARKER.as_bytes()) {
            end = at;
        }
    }
    let ignored = bytes.len() - end;
    bytes.truncate(end);
    Ok(RawTable {
        csv: bytes,
        ignored,
    })
}
