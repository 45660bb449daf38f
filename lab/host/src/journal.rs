//! What was found before anything was set: on the disk before the first value is changed,
//! gone when every value is back.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::audit::Target;

/// Where journals are kept unless said otherwise.
pub const STATE: &str = "/var/lib/lab-host";
const SCHEMA: &str = "host-journal/1";
/// The journal's name in that folder.
pub(super) const NAME: &str = "journal.json";

/// The journal's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    schema: String,
    /// The profiles that were applied, in order.
    pub profiles: Vec<String>,
    /// Which start of the machine the values are of.
    pub boot: String,
    /// The values, in the order in which they were set.
    pub entries: Vec<Entry>,
}

/// One value as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What was set.
    pub target: Target,
    /// How it stood.
    pub found: String,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system says no.
    #[error("{what} {}: {source}; --state names another folder", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// It says what no lab writes.
    #[error("{} is no journal that this lab can read ({problem}): nothing was changed", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Somebody else is at it.
    #[error("another `lab host` is setting this machine ({} is locked): wait until it has ended", .0.display())]
    Busy(PathBuf),
}

/// The folder of the journal, held by this process alone.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    _lock: File,
}

impl Journal {
    /// An empty journal of this start of the machine.
    pub fn new(boot: String) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            profiles: Vec::new(),
            boot,
            entries: Vec::new(),
        }
    }

    /// Reads a journal's text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let journal: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        match journal.schema.as_str() {
            SCHEMA => Ok(journal),
            other => Err(format!("its schema is `{other}`")),
        }
    }

    /// Adds a value, unless the journal has an older one of the same thing.
    pub fn note(&mut self, target: &Target, found: &str) {
        if !self.entries.iter().any(|e| e.target == *target) {
            self.entries.push(Entry {
                target: target.clone(),
                found: found.to_owned(),
            });
        }
    }
}

impl Store {
    /// Opens the folder, makes it if it is not there, and keeps others out.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        let failed = |what, path: &Path| {
            let path = path.to_owned();
            move |source| JournalError::Io { what, path, source }
        };
        fs::create_dir_all(folder).map_err(failed("cannot make", folder))?;
        let path = folder.join("lock");
        let lock = (File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path))
        .map_err(failed("cannot open", &path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                folder: folder.to_owned(),
                _lock: lock,
            }),
            Err(fs::TryLockError::WouldBlock) => Err(JournalError::Busy(path)),
            Err(fs::TryLockError::Error(e)) => Err(failed("cannot lock", &path)(e)),
        }
    }

    /// Where the journal is.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// Reads the journal; nothing where there is none.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn read(&self) -> Result<Option<Journal>, JournalError> {
        let path = self.path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.failed("cannot read", source)),
        };
        match Journal::parse(&text) {
            Ok(journal) => Ok(Some(journal)),
            Err(problem) => Err(JournalError::Bad { path, problem }),
        }
    }

    /// Writes the journal: the old one or the new one is on the disk at any moment, never half
    /// of one. `step` is told between any two steps.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn write(&self, journal: &Journal, step: &mut dyn FnMut()) -> Result<(), JournalError> {
        let fresh = self.folder.join(format!("{NAME}.new"));
        let mut text = serde_json::to_string_pretty(journal)
            .map_err(|e| self.failed("cannot write", e.into()))?;
        text.push('\n');
        let mut written = || {
            let mut file = File::create(&fresh)?;
            step();
            file.write_all(text.as_bytes())?;
            step();
            file.sync_all()?;
            step();
            fs::rename(&fresh, self.path())?;
            step();
            File::open(&self.folder)?.sync_all()
        };
        written().map_err(|source| self.failed("cannot write", source))
    }

    /// Removes the journal.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn remove(&self) -> Result<(), JournalError> {
        (fs::remove_file(self.path()))
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(|source| self.failed("cannot remove", source))
    }

    fn failed(&self, what: &'static str, source: io::Error) -> JournalError {
        JournalError::Io {
            what,
            path: self.path(),
            source,
        }
    }
}
