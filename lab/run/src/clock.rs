//! How long everything will still take.

use std::time::{Duration, Instant};

use plan::{Schedule, estimate};

/// What is left to do, in planned time; corrected by how the plan has fared so far.
pub struct Clock {
    planned: Duration,
    done: Duration,
    begun: Instant,
}

impl Clock {
    /// Starts it before anything of the plan is done.
    pub fn start(schedule: &Schedule) -> Self {
        Self {
            planned: estimate::duration(schedule),
            done: Duration::ZERO,
            begun: Instant::now(),
        }
    }

    /// A part of the plan is done.
    pub fn did(&mut self, planned: Duration) {
        self.done += planned;
    }

    /// A part of the plan was done before the campaign was broken off.
    pub fn skip(&mut self, planned: Duration) {
        self.planned = self.planned.saturating_sub(planned);
    }

    /// Something comes on top of the plan.
    pub fn more(&mut self, planned: Duration) {
        self.planned += planned;
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
