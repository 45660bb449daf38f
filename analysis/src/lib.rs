//! From raw data to estimates, tables, charts and reports.
//!
//! ```text
//! a campaign's folder -> frames (values by block) -> estimate (numbers, intervals, verdicts)
//!                     -> report (Markdown, JSON, SVG) and terminal (a short table)
//! kinds: what only one kind of experiment has of all this
//! published campaigns -> history (ratios, campaign by campaign)
//! instructions a request + a campaign -> instructions (CPU time beside them, what lies off the line)
//! published campaigns -> site (all of them as pages)
//! published campaigns, and a ledger -> claims (what others say, with verdicts)
//! ```
//!
//! Nothing here runs a server or looks at a clock, and equal raw data give equal bytes.

pub mod benchstat;
pub mod claims;
pub mod diff;
pub mod error;
pub mod estimate;
pub mod frames;
pub mod history;
pub mod hosts;
pub mod instructions;
mod kinds;
pub mod report;
pub mod site;
pub mod terminal;
pub mod text;
pub mod trials;

pub use error::AnalysisError;
pub use estimate::{Analysis, Duet, Found, Keep, analyse, analyse_against, analyse_kept};
