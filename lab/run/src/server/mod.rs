//! Servers under test: built, started, paused, resumed, watched and stopped.

pub mod build;
pub mod fresh;
pub mod inspect;
pub mod launcher;
pub mod memory;
pub(crate) mod patience;
pub mod probe;
pub mod process;
pub mod ready;
pub mod remote;
pub mod runtime;
pub(crate) mod spawn;
pub mod stderr;

pub use build::{Binary, BuildError};
pub use launcher::{Launched, Launcher};
pub use probe::Probe;
pub use process::{Server, ServerError, StartOptions};
