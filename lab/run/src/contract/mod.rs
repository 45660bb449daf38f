//! The contract (version 1): what every server answers, and the check that it does.

pub mod check;
mod client;
pub mod payload;
mod process;
mod routes;
pub mod scenario;
mod steps;

pub use check::{CheckReport, Failure, check};
pub use scenario::Scenario;
