//! The keys of a protocol as they stand in an experiment file, taken one by one by the kind that
//! they are for.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use place::Problem;
use record::ProtocolKind;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::Kind;
use crate::experiment::{Arrival, Mode};

/// The longest window or warm-up, in ms.
const LONGEST_MS: u64 = 600_000;
/// The shortest window, in ms.
const SHORTEST_MS: u64 = 50;

/// `protocol` as it stands in a file: which kind, and keys that only the kind knows.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct WireProtocol(Mapping);

impl WireProtocol {
    /// The kind with its keys.
    ///
    /// # Errors
    /// At a place beside `protocol`.
    pub fn checked(&self) -> Result<Kind, Problem> {
        let mut keys = Keys {
            kind: ProtocolKind::default(),
            left: self.0.clone(),
        };
        keys.kind = keys.may("kind")?.unwrap_or_default();
        Kind::read(keys.kind, keys)
    }
}

/// A problem with a key of the protocol.
pub(crate) fn of_protocol(key: &str, what: impl Into<String>) -> Problem {
    Problem::at(key, what).within(["protocol".into()])
}

/// Refuses a share of what servers can answer, for kinds that do not measure at saturation beside it.
///
/// # Errors
/// The first such mode.
pub(super) fn without_share(modes: &[Mode]) -> Result<(), Problem> {
    let share = (modes.iter()).find(|mode| matches!(mode.arrival, Arrival::Share(_)));
    let Some(mode) = share else { return Ok(()) };
    let problem = format!(
        "mode `{}` is of kind `share`; what a server can answer is measured beside it only by a protocol of kind `crossed`",
        mode.name
    );
    Err(of_protocol("kind", problem))
}

/// The keys that nobody has taken yet.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    kind: ProtocolKind,
    left: Mapping,
}

impl Keys {
    /// Refuses every key that the kind does not have.
    ///
    /// # Errors
    /// The first in the file's order.
    pub fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let name = |key: &Value| match key {
            Value::String(key) => key.clone(),
            other => format!("{other:?}"),
        };
        let stranger = (self.left.keys().map(name)).find(|key| !known.contains(&key.as_str()));
        match stranger {
            None => Ok(()),
            Some(key) => Err(of_protocol(
                &key,
                format!(
                    "a protocol of kind `{}` has no `{key}`; it has {}",
                    self.kind.name(),
                    known.join(", ")
                ),
            )),
        }
    }

    /// Takes a key that may be missing.
    ///
    /// # Errors
    /// When its value is of another type.
    pub fn may<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, Problem> {
        let value = self.left.remove(key);
        let value = value.map(serde_yaml::from_value).transpose();
        value.map_err(|e| of_protocol(key, format!("{key}: {e}")))
    }

    /// Takes a key that has to be there.
    ///
    /// # Errors
    /// When it is not, or its value is of another type.
    pub fn need<T: DeserializeOwned>(&mut self, key: &str) -> Result<T, Problem> {
        let kind = self.kind.name();
        self.may(key)?.ok_or_else(|| {
            let what = format!("a protocol of kind `{kind}` needs `{key}`");
            Problem::at("protocol", what)
        })
    }

    /// Takes a number that has to be there, within bounds.
    ///
    /// # Errors
    /// As [`Self::need`], and where it is out of bounds.
    pub fn whole<T>(&mut self, key: &str, allowed: RangeInclusive<T>) -> Result<T, Problem>
    where
        T: DeserializeOwned + PartialOrd + Display,
    {
        let value = self.need(key)?;
        match allowed.contains(&value) {
            true => Ok(value),
            false => {
                let (least, most) = (allowed.start(), allowed.end());
                let what = format!("{key} is {value}, allowed are {least} to {most}");
                Err(of_protocol(key, what))
            }
        }
    }

    /// Takes the thrown-away beginning of a window, which may be none.
    ///
    /// # Errors
    /// As [`Self::whole`].
    pub fn lead_in(&mut self, key: &str) -> Result<Duration, Problem> {
        self.whole(key, 0..=LONGEST_MS).map(Duration::from_millis)
    }

    /// Takes the length of a window, `window_ms`.
    ///
    /// # Errors
    /// As [`Self::whole`].
    pub fn window(&mut self) -> Result<Duration, Problem> {
        self.whole("window_ms", SHORTEST_MS..=LONGEST_MS)
            .map(Duration::from_millis)
    }
}
