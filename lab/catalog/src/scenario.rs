//! What can be asked of a server, and what a right answer is.

use serde::Deserialize;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// `GET /plaintext`: 1,024 fixed bytes.
    Plaintext,
    /// `GET /json`: an object, serialised on each request.
    Json,
    /// `GET /user/{id}/post/{slug}` with random ids, echoed.
    Params,
}

/// How many ids the params scenario draws from: far more than any cache of a server that
/// is worth being caught would hold.
pub const DISTINCT_IDS: u32 = 131_072;

impl Scenario {
    /// The scenario's name in files and raw data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Json => "json",
            Self::Params => "params",
        }
    }

    /// What it asks, in a line.
    pub fn title(self) -> &'static str {
        match self {
            Self::Plaintext => "a fixed text of 1 KiB",
            Self::Json => "a small object, serialised on each request",
            Self::Params => "two path parameters, random on each request, echoed",
        }
    }
}
