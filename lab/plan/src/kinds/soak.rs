//! One server after the other, each with one long window for each scenario and mode, watched
//! interval by interval: what changes while connections stay open.

use std::collections::BTreeSet;
use std::time::Duration;

use place::Problem;
use record::{Method, Metric, ProtocolKind};

use super::keys::{Keys, of_protocol, without_share};
use super::{Amounts, Drawn, Plan};
use crate::estimate::{self, REFERENCE};
use crate::experiment::{Arrival, Mode};
use crate::schedule::{Deal, Schedule, Times};

const KEYS: [&str; 3] = ["interval_ms", "warm_up_ms", "window_ms"];
/// The least intervals of a soak.
const LEAST_INTERVALS: u64 = 8;
/// What a window takes beside itself and the load before it: the pause between them, and opening
/// thousands of connections.
const OPENING: Duration = Duration::from_secs(3);

/// How long.
#[derive(Debug, Clone, PartialEq)]
pub struct Soak {
    /// The thrown-away load before the window.
    pub warm_up: Duration,
    /// The window.
    pub window: Duration,
    /// The length of the intervals that it is cut into.
    pub interval: Duration,
}

impl Soak {
    pub(super) fn read(mut keys: Keys) -> Result<Self, Problem> {
        keys.only(&KEYS)?;
        let interval: u64 = keys.need("interval_ms")?;
        let warm_up = keys.lead_in("warm_up_ms")?;
        let window = keys.window()?;
        Ok(Self {
            warm_up,
            window,
            interval: checked_interval(interval, window.as_millis() as u64)?,
        })
    }
}

/// What changes over time shows only in several intervals.
fn checked_interval(interval_ms: u64, window_ms: u64) -> Result<Duration, Problem> {
    let most = window_ms / LEAST_INTERVALS;
    if interval_ms < 1000 || interval_ms > most || !window_ms.is_multiple_of(interval_ms) {
        let problem = format!(
            "interval_ms is {interval_ms}, allowed are 1000 to {most} (a window of {window_ms} ms in at least {LEAST_INTERVALS} intervals), and a whole number of them must make up the window"
        );
        return Err(of_protocol("interval_ms", problem));
    }
    Ok(Duration::from_millis(interval_ms))
}

impl Plan for Soak {
    fn kind(&self) -> ProtocolKind {
        ProtocolKind::Soak
    }

    fn draw(&self, deal: &mut Deal<'_>) -> Drawn {
        deal.one_after_the_other(
            1,
            Times {
                lead_in: self.warm_up,
                window: self.window,
                beside: REFERENCE + OPENING,
            },
        )
    }

    fn amounts(&self, servers: u32) -> Amounts {
        Amounts {
            launches: servers,
            blocks: 1,
            lead_in: self.warm_up,
            window: self.window,
        }
    }

    fn note(&self, method: &mut Method) {
        method.interval_ms = Some(self.interval.as_millis() as u64);
    }

    fn suits(&self, modes: &[Mode], _primary: &BTreeSet<Metric>) -> Result<(), Problem> {
        let closed = modes.iter().find(|mode| mode.arrival == Arrival::Closed);
        let Some(mode) = closed else {
            return without_share(modes);
        };
        let problem = format!(
            "mode `{}` is of kind `saturation`; connections that are mostly idle need one of kind `rate`",
            mode.name
        );
        Err(of_protocol("kind", problem))
    }

    fn only_here(&self) -> Option<&'static str> {
        Some("a soak reads its servers on this machine")
    }

    fn words(&self, _schedule: &Schedule) -> String {
        format!(
            "one server after the other: {} ms of warm-up and one window of {} for each scenario and mode, in intervals of {}",
            self.warm_up.as_millis(),
            estimate::spoken(self.window),
            estimate::spoken(self.interval),
        )
    }
}
