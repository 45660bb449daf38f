//! What the probe says of a server's Go runtime, held to what every server has to leave alone: when
//! its collector runs, how much memory it may take, on how many CPUs it works.

use serde::Deserialize;

/// The collector's own pace.
const GOGC: u64 = 100;
/// No limit of memory.
const NO_LIMIT: u64 = i64::MAX as u64;
/// A collection is due before the heap has grown to its goal, so less than that is allocated between two;
/// goals change, and a reading is of one moment.
const GOALS_A_CYCLE: f64 = 3.0;
/// What a server may hold before it was asked for anything, after a collection: of those of the
/// checkout the most is 2.2 MiB (Iris), 0.2 MiB the usual. A heap that is filled on purpose, so that
/// its collector seldom runs, is many times that.
pub const LIVE: u64 = 8 << 20;
/// What it may hold when nothing is asked of it any more: pools and buffers beside.
pub const LIVE_AFTER: u64 = 32 << 20;
/// What it may hold beside for each connection that is open: its buffers, a request and an answer.
const LIVE_PER_CONNECTION: u64 = 64 << 10;

/// A reading. Those that a kit of an earlier revision does not give are absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Reading {
    /// What the last collection found reachable, in bytes.
    pub heap_live_bytes: u64,
    heap_goal_bytes: u64,
    allocated_bytes: u64,
    gc_cycles: u64,
    gc_forced: u64,
    gomaxprocs: u64,
    #[serde(default)]
    gogc: Option<u64>,
    #[serde(default)]
    memory_limit: Option<u64>,
}

impl Reading {
    /// Reads an answer of the probe.
    ///
    /// # Errors
    /// What is missing in it.
    pub fn of(answer: serde_json::Value) -> Result<Self, String> {
        serde_json::from_value(answer)
            .map_err(|e| format!("the probe's reading of the runtime is none: {e}"))
    }

    /// Whether the runtime's settings are its own, on as many CPUs as one of these numbers.
    ///
    /// # Errors
    /// What was changed.
    pub fn is_untouched(&self, processors: &[u64]) -> Result<(), String> {
        for (name, has, own) in [
            ("GOGC", self.gogc, GOGC),
            ("GOMEMLIMIT", self.memory_limit, NO_LIMIT),
        ] {
            if let Some(has) = has
                && has != own
            {
                let has = match has {
                    u64::MAX => "off".to_owned(),
                    n => n.to_string(),
                };
                return Err(format!("has set {name} to {has}, where {own} is Go's own"));
            }
        }
        if !processors.contains(&self.gomaxprocs) {
            return Err(format!(
                "has set GOMAXPROCS to {}, where it was given {}",
                self.gomaxprocs,
                processors
                    .iter()
                    .map(u64::to_string)
                    .collect::<Vec<_>>()
                    .join(" or ")
            ));
        }
        Ok(())
    }

    /// How much was found reachable, where that is more than a server may hold under load from so many
    /// connections.
    pub fn holds_too_much(&self, connections: u64) -> Option<u64> {
        let most = LIVE_AFTER + LIVE_PER_CONNECTION * connections;
        (self.heap_live_bytes > most).then_some(self.heap_live_bytes)
    }

    /// Whether its collector ran since an earlier reading when what was allocated made it due, and
    /// else only as often as the lab asked for.
    ///
    /// # Errors
    /// What it did instead.
    pub fn collected_since(&self, earlier: &Self, asked: u64) -> Result<(), String> {
        let since = |of: fn(&Self) -> u64| of(self).saturating_sub(of(earlier));
        let forced = since(|r| r.gc_forced);
        if forced != asked {
            return Err(format!(
                "forced {forced} collections, where {asked} were asked for"
            ));
        }
        let goals = self.goals_since(earlier);
        if goals >= GOALS_A_CYCLE {
            return Err(format!(
                "collected {} times while it allocated {} MiB, with a heap of {} MiB at most: {goals:.1} times the heap between two collections, where {GOALS_A_CYCLE} is the bound",
                since(|r| r.gc_cycles) - forced,
                since(|r| r.allocated_bytes) >> 20,
                self.goal(earlier) >> 20
            ));
        }
        Ok(())
    }

    /// How often the heap's goal was allocated between two collections of its own since an earlier
    /// reading, the time before the first and behind the last counted as one between two.
    pub fn goals_since(&self, earlier: &Self) -> f64 {
        let since = |of: fn(&Self) -> u64| of(self).saturating_sub(of(earlier));
        let own = since(|r| r.gc_cycles).saturating_sub(since(|r| r.gc_forced));
        since(|r| r.allocated_bytes) as f64 / (self.goal(earlier) * (own + 1)) as f64
    }

    fn goal(&self, earlier: &Self) -> u64 {
        self.heap_goal_bytes.max(earlier.heap_goal_bytes).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        Reading {
            heap_live_bytes: 2 << 20,
            heap_goal_bytes: 4 << 20,
            allocated_bytes: 100 << 20,
            gc_cycles: 30,
            gc_forced: 2,
            gomaxprocs: 2,
            gogc: Some(GOGC),
            memory_limit: Some(NO_LIMIT),
        }
    }

    #[test]
    fn settings_that_were_changed_are_named() {
        assert_eq!(reading().is_untouched(&[1, 2]), Ok(()));
        let changed = |change: fn(&mut Reading)| {
            let mut reading = reading();
            change(&mut reading);
            reading.is_untouched(&[2]).unwrap_err()
        };
        assert!(changed(|r| r.gogc = Some(u64::MAX)).contains("GOGC to off"));
        assert!(changed(|r| r.gogc = Some(400)).contains("GOGC to 400"));
        assert!(changed(|r| r.memory_limit = Some(1 << 30)).contains("GOMEMLIMIT"));
        assert!(changed(|r| r.gomaxprocs = 8).contains("GOMAXPROCS to 8"));
        let old = Reading {
            gogc: None,
            memory_limit: None,
            ..reading()
        };
        assert_eq!(old.is_untouched(&[2]), Ok(()));
    }

    #[test]
    fn a_heap_that_was_filled_is_told_from_that_of_many_connections() {
        let holds = |mib: u64, connections| {
            let reading = Reading {
                heap_live_bytes: mib << 20,
                ..reading()
            };
            reading.holds_too_much(connections)
        };
        assert_eq!(holds(32, 0), None);
        assert_eq!(holds(33, 0), Some(33 << 20));
        assert_eq!(holds(36, 64), None);
        assert_eq!(holds(37, 64), Some(37 << 20));
        assert_eq!(holds(600, 10_000), None);
    }

    #[test]
    fn a_collector_runs_when_it_is_due_and_when_it_is_asked() {
        let before = reading();
        let after = |allocated: u64, cycles, forced| Reading {
            allocated_bytes: before.allocated_bytes + (allocated << 20),
            gc_cycles: before.gc_cycles + cycles,
            gc_forced: before.gc_forced + forced,
            ..before
        };
        for (allocated, cycles, forced, asked, right) in [
            (0, 0, 0, 0, true),
            (11, 0, 0, 0, true),
            (120, 10, 0, 0, true),
            (120, 9, 0, 0, false),
            (240, 0, 0, 0, false),
            // Forced ones are none of its own.
            (120, 12, 12, 12, false),
            (0, 2, 2, 2, true),
            (0, 1, 1, 0, false),
        ] {
            let found = after(allocated, cycles, forced).collected_since(&before, asked);
            assert_eq!(
                found.is_ok(),
                right,
                "{allocated} {cycles} {forced}: {found:?}"
            );
        }
    }

    #[test]
    fn a_reading_of_an_earlier_kit_is_read() {
        let answer = serde_json::json!({
            "heap_live_bytes": 1, "heap_goal_bytes": 2, "allocated_bytes": 3, "gc_cycles": 4,
            "gc_forced": 5, "gomaxprocs": 6, "goroutines": 7,
        });
        assert_eq!(Reading::of(answer).unwrap().gogc, None);
        assert!(Reading::of(serde_json::json!({})).is_err());
    }
}
