//! Runs a campaign: from a request to a folder of raw data.
//!
//! ```text
//! prepare    build every server, hold it to the contract; what fails is left out
//! startup    rounds of cold starts
//! launch     all servers fresh; all but one paused at any time
//! block      every server one window, in random order; whole on the disk or not at all
//! window     one short interval of load on one server; its values become observations
//! ```
//!
//! A group of rows (the cold starts of a round, a block, a launch's memory) that stands whole
//! in the raw data is never measured again: that is all that resuming is.

mod begin;
mod blame;
mod block;
mod campaign;
mod capacity;
mod cast;
mod clock;
mod course;
mod declared;
mod event;
mod gate;
mod instrument;
mod kinds;
mod launch;
mod observe;
mod planned;
mod precision;
pub mod preflight;
mod prepare;
mod resume;
mod session;
mod site;
mod spec;
mod startup;
mod together;
mod watch;
mod window;

pub use begin::{lasted, now};
pub use campaign::{CampaignError, Ended, Request, resume, run};
pub use event::{Event, Progress};
pub use instrument::{Instrument, InstrumentError};
pub use resume::ResumeError;
pub use site::Far;
