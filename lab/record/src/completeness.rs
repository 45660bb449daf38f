//! What a campaign was to have and what of it is there.

use std::fmt;

use serde::Serialize;

/// One way in which raw data are less, or more, than what was planned.
///
/// What cannot be what the lab wrote is an error; this is what can be and is not whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of thing is not as planned.
    pub kind: FindingKind,
    /// Whose or where, in words; empty where it is the whole campaign.
    pub of: String,
    /// How many there are.
    pub here: u64,
    /// How many there should be.
    pub planned: u64,
}

/// What is not as it was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Blocks of the whole campaign.
    Blocks,
    /// Blocks that were measured in the place of disturbed ones.
    Repeats,
    /// Rounds of cold starts.
    Starts,
    /// Launches with the memory at their end.
    Launches,
    /// Launches of two servers at a time.
    Duets,
    /// Blocks of one server in one scenario and mode.
    Turns,
    /// Windows of one server in one scenario and mode.
    Windows,
    /// Values of one metric, where the same windows have others.
    Values,
    /// Interval logs that the table names.
    Logs,
    /// Bytes behind the last whole group of a campaign that is said to be complete.
    Tail,
    /// The framework that all others are compared with.
    Baseline,
}

impl Finding {
    pub(crate) fn new(
        kind: FindingKind,
        of: impl Into<String>,
        here: impl Into<u64>,
        planned: impl Into<u64>,
    ) -> Self {
        Self {
            kind,
            of: of.into(),
            here: here.into(),
            planned: planned.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (here, planned, of) = (self.here, self.planned, &self.of);
        match self.kind {
            FindingKind::Blocks => write!(f, "{here} of {planned} planned blocks are here"),
            FindingKind::Repeats => write!(f, "{here} of {planned} repeated blocks are here"),
            FindingKind::Starts => {
                write!(
                    f,
                    "{here} of {planned} planned rounds of cold starts are here"
                )
            }
            FindingKind::Launches => write!(f, "{here} of {planned} planned launches are here"),
            FindingKind::Duets => {
                write!(
                    f,
                    "{here} of {planned} planned launches of two servers are here"
                )
            }
            FindingKind::Turns => write!(f, "{of} has {here} of {planned} blocks"),
            FindingKind::Windows => {
                write!(f, "{of} has {here} windows where {planned} were planned")
            }
            FindingKind::Values => write!(f, "{of} has {here} of {planned} values"),
            FindingKind::Logs => write!(
                f,
                "{here} of {planned} interval logs that the table names are here, all but {of}"
            ),
            FindingKind::Tail => write!(
                f,
                "the campaign is said to be complete and has {here} bytes behind its last whole group"
            ),
            FindingKind::Baseline => {
                write!(
                    f,
                    "{of}, with which all others are compared, is none of the frameworks"
                )
            }
        }
    }
}
