//! One long window on one server after the other, cut into intervals.

use super::Rows;
use crate::campaign::CampaignFile;
use crate::method::Method;
use crate::metric::Metric;

pub(super) struct Soak;

impl Rows for Soak {
    fn one_after_the_other(&self) -> bool {
        true
    }

    /// The intervals, and the window as a whole.
    fn windows(&self, file: &CampaignFile, _parts: u32) -> u64 {
        u64::from(self.intervals(file).unwrap_or(0)) + 1
    }

    fn values(&self, metric: Metric, windows: u64, blocks: u32) -> u64 {
        match metric {
            // Of each interval and of the window as a whole.
            Metric::Throughput
            | Metric::LatencyP50
            | Metric::LatencyP99
            | Metric::LatencyP999
            | Metric::Errors => windows,
            // Of each interval.
            Metric::Rss | Metric::Pss | Metric::Goroutines => {
                windows.saturating_sub(u64::from(blocks))
            }
            _ => u64::from(blocks),
        }
    }

    fn intervals(&self, file: &CampaignFile) -> Option<u32> {
        let interval = file.method.interval_ms?;
        Some((file.design.window_ms / interval) as u32)
    }

    fn has_references(&self) -> bool {
        true
    }

    fn misses(&self, method: &Method) -> Option<&'static str> {
        (method.interval_ms.is_none()).then_some("a soak has no method.interval_ms")
    }
}
