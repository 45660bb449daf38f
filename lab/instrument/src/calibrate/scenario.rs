//! What the truth server does, and the load it is given.

use load::{Arrival, Span, SpecDraft};
use sys::clock::{MILLI, SECOND};

/// How long the server takes for a request, or does nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Every request takes this long (nanoseconds).
    Fixed(u64),
    /// Answers at once, 20,000 requests a second.
    Fast,
    /// 1 ms, but 20 ms for one request in 97: just over 1 %, so that p99 lies among the slow ones
    /// and not on the edge, where it would be decided by chance.
    Mix,
    /// Answers at once, but does nothing for 200 ms every 2 s.
    Freeze,
    /// 1 ms, but 800 ms for the last tenth of the requests: a client that stops at the end never
    /// sees them.
    SlowDrain,
}

/// Freezes: length and distance.
pub const FROZEN: u64 = 200 * MILLI;
pub const FREEZE_EVERY: u64 = 2 * SECOND;

impl Scenario {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::Fixed(0),
        Self::Fixed(MILLI),
        Self::Fixed(5 * MILLI),
        Self::Fast,
        Self::Mix,
        Self::Freeze,
        Self::SlowDrain,
    ];

    /// Name in the table and on the server's command line.
    pub fn name(self) -> String {
        match self {
            Self::Fixed(nanos) => format!("fixed-{}ms", nanos / MILLI),
            Self::Fast => "fixed-0ms-at-20000".into(),
            Self::Mix => "mix-1ms-20ms".into(),
            Self::Freeze => "freeze-200ms-in-2s".into(),
            Self::SlowDrain => "slow-drain-800ms".into(),
        }
    }

    /// The scenario called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|scenario| scenario.name() == name)
    }

    /// Service time of the request `id` of `requests`.
    pub fn service(self, id: u64, requests: u64) -> u64 {
        match self {
            Self::Fixed(nanos) => nanos,
            Self::Mix if id % 97 == 16 => 20 * MILLI,
            Self::Mix => MILLI,
            Self::Freeze | Self::Fast => 0,
            Self::SlowDrain if id >= requests * 9 / 10 => 800 * MILLI,
            Self::SlowDrain => MILLI,
        }
    }

    /// Requests per second.
    pub fn rate(self) -> f64 {
        match self {
            Self::Fast => 20_000.0,
            Self::Freeze => 1000.0,
            // Each of the slow ones holds a connection.
            Self::SlowDrain => 500.0,
            _ => 2000.0,
        }
    }

    /// Length of the load; whole periods of the freeze.
    pub fn seconds(self, scale: f64) -> f64 {
        match self {
            Self::Freeze => (5.0 * scale).ceil() * 2.0,
            Self::SlowDrain => 1.5 * scale,
            _ => 0.6 * scale,
        }
    }

    /// How often reference and instrument take turns. The freeze has its rounds within, and a
    /// calibration cut short is for a look only.
    pub fn rounds(self, scale: f64) -> usize {
        match self {
            Self::Freeze => 1,
            _ if scale < 0.5 => 1,
            Self::SlowDrain => 3,
            _ => 11,
        }
    }

    /// The least that p95 and p99 may be off, nanoseconds: 2 % of the service time of a server
    /// that answers at once is nothing, so it is what the median may be off.
    pub fn least_tail_tolerance(self) -> u64 {
        match self {
            Self::Fixed(0) | Self::Fast => super::MEDIAN_TOLERANCE,
            _ => 0,
        }
    }

    /// Connections. The freeze has ten, as in the published comparisons: what they cannot carry
    /// waits in the client, where only the intended start sees it.
    pub fn connections(self) -> (usize, usize) {
        match self {
            Self::Freeze => (10, 10),
            Self::SlowDrain => (128, 512),
            _ => (32, 256),
        }
    }

    /// Requests in all.
    pub fn requests(self, scale: f64) -> u64 {
        (self.rate() * self.seconds(scale)).round() as u64
    }

    /// The load as the instrument's specification. No lead-in: the server knows all requests.
    pub fn draft(self, url: &str, scale: f64) -> SpecDraft {
        let (connections, most) = self.connections();
        SpecDraft {
            path: Some("/w/{id}".into()),
            fields: [("id".to_string(), load::Field::Sequential { start: 0 })].into(),
            pool: self.requests(scale) as usize,
            expect: load::Expect {
                body: Some("{id}".into()),
                ..Default::default()
            },
            connections,
            max_connections: Some(most),
            arrival: Arrival::Constant { rate: self.rate() },
            lead_in: Span::from_millis(0),
            duration: Span::from_millis((self.seconds(scale) * 1e3).round() as u64),
            ..SpecDraft::new(url)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_have_names_and_the_shares_they_claim() {
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::named(&scenario.name()), Some(scenario));
        }
        // More of them are slow than lie above the rank of p99.
        let slow = |n| {
            (0..n)
                .filter(|id| Scenario::Mix.service(*id, n) > MILLI)
                .count()
        };
        assert_eq!((slow(1200), slow(6000)), (13, 62));
    }
}
