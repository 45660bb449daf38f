//! What can go wrong with raw data, in sentences that name the place and the remedy.

use std::path::{Path, PathBuf};

/// An error of reading or writing a campaign's folder.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The operating system refused to read or write.
    #[error("cannot {action} {}: {source}{}", path.display(), advice(source))]
    Io {
        /// What was tried: "read", "write", "create".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// The file is not what its schema says.
    #[error("{} is not a readable {what}: {problem}", path.display())]
    Malformed {
        /// What the file should have been.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Where and how it deviates.
        problem: String,
    },
    /// One row of the long table is not what its schema says.
    #[error("{}, line {line}, column `{column}`: {problem}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1, comments counted.
        line: u64,
        /// The column's name.
        column: &'static str,
        /// What is wrong with the field.
        problem: String,
    },
    /// One line of a file is not what its schema says.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1, comments counted.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// The file has another schema version than this program reads.
    #[error(
        "{} has schema `{found}`, this lab reads `{wanted}`: use the lab that wrote it, or measure again",
        path.display()
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// The schema that the file names.
        found: String,
        /// The schema that this program knows.
        wanted: &'static str,
    },
}

impl RecordError {
    /// Wraps an I/O error with what was tried where.
    pub fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// Whether the disk is full, which ends a campaign but not the lab's duty to stop its servers.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull)
    }
}

fn advice(source: &std::io::Error) -> &'static str {
    match source.kind() {
        std::io::ErrorKind::StorageFull => {
            "; free some space: what was recorded up to the last complete block is readable"
        }
        std::io::ErrorKind::PermissionDenied => {
            "; check the folder's owner, or choose another with --out"
        }
        _ => "",
    }
}
