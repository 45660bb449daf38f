//! Who takes part, and who had to leave.

use std::collections::BTreeMap;
use std::path::PathBuf;

use builder::Binary;
use catalog::Framework;
use catalog::framework::Departure;
use plan::Subject;
use record::{CampaignFile, CampaignWriter, Note, RecordError, Stage};
use server::ServerError;

use super::CampaignError;
use super::event::{Event, Progress};

/// A framework that was built and passed the check.
#[derive(Debug, Clone)]
pub struct Member {
    /// What its folder declares.
    pub framework: Framework,
    /// Its executable.
    pub binary: Binary,
    /// The same program with its functions in other places, where it is compared with another
    /// version; empty elsewhere.
    pub layouts: Vec<PathBuf>,
    /// The body of `GET /json` that every measured answer must equal.
    pub json_body: Vec<u8>,
}

impl Member {
    /// The executable of a start: the one that there is, or one layout after the other.
    pub fn executable(&self, layout: usize) -> Binary {
        let mut binary = self.binary.clone();
        if !self.layouts.is_empty() {
            binary
                .path
                .clone_from(&self.layouts[layout % self.layouts.len()]);
        }
        binary
    }

    /// Whether it declares that it keeps memory for each path that it was asked for.
    pub fn grows(&self) -> bool {
        self.framework.departs.contains(&Departure::MemoryGrows)
    }

    /// As [`Self::executable`], for the servers of a round or launch that run in turn: the
    /// second copy of a server has another layout than the first.
    pub fn executable_in(&self, round: usize, subject: &Subject) -> Binary {
        let other = match subject.variant.is_empty() {
            true => 0,
            false => self.layouts.len() / 2,
        };
        self.executable(round + other)
    }
}

/// The frameworks that are still in the campaign.
#[derive(Debug, Default)]
pub struct Cast {
    members: BTreeMap<String, Member>,
}

impl Cast {
    /// Takes a framework in.
    pub fn admit(&mut self, member: Member) {
        self.members.insert(member.framework.name.clone(), member);
    }

    /// The framework of a server; nothing when it had to leave.
    pub fn member(&self, subject: &Subject) -> Option<&Member> {
        self.members.get(&subject.framework)
    }

    /// A framework by its name; nothing when it had to leave.
    pub fn named(&self, name: &str) -> Option<&Member> {
        self.members.get(name)
    }

    /// Gives a framework its layouts.
    pub fn lay_out(&mut self, name: &str, layouts: Vec<PathBuf>) {
        if let Some(member) = self.members.get_mut(name) {
            member.layouts = layouts;
        }
    }

    /// The names of all who are left, sorted.
    pub fn names(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    /// Sends a framework out: nothing more is measured of it, what was stays.
    ///
    /// # Errors
    /// [`RecordError`] when the campaign file cannot be written.
    pub fn dismiss(
        &mut self,
        note: Note,
        writer: &mut CampaignWriter,
        progress: &mut dyn Progress,
    ) -> Result<(), RecordError> {
        self.members.remove(&note.framework);
        tell(note, writer, progress)
    }
}

/// Records that a framework is out, and why.
///
/// # Errors
/// [`RecordError`] when the campaign file cannot be written.
pub fn tell(
    note: Note,
    writer: &mut CampaignWriter,
    progress: &mut dyn Progress,
) -> Result<(), RecordError> {
    progress.event(Event::Failed(&note));
    writer.update(|file| {
        for framework in &mut file.frameworks {
            if framework.name == note.framework && framework.excluded.is_none() {
                framework.excluded = Some(sentence(&note));
            }
        }
        file.notes.push(note);
    })
}

/// A note as a sentence about its framework: "was left out: failed under load: ...".
fn sentence(note: &Note) -> String {
    let words = note.stderr.as_ref().map_or_else(String::new, |line| {
        format!("; the last line of its stderr: {line}")
    });
    format!("{} ({}){words}", note.what, note.stage.phrase())
}

/// A note about a server.
pub fn note(subject: &Subject, stage: Stage, what: impl ToString, stderr: Option<String>) -> Note {
    Note {
        framework: subject.framework.clone(),
        stage,
        what: what.to_string(),
        stderr,
    }
}

/// A note about a server that failed, with its last words.
pub fn failed(subject: &Subject, stage: Stage, error: ServerError) -> Note {
    note(subject, stage, error.fault, error.words)
}

/// That there still is a framework to measure.
///
/// # Errors
/// [`CampaignError::NobodyLeft`], with why the first one left.
pub fn somebody(cast: &Cast, file: &CampaignFile) -> Result<(), CampaignError> {
    if !cast.members.is_empty() {
        return Ok(());
    }
    let first = file.notes.first();
    Err(CampaignError::NobodyLeft(first.map_or_else(
        || "none was chosen".to_owned(),
        |note| format!("{} {}", note.framework, note.what),
    )))
}
