//! Published tables of facts: numbers that a small program finds without any load on a server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::rule::Found;

/// The file's name, in a folder of its own below the reports or below a host's.
pub const FILE: &str = "facts.csv";
/// That folder.
pub const FOLDER: &str = "claims";
/// How the file's first line begins; behind it stands what the facts were found with.
const HEAD: &str = "# facts/1; ";

/// How a fact was found, which is what its interval means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The same whenever and wherever it is asked, with these versions.
    Exact,
    /// Counted several times; the interval is the range of the counts.
    Counted,
    /// By a simulation with a fixed seed; the interval is that of the replicates.
    Simulated,
    /// Timed on a host; the interval is that of the mean over pairs of runs.
    Timed,
}

impl Kind {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Counted => "counted",
            Self::Simulated => "simulated",
            Self::Timed => "timed",
        }
    }
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its name, as claims have it.
    pub fact: String,
    /// How it was found.
    pub kind: Kind,
    /// The unit; `1` for a plain number.
    pub unit: String,
    /// The number.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Of how many repetitions or replicates.
    pub n: usize,
    /// What it is the number of, in a sentence.
    pub what: String,
}

impl Fact {
    /// The number as evidence.
    pub fn found(&self) -> Found {
        Found {
            estimate: self.value,
            low: self.low,
            high: self.high,
            level: match self.kind {
                Kind::Exact | Kind::Counted => None,
                Kind::Simulated | Kind::Timed => Some(0.95),
            },
            floor: None,
            n: self.n,
        }
    }
}

/// A table of facts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// What they were found with: versions, and the machine where that matters.
    pub with: String,
    /// By name.
    pub facts: BTreeMap<String, Fact>,
}

/// A table of facts that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// It is not what it should be.
    #[error("{}:{line}: {problem}; `lab claims --measure` writes the file anew", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
}

impl Facts {
    /// Reads a table.
    ///
    /// # Errors
    /// [`FactsError`] with file and line.
    pub fn read(path: &Path) -> Result<Self, FactsError> {
        let text = std::fs::read_to_string(path).map_err(|source| FactsError::Read {
            path: path.to_owned(),
            source,
        })?;
        let bad = |line, problem: String| FactsError::Bad {
            path: path.to_owned(),
            line,
            problem,
        };
        let Some((first, rows)) = text.split_once('\n') else {
            return Err(bad(1, "the file has no rows".to_owned()));
        };
        let Some(with) = first.strip_prefix(HEAD) else {
            return Err(bad(
                1,
                format!("the first line does not begin with `{HEAD}`"),
            ));
        };
        let mut facts = BTreeMap::new();
        let mut reader = csv::Reader::from_reader(rows.as_bytes());
        for (i, row) in reader.deserialize::<Fact>().enumerate() {
            let line = i as u64 + 3;
            let fact = row.map_err(|e| {
                let line = e.position().map_or(line, |p| p.line() + 1);
                bad(line, e.to_string())
            })?;
            if !(fact.low <= fact.value && fact.value <= fact.high) {
                let problem = format!("{} does not lie in its own interval", fact.fact);
                return Err(bad(line, problem));
            }
            if facts.contains_key(&fact.fact) {
                return Err(bad(line, format!("{} is there twice", fact.fact)));
            }
            facts.insert(fact.fact.clone(), fact);
        }
        Ok(Self {
            with: with.to_owned(),
            facts,
        })
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::Any(b'\n'))
            .from_writer(Vec::new());
        for fact in self.facts.values() {
            // A writer into memory has nothing that could fail.
            let _ = writer.serialize(fact);
        }
        let rows = writer.into_inner().unwrap_or_default();
        format!("{HEAD}{}\n{}", self.with, String::from_utf8_lossy(&rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Facts {
        let fact = |name: &str, value| Fact {
            fact: name.to_owned(),
            kind: Kind::Counted,
            unit: "1".to_owned(),
            value,
            low: value - 1.0,
            high: value + 1.0,
            n: 3,
            what: "what, \"quoted\"\nand on".to_owned(),
        };
        Facts {
            with: "go1.26".to_owned(),
            facts: [("a", 1.5), ("b", -2.0)]
                .map(|(name, value)| (name.to_owned(), fact(name, value)))
                .into(),
        }
    }

    #[test]
    fn a_table_reads_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, table().text()).unwrap();
        assert_eq!(Facts::read(&path).unwrap(), table());
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let head = "# facts/1; go\nfact,kind,unit,value,low,high,n,what\n";
        for (text, says) in [
            ("".to_owned(), "facts.csv:1: the file has no rows"),
            ("fact\n".to_owned(), "facts.csv:1: the first line"),
            (
                format!("{head}a,exact,1,1,1,1,1,x\na,exact,1,1,1,1,1,x\n"),
                "facts.csv:4: a is there twice",
            ),
            (
                format!("{head}a,exact,1,1,2,3,1,x\n"),
                "facts.csv:3: a does not lie",
            ),
            (format!("{head}a,guessed,1,1,1,1,1,x\n"), "facts.csv:3: "),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Facts::read(&path).unwrap_err().to_string();
            assert!(error.contains(says), "{says}: {error}");
        }
    }
}
