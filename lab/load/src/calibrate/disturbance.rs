//! What others took of a client's CPU while it ran. It decides which rounds are judged, and knows
//! nothing of how they came out.

use serde::{Deserialize, Serialize};

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
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    // SAFETY: zeroes are a valid rusage, which the call fills in; it counts ended threads too.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    Disturbance {
        stolen_ticks: steal(&text, cpu),
        preempted: usage.ru_nivcsw as u64,
    }
}

/// The eighth number of the CPU's line; 0 where the kernel does not say.
fn steal(stat: &str, cpu: usize) -> u64 {
    let name = format!("cpu{cpu}");
    stat.lines()
        .map(str::split_whitespace)
        .find_map(|mut words| (words.next()? == name).then(|| words.nth(7)?.parse().ok()))
        .flatten()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::steal;

    #[test]
    fn steal_is_the_cpus_own() {
        let stat =
            "cpu  1 2 3 4 5 6 7 30 0 0\ncpu1 1 2 3 4 5 6 7 10 0 0\ncpu10 1 2 3 4 5 6 7 20 0 0\n";
        assert_eq!(
            (steal(stat, 1), steal(stat, 10), steal(stat, 2)),
            (10, 20, 0)
        );
    }
}
