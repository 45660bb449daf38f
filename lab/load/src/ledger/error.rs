//! Errors by kind, with one example each.

use crate::http::Fault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What went wrong with a request. Each failed request has exactly one kind: the first of the
/// list below that applies to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// No connection could be opened for it.
    Connect,
    /// The same for a reason on this side: no port, descriptor, memory or route.
    ConnectLocal,
    /// The connection was reset, or failed in another way.
    Reset,
    /// The server closed the connection before the answer was complete.
    ClosedEarly,
    /// No answer by the timeout.
    Timeout,
    /// Another status than expected.
    Status,
    /// A body of another length than expected.
    Length,
    /// A body of the right length, but not the expected one.
    Body,
    /// A right body, but a `Content-Type` or a `Date` that is not: looked at in some answers.
    Header,
    /// A right answer, but before the request was sent whole: it answers something else, or not
    /// all of it.
    Early,
    /// The status line is not HTTP/1.
    MalformedStatusLine,
    /// A header line breaks the grammar.
    MalformedHeader,
    /// Content-Length or Transfer-Encoding cannot be understood.
    MalformedFraming,
    /// A chunk breaks the grammar.
    MalformedChunk,
    /// The body's length is given twice, differently.
    ConflictingFraming,
    /// Headers or trailers above the limits.
    HeadTooLarge,
    /// Bytes behind the answer that no request asked for.
    Unsolicited,
}

impl ErrorKind {
    /// All kinds, in order.
    pub const ALL: [Self; 17] = [
        Self::Connect,
        Self::ConnectLocal,
        Self::Reset,
        Self::ClosedEarly,
        Self::Timeout,
        Self::Status,
        Self::Length,
        Self::Body,
        Self::Header,
        Self::Early,
        Self::MalformedStatusLine,
        Self::MalformedHeader,
        Self::MalformedFraming,
        Self::MalformedChunk,
        Self::ConflictingFraming,
        Self::HeadTooLarge,
        Self::Unsolicited,
    ];

    /// True where no complete answer came by the timeout, rather than a wrong one.
    pub fn is_unanswered(self) -> bool {
        match self {
            Self::Connect
            | Self::ConnectLocal
            | Self::Reset
            | Self::ClosedEarly
            | Self::Timeout => true,
            Self::Status
            | Self::Length
            | Self::Body
            | Self::Header
            | Self::Early
            | Self::MalformedStatusLine
            | Self::MalformedHeader
            | Self::MalformedFraming
            | Self::MalformedChunk
            | Self::ConflictingFraming
            | Self::HeadTooLarge
            | Self::Unsolicited => false,
        }
    }

    /// The name, as in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::ConnectLocal => "connect-local",
            Self::Reset => "reset",
            Self::ClosedEarly => "closed-early",
            Self::Timeout => "timeout",
            Self::Status => "status",
            Self::Length => "length",
            Self::Body => "body",
            Self::Header => "header",
            Self::Early => "early",
            Self::MalformedStatusLine => "malformed-status-line",
            Self::MalformedHeader => "malformed-header",
            Self::MalformedFraming => "malformed-framing",
            Self::MalformedChunk => "malformed-chunk",
            Self::ConflictingFraming => "conflicting-framing",
            Self::HeadTooLarge => "head-too-large",
            Self::Unsolicited => "unsolicited",
        }
    }
}

impl From<Fault> for ErrorKind {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::StatusLine => Self::MalformedStatusLine,
            Fault::Header | Fault::BareLf => Self::MalformedHeader,
            Fault::Framing => Self::MalformedFraming,
            Fault::Conflict => Self::ConflictingFraming,
            Fault::Chunk => Self::MalformedChunk,
            Fault::HeadTooLarge => Self::HeadTooLarge,
            Fault::Unsolicited => Self::Unsolicited,
            Fault::Cut => Self::ClosedEarly,
        }
    }
}

/// The first error of its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The request line.
    pub request: String,
    /// What should have come.
    pub expected: String,
    /// What came.
    pub got: String,
}

/// Counts by kind, and the examples.
#[derive(Clone, Debug, Default)]
pub struct Errors {
    counts: [u64; ErrorKind::ALL.len()],
    examples: BTreeMap<ErrorKind, Example>,
}

impl Errors {
    pub fn count(&mut self, kind: ErrorKind) {
        self.counts[kind as usize] += 1;
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Kinds that occurred, with their counts.
    pub fn counts(&self) -> BTreeMap<ErrorKind, u64> {
        let seen = |kind: &ErrorKind| self.counts[*kind as usize] > 0;
        ErrorKind::ALL
            .into_iter()
            .filter(seen)
            .map(|k| (k, self.counts[k as usize]))
            .collect()
    }

    /// Keeps what `make` says of the first error of its kind.
    pub fn example(&mut self, kind: ErrorKind, make: impl FnOnce() -> Example) {
        self.examples.entry(kind).or_insert_with(make);
    }

    /// Examples of the kinds that were counted.
    pub fn examples(&self) -> BTreeMap<ErrorKind, Example> {
        self.examples_of(&self.counts())
    }

    /// Examples of the kinds in `counts`.
    pub fn examples_of(&self, counts: &BTreeMap<ErrorKind, u64>) -> BTreeMap<ErrorKind, Example> {
        self.examples
            .iter()
            .filter(|(k, _)| counts.contains_key(k))
            .map(|(k, e)| (*k, e.clone()))
            .collect()
    }

    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine += theirs;
        }
        for (kind, example) in &other.examples {
            self.examples
                .entry(*kind)
                .or_insert_with(|| example.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorKind;

    #[test]
    fn names_and_positions_agree() {
        for (index, kind) in ErrorKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
