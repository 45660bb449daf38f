//! The kinds of experiments, on the side of the report: what is estimated and said of each.
//!
//! A kind is a file here (or a folder, where it is more than one idea) with a struct of what only it
//! estimates and its [`Kind`], and a name in the list at the end of this file. What its raw data
//! holds stands in `kinds` of the crate `record`, what it plans and how it is measured in `kinds` of
//! `plan` and `run`. Nothing else of the analysis asks which kind a campaign is of: who has to know
//! something new of a kind adds a method with a default to the trait.
//!
//! [`duet`] is no kind of its own: launches of two servers at a time follow those of any kind.

mod article;
mod crossed;
pub(crate) mod duet;
mod soak;

use std::fmt::Debug;
use std::sync::Arc;

use record::{Campaign, CampaignFile, Design, ProtocolKind};

use crate::error::AnalysisError;
use crate::estimate::{Analysis, Steadiness, steadiness};
use crate::frames::{Attempt, Observed, Samples};
use crate::report::charts::Chart;
use crate::report::charts::palette::Palette;
use crate::report::document::Document;
use crate::report::headline;

/// What the analysis makes of a kind of experiment. What is not overridden is as it is where all
/// servers take turns in blocks.
pub(crate) trait Kind: Debug + Send + Sync {
    /// Estimates what only this kind has, from a campaign whose raw data were read.
    ///
    /// # Errors
    /// [`AnalysisError`] when the raw data cannot be read.
    fn read(campaign: &Campaign) -> Result<Self, AnalysisError>
    where
        Self: Sized;

    /// How its windows lie in time, in a line of what was run.
    fn protocol(&self, design: &Design) -> String;

    /// Whether servers share blocks, so that ratios are between values of the same stretch of time.
    fn is_paired(&self) -> bool {
        true
    }

    /// The windows one by one, where several of a server are in a row: the number is their median,
    /// without an interval, and the baseline's two copies are two servers. Nothing where a block has
    /// one window of each server.
    fn in_a_row(&self) -> Option<&Samples> {
        None
    }

    /// The block of each line of an interval log of `lines` lines, from the windows of its launch.
    fn logged(&self, windows: &[Attempt], _lines: usize) -> Vec<u32> {
        (windows.iter())
            .flat_map(|window| vec![window.block; window.measured])
            .collect()
    }

    /// Whether the servers' launches came to rest.
    fn steadiness(&self, file: &CampaignFile, observed: &Observed, level: f64) -> Vec<Steadiness> {
        steadiness::in_turn(file, observed, level)
    }

    /// The answer in sentences, for somebody who reads nothing else.
    fn answers(&self, analysis: &Analysis) -> Vec<String> {
        headline::compared(analysis)
    }

    /// What the report's first lines call the chapter to begin with, and its place in the page.
    fn how_to_read(&self) -> (&'static str, &'static str) {
        ("how to read this", "#how-to-read-this")
    }

    /// Whether the report begins with all servers in one table.
    fn has_glance(&self) -> bool {
        true
    }

    /// Writes the chapters that only this kind has.
    fn chapters<'a>(&self, _page: &mut Document<'a>, _analysis: &Analysis, _charts: &'a [Chart]) {}

    /// The charts that only this kind has.
    ///
    /// # Errors
    /// [`AnalysisError::Chart`] when one cannot be drawn.
    fn charts(&self, _analysis: &Analysis, _of: &Palette) -> Result<Vec<Chart>, AnalysisError> {
        Ok(Vec::new())
    }

    /// The part of `summary.json` that only this kind has: the text of an object.
    fn json(&self) -> Option<String> {
        None
    }

    /// The table that a bench prints at its end, below the answer; nothing where it is the usual
    /// one.
    fn terminal(&self, _analysis: &Analysis) -> Option<String> {
        None
    }
}

/// Makes the one place that asks for the kind.
macro_rules! kinds {
    ($($kind:ident $own:ty;)*) => {
        /// What only the campaign's kind has.
        ///
        /// # Errors
        /// As [`Kind::read`].
        pub(crate) fn read(campaign: &Campaign) -> Result<Arc<dyn Kind>, AnalysisError> {
            Ok(match campaign.file.method.protocol {
                $(ProtocolKind::$kind => Arc::new(<$own>::read(campaign)?),)*
            })
        }
    };
}

// The registry: a kind is one line here.
kinds! {
    Article article::Article;
    Crossed crossed::Crossed;
    Soak soak::Soak;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A kind with what it has to say and nothing else.
    #[derive(Debug)]
    struct Plain;

    impl Kind for Plain {
        fn read(_campaign: &Campaign) -> Result<Self, AnalysisError> {
            Ok(Self)
        }

        fn protocol(&self, _design: &Design) -> String {
            "Protocol: none".to_owned()
        }
    }

    #[test]
    fn a_kind_that_says_nothing_else_is_as_where_servers_take_turns() {
        assert!(Plain.is_paired() && Plain.has_glance());
        assert_eq!((Plain.in_a_row(), Plain.json()), (None, None));
        let window = |block, measured| Attempt {
            launch: 1,
            block,
            counts: true,
            measured,
        };
        // A line a window that was measured, however long the log is.
        assert_eq!(Plain.logged(&[window(3, 2), window(4, 1)], 9), [3, 3, 4]);
    }
}
