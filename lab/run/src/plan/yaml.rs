//! Reading YAML so that an error names the file, the line and what is allowed.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

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

/// A file's text, kept so that later checks can name the line of a key.
pub struct YamlFile {
    path: PathBuf,
    text: String,
}

impl YamlFile {
    pub fn read(path: &Path) -> Result<Self, YamlError> {
        let text = std::fs::read_to_string(path).map_err(|source| YamlError::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    /// The file as a wire type; unknown keys and values are refused with their line.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, YamlError> {
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
    pub fn require_schema(&self, found: &str, wanted: &str) -> Result<(), YamlError> {
        if found == wanted {
            return Ok(());
        }
        let problem = format!("schema is `{found}`, this lab reads `{wanted}`");
        Err(self.bad_key("schema", problem))
    }

    /// An error at the line where a top-level or nested key stands.
    pub fn bad_key(&self, key: &str, problem: impl Into<String>) -> YamlError {
        let line = self
            .text
            .lines()
            .position(|l| {
                let l = l.trim_start().trim_start_matches("- ");
                l.strip_prefix(key)
                    .is_some_and(|rest| rest.starts_with(':'))
            })
            .map_or(1, |i| i + 1);
        self.bad(line, problem.into())
    }

    fn bad(&self, line: usize, problem: String) -> YamlError {
        YamlError::Bad {
            path: self.path.clone(),
            line,
            problem,
        }
    }
}
