//! How long a campaign takes.

use std::time::Duration;

use super::schedule::{Block, Launch, Schedule};

/// What a window costs beside its lead-in and measured part: starting the instrument,
/// opening connections, draining. The 630 windows of the published example took about 20 ms each;
/// the rest is a margin for a busier machine.
pub const WINDOW_OVERHEAD: Duration = Duration::from_millis(40);
/// What a cold start costs with the pause after it.
pub const START: Duration = Duration::from_millis(60);
/// What starting and stopping one server costs in a launch.
pub const LAUNCH_OF_ONE: Duration = Duration::from_millis(150);
/// How long a launch's servers sit idle before their memory is read, before its first block and
/// after its last.
pub const SETTLE: Duration = Duration::from_millis(500);

/// In a soak, how long the load on few connections lasts whose memory is what that on many is
/// compared with.
pub const REFERENCE: Duration = Duration::from_secs(5);

/// The time that a campaign takes after the servers are built and checked; the least that
/// it takes where it waits for precision.
pub fn duration(schedule: &Schedule) -> Duration {
    let starts: usize = schedule.starts.iter().map(Vec::len).sum();
    let until = schedule.looks.keys().next().copied().unwrap_or(u32::MAX);
    let sure = schedule.launches.iter().filter(|l| l.number <= until);
    START * starts as u32 + sure.map(launch).sum::<Duration>()
}

/// The time that a launch takes.
pub fn launch(launch: &Launch) -> Duration {
    starting(launch) + launch.blocks.iter().map(block).sum::<Duration>()
}

/// The time that starting and stopping a launch's servers and reading their memory takes.
pub fn starting(launch: &Launch) -> Duration {
    LAUNCH_OF_ONE * launch.starts.len() as u32 + 2 * SETTLE
}

/// The time that a block takes.
pub fn block(block: &Block) -> Duration {
    (0..block.order.len())
        .map(|position| window(block, position))
        .sum()
}

/// The time that one window of a block takes.
pub fn window(block: &Block, position: usize) -> Duration {
    block.lead_in(position) + block.times.window + WINDOW_OVERHEAD + block.times.beside
}

/// A duration as a person would say it: `8 min 40 s`.
pub fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().round() as u64;
    match (seconds / 60, seconds % 60) {
        (0, s) => format!("{s} s"),
        (m, 0) => format!("{m} min"),
        (m, s) => format!("{m} min {s} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_spoken() {
        assert_eq!(spoken(Duration::from_millis(59_400)), "59 s");
        assert_eq!(spoken(Duration::from_secs(120)), "2 min");
        assert_eq!(spoken(Duration::from_secs(521)), "8 min 41 s");
    }
}
