//! What CPU time a server uses and waits for between two moments, on whichever machine.

use std::time::{Duration, Instant};

use sys::cpu_time::{process_cpu, waited_for_cpu};

use super::ServerError;
use super::remote::process::There;

/// A server that is being watched.
pub trait Watched {
    /// Reads again, and tells what came on top since the beginning.
    ///
    /// # Errors
    /// [`ServerError`] when the server's machine cannot be asked.
    fn end(self: Box<Self>) -> Result<CpuSeen, ServerError>;
}

/// What came on top.
#[derive(Debug)]
pub struct CpuSeen {
    /// CPU time that it used of this machine; nothing where it is not known, as of one that has
    /// ended.
    pub used: Option<Duration>,
    /// The share of the time in which it was ready to run and had no CPU; nothing where it cannot
    /// be read.
    pub waited: Option<f64>,
    /// What was seen on its machine, where that is another one.
    pub there: Option<There>,
}

/// A process of this machine at a moment: the CPU time that it has used, and waited for.
pub(super) struct Use {
    pid: i32,
    used: Option<Duration>,
    waited: Option<Duration>,
    begun: Instant,
}

impl Use {
    /// Reads.
    pub(super) fn of(pid: i32) -> Self {
        Self {
            pid,
            used: process_cpu(pid),
            waited: waited_for_cpu(pid),
            begun: Instant::now(),
        }
    }
}

impl Watched for Use {
    fn end(self: Box<Self>) -> Result<CpuSeen, ServerError> {
        let elapsed = self.begun.elapsed().as_secs_f64();
        let now = Self::of(self.pid);
        let more = |now: Option<Duration>, then: Option<Duration>| Some(now?.saturating_sub(then?));
        Ok(CpuSeen {
            used: more(now.used, self.used),
            waited: more(now.waited, self.waited).map(|waited| waited.as_secs_f64() / elapsed),
            there: None,
        })
    }
}
