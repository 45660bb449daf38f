//! Where in a file the thing stands that is wrong: by its place in the file's structure, never by
//! the text of its key, which may stand there several times.
//!
//! Files are read into plain types and checked afterwards, when the reader's positions are gone.
//! So a check names a place, and the line is looked up in the text when there is an error to tell.

pub mod file;
pub mod toml;
pub mod yaml;

pub use file::{YamlError, YamlFile, kind_of};

/// One step down into a file's structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The value of a key.
    Key(String),
    /// The element of a list, from 0.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// What is wrong, and at which place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The way down from the top of the file; nothing for the file as a whole.
    pub place: Vec<Step>,
    /// What is wrong and what is allowed.
    pub what: String,
}

impl Problem {
    /// A problem with the value of a key.
    pub fn at(key: &str, what: impl Into<String>) -> Self {
        Self {
            place: vec![key.into()],
            what: what.into(),
        }
    }

    /// The same problem, of a part that stands at `steps` inside of a larger one.
    pub fn within<const N: usize>(mut self, steps: [Step; N]) -> Self {
        self.place.splice(0..0, steps);
        self
    }
}

/// The line of the deepest step of a place that is there: a key that is missing has none, but the
/// table that lacks it has.
fn deepest(place: &[Step], line_of: impl Fn(&[Step]) -> Option<usize>) -> usize {
    let ways = (1..=place.len()).rev().map(|steps| &place[..steps]);
    ways.into_iter().find_map(line_of).unwrap_or(1)
}
