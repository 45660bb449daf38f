//! The last calibration of the instrument, as campaigns remember it.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::RecordError;
use crate::writer;

/// The file, beside the campaigns, that keeps the last calibration.
pub const FILE: &str = "calibration.yaml";
const SCHEMA: &str = "calibration-record/1";

/// What a calibration found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationRecord {
    /// The schema.
    pub schema: String,
    /// When, in UTC, RFC 3339.
    pub at: String,
    /// SHA-256 of the program that was calibrated, in hex.
    pub program: String,
    /// The engine that was calibrated.
    pub engine: String,
    /// In what it was less than a whole calibration of the instrument as it is used, in words;
    /// empty for a whole one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// Whether every percentile was within its tolerance.
    pub fit: bool,
    /// What was not, scenario by scenario.
    pub faults: Vec<String>,
}

impl CalibrationRecord {
    /// A record of this schema.
    pub fn new(
        at: String,
        program: String,
        engine: String,
        limits: Vec<String>,
        faults: Vec<String>,
    ) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            at,
            program,
            engine,
            limits,
            fit: faults.is_empty(),
            faults,
        }
    }

    /// Keeps it as the last one of a results folder.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    pub fn keep(&self, results: &Path) -> Result<(), RecordError> {
        fs::create_dir_all(results).map_err(|e| RecordError::io("create", results, e))?;
        let path = results.join(FILE);
        let text = serde_yaml::to_string(self).map_err(|e| malformed(&path, &e))?;
        writer::replace(&path, text.as_bytes())
    }

    /// The last one of a results folder, if there is any.
    ///
    /// # Errors
    /// [`RecordError`] when there is one and it cannot be read.
    pub fn last(results: &Path) -> Result<Option<Self>, RecordError> {
        let path = results.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(RecordError::io("read", &path, e)),
        };
        serde_yaml::from_str(&text)
            .map(Some)
            .map_err(|e| malformed(&path, &e))
    }
}

fn malformed(path: &Path, error: &serde_yaml::Error) -> RecordError {
    RecordError::Malformed {
        what: "calibration record",
        path: path.to_owned(),
        problem: format!("{error}; run `lab calibrate` to write it anew"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_calibration_is_remembered() {
        let results = tempfile::tempdir().unwrap();
        assert_eq!(CalibrationRecord::last(results.path()).unwrap(), None);
        let faults = vec!["fixed-1ms: p99 is 80 us off".to_owned()];
        let record = CalibrationRecord::new(
            "2026-01-02T03:04:05Z".into(),
            "ab".into(),
            "epoll".into(),
            vec!["only fixed-1ms".into()],
            faults,
        );
        assert!(!record.fit);
        record.keep(results.path()).unwrap();
        assert_eq!(
            CalibrationRecord::last(results.path()).unwrap(),
            Some(record)
        );
        std::fs::write(results.path().join(FILE), "fit: perhaps").unwrap();
        let error = CalibrationRecord::last(results.path())
            .unwrap_err()
            .to_string();
        assert!(error.contains("lab calibrate"), "{error}");
    }
}
