//! How long everything will still take.

use std::time::{Duration, Instant};

use crate::plan::experiment::Protocol;
use crate::plan::{Schedule, estimate};

/// What is left to do, in planned time; corrected by how the plan has fared so far.
pub struct Clock {
    planned: Duration,
    done: Duration,
    begun: Instant,
    window: Duration,
}

impl Clock {
    /// Starts it before anything of the plan is done.
    pub fn start(schedule: &Schedule, protocol: &Protocol) -> Self {
        Self {
            planned: estimate::duration(schedule, protocol),
            done: Duration::ZERO,
            begun: Instant::now(),
            window: estimate::window(protocol),
        }
    }

    /// A part of the plan is done.
    pub fn did(&mut self, planned: Duration) {
        self.done += planned;
    }

    /// A window is done.
    pub fn did_window(&mut self) {
        self.did(self.window);
    }

    /// A part of the plan was done before the campaign was broken off.
    pub fn skip(&mut self, planned: Duration) {
        self.planned = self.planned.saturating_sub(planned);
    }

    /// Windows were measured before the campaign was broken off.
    pub fn skip_windows(&mut self, windows: usize) {
        self.skip(self.window * windows as u32);
    }

    /// Windows come on top of the plan.
    pub fn more_windows(&mut self, windows: usize) {
        self.planned += self.window * windows as u32;
    }

    /// What is left.
    pub fn left(&self) -> Duration {
        let left = self.planned.saturating_sub(self.done);
        if self.done < Duration::from_secs(2) {
            return left;
        }
        left.mul_f64(self.begun.elapsed().as_secs_f64() / self.done.as_secs_f64())
    }
}
