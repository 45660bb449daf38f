//! `lab calibrate`: the instrument against a server whose service times are known and recorded on
//! its own side. A client that spins, and shares no code with the instrument, is run against the
//! same server in turn: what it sees beyond the truth is the way there and back, which no client
//! can be without.

mod command;
mod reference;
mod scenario;
mod server;
mod truth;

pub use command::{Args, calibrate, run, table};
pub use scenario::Scenario;

use serde::{Deserialize, Serialize};

/// The JSON form of a calibration.
pub const SCHEMA: &str = "calibration/1";

/// How far the median may be off, nanoseconds.
pub const MEDIAN_TOLERANCE: u64 = 60_000;
/// How far p95 and p99 may be off, as a share of the truth; at least [`MEDIAN_TOLERANCE`], since
/// 2 % of the service time of a server that answers at once is nothing.
pub const TAIL_TOLERANCE: f64 = 0.02;

/// Share of a round in which a process of it may have been kept from running. More, and a tenth
/// of the requests that p99 is made of have met somebody else's work, not ours.
pub const QUIET: f64 = 0.001;

/// Quantiles of one list of latencies, nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Median.
    pub p50: u64,
    /// 95 %.
    pub p95: u64,
    /// 99 %.
    pub p99: u64,
    /// 99.9 %.
    pub p999: u64,
    /// Largest.
    pub max: u64,
}

impl Quantiles {
    /// Exact order statistics (the value at rank `ceil(q n)`, as HdrHistogram counts).
    fn exact(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        let at = |q: f64| match values.len() {
            0 => 0,
            n => values[((q * n as f64).ceil() as usize).clamp(1, n) - 1],
        };
        Self {
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            max: at(1.0),
        }
    }

    fn of(d: &crate::Distribution) -> Self {
        Self {
            p50: d.p50,
            p95: d.p95,
            p99: d.p99,
            p999: d.p999,
            max: d.max,
        }
    }
}

/// One round of one scenario: the spinning client, then the instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// From the server's own log, for the instrument's requests.
    pub truth: Quantiles,
    /// What the spinning client saw.
    pub reference: Quantiles,
    /// The truth of the spinning client's requests.
    pub reference_truth: Quantiles,
    /// The instrument, from intended start.
    pub intended: Quantiles,
    /// The instrument, from actual send.
    pub from_send: Quantiles,
    /// The largest share of a run's time in which a process of it was ready to run and did not.
    pub starved: f64,
}

/// One scenario's result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Its name.
    pub scenario: String,
    /// Medians over the rounds, each quantile for itself.
    pub medians: Round,
    /// The rounds that were judged.
    pub rounds: Vec<Round>,
    /// How far the instrument was from the truth plus the spinning client's own offset, p50, p95
    /// and p99, nanoseconds: the median over the rounds, so that one disturbed round does not
    /// decide.
    pub off: [i64; 3],
    /// Rounds made, of which some were too disturbed by other processes to be judged.
    pub attempts: usize,
    /// What is out of tolerance, in words.
    pub faults: Vec<String>,
}

/// A whole calibration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Calibration {
    /// [`SCHEMA`].
    pub schema: String,
    /// The engine calibrated.
    pub engine: String,
    /// All scenarios.
    pub rows: Vec<Row>,
    /// Nothing is out of tolerance.
    pub fit: bool,
}

/// One of the quantiles.
type Pick = fn(&Quantiles) -> u64;

/// What is judged: name, place, and the tolerance as a share of the truth.
const JUDGED: [(&str, Pick, f64); 3] = [
    ("p50", |q| q.p50, 0.0),
    ("p95", |q| q.p95, TAIL_TOLERANCE),
    ("p99", |q| q.p99, TAIL_TOLERANCE),
];

fn median<T: Copy + Ord>(values: impl Iterator<Item = T>) -> T {
    let mut sorted: Vec<T> = values.collect();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

impl Row {
    /// Puts the rounds together and compares them with the tolerances.
    fn new(scenario: String, attempts: usize, rounds: Vec<Round>) -> Self {
        let quantiles = |of: fn(&Round) -> Quantiles| {
            let each = |pick: Pick| median(rounds.iter().map(|r| pick(&of(r))));
            Quantiles {
                p50: each(|q| q.p50),
                p95: each(|q| q.p95),
                p99: each(|q| q.p99),
                p999: each(|q| q.p999),
                max: each(|q| q.max),
            }
        };
        let medians = Round {
            truth: quantiles(|r| r.truth),
            reference: quantiles(|r| r.reference),
            reference_truth: quantiles(|r| r.reference_truth),
            intended: quantiles(|r| r.intended),
            from_send: quantiles(|r| r.from_send),
            starved: rounds.iter().map(|r| r.starved).fold(0.0, f64::max),
        };
        let off = JUDGED.map(|(_, of, _)| {
            median(rounds.iter().map(|r| {
                let offset = of(&r.reference) as i64 - of(&r.reference_truth) as i64;
                of(&r.intended) as i64 - of(&r.truth) as i64 - offset
            }))
        });
        let mut faults = Vec::new();
        for ((name, of, share), off) in JUDGED.into_iter().zip(off) {
            let tolerance = MEDIAN_TOLERANCE.max((of(&medians.truth) as f64 * share) as u64);
            if off.unsigned_abs() > tolerance {
                let (off, tolerance) = (off as f64 / 1e3, tolerance as f64 / 1e3);
                faults.push(format!(
                    "{name} is {off:+.1} us off (allowed: {tolerance:.1} us)"
                ));
            }
        }
        Self {
            scenario,
            medians,
            rounds,
            off,
            attempts,
            faults,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(truth: u64, reference: u64, intended: u64) -> Row {
        let all = |v| Quantiles {
            p50: v,
            p95: v,
            p99: v,
            p999: v,
            max: v,
        };
        let round = Round {
            truth: all(truth),
            reference: all(reference),
            reference_truth: all(truth),
            intended: all(intended),
            from_send: all(intended),
            starved: 0.0,
        };
        // One disturbed round of three does not decide.
        let disturbed = Round {
            intended: all(intended + 1_000_000_000),
            ..round
        };
        Row::new("x".into(), 3, vec![round, disturbed, round])
    }

    #[test]
    fn an_instrument_is_held_to_the_truth_and_the_references_offset() {
        assert!(row(1_000_000, 1_040_000, 1_090_000).faults.is_empty());
        assert_eq!(row(1_000_000, 1_040_000, 1_110_000).faults.len(), 3);
        // 2 % of 100 ms is more than 60 us, for the tails.
        assert_eq!(row(100_000_000, 100_040_000, 101_000_000).faults.len(), 1);
    }

    #[test]
    fn exact_quantiles_are_order_statistics() {
        let q = Quantiles::exact((1..=1000).rev().collect());
        assert_eq!(
            (q.p50, q.p95, q.p99, q.p999, q.max),
            (500, 950, 990, 999, 1000)
        );
    }
}
