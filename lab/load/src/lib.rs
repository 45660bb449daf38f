//! The instrument: an HTTP/1.1 load generator that accounts for its own errors.
//!
//! It knows HTTP and time and nothing of frameworks. A caller says what to ask and what a right
//! answer is ([`SpecDraft`], checked into a [`Spec`]), [`run`] offers the load, and the
//! [`Outcome`] says what came back: counts that add up, four latencies kept apart, what the
//! instrument itself cost, and a verdict on whether the measurement can be believed.
//!
//! ```text
//! SpecDraft --check--> Spec --> request pool (rendered once, with each expectation)
//!                           --> drive (per thread: one engine, one schedule, one ledger)
//!                           --> Outcome (merged) --> verdict
//! ```
//!
//! Stable names, that other crates build on: [`SpecDraft`] and what it holds, [`Spec`], [`run`],
//! [`Outcome`] and what it holds, [`LoadError`], [`Finding`]. The program around it is the crate
//! `instrument`.
//! The JSON forms are `load/1`: fields may be added to the outcome, none is renamed.

mod distribution;
mod drive;
mod engine;
mod error;
pub mod hlog;
pub mod http;
pub mod interrupt;
mod ledger;
mod outcome;
mod request;
mod run;
mod schedule;
mod spec;
mod start;
mod verdict;

pub use distribution::{Distribution, Figure};
pub use engine::{ask_for_stamps, receive_stamped};
pub use error::LoadError;
pub use ledger::{ErrorKind, Example};
pub use outcome::{Counts, IntervalRow, Little, Outcome, OwnCpu, Rates, SCHEMA, WatchedCpu};
pub use run::run;
pub use spec::{
    Arrival, Close, EngineChoice, Expect, Field, Order, Pacing, Sampled, Span, Spec, SpecDraft,
    SpecError,
};
pub use verdict::{Finding, FindingKind, Severity, Side};

/// HdrHistogram as every distribution of the instrument uses it: nanoseconds, 1 ns to 60 s,
/// three significant digits.
pub type Histogram = hdrhistogram::Histogram<u64>;
