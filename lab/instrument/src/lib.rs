//! The instrument as a program: `lab load` and `lab calibrate`, also without the rest of the lab.
//!
//! ```text
//! cli         the words of the command line, tables, the interval log
//! capacity    the highest rate that a server holds: a search by many runs
//! calibrate   the instrument against servers whose service times are known
//! ```
//!
//! The crate `load` offers the load and knows nothing of all this.

pub mod calibrate;
pub mod capacity;
pub mod cli;
