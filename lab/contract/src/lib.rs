//! The contract (version 1): what every server answers, the check that it does, and what servers do
//! where it leaves them free.

mod all;
pub mod check;
mod client;
pub mod conformance;
mod departures;
mod growth;
mod process;
mod routes;
pub mod source;
mod steps;

pub use all::check_all;
pub use check::{CheckReport, Failure, check};
