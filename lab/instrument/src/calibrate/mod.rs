//! `lab calibrate`: the instrument against a server whose service times are known and recorded on
//! its own side. A client that spins, and shares no code with the instrument, is run against the
//! same server in turn: what it sees beyond the truth is the way there and back, which no client
//! can be without.
//!
//! ```text
//! round = (server, spinning client), (server, instrument)      command
//! truth of each run: from the server's log                     server, truth
//! rounds in which nobody took the client's CPU are judged      disturbance, priority
//! off = instrument - truth - (spinning client - its truth)     row
//! ```

mod command;
mod disturbance;
mod priority;
mod reference;
mod row;
mod scenario;
mod server;
mod table;
mod truth;

pub use command::{Args, calibrate, run};
pub use disturbance::Disturbance;
pub use priority::Priority;
pub use row::{Offset, Quantiles, Round, Row};
pub use scenario::Scenario;
pub use table::table;

use serde::{Deserialize, Serialize};

/// The JSON form of a calibration.
pub const SCHEMA: &str = "calibration/3";

/// How far the median may be off, nanoseconds.
pub const MEDIAN_TOLERANCE: u64 = 60_000;
/// How far p95 and p99 may be off, as a share of the truth.
pub const TAIL_TOLERANCE: f64 = 0.02;

/// What a calibration says of the instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything is within its tolerance.
    Fit,
    /// Something is not, and there were not enough rounds without others on the client's CPU to
    /// tell whether it is the instrument.
    Undecided,
    /// Something is not, and it is the instrument.
    NotFit,
}

impl Verdict {
    /// Exit status of the command.
    pub fn status(self) -> u8 {
        match self {
            Self::Fit => 0,
            Self::NotFit => 1,
            Self::Undecided => 3,
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Fit => "the instrument is fit",
            Self::NotFit => "the instrument is NOT fit here",
            Self::Undecided => "UNDECIDED: others disturbed this machine; repeat when it is quiet",
        }
    }
}

/// A whole calibration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Calibration {
    /// [`SCHEMA`].
    pub schema: String,
    /// The engine calibrated.
    pub engine: String,
    /// All scenarios.
    pub rows: Vec<Row>,
    /// The worst verdict of a scenario.
    pub verdict: Verdict,
}
