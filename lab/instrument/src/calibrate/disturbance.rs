//! What others took of a client's CPU while it ran. It decides which rounds are judged, and knows
//! nothing of how they came out.

use serde::{Deserialize, Serialize};
use sys::cpu_time;
use sys::usage::Usage;

/// What happened to the client of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Disturbance {
    /// Clock ticks that the host gave to other machines (`steal` in `/proc/stat`).
    pub stolen_ticks: u64,
    /// How often a thread was taken off the CPU although it wanted to go on.
    pub preempted: u64,
}

impl Disturbance {
    /// The two together.
    pub fn and(self, other: Self) -> Self {
        Self {
            stolen_ticks: self.stolen_ticks + other.stolen_ticks,
            preempted: self.preempted + other.preempted,
        }
    }

    /// True where nothing was taken.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// The counters at the start of a run on one CPU.
pub struct Watch {
    cpu: usize,
    before: Disturbance,
}

impl Watch {
    /// Starts to watch this process on `cpu`.
    pub fn start(cpu: usize) -> Self {
        Self {
            cpu,
            before: read(cpu),
        }
    }

    /// What has been taken since.
    pub fn taken(&self) -> Disturbance {
        let now = read(self.cpu);
        Disturbance {
            stolen_ticks: now.stolen_ticks - self.before.stolen_ticks,
            preempted: now.preempted - self.before.preempted,
        }
    }
}

fn read(cpu: usize) -> Disturbance {
    Disturbance {
        stolen_ticks: cpu_time::stolen_ticks(cpu),
        preempted: Usage::own().preempted,
    }
}
