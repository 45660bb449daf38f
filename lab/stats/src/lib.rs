//! Estimators, intervals and tests on plain `f64` slices.
//!
//! No input or output, no clock, no data frames: the rule that stops a campaign and the report
//! that is read afterwards call the very same functions. Whatever draws random numbers takes a
//! seed, so equal inputs give equal outputs.
//!
//! # Conventions
//!
//! * A *difference* `d` is `ln(subject) - ln(baseline)` of one block; a *ratio* is `exp(d)`.
//!   Log units are natural logarithms: 0.02 is very nearly 2 %.
//! * A *level* is a confidence level in (0, 1), such as 0.95 or 0.97.
//! * Data may be empty, short, constant or not finite; the answer is then `None` or an
//!   [`Error`], never a panic and never a number that looks like an estimate.
//! * Where all values are equal the spread is 0 and an interval has no width. That is right for
//!   exact quantities (a binary's size) and a sign of a stuck clock for measured ones.
//!
//! # Where to start
//!
//! [`paired::robust`] for one comparison, [`multiplicity::Family::compare`] for a table of them,
//! [`verdict::direction`] and [`verdict::size`] for the words, [`noise_floor::noise_floor`] for
//! what may not be called at all.

#![warn(missing_docs)]

pub mod absolute;
pub mod bootstrap;
pub mod calibration;
mod error;
pub mod history;
pub mod interval;
pub mod launches;
pub mod mde;
pub mod multiplicity;
pub mod noise_floor;
pub mod paired;
pub mod pairing;
pub mod random;
pub mod random_effects;
pub mod ranks;
pub mod rejections;
pub mod segments;
pub mod signed_rank;
pub mod sim;
pub mod steady;
pub mod stopping;
pub mod student;
pub mod summary;
pub mod trend;
pub mod two_sample;
pub mod variance;
pub mod verdict;

pub use bootstrap::Bootstrap;
pub use error::Error;
pub use interval::{Estimate, Interval, LogInterval, Method, Ratio};
