//! Reading YAML so that an error names the file, the line and what is allowed.

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::Problem;

/// A YAML file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum YamlError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// It is a folder, a FIFO or the like: reading it might never end.
    #[error("{} is {kind}, where a file is expected: put a file there, or take it away", path.display())]
    NoFile {
        /// What stands there.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// It is not what it should be.
    #[error("{}:{line}: {problem}", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what is allowed.
        problem: String,
    },
}

/// What something is that is no file.
pub fn kind_of(kind: std::fs::FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// A file's text, kept so that later checks can name the line of a place.
pub struct YamlFile {
    path: PathBuf,
    text: String,
}

impl YamlFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`YamlError`] where there is none, or none that can be read.
    pub fn read(path: &Path) -> Result<Self, YamlError> {
        let unreadable = |source| YamlError::Read {
            path: path.to_owned(),
            source,
        };
        let facts = std::fs::metadata(path).map_err(unreadable)?;
        if !facts.is_file() {
            return Err(YamlError::NoFile {
                path: path.to_owned(),
                kind: kind_of(facts.file_type()),
            });
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        // Some editors begin a file with a mark that no parser of the lab's takes for nothing.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    /// The file as a wire type; unknown keys and values are refused with their line.
    ///
    /// # Errors
    /// [`YamlError::Bad`].
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, YamlError> {
        if let Some((line, problem)) = crate::yaml::twice(&self.text) {
            return Err(self.bad(line, problem));
        }
        serde_yaml::from_str(&self.text).map_err(|e| {
            let line = e.location().map_or(1, |l| l.line());
            let problem = e.to_string();
            // The place is said once, in front.
            let problem = match problem.rfind(" at line ") {
                Some(at) => problem[..at].to_owned(),
                None => problem,
            };
            self.bad(line, problem)
        })
    }

    /// Refuses a file of another schema version.
    ///
    /// # Errors
    /// [`YamlError::Bad`].
    pub fn require_schema(&self, found: &str, wanted: &str) -> Result<(), YamlError> {
        if found == wanted {
            return Ok(());
        }
        let problem = format!("schema is `{found}`, this lab reads `{wanted}`");
        Err(self.refuse(Problem::at("schema", problem)))
    }

    /// An error at the line where a problem stands.
    pub fn refuse(&self, problem: Problem) -> YamlError {
        let line = crate::yaml::line(&self.text, &problem.place);
        self.bad(line, problem.what)
    }

    /// An error at the line of a top-level key.
    pub fn bad_key(&self, key: &str, problem: impl Into<String>) -> YamlError {
        self.refuse(Problem::at(key, problem))
    }

    fn bad(&self, line: usize, problem: String) -> YamlError {
        YamlError::Bad {
            path: self.path.clone(),
            line,
            problem,
        }
    }
}
