//! The kinds of experiments, on the side of the raw data: what a campaign of each has to hold.
//!
//! A kind is a file here with its [`Rows`], and an entry in the list at the end of this file. What
//! it plans and how it is measured stand in `kinds` of the crates `plan` and `run`.

mod article;
mod crossed;
mod soak;

use serde::{Deserialize, Serialize};

use crate::campaign::CampaignFile;
use crate::method::Method;
use crate::metric::Metric;

/// What the raw data of a kind of experiment has to hold: a reader counts it, and tells what is
/// missing.
pub(crate) trait Rows {
    /// Whether each server has launches of its own, one after the other. Else all take turns in
    /// every launch, and a launch that ended has values of each of them.
    fn one_after_the_other(&self) -> bool;

    /// How many windows one turn of a server has, that is its part of a block. `parts` is how
    /// many campaigns were collected into this one.
    fn windows(&self, file: &CampaignFile, parts: u32) -> u64;

    /// The metric that each window has a value of, by which windows are counted.
    fn beat(&self) -> Metric {
        Metric::Throughput
    }

    /// How many values of a metric a server has to have that had so many windows in so many
    /// blocks.
    fn values(&self, _metric: Metric, windows: u64, _blocks: u32) -> u64 {
        windows
    }

    /// Into how many intervals its windows are cut, whose rows are numbered as windows; nothing
    /// where they are not.
    fn intervals(&self, _file: &CampaignFile) -> Option<u32> {
        None
    }

    /// Whether there are values of a server before its windows, under `memory`, `reference`.
    fn has_references(&self) -> bool {
        false
    }

    /// Which of its keys the campaign file lacks, in a sentence.
    fn misses(&self, _method: &Method) -> Option<&'static str> {
        None
    }
}

/// Makes the kinds of a list of them.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal $rows:expr;)*) => {
        /// A layout of windows in time.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub enum ProtocolKind {
            $($(#[$doc])* #[serde(rename = $name)] $kind,)*
        }

        impl ProtocolKind {
            /// Its name in files.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// The metric that each of its windows has a value of.
            pub fn beat(self) -> Metric {
                self.rows().beat()
            }

            /// What its raw data has to hold.
            pub(crate) fn rows(self) -> &'static dyn Rows {
                match self {
                    $(Self::$kind => &$rows,)*
                }
            }
        }
    };
}

// The registry: a kind is one entry here. Files of campaigns have these names, so none changes.
kinds! {
    /// Launches, blocks and servers crossed, in random order: what this lab believes in.
    #[default]
    Crossed "crossed" crossed::Crossed;
    /// As articles do it: one server after the other, each warmed up and then measured a few
    /// times in a row. A server's samples of one scenario and mode share launch and block,
    /// and their windows are numbered from 1; no block holds two servers, so nothing can be
    /// paired. The article's number is the median of the samples.
    Article "article" article::Article;
    /// One server after the other, each with one long window for each scenario and mode, watched
    /// interval by interval: what changes while connections stay open. The rows of an interval
    /// have its number as their window, from 1; those of the whole window have 0.
    Soak "soak" soak::Soak;
}
