//! The contract (version 1): what every server answers, and the check that it does.

mod all;
pub mod check;
mod client;
mod departures;
mod growth;
mod inputs;
pub mod payload;
mod process;
mod routes;
pub mod scenario;
pub(crate) mod source;
pub(crate) mod steps;

pub use all::check_all;
pub use check::{CheckReport, Failure, check};
pub use inputs::KIT;
pub use scenario::Scenario;
pub use steps::salted;
