//! What others have published, as data, and the one rule by which it is judged.
//!
//! ```text
//! ledger/*.yaml  -> claims: what is said, which number would show it, what it has to be
//! reports/       -> evidence: that number as it was found, with its interval (read by `analysis`)
//! both           -> rule -> verdict: supported, refuted, undecided, untested
//! ```
//!
//! Nothing here measures, and nothing here reads a campaign: a claim names a number, and whoever
//! has that number hands it in. So no verdict can be written by hand, and each changes when the
//! data do.

pub mod arithmetic;
mod claim;
mod digest;
pub mod expect;
pub mod facts;
mod file;
mod ledger;
pub mod rule;
mod test_file;

pub use claim::{Article, Claim, How, Source, Test};
pub use digest::digest;
pub use expect::{Band, Expected};
pub use facts::{Fact, Facts, Kind};
pub use ledger::{FOLDER, Ledger, LedgerError, digest_of};
pub use rule::{Evidence, Finding, Found, Judged, Verdict};
