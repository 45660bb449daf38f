//! Makes one campaign of several repetitions of it.
//!
//! Each repetition's launches become launches of their own, its blocks blocks of their own, so
//! that what was measured side by side stays side by side and nothing else is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::campaign::{CampaignFile, Note, Status};
use crate::course::Repeat;
use crate::error::RecordError;
use crate::layout::CampaignDir;
use crate::metric::Metric;
use crate::observation::Observation;
use crate::planned::Planned;
use crate::reader::Campaign;
use crate::repetition::{Collected, Repetition};
use crate::rows::observation;
use crate::scan::{self, Line};
use crate::sum::Sum;
use crate::writer::CampaignWriter;

/// Facts about the machine in which repetitions may not differ.
const LASTING: [&str; 4] = ["architecture", "cpu", "cpus", "kernel"];

/// Why campaigns cannot become one.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// There is nothing to join.
    #[error("a campaign is collected from two repetitions or more, and {0} given")]
    TooFew(String),
    /// One is no repetition.
    #[error(
        "campaign {0} is no repetition: only what `lab bench --seed S --repetition N` measured is collected, since its orders were drawn for that"
    )]
    NoRepetition(String),
    /// One did not get to its end.
    #[error("campaign {0} is not complete; measure that repetition again")]
    Incomplete(String),
    /// One went on until it was precise.
    #[error(
        "campaign {0} went on until its ratios were precise, so its length depends on its outcome and it is not collected"
    )]
    Precise(String),
    /// Two are the same repetition.
    #[error("campaigns {first} and {second} are both repetition {number}")]
    Twice {
        /// One of them.
        first: String,
        /// The other.
        second: String,
        /// The number of both.
        number: u32,
    },
    /// One has less than what was planned.
    #[error("campaign {id} is not whole: {what}; measure that repetition again")]
    Short {
        /// The campaign.
        id: String,
        /// What it lacks.
        what: String,
    },
    /// Two are the same campaign.
    #[error(
        "campaigns {first} and {second} hold the same measured values, so one is a copy of the other"
    )]
    Copy {
        /// The repetition with the lower number.
        first: String,
        /// The other.
        second: String,
    },
    /// Two cannot be compared.
    #[error(
        "campaigns {first} and {second} are no repetitions of each other: {what} is {was} in the first and {is} in the second"
    )]
    Differ {
        /// The repetition with the lowest number.
        first: String,
        /// The one that differs from it.
        second: String,
        /// In what they differ.
        what: String,
        /// What the first says.
        was: String,
        /// What the second says.
        is: String,
    },
    /// Something cannot be read or written.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Joins repetitions into a new campaign below `results`; gives its folder.
///
/// # Errors
/// [`CollectError`]; nothing is written unless the campaigns belong together.
pub fn collect(
    campaigns: &[Campaign],
    results: &Path,
    command: Vec<String>,
) -> Result<CampaignDir, CollectError> {
    let parts = sorted(campaigns)?;
    let rows = whole(&parts)?;
    let mut merged = merged(&parts);
    merged.command = command;
    let mut writer = CampaignWriter::create(results, merged)?;
    let dir = writer.dir().clone();
    let mut shift = Shift::default();
    let (mut repeats, mut collected) = (Vec::new(), Vec::new());
    for ((campaign, repetition), rows) in parts.iter().zip(&rows) {
        histograms(&campaign.dir, &dir, shift.launches)?;
        let duets = groups(campaign, &shift, &mut writer)?;
        copy_all(
            &campaign.dir.stderr(),
            &dir.stderr()
                .join(format!("repetition{}", repetition.number)),
        )?;
        repeats.extend(campaign.file.course.repeats.iter().map(|r| shift.repeat(r)));
        let before = shift.launches;
        shift.past(rows, &campaign.file);
        shift.duets += duets;
        collected.push(Collected {
            campaign: campaign.file.id.clone(),
            number: repetition.number,
            seed: campaign.file.seed,
            started: campaign.file.started.clone(),
            first_launch: before + 1,
            last_launch: shift.launches,
        });
    }
    writer.update(|file| {
        file.course.repeats = repeats;
        file.course.collected = collected;
        file.status = Status::Complete;
    })?;
    Ok(dir)
}

/// The rows of each campaign, once it is clear that each is whole and none is another's copy.
fn whole(parts: &[(&Campaign, Repetition)]) -> Result<Vec<Vec<Observation>>, CollectError> {
    let mut all: Vec<Vec<Observation>> = Vec::new();
    for (i, (campaign, _)) in parts.iter().enumerate() {
        let (rows, held) = campaign.rows()?;
        if let Some(finding) = held.findings.first() {
            return Err(CollectError::Short {
                id: campaign.file.id.clone(),
                what: finding.to_string(),
            });
        }
        let same = |other: &Vec<Observation>| {
            // Sizes are the same in all.
            let measured = |r: &&Observation| r.metric != Metric::BinarySize;
            let theirs = other.iter().filter(measured);
            let mut ours = rows.iter().filter(measured).peekable();
            ours.peek().is_some() && ours.map(|r| r.value).eq(theirs.map(|r| r.value))
        };
        if let Some(copy) = all.iter().position(same) {
            return Err(CollectError::Copy {
                first: parts[copy].0.file.id.clone(),
                second: parts[i].0.file.id.clone(),
            });
        }
        all.push(rows);
    }
    Ok(all)
}

/// Writes a campaign's groups under the numbers that they get; gives the number of those with two
/// servers at a time.
fn groups(
    campaign: &Campaign,
    shift: &Shift,
    writer: &mut CampaignWriter,
) -> Result<u32, CollectError> {
    let mut duets = 0;
    let mut failed = None;
    let mut logs: BTreeMap<String, (u64, u32)> = BTreeMap::new();
    let read = scan::lines(&campaign.dir.observations(), |line| {
        match line {
            Line::Row(row) => writer.observe(shift.row(&observation(&row)?)),
            Line::Log { name, bytes } => {
                let path = campaign.dir.histograms().join(name);
                let whole = fs::read(&path).unwrap_or_default();
                let part = whole.get(..bytes as usize).unwrap_or(&whole);
                let name = shift.log(name).unwrap_or_else(|| name.to_owned());
                logs.insert(name, (bytes, Sum::of(part)));
            }
            Line::LogSum { .. } => {}
            Line::End(name) => {
                duets += u32::from(name.starts_with("duet "));
                for (name, (bytes, sum)) in std::mem::take(&mut logs) {
                    writer.keep_log(name, bytes, sum);
                }
                if failed.is_none() {
                    failed = writer.end_group(&shift.group(name)).err();
                }
            }
        }
        Ok(())
    });
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(read.map(|_| duets)?),
    }
}

/// The campaigns in the order of their numbers, once it is clear that they belong together.
fn sorted(campaigns: &[Campaign]) -> Result<Vec<(&Campaign, Repetition)>, CollectError> {
    let mut parts = Vec::new();
    for campaign in campaigns {
        let file = &campaign.file;
        let id = || file.id.clone();
        let repetition = file.course.repetition;
        let repetition = repetition.ok_or_else(|| CollectError::NoRepetition(id()))?;
        if file.status != Status::Complete {
            return Err(CollectError::Incomplete(id()));
        }
        if !file.method.looks.is_empty() {
            return Err(CollectError::Precise(id()));
        }
        parts.push((campaign, repetition));
    }
    parts.sort_by_key(|(_, repetition)| repetition.number);
    for pair in parts.windows(2) {
        if pair[0].1.number == pair[1].1.number {
            return Err(CollectError::Twice {
                first: pair[0].0.file.id.clone(),
                second: pair[1].0.file.id.clone(),
                number: pair[0].1.number,
            });
        }
    }
    let [(first, _), others @ ..] = &parts[..] else {
        return Err(CollectError::TooFew("none was".to_owned()));
    };
    if others.is_empty() {
        return Err(CollectError::TooFew("one was".to_owned()));
    }
    let wanted = identity(&first.file);
    for (other, _) in others {
        let found = identity(&other.file);
        let names: BTreeSet<_> = wanted.keys().chain(found.keys()).collect();
        for name in names {
            let said = |of: &BTreeMap<String, Value>| match of.get(name) {
                None | Some(Value::Null) => "absent".to_owned(),
                Some(Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
            };
            let (was, is) = (said(&wanted), said(&found));
            if was != is {
                return Err(CollectError::Differ {
                    first: first.file.id.clone(),
                    second: other.file.id.clone(),
                    what: name.clone(),
                    was,
                    is,
                });
            }
        }
    }
    Ok(parts)
}

/// Everything in which repetitions have to be the same, by what it is called.
fn identity(file: &CampaignFile) -> BTreeMap<String, Value> {
    let mut facts = BTreeMap::new();
    let mut add = |what: String, value: Value| facts.insert(what, value);
    add(
        "the seed they share".to_owned(),
        file.course.repetition.map(|r| r.family).into(),
    );
    add(
        "the SHA-256 of the lab's program".to_owned(),
        file.course.program.as_str().into(),
    );
    add(
        "the lab's revision".to_owned(),
        file.lab.revision.as_str().into(),
    );
    add("whether it is quick".to_owned(), file.quick.into());
    add("whether it is pinned".to_owned(), file.pinned.into());
    for (of, value) in [
        ("design", serde_json::to_value(&file.design)),
        ("method", serde_json::to_value(&file.method)),
    ] {
        for (name, value) in value.unwrap_or_default().as_object().into_iter().flatten() {
            add(format!("the experiment's {of}, {name},"), value.clone());
        }
    }
    for name in LASTING {
        let value = file.host.get(name).map(String::as_str);
        add(format!("the host's {name}"), value.into());
    }
    add(
        "the server's CPUs".to_owned(),
        file.cpus.server.clone().into(),
    );
    add(
        "the instrument's CPUs".to_owned(),
        file.cpus.instrument.clone().into(),
    );
    if let Some(audit) = &file.audit {
        add(
            "the host's profile".to_owned(),
            audit.profile.clone().into(),
        );
        for setting in &audit.before {
            add(
                format!("the host's setting {}", setting.name),
                setting.found().into(),
            );
        }
    }
    for (name, version) in &file.toolchains {
        add(format!("the toolchain's {name}"), version.as_str().into());
    }
    for framework in &file.frameworks {
        let name = &framework.name;
        add(
            format!("the SHA-256 of {name}'s server"),
            framework.sha256.as_str().into(),
        );
    }
    facts
}

/// The campaign file of all of them, complete but for what is only known once their rows are.
fn merged(parts: &[(&Campaign, Repetition)]) -> CampaignFile {
    let files = || parts.iter().map(|(campaign, _)| &campaign.file);
    let (first, repetition) = (&parts[0].0.file, parts[0].1);
    let mut file = first.clone();
    file.started = files().map(|f| f.started.clone()).min().unwrap_or_default();
    file.finished = files().filter_map(|f| f.finished.clone()).max();
    let day: String = (file.finished.iter().flat_map(|at| at.chars()))
        .filter(char::is_ascii_digit)
        .take(14)
        .collect();
    file.id = format!(
        "{}-collected-{day}-{:08x}",
        file.design.experiment, repetition.family as u32
    );
    file.seed = repetition.family;
    file.course.repetition = None;
    file.course.resumes = Vec::new();
    file.design.launches = files().map(|f| f.design.launches).sum();
    file.design.blocks = files().map(|f| f.design.blocks).sum();
    file.design.starts = files().map(|f| f.design.starts).sum();
    let planned: Option<Vec<Planned>> = files().map(|f| f.course.planned).collect();
    file.course.planned = planned.map(|all| {
        let sum = |of: fn(&Planned) -> u32| all.iter().map(of).sum();
        Planned {
            starts: sum(|p| p.starts),
            launches: sum(|p| p.launches),
            blocks: sum(|p| p.blocks),
            windows: all.iter().map(|p| p.windows).sum(),
            duets: sum(|p| p.duets),
        }
    });
    // What moved from one to the next, the load average for instance, is told of each.
    for (name, value) in &mut file.host {
        let each: Vec<_> = files()
            .map(|f| f.host.get(name).map_or("absent", String::as_str))
            .collect();
        if each.iter().any(|one| *one != each[0]) {
            *value = each.join("; ");
        }
    }
    file.notes = (parts.iter())
        .flat_map(|(campaign, repetition)| {
            campaign.file.notes.iter().map(|note| Note {
                what: format!("{} (in repetition {})", note.what, repetition.number),
                ..note.clone()
            })
        })
        .collect();
    for (i, framework) in file.frameworks.iter_mut().enumerate() {
        framework.excluded = parts.iter().find_map(|(campaign, repetition)| {
            let why = campaign.file.frameworks[i].excluded.as_ref()?;
            Some(format!("{why} (in repetition {})", repetition.number))
        });
    }
    file
}

/// How far the numbers of a repetition move: by all that the earlier ones have.
#[derive(Default)]
struct Shift {
    launches: u32,
    blocks: u32,
    starts: u32,
    duets: u32,
}

impl Shift {
    /// The name of a group with the number that it gets.
    fn group(&self, name: &str) -> String {
        let mut words: Vec<String> = name.split(' ').map(str::to_owned).collect();
        let by = match words[0].as_str() {
            "starts" => self.starts,
            "launch" => self.launches,
            "block" => self.blocks,
            "duet" => self.duets,
            _ => 0,
        };
        if let Some(word) = words.get_mut(1)
            && let Ok(number) = word.parse::<u32>()
        {
            *word = (number + by).to_string();
        }
        words.join(" ")
    }

    /// The path of an interval log with the launch that it gets.
    fn log(&self, name: &str) -> Option<String> {
        let (before, launch) = name.strip_suffix(".hlog")?.rsplit_once(".launch")?;
        let launch = launch.parse::<u32>().ok()? + self.launches;
        Some(format!("{before}.launch{launch}.hlog"))
    }

    fn row(&self, row: &Observation) -> Observation {
        let mut row = row.clone();
        let cell = &mut row.cell;
        match (cell.launch, cell.block) {
            // A binary's size: the same each time, and averaged.
            (0, 0) => {}
            (0, _) => cell.block += self.starts,
            _ => {
                cell.launch += self.launches;
                cell.block += self.blocks;
            }
        }
        row
    }

    fn repeat(&self, repeat: &Repeat) -> Repeat {
        Repeat {
            block: repeat.block + self.blocks,
            of: repeat.of + self.blocks,
            launch: repeat.launch + self.launches,
        }
    }

    fn past(&mut self, rows: &[Observation], file: &CampaignFile) {
        let highest = |of: &dyn Fn(&Observation) -> Option<u32>| rows.iter().filter_map(of).max();
        let in_launch = |row: &Observation| (row.cell.launch > 0).then_some(row.cell.block);
        let start = |row: &Observation| (row.cell.launch == 0).then_some(row.cell.block);
        let announced = file.course.repeats.iter().map(|r| r.block).max();
        // Two servers at a time have launches behind those of the design.
        let last = rows.iter().map(|row| row.cell.launch).max().unwrap_or(0);
        self.launches += file.design.launches.max(last);
        self.blocks += highest(&in_launch).max(announced).unwrap_or(0);
        self.starts += highest(&start).unwrap_or(0);
    }
}

/// Copies interval logs under the numbers that their launches get.
fn histograms(from: &CampaignDir, to: &CampaignDir, launches: u32) -> Result<(), RecordError> {
    for folder in entries(&from.histograms())? {
        for file in entries(&folder)? {
            let name = |path: &Path| {
                let name = path.file_name().unwrap_or_default();
                name.to_string_lossy().into_owned()
            };
            let (cell, log) = (name(&folder), name(&file));
            let parsed = cell.split_once('.').zip(
                log.strip_suffix(".hlog")
                    .and_then(|l| l.rsplit_once(".launch"))
                    .and_then(|(subject, launch)| Some((subject, launch.parse::<u32>().ok()?))),
            );
            let ((scenario, mode), (subject, launch)) =
                parsed.ok_or_else(|| RecordError::Malformed {
                    what: "interval log",
                    path: file.clone(),
                    problem: "its name does not say whose it is, in which launch".to_owned(),
                })?;
            copy(&file, &to.hlog(scenario, mode, subject, launch + launches))?;
        }
    }
    Ok(())
}

/// Copies the files of a folder, if it is there.
fn copy_all(from: &Path, to: &Path) -> Result<(), RecordError> {
    for file in entries(from)? {
        copy(&file, &to.join(file.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// What a folder holds, in order; nothing where it is not there.
fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, RecordError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths: Vec<_> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect())
        .map_err(|e| RecordError::io("list", folder, e))?;
    paths.sort();
    Ok(paths)
}

/// Copies contents and not permissions: a store's files are read-only.
fn copy(from: &Path, to: &Path) -> Result<(), RecordError> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(|e| RecordError::io("create", folder, e))?;
    }
    let bytes = fs::read(from).map_err(|e| RecordError::io("read", from, e))?;
    fs::write(to, bytes).map_err(|e| RecordError::io("write", to, e))
}
