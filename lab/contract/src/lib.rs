//! The contract (version 1): what every server answers, the check that it does, and what servers do
//! where it leaves them free.

mod all;
pub mod check;
mod client;
pub mod conformance;
mod departures;
mod growth;
mod inputs;
mod loaded;
mod other_client;
mod process;
mod routes;
pub mod source;
pub mod steps;

pub use all::check_all;
pub use check::{CheckReport, Failure, check};
pub use inputs::KIT;
pub use process::holds_little;
pub use steps::{salt_text, salted};
