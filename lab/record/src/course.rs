//! What happened to a campaign on its way: the part of the campaign file that no plan holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::method::Stopped;
use crate::planned::Planned;
use crate::repetition::{Collected, Repetition};

/// What happened on the way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// SHA-256 of the program that measured, in hex: runner and instrument are one.
    #[serde(default)]
    pub program: String,
    /// Each time that the campaign was taken up again after it had been broken off, in order.
    #[serde(default)]
    pub resumes: Vec<Resume>,
    /// The blocks that were measured again because the machine was disturbed, in order.
    #[serde(default)]
    pub repeats: Vec<Repeat>,
    /// How much was to be measured, once the order of everything was drawn; nothing before that,
    /// and in campaigns that are older than this record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Planned>,
    /// What came of stopping on precision, where that was asked for.
    #[serde(default)]
    pub stopped: Option<Stopped>,
    /// The executables that the lab did not build, by framework: where they lay.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub servers: BTreeMap<String, String>,
    /// Which of several repetitions it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<Repetition>,
    /// The repetitions that it was collected from, in the order of their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collected: Vec<Collected>,
}

/// A block was disturbed from outside and measured again.
///
/// The rows of both stay in the raw data; the disturbed ones carry environmental flags. A
/// repeat whose own rows are missing was announced and never measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// The number of the new block.
    pub block: u32,
    /// The number of the block in whose place it stands; that may be a repeat itself.
    pub of: u32,
    /// The launch of both.
    pub launch: u32,
}

/// A campaign was broken off and taken up again.
///
/// The plan goes on where it was. A launch that was open goes on under its own number: its
/// servers are started again with the padding that the plan drew for them, so this launch
/// has two sets of processes, which adds to the spread between launches what one more
/// launch would have added. Whatever compares inside blocks is not touched by it. Memory
/// read while idle is that of the first set, memory under load and after that of the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// When, in UTC, RFC 3339.
    pub at: String,
    /// The last whole group that was found, as its end marker names it.
    pub after: String,
    /// The launch whose servers were started again, if one was open.
    pub launch: Option<u32>,
    /// Bytes of an open group that were cut off the table.
    pub cut_from_table: u64,
    /// Bytes of blocks without an end that were cut off the histograms.
    pub cut_from_histograms: u64,
}
