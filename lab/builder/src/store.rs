//! Servers by what they are made of: `<folder>/<key>/<name>`, each with its receipt beside it.
//!
//! A binary whose bytes are not those of its receipt is no binary: it is compiled again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use catalog::Framework;

use super::{Binary, BuildError, Toolchain, key, sha256};

/// The receipt's name.
const RECEIPT: &str = "receipt.json";
/// How many builds of one framework are kept: who goes back to an earlier state of the
/// sources, or resumes a campaign of it, finds its server.
const KEPT: usize = 4;

/// A server's place in the store.
pub struct Wanted {
    folder: PathBuf,
    name: String,
    key: String,
}

/// A place being filled; nobody else fills it meanwhile.
pub struct Place<'a> {
    wanted: &'a Wanted,
    draft: PathBuf,
    _turn: File,
}

impl Wanted {
    pub fn new(
        framework: &Framework,
        folder: &Path,
        toolchain: &Toolchain,
    ) -> Result<Self, BuildError> {
        Ok(Self {
            folder: folder.to_owned(),
            name: framework.name.clone(),
            key: key::of(framework, toolchain)?,
        })
    }

    fn entry(&self) -> PathBuf {
        self.folder.join(&self.key)
    }

    /// The server, if it is there and whole.
    pub fn found(&self) -> Option<Binary> {
        let entry = self.entry();
        let receipt = fs::read(entry.join(RECEIPT)).ok()?;
        let mut binary: Binary = serde_json::from_slice(&receipt).ok()?;
        binary.path = entry.join(&self.name);
        let whole = sha256(&binary.path).is_ok_and(|found| found == binary.sha256);
        if whole {
            // The oldest of a framework's builds goes first: this one was wanted now.
            let now = fs::FileTimes::new().set_modified(SystemTime::now());
            let _ = File::open(entry.join(RECEIPT)).and_then(|f| f.set_times(now));
        }
        whole.then_some(binary)
    }

    /// Begins to fill the place. Two labs in one checkout take turns; the lock goes with the
    /// file.
    pub fn begin(&self) -> Result<Place<'_>, BuildError> {
        fs::create_dir_all(&self.folder)
            .map_err(BuildError::io("the build folder cannot be created"))?;
        let lock = File::create(self.folder.join(format!("{}.lock", self.name)));
        let turn = lock
            .and_then(|file| file.lock().map(|()| file))
            .map_err(BuildError::io("the build folder cannot be locked"))?;
        let draft = self.folder.join(format!("{}.draft", self.key));
        // One that was broken off.
        let _ = fs::remove_dir_all(&draft);
        fs::create_dir(&draft).map_err(BuildError::io("the build folder cannot be written"))?;
        Ok(Place {
            wanted: self,
            draft,
            _turn: turn,
        })
    }

    /// Removes this framework's oldest builds.
    fn prune(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut builds: Vec<_> = entries
            .map(|e| e.path())
            .filter(|path| path.join(&self.name).is_file())
            .filter_map(|path| {
                Some((
                    fs::metadata(path.join(RECEIPT)).ok()?.modified().ok()?,
                    path,
                ))
            })
            .collect();
        builds.sort();
        let surplus = builds.len().saturating_sub(KEPT);
        for (_, path) in builds.drain(..surplus) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

impl Place<'_> {
    /// Where the executable is to be written.
    pub fn binary(&self) -> PathBuf {
        self.draft.join(&self.wanted.name)
    }

    /// A folder that builds share, in the one that all servers are in.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.wanted.folder.join(name)
    }

    /// Puts executable and receipt in their place, both or none.
    pub fn keep(self, binary: &Binary) -> Result<Binary, BuildError> {
        let entry = self.wanted.entry();
        let kept = || -> std::io::Result<()> {
            fs::write(self.draft.join(RECEIPT), serde_json::to_vec_pretty(binary)?)?;
            if entry.exists() {
                fs::remove_dir_all(&entry)?;
            }
            fs::rename(&self.draft, &entry)
        };
        kept().map_err(BuildError::io(format!(
            "{} cannot be written",
            entry.display()
        )))?;
        self.wanted.prune();
        Ok(Binary {
            path: entry.join(&self.wanted.name),
            ..binary.clone()
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.draft);
    }
}
