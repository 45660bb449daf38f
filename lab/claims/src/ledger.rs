//! All files of claims together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use place::file::YamlError;

use crate::claim::Article;
use crate::digest::digest;

/// Where it lies in a checkout.
pub const FOLDER: &str = "lab/claims/ledger";

/// Every claim there is.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// In the order of their names.
    pub articles: Vec<Article>,
    /// [`digest`] of the files.
    pub digest: String,
}

/// A ledger that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The folder cannot be read, or a file in it.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error(transparent)]
    File(#[from] YamlError),
    /// Two files have a claim of one name.
    #[error("the claim `{id}` is in {one}.yaml and in {other}.yaml: give one of them another id")]
    Twice {
        /// The claim.
        id: String,
        /// The first file's article.
        one: String,
        /// The second's.
        other: String,
    },
    /// There is nothing in it.
    #[error("{} holds no file of claims: each is a NAME.yaml", .0.display())]
    Empty(PathBuf),
}

/// The digest of the ledger in a folder, whatever its files say; nothing where there is no folder.
///
/// # Errors
/// [`LedgerError::Read`].
pub fn digest_of(folder: &Path) -> Result<Option<String>, LedgerError> {
    match folder.is_dir() {
        true => Ok(Some(digest(&bytes_of(&files_of(folder)?)?))),
        false => Ok(None),
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> LedgerError {
    LedgerError::Read {
        path: path.to_owned(),
        source,
    }
}

/// Every `.yaml` of a folder, in the order of their names.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, LedgerError> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| unreadable(folder, e))? {
        let file = entry.map_err(|e| unreadable(folder, e))?.path();
        if file.extension().is_some_and(|e| e == "yaml") {
            paths.push(file);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Files with their names.
fn bytes_of(paths: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, LedgerError> {
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).map_err(|e| unreadable(path, e))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok((name.into_owned(), bytes))
    };
    paths.iter().map(read).collect()
}

impl Ledger {
    /// Reads every `.yaml` of a folder, or one file.
    ///
    /// # Errors
    /// [`LedgerError`], with file and line.
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        let paths = match path.is_dir() {
            true => files_of(path)?,
            false => vec![path.to_owned()],
        };
        if paths.is_empty() {
            return Err(LedgerError::Empty(path.to_owned()));
        }
        let articles: Vec<Article> = (paths.iter())
            .map(|path| Article::load(path))
            .collect::<Result<_, _>>()?;
        let files = bytes_of(&paths)?;
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for article in &articles {
            for claim in &article.claims {
                if let Some(before) = seen.insert(&claim.id, &article.name) {
                    return Err(LedgerError::Twice {
                        id: claim.id.clone(),
                        one: before.to_owned(),
                        other: article.name.clone(),
                    });
                }
            }
        }
        Ok(Self {
            digest: digest(&files),
            articles,
        })
    }
}
