//! Servers under test: started, paused, resumed, watched and stopped.

pub mod fresh;
pub mod inspect;
pub mod launcher;
pub mod memory;
pub mod patience;
pub mod probe;
pub mod process;
pub mod ready;
pub mod remote;
pub mod runtime;

pub use launcher::{Launched, Launcher};
pub use probe::Probe;
pub use process::{Server, ServerError, StartOptions};
