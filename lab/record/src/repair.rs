//! Brings a campaign's folder that was cut off back to the end of its last whole group.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

use crate::error::RecordError;
use crate::layout::CampaignDir;
use crate::reader::RawTable;
use crate::sum::{self, Sum};
use crate::validity::Flag;
use crate::writer::{END_MARKER, HLOG_MARKER, HLOG_SUM_MARKER};

/// What was found and what was cut off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repair {
    /// The names of the whole groups, in the order of writing.
    pub groups: Vec<String>,
    /// The blocks that have rows with an environmental flag.
    pub disturbed: BTreeSet<u32>,
    /// The length and the sum of each histogram file's whole groups.
    pub logs: BTreeMap<String, (u64, u32)>,
    /// Bytes of an open group that were cut off the table.
    pub cut_from_table: u64,
    /// Bytes of open groups that were cut off the histograms.
    pub cut_from_histograms: u64,
}

/// Cuts the table to its whole groups, and each histogram file to the length that the last
/// whole group gave for it. Nothing of a whole group is lost.
pub(crate) fn repair(dir: &CampaignDir, table: &RawTable) -> Result<Repair, RecordError> {
    let (groups, lengths, sums) = marked(&table.csv);
    let path = dir.observations();
    let rows = table.rows().map_err(|problem| RecordError::Malformed {
        what: "table of observations",
        path: path.clone(),
        problem,
    })?;
    let disturbed = (rows.iter())
        .filter(|row| row.validity.flags().any(Flag::is_environmental))
        .map(|row| row.cell.block)
        .collect();
    if table.ignored > 0 {
        cut(&path, table.csv.len() as u64)?;
    }
    let mut cut_from_histograms = 0;
    let mut logs = BTreeMap::new();
    for file in hlogs(dir)? {
        let name = file
            .strip_prefix(dir.histograms())
            .unwrap_or(&file)
            .to_string_lossy()
            .into_owned();
        let whole = lengths.get(&name).copied().unwrap_or(0);
        let found = fs::metadata(&file)
            .map_err(|e| RecordError::io("read", &file, e))?
            .len();
        if found < whole {
            return Err(short(&file, found, whole));
        }
        if found > whole {
            cut(&file, whole)?;
            cut_from_histograms += found - whole;
        }
        if whole == 0 {
            // The next block writes the head lines anew.
            fs::remove_file(&file).map_err(|e| RecordError::io("remove", &file, e))?;
        }
        if whole > 0 {
            let bytes = fs::read(&file).map_err(|e| RecordError::io("read", &file, e))?;
            let sum = Sum::of(&bytes);
            if sums.get(&name).is_some_and(|written| *written != sum) {
                return Err(RecordError::Malformed {
                    what: "interval log",
                    path: file,
                    problem: "it does not have the sum that the table gives for it, so it was changed and the campaign cannot be resumed".to_owned(),
                });
            }
            logs.insert(name, (whole, sum));
        }
    }
    match lengths.iter().find(|(name, _)| !logs.contains_key(*name)) {
        Some((name, whole)) => Err(short(&dir.histograms().join(name), 0, *whole)),
        None => Ok(Repair {
            groups,
            disturbed,
            logs,
            cut_from_table: table.ignored as u64,
            cut_from_histograms,
        }),
    }
}

/// The names of the groups, and the length and the sum of each histogram file after the last one.
fn marked(csv: &[u8]) -> (Vec<String>, BTreeMap<String, u64>, BTreeMap<String, u32>) {
    let mut groups = Vec::new();
    let (mut lengths, mut sums) = (BTreeMap::new(), BTreeMap::new());
    for line in String::from_utf8_lossy(csv).lines() {
        let named = |marker| line.strip_prefix(marker)?.rsplit_once(' ');
        if let Some(name) = line.strip_prefix(END_MARKER) {
            groups.push(name.to_owned());
        } else if let Some((name, length)) = named(HLOG_MARKER) {
            lengths.insert(name.to_owned(), length.parse().unwrap_or(0));
        } else if let Some((name, sum)) = named(HLOG_SUM_MARKER)
            && let Some(sum) = sum::parse(sum)
        {
            sums.insert(name.to_owned(), sum);
        }
    }
    (groups, lengths, sums)
}

fn hlogs(dir: &CampaignDir) -> Result<Vec<std::path::PathBuf>, RecordError> {
    let list = |path: &Path| -> Result<Vec<_>, RecordError> {
        fs::read_dir(path)
            .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect())
            .map_err(|e| RecordError::io("list", path, e))
    };
    let mut files = Vec::new();
    for folder in list(&dir.histograms())? {
        files.extend(list(&folder)?);
    }
    files.sort();
    Ok(files)
}

fn cut(path: &Path, length: u64) -> Result<(), RecordError> {
    File::options()
        .write(true)
        .open(path)
        .and_then(|file| file.set_len(length).and_then(|()| file.sync_all()))
        .map_err(|e| RecordError::io("shorten", path, e))
}

fn short(path: &Path, found: u64, whole: u64) -> RecordError {
    RecordError::Malformed {
        what: "interval log",
        path: path.to_owned(),
        problem: format!(
            "the table says that its whole blocks take {whole} bytes, and it has {found}; the campaign can be read but not resumed"
        ),
    }
}
