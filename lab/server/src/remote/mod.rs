//! Servers on another machine, reached by OpenSSH.
//!
//! ```text
//! wire      what is asked and answered, a line of JSON each
//! link      the lab's side: copies programs by their hash, runs `lab agent` there by ssh
//! process   a server over there, as the lab uses it
//! agent     the other side: starts, pauses and watches servers, and kills them when the
//!           line goes dead
//! samples   CPU time between two moments of the lab's clock, from what the agent saw
//! ```
//!
//! The agent is the lab's own program, so it starts, times and stops servers by the very code
//! that does so here.

pub mod agent;
pub mod destination;
pub mod link;
pub mod process;
mod samples;
mod watch;
mod wire;

pub use destination::Destination;
pub use link::{Link, LinkError};
pub use process::RemoteServer;
