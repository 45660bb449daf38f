//! Writes a campaign's folder so that it is complete and readable after every block.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::campaign::{self, CampaignFile};
use crate::error::RecordError;
use crate::histogram::{self, IntervalHistogram};
use crate::layout::{self, CampaignDir};
use crate::observation::{COLUMNS, Cell, Observation};
use crate::reader::Campaign;
use crate::repair::{self, Repair};
use crate::sum::{self, Sum};
use crate::validity::Flag;

/// The schema that `observations.csv` names in its first line.
pub const OBSERVATIONS_SCHEMA: &str = "observations/1";
/// How the line begins that closes a group of rows; what stands behind the last one is ignored.
pub const END_MARKER: &str = "# end ";
/// How the lines begin that say, before the end of a group, how long a histogram file is with
/// that group in it: `# hlog <path below histograms/> <bytes>`.
pub const HLOG_MARKER: &str = "# hlog ";

/// How the lines begin that give the sum of such a file's bytes:
/// `# hlogsum <path below histograms/> <CRC-32>`.
pub const HLOG_SUM_MARKER: &str = "# hlogsum ";
/// How the line begins that stands before the end of a group and gives the sum of all lines of
/// the table up to that end, head included and lines such as this one left out:
/// `# sum <CRC-32>`. Tables that are older have none.
pub const SUM_MARKER: &str = "# sum ";

/// The open folder of a running campaign.
#[derive(Debug)]
pub struct CampaignWriter {
    dir: CampaignDir,
    file: CampaignFile,
    observations: File,
    ended: BTreeSet<String>,
    disturbed: BTreeSet<u32>,
    pending: Vec<Observation>,
    pending_histograms: Vec<(Cell, Vec<IntervalHistogram>)>,
    /// Logs that were put in place whole, with their lengths and sums.
    pending_logs: BTreeMap<String, (u64, u32)>,
    /// The length and sum of each log's whole groups.
    logs: BTreeMap<String, (u64, u32)>,
    /// The sum of the table; nothing in an older one that has none.
    sum: Option<Sum>,
}

impl CampaignWriter {
    /// Creates the folder `<results>/<id>`, its campaign file and the head of the table, and
    /// points `<results>/latest` at it.
    ///
    /// # Errors
    /// [`RecordError::Io`] when the folder exists already or cannot be written.
    pub fn create(results: &Path, file: CampaignFile) -> Result<Self, RecordError> {
        fs::create_dir_all(results).map_err(|e| RecordError::io("create", results, e))?;
        let path = results.join(&file.id);
        fs::create_dir(&path).map_err(|e| RecordError::io("create", &path, e))?;
        let dir = CampaignDir::new(path);
        for folder in [dir.histograms(), dir.stderr()] {
            fs::create_dir(&folder).map_err(|e| RecordError::io("create", &folder, e))?;
        }
        let table = dir.observations();
        let mut observations =
            File::create(&table).map_err(|e| RecordError::io("create", &table, e))?;
        let head = format!("# {OBSERVATIONS_SCHEMA}\n{}\n", COLUMNS.join(","));
        observations
            .write_all(head.as_bytes())
            .map_err(|e| RecordError::io("write", &table, e))?;
        let mut sum = Sum::default();
        sum.add(head.as_bytes());
        let writer = Self {
            dir,
            file,
            observations,
            ended: BTreeSet::new(),
            disturbed: BTreeSet::new(),
            pending: Vec::new(),
            pending_histograms: Vec::new(),
            pending_logs: BTreeMap::new(),
            logs: BTreeMap::new(),
            sum: Some(sum),
        };
        writer.save_campaign_file()?;
        point_latest(results, &writer.file.id)?;
        Ok(writer)
    }

    /// Opens a campaign's folder again to go on after its last whole group; what stands
    /// behind that, in the table or in the histograms, is cut off.
    ///
    /// # Errors
    /// [`RecordError`] when it is no campaign's folder, or whole groups have lost something.
    pub fn reopen(campaign: Campaign) -> Result<(Self, Repair), RecordError> {
        let table = campaign.table()?;
        let found = repair::repair(&campaign.dir, &table)?;
        let sum = sum_of(&table.csv);
        let table = campaign.dir.observations();
        let observations = File::options()
            .append(true)
            .open(&table)
            .map_err(|e| RecordError::io("open", &table, e))?;
        let writer = Self {
            dir: campaign.dir,
            file: campaign.file,
            observations,
            ended: found.groups.iter().cloned().collect(),
            disturbed: found.disturbed.clone(),
            pending: Vec::new(),
            pending_histograms: Vec::new(),
            pending_logs: BTreeMap::new(),
            logs: found.logs.clone(),
            sum,
        };
        Ok((writer, found))
    }

    /// Whether a group of this name has been written whole.
    pub fn has_ended(&self, group: &str) -> bool {
        self.ended.contains(group)
    }

    /// The folder.
    pub fn dir(&self) -> &CampaignDir {
        &self.dir
    }

    /// The campaign file as it stands.
    pub fn file(&self) -> &CampaignFile {
        &self.file
    }

    /// Changes the campaign file and writes it at once.
    ///
    /// # Errors
    /// [`RecordError::Io`]; the file on disk is then still the old one.
    pub fn update(&mut self, change: impl FnOnce(&mut CampaignFile)) -> Result<(), RecordError> {
        change(&mut self.file);
        self.save_campaign_file()
    }

    /// Adds a row to the open group; nothing reaches the disk before [`Self::end_group`].
    pub fn observe(&mut self, observation: Observation) {
        self.pending.push(observation);
    }

    /// Adds a window's histograms to the open group.
    pub fn keep_histograms(&mut self, cell: Cell, intervals: Vec<IntervalHistogram>) {
        self.pending_histograms.push((cell, intervals));
    }

    /// Names a log that was put in place, as one that the open group is in.
    pub(crate) fn keep_log(&mut self, below: String, bytes: u64, sum: u32) {
        self.pending_logs.insert(below, (bytes, sum));
    }

    /// Adds reasons to doubt to every row of the open group.
    pub fn flag_group(&mut self, flags: &[Flag]) {
        for observation in &mut self.pending {
            for flag in flags {
                observation.validity.flag(*flag);
            }
        }
    }

    /// The blocks on the disk that have rows with an environmental flag.
    pub fn disturbed(&self) -> &BTreeSet<u32> {
        &self.disturbed
    }

    /// Forgets the open group, a block that was broken off for instance.
    pub fn discard_group(&mut self) {
        self.pending.clear();
        self.pending_histograms.clear();
        self.pending_logs.clear();
    }

    /// Writes the open group, a block or a round of starts, through to the disk.
    ///
    /// The histograms go first, then all rows and the end marker in one write, so that a
    /// reader who sees the marker sees the whole group.
    ///
    /// # Errors
    /// [`RecordError`]; groups that ended before stay readable.
    pub fn end_group(&mut self, name: &str) -> Result<(), RecordError> {
        let mut lengths = std::mem::take(&mut self.pending_logs);
        for (cell, intervals) in std::mem::take(&mut self.pending_histograms) {
            let subject = layout::subject(&cell.framework, &cell.variant);
            let path = self
                .dir
                .hlog(&cell.scenario, &cell.mode, &subject, cell.launch);
            let added = histogram::append(&path, &intervals)?;
            let below = path.strip_prefix(self.dir.histograms()).unwrap_or(&path);
            let below = below.display().to_string();
            let (length, sum) = self.logs.get(&below).copied().unwrap_or_default();
            let mut sum = Sum::behind(sum, length);
            sum.add(&added);
            let now = (length + added.len() as u64, sum.value());
            self.logs.insert(below.clone(), now);
            lengths.insert(below, now);
        }
        let table = self.dir.observations();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let rows = std::mem::take(&mut self.pending);
        let disturbed: Vec<_> = (rows.iter())
            .filter(|row| row.validity.flags().any(Flag::is_environmental))
            .map(|row| row.cell.block)
            .collect();
        for observation in rows {
            writer
                .write_record(observation.fields(&self.file.id))
                .expect("writing to memory cannot fail and all rows are of one length");
        }
        let mut bytes = writer.into_inner().expect("flushing to memory cannot fail");
        for (below, (length, sum)) in lengths {
            bytes.extend_from_slice(format!("{HLOG_MARKER}{below} {length}\n").as_bytes());
            if self.sum.is_some() {
                let sum = sum::text(sum);
                bytes.extend_from_slice(format!("{HLOG_SUM_MARKER}{below} {sum}\n").as_bytes());
            }
        }
        let end = format!("{END_MARKER}{name}\n");
        if let Some(sum) = &mut self.sum {
            sum.add(&bytes);
            sum.add(end.as_bytes());
            let sum = sum::text(sum.value());
            bytes.extend_from_slice(format!("{SUM_MARKER}{sum}\n").as_bytes());
        }
        bytes.extend_from_slice(end.as_bytes());
        self.observations
            .write_all(&bytes)
            .and_then(|()| self.observations.sync_data())
            .map_err(|e| RecordError::io("write", &table, e))?;
        self.ended.insert(name.to_owned());
        self.disturbed.extend(disturbed);
        Ok(())
    }

    fn save_campaign_file(&self) -> Result<(), RecordError> {
        let path = self.dir.campaign_file();
        let text = serde_yaml::to_string(&self.file).map_err(|e| RecordError::Malformed {
            what: "campaign file",
            path: path.clone(),
            problem: e.to_string(),
        })?;
        replace(&path, campaign::sealed(&text).as_bytes())
    }
}

/// The sum of a table that is gone on with; nothing where its groups have none.
fn sum_of(csv: &[u8]) -> Option<Sum> {
    let mut sum = Sum::default();
    let (mut groups, mut sums) = (false, false);
    for line in csv.split_inclusive(|b| *b == b'\n') {
        groups |= line.starts_with(END_MARKER.as_bytes());
        if line.starts_with(SUM_MARKER.as_bytes()) {
            sums = true;
        } else {
            sum.add(line);
        }
    }
    (sums || !groups).then_some(sum)
}

/// Writes a file whole or not at all: beside it first, then renamed over it.
///
/// # Errors
/// [`RecordError::Io`]; the old file then still stands.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), RecordError> {
    let beside = path.with_extension("new");
    File::create(&beside)
        .and_then(|mut f| f.write_all(bytes).and_then(|()| f.sync_all()))
        .map_err(|e| RecordError::io("write", &beside, e))?;
    fs::rename(&beside, path).map_err(|e| RecordError::io("write", path, e))
}

fn point_latest(results: &Path, id: &str) -> Result<(), RecordError> {
    let link = results.join("latest");
    let beside = results.join(".latest.new");
    let _ = fs::remove_file(&beside);
    std::os::unix::fs::symlink(id, &beside)
        .and_then(|()| fs::rename(&beside, &link))
        .map_err(|e| RecordError::io("write", &link, e))
}
