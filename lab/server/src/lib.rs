//! Servers under test: started, paused, resumed, watched and stopped.

pub mod error;
pub mod fresh;
pub mod inspect;
mod kin;
pub mod launcher;
pub mod memory;
pub mod patience;
pub mod probe;
pub mod process;
pub mod ready;
pub mod remote;
pub mod runtime;
pub mod watched;

pub use error::{Fault, ServerError};
pub use launcher::{Here, Launched, Launcher};
pub use process::{Server, StartOptions};
