//! What a server does where the contract leaves it free: its router, its header limits, its
//! connections, and requests that no server should believe.
//!
//! ```text
//! wire     raw bytes over a socket of our own, answers cut apart
//! catalog  every probe: what is sent, and the words for what came
//! overlap  static routes beside parameters, which take a start of their own
//! examine  all probes on one server
//! table    the facts of all servers as Markdown and JSON
//! ```
//!
//! A fact has no timing in it: the same servers give the same bytes.

mod answers;
mod catalog;
mod connections;
mod examine;
mod messages;
mod methods;
mod overlap;
mod paths;
pub mod table;
pub mod wire;

pub use examine::{Facts, examine};
pub use overlap::{Overlap, Winner, overlap};
pub use table::Examined;
