//! Servers under test: built, started, paused, resumed, watched and stopped.

pub mod build;
pub mod memory;
pub mod probe;
pub mod process;
pub mod ready;
pub(crate) mod spawn;
pub mod stderr;

pub use build::{Binary, BuildError};
pub use probe::Probe;
pub use process::{Server, ServerError, StartOptions};
