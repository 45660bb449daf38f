//! What a rule can find, and what it means for the result.

use serde::{Deserialize, Serialize};

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Fewer requests were sent than the schedule asked for.
    RateMissed,
    /// The instrument took notice of due requests too late.
    Late,
    /// The instrument was stopped or kept from its CPU (`starved`). Invalid where throughput or p99
    /// are not the server's, a note where only what lies above p99.9 is not.
    Starved,
    /// The instrument's own CPU was the limit.
    ClientBound,
    /// The books do not balance (Little's law).
    Books,
    /// Due requests were not noticed as evenly as the schedule says.
    Arrivals,
    /// The instrument was stopped at an end of the measured part.
    Stalled,
    /// Nothing was answered right.
    NoAnswers,
    /// Some requests failed.
    Errors,
    /// Requests from before the measured part were in the system in it and failed, or a closed
    /// loop's connections were held for nothing (`hung`). Invalid where the load was not what was
    /// asked for, else a warning.
    Hung,
    /// Requests waited for a connection because there may be no more of them.
    ConnectionCap,
    /// Latencies above the histogram's bounds.
    Saturated,
    /// The watched process could not be read at both ends.
    WatchLost,
    /// Ctrl-C ended the measured part.
    CutShort,
    /// Bytes came that no request had asked for: answers may belong to other requests.
    Unsolicited,
    /// Connections could not be opened for a reason on this side.
    ConnectLocal,
}

/// Whom a finding speaks against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The measurement: what the result says of the server may be wrong.
    Instrument,
    /// The server, as far as nothing speaks against the measurement.
    Server,
}

impl FindingKind {
    /// Whom it speaks against. A new kind has to be put on a side here.
    pub fn side(self) -> Side {
        match self {
            Self::RateMissed
            | Self::NoAnswers
            | Self::Errors
            | Self::Hung
            | Self::ConnectionCap
            | Self::Saturated
            | Self::Unsolicited => Side::Server,
            Self::Late
            | Self::ClientBound
            | Self::Books
            | Self::Arrivals
            | Self::Stalled
            | Self::Starved
            | Self::WatchLost
            | Self::CutShort
            | Self::ConnectLocal => Side::Instrument,
        }
    }
}

/// What a finding means for the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// To be known.
    Note,
    /// Bad news, truly measured.
    Warning,
    /// The result does not hold.
    Invalid,
}

/// One thing that was found, with its number, its limit and what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about.
    pub kind: FindingKind,
    /// What it means.
    pub severity: Severity,
    /// What was measured.
    pub value: f64,
    /// What would have been in order.
    pub limit: f64,
    /// A sentence with the remedy.
    pub advice: String,
}

/// A finding, as all rules give theirs.
pub(super) fn finding(
    kind: FindingKind,
    severity: Severity,
    value: f64,
    limit: f64,
    advice: String,
) -> Option<Finding> {
    Some(Finding {
        kind,
        severity,
        value,
        limit,
        advice,
    })
}
