//! How long to wait for a server: by its own time, and not by that which the machine kept it from.

use std::time::{Duration, Instant};

use super::ServerError;
use crate::host::load::waited_for_cpu;

/// A server that is kept from its CPU is waited for so many times as long, and not for ever.
const MOST: u32 = 6;
/// A server that got to run for this share of the time was not kept.
const RAN: f64 = 0.5;

/// A time that a server has for something. The clock stands still while it is ready to run and has no
/// CPU, as others use it: on a busy machine a start takes longer, which is not the server's doing.
#[derive(Debug)]
pub(super) struct Patience {
    pid: i32,
    begun: Instant,
    within: Duration,
    waited: Duration,
}

impl Patience {
    /// Begins.
    pub fn begin(pid: i32, within: Duration) -> Self {
        Self {
            pid,
            begun: Instant::now(),
            within,
            // A kernel that does not say leaves only the clock on the wall.
            waited: waited_for_cpu(pid).unwrap_or_default(),
        }
    }

    /// Whether there is time left.
    ///
    /// # Errors
    /// [`ServerError::Kept`] where it had too little of its time to be judged by that.
    pub fn left(&self) -> Result<bool, ServerError> {
        let waited = waited_for_cpu(self.pid).unwrap_or_default();
        let kept = waited.saturating_sub(self.waited);
        judge(self.begun.elapsed(), kept, self.within)
    }
}

/// Several threads of a process may wait for a CPU at once: it is kept for no longer than time went by.
fn judge(elapsed: Duration, kept: Duration, within: Duration) -> Result<bool, ServerError> {
    let kept = kept.min(elapsed);
    if elapsed - kept < within && elapsed < within * MOST {
        return Ok(true);
    }
    match elapsed >= within * MOST && kept.as_secs_f64() > RAN * elapsed.as_secs_f64() {
        true => Err(ServerError::Kept { kept, of: elapsed }),
        false => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stands_still_while_a_server_is_kept_from_its_cpu() {
        let seconds = Duration::from_secs;
        let judge = |elapsed, kept| judge(seconds(elapsed), seconds(kept), seconds(10));
        assert!(judge(9, 0).unwrap());
        assert!(!judge(10, 0).unwrap(), "asleep, its time is up");
        assert!(judge(15, 8).unwrap());
        assert!(!judge(18, 8).unwrap());
        assert!(judge(59, 58).unwrap());
        let kept = judge(60, 58).unwrap_err();
        assert!(!kept.is_the_servers(), "{kept}");
        assert!(kept.to_string().contains("58 of 60 s"), "{kept}");
        // More threads than one waited.
        assert!(judge(15, 40).unwrap());
    }
}
