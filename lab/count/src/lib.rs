//! How many instructions a server executes for a request, and whether two versions differ in it.
//!
//! The protocol is made for what scatters a count. Time does not; what does is work whose amount
//! depends on time: a scheduler that looks for work, a collector that runs now or later, a monitor
//! that wakes by the clock. So
//!
//! - whole requests are counted: at both ends of a batch no request is on its way and the server is
//!   at rest, so that the number of requests is exact ([`offer`]);
//! - the server always has several requests before it, and a connection is asked again only when
//!   others have been answered since: its goroutine has gone to sleep by then, whatever else the
//!   machine does ([`offer`]);
//! - connections are opened and caches warmed before the batch; nothing of the start is counted;
//! - the runtime's monitor thread is left out ([`measure`]);
//! - the collector is off, and a second set of starts has it on ([`role`]);
//! - what is drawn at a start (seeds of hashes, addresses) is drawn anew: the interval is computed
//!   from starts ([`verdict`]).
//!
//! ```text
//! ask       what is asked, and what a right answer is
//! offer     the load: a given number of requests, no more and no fewer
//! process   a server that is counted, by the emulator or by the processor
//! role      which starts a comparison has, and in which order
//! measure   one start, one number
//! run       all starts, several at a time
//! verdict   what they say together
//! instrument the same question of the instrument itself
//! words     the same for people
//! ```

#![warn(missing_docs)]

pub mod ask;
pub mod instrument;
pub mod measure;
pub mod offer;
pub mod process;
pub mod role;
pub mod run;
pub mod verdict;
pub mod words;

mod error;

pub use error::CountError;
pub use measure::Measured;
pub use process::Means;
pub use role::{Protocol, Role, Start};
pub use run::{Subject, Subjects, run};
pub use verdict::Verdict;
