//! The kinds of experiments, on the side of the plan: what an experiment file may say, in which
//! order everything is measured, and for how long.
//!
//! A kind is a file here (or a folder, where it is more than one idea) with a struct of its own
//! keys and its [`Plan`], and a name in the list at the end of this file. How it is measured
//! stands in `kinds` of the crate `run`, what its raw data holds in `kinds` of the crate
//! `record`, each again a file and a line. Nothing else of the plan, the run or the raw data asks
//! which kind an experiment is of: who has to know something new of a kind adds a method with a
//! default to the trait. CONTRIBUTING.md has an example.
//!
//! [`duet`] is no kind of its own: its launches of two servers at a time follow those of any
//! kind. [`selfcheck`] is an experiment that no file declares.

mod article;
mod crossed;
pub mod duet;
pub(crate) mod keys;
pub mod selfcheck;
mod soak;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use place::Problem;
use record::{Method, Metric, ProtocolKind};

pub use article::Article;
pub use crossed::Crossed;
pub use soak::Soak;

use crate::experiment::Mode;
use crate::schedule::{Deal, Launch, Schedule};
use keys::Keys;

/// What a kind of experiment plans, from the keys that its file gave it.
pub trait Plan {
    /// Its name in files.
    fn kind(&self) -> ProtocolKind;

    /// Draws the launches with their blocks. Cold starts are drawn before, for every kind.
    fn draw(&self, deal: &mut Deal<'_>) -> Drawn;

    /// How much that is at the most for so many servers, the baseline's twin counted.
    fn amounts(&self, servers: u32) -> Amounts;

    /// Adds what only this kind has to what the campaign file says of the method.
    fn note(&self, _method: &mut Method) {}

    /// Whether the rest of an experiment file suits it; `primary` are the metrics that are
    /// declared so.
    ///
    /// # Errors
    /// What does not, at a place beside `protocol`.
    fn suits(&self, _modes: &[Mode], _primary: &BTreeSet<Metric>) -> Result<(), Problem> {
        Ok(())
    }

    /// Why it can only be measured with the servers on the lab's own machine; nothing where
    /// another one is as good. The sentence goes on with what to do.
    fn only_here(&self) -> Option<&'static str> {
        None
    }

    /// The amount of load, in a line for `lab plan`.
    fn words(&self, schedule: &Schedule) -> String;
}

/// What was drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawn {
    /// The launches.
    pub launches: Vec<Launch>,
    /// After which launches to look at the precision, with the blocks a cell by then.
    pub looks: BTreeMap<u32, u32>,
}

/// How much is measured, as every campaign file says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    /// The most launches.
    pub launches: u32,
    /// The most blocks for each scenario and mode, over all launches.
    pub blocks: u32,
    /// The thrown-away beginning of a window.
    pub lead_in: Duration,
    /// The measured part of a window.
    pub window: Duration,
}

/// Makes the kinds of a list of them.
macro_rules! kinds {
    ($($kind:ident),*) => {
        /// A kind of experiment, with its own keys.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Kind {
            $(
                #[doc = concat!("See [`", stringify!($kind), "`](struct@", stringify!($kind), ").")]
                $kind($kind),
            )*
        }

        impl Kind {
            /// What it plans.
            pub fn plan(&self) -> &dyn Plan {
                match self {
                    $(Self::$kind(kind) => kind,)*
                }
            }

            /// Reads and checks the keys of a kind.
            pub(crate) fn read(kind: ProtocolKind, keys: Keys) -> Result<Self, Problem> {
                match kind {
                    $(ProtocolKind::$kind => $kind::read(keys).map(Self::$kind),)*
                }
            }
        }

        $(
            impl From<$kind> for Kind {
                fn from(kind: $kind) -> Self {
                    Self::$kind(kind)
                }
            }
        )*
    };
}

// The registry: a kind is one name here.
kinds!(Article, Crossed, Soak);
