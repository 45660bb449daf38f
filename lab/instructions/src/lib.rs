//! How many instructions a process executes in user space, and in which functions.
//!
//! A time is disturbed by whatever else a machine does; a number of executed instructions is not.
//! It says less than a time does: nothing of the kernel's work, of caches, of branches that were
//! guessed wrongly, of waiting.
//!
//! ```text
//! emulator   QEMU's user-mode emulator with a plugin of ours: found, built, held to a known count
//! counters   the memory that the plugin counts in and the lab reads
//! counts     one reading of it: executions by block of code and thread
//! pmu        the processor's own counter, where the machine has one
//! symbols    which function an address lies in
//! profile    instructions by function, of one program
//! package    which package a function belongs to, and which group
//! moved      what differs between two profiles, largest first
//! ```
//!
//! Nothing here knows of requests, servers or campaigns.

#![warn(missing_docs)]

pub mod counters;
pub mod counts;
pub mod emulator;
pub mod moved;
pub mod package;
pub mod pmu;
pub mod profile;
pub mod symbols;

pub use counters::{CounterError, Counters};
pub use counts::Counts;
pub use emulator::{Emulator, Unavailable};
pub use moved::{Moved, Row};
pub use package::{Group, Packages};
pub use profile::Profile;
pub use symbols::{SymbolError, Symbols};
