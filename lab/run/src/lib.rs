//! Plans and runs campaigns: what the lab does between an experiment file and raw data.
//!
//! ```text
//! plan      experiment and framework files -> checked types -> seeded order, time estimate
//! place     where in a file the thing stands that is wrong
//! host      what machine this is, which CPUs go to whom, who else is using it
//! server    build -> launch -> pause, resume -> stop; nothing outlives the lab
//! contract  what every server must answer, and the check that it does
//! vendor    the hashes by which a Nix build pins what the servers are built from
//! conformance  what servers do where the contract leaves them free
//! scaffold  the folder of a framework that is new
//! outdated  what is newer than the versions that the folders pin
//! campaign  cold starts, launches, blocks, windows -> raw data
//! ```
//!
//! No polars here, so that it builds in a minute, and no HTTP load either: that is the
//! instrument's, a process of its own.

pub mod campaign;
pub mod conformance;
pub mod contract;
pub mod host;
pub mod outdated;
mod place;
pub mod plan;
pub mod scaffold;
pub mod server;
pub mod vendor;
