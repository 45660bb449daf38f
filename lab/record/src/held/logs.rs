//! Interval logs, held to what the table says of them.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use super::cast::Cast;
use crate::campaign::Status;
use crate::completeness::{Finding, FindingKind};
use crate::error::RecordError;
use crate::reader::Campaign;
use crate::scan::BadField;
use crate::sum::{self, Sum};

/// The logs that a table names.
#[derive(Default)]
pub(super) struct Logs(BTreeMap<String, Said>);

/// What it says of one, at last.
struct Said {
    bytes: u64,
    sum: Option<u32>,
}

impl Logs {
    pub fn length(&mut self, cast: &Cast<'_>, name: &str, bytes: u64) -> Result<(), BadField> {
        if !self.0.contains_key(name) && !cast.has_log(name) {
            return Err(BadField::line(format!(
                "`{}` is no interval log that this campaign can have",
                name.escape_debug()
            )));
        }
        let said = Said { bytes, sum: None };
        match self.0.insert(name.to_owned(), said) {
            Some(before) if before.bytes >= bytes => Err(BadField::line(format!(
                "the interval log {name} has {bytes} bytes here and had {} before",
                before.bytes
            ))),
            _ => Ok(()),
        }
    }

    pub fn sum(&mut self, name: &str, sum: u32) -> Result<(), BadField> {
        match self.0.get_mut(name) {
            Some(said) if said.sum.is_none() => {
                said.sum = Some(sum);
                Ok(())
            }
            _ => Err(BadField::line(format!(
                "the interval log {} has a sum here and no length before it",
                name.escape_debug()
            ))),
        }
    }

    /// Reads every log; says how many are missing. Where the table is `complete` as far as it
    /// goes, the logs cannot have more than it says.
    pub fn verify(
        &self,
        campaign: &Campaign,
        complete: bool,
    ) -> Result<Option<Finding>, RecordError> {
        // An open group's windows may stand in the logs and not in the table.
        let whole = campaign.file.status == Status::Complete && complete;
        let folder = campaign.dir.histograms();
        let mut missing = Vec::new();
        for (name, said) in &self.0 {
            let path = folder.join(name);
            let malformed = |problem: String| RecordError::Malformed {
                what: "interval log",
                path: path.clone(),
                problem,
            };
            let bytes = match fs::read(&path) {
                Ok(bytes) => bytes,
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    missing.push(name.as_str());
                    continue;
                }
                Err(e) => return Err(RecordError::io("read", &path, e)),
            };
            let there = bytes.len() as u64;
            if there < said.bytes || (whole && there > said.bytes) {
                return Err(malformed(format!(
                    "it has {there} bytes and the table of observations says {}, so it was cut off or is another one",
                    said.bytes
                )));
            }
            let found = Sum::of(&bytes[..said.bytes as usize]);
            if said.sum.is_some_and(|sum| sum != found) {
                return Err(malformed(format!(
                    "it does not have the sum that the table of observations gives for it ({} and not {}), so it was changed or is another one",
                    sum::text(found),
                    said.sum.map_or_else(String::new, sum::text)
                )));
            }
        }
        if whole && !self.0.is_empty() {
            self.foreign(campaign)?;
        }
        let of = match missing[..] {
            [] => return Ok(None),
            [one] => one.to_owned(),
            [first, .., last] => format!("{first} to {last}"),
        };
        let all = self.0.len() as u64;
        let here = all - missing.len() as u64;
        Ok(Some(Finding::new(FindingKind::Logs, of, here, all)))
    }

    /// Refuses a log that the table does not name.
    fn foreign(&self, campaign: &Campaign) -> Result<(), RecordError> {
        let folder = campaign.dir.histograms();
        for below in folders(&folder)? {
            for path in folders(&below)? {
                let name = path.strip_prefix(&folder).unwrap_or(&path);
                let name = name.to_string_lossy();
                if name.ends_with(".hlog") && !self.0.contains_key(name.as_ref()) {
                    return Err(RecordError::Malformed {
                        what: "interval log",
                        path: path.clone(),
                        problem: "the table of observations names no such log, so it is of another campaign".to_owned(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// What a folder holds, in order; nothing where it is none.
fn folders(folder: &std::path::Path) -> Result<Vec<std::path::PathBuf>, RecordError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = fs::read_dir(folder)
        .and_then(|entries| {
            entries
                .map(|e| e.map(|e| e.path()))
                .collect::<Result<Vec<_>, _>>()
        })
        .map_err(|e| RecordError::io("list", folder, e))?;
    paths.sort();
    Ok(paths)
}
