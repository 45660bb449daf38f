//! One scenario's rounds, put together and compared with the tolerances.

use super::scenario::Scenario;
use super::{Disturbance, MEDIAN_TOLERANCE, Priority, TAIL_TOLERANCE, Verdict};
use serde::{Deserialize, Serialize};

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
    pub(super) fn exact(mut values: Vec<u64>) -> Self {
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

    pub(super) fn of(d: &load::Distribution) -> Self {
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
    /// The instrument, from actual send until the kernel had the answer; nothing where there are
    /// no receive stamps.
    pub until_socket: Option<Quantiles>,
    /// Variance over mean of the instrument's sends per millisecond.
    pub dispersion: f64,
    /// What others took of the two clients' CPU.
    pub disturbance: Disturbance,
}

/// How far the instrument was, at one quantile, from the truth plus the spinning client's own
/// offset, nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offset {
    /// The median over the rounds, which is judged: one odd round does not decide.
    pub median: i64,
    /// The smallest and the largest.
    pub range: (i64, i64),
    /// How far the median may be off.
    pub tolerance: u64,
}

/// One scenario's result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Its name.
    pub scenario: String,
    /// How the round's processes stood against all others.
    pub priority: Priority,
    /// Medians over the rounds, each quantile for itself; the disturbances are added up.
    pub medians: Round,
    /// The rounds that were judged.
    pub rounds: Vec<Round>,
    /// From intended start, at p50, p95 and p99.
    pub off: [Offset; 3],
    /// From actual send until the answer reached the socket, both by stamps of the kernel: what the
    /// server's log knows of. Nothing without stamps, and where requests wait in the client, of
    /// which only the intended start knows.
    pub off_until_socket: Option<[Offset; 3]>,
    /// Rounds made, of which the least disturbed are judged.
    pub attempts: usize,
    /// Rounds judged in which others took the client's CPU.
    pub disturbed: usize,
    /// What is out of tolerance, in words.
    pub faults: Vec<String>,
    /// What follows from that.
    pub verdict: Verdict,
}

/// One of the quantiles.
type Pick = fn(&Quantiles) -> u64;

/// What is judged: name and place.
const JUDGED: [(&str, Pick); 3] = [("p50", |q| q.p50), ("p95", |q| q.p95), ("p99", |q| q.p99)];

fn median<T: Copy>(values: impl Iterator<Item = T>, order: fn(&T, &T) -> std::cmp::Ordering) -> T {
    let mut sorted: Vec<T> = values.collect();
    sorted.sort_unstable_by(order);
    sorted[sorted.len() / 2]
}

impl Row {
    /// Puts the rounds together and compares them with the tolerances. `lost` says what is wrong
    /// with the counts of requests, which no disturbance excuses.
    pub(super) fn new(
        scenario: Scenario,
        priority: Priority,
        attempts: usize,
        rounds: Vec<Round>,
        lost: Vec<String>,
    ) -> Self {
        let medians = medians(&rounds);
        let offsets = |seen: &dyn Fn(&Round) -> Quantiles| {
            JUDGED.map(|judged| offset(scenario, &medians, &rounds, judged, seen))
        };
        let off = offsets(&|round| round.intended);
        let waits = matches!(scenario, Scenario::Freeze | Scenario::SlowDrain);
        let off_until_socket = (medians.until_socket.filter(|_| !waits))
            .map(|_| offsets(&|round| round.until_socket.unwrap_or_default()));
        let mut faults = out_of_tolerance("", &off);
        faults.extend(
            (off_until_socket.iter()).flat_map(|off| out_of_tolerance(" until the socket", off)),
        );
        if scenario == Scenario::Freeze {
            faults.extend(seen_from_send(&medians));
        }
        let disturbed = rounds.iter().filter(|r| !r.disturbance.is_none()).count();
        let verdict = match (faults.is_empty(), disturbed) {
            _ if !lost.is_empty() => Verdict::NotFit,
            (true, _) => Verdict::Fit,
            (false, 0) => Verdict::NotFit,
            (false, _) => Verdict::Undecided,
        };
        faults.extend(lost);
        Self {
            scenario: scenario.name(),
            priority,
            medians,
            rounds,
            off,
            off_until_socket,
            attempts,
            disturbed,
            faults,
            verdict,
        }
    }
}

fn medians(rounds: &[Round]) -> Round {
    let quantiles = |of: fn(&Round) -> Quantiles| {
        let each = |pick: Pick| median(rounds.iter().map(|r| pick(&of(r))), u64::cmp);
        Quantiles {
            p50: each(|q| q.p50),
            p95: each(|q| q.p95),
            p99: each(|q| q.p99),
            p999: each(|q| q.p999),
            max: each(|q| q.max),
        }
    };
    Round {
        truth: quantiles(|r| r.truth),
        reference: quantiles(|r| r.reference),
        reference_truth: quantiles(|r| r.reference_truth),
        intended: quantiles(|r| r.intended),
        from_send: quantiles(|r| r.from_send),
        until_socket: (rounds.iter().all(|r| r.until_socket.is_some()))
            .then(|| quantiles(|r| r.until_socket.unwrap_or_default())),
        dispersion: median(rounds.iter().map(|r| r.dispersion), f64::total_cmp),
        disturbance: rounds
            .iter()
            .fold(Disturbance::default(), |sum, r| sum.and(r.disturbance)),
    }
}

/// In words, what is; `what` names the latency.
fn out_of_tolerance(what: &str, offsets: &[Offset; 3]) -> Vec<String> {
    (JUDGED.iter().zip(offsets))
        .filter(|(_, off)| off.median.unsigned_abs() > off.tolerance)
        .map(|((name, _), off)| {
            let (by, allowed) = (off.median as f64 / 1e3, off.tolerance as f64 / 1e3);
            format!("{name}{what} is {by:+.1} us off (allowed: {allowed:.1} us)")
        })
        .collect()
}

fn offset(
    scenario: Scenario,
    medians: &Round,
    rounds: &[Round],
    (name, of): (&str, Pick),
    seen: &dyn Fn(&Round) -> Quantiles,
) -> Offset {
    let off = |r: &Round| {
        let way = of(&r.reference) as i64 - of(&r.reference_truth) as i64;
        of(&seen(r)) as i64 - of(&r.truth) as i64 - way
    };
    let all = || rounds.iter().map(off);
    let share = (of(&medians.truth) as f64 * TAIL_TOLERANCE) as u64;
    Offset {
        median: median(all(), i64::cmp),
        range: (all().min().unwrap_or(0), all().max().unwrap_or(0)),
        tolerance: if name == "p50" {
            MEDIAN_TOLERANCE
        } else {
            share.max(scenario.least_tail_tolerance())
        },
    }
}

/// A freeze that the latencies from actual send showed as well would prove nothing of those from
/// intended start.
fn seen_from_send(medians: &Round) -> Option<String> {
    let (seen, truth) = (medians.from_send.p99, medians.truth.p99);
    (seen > truth / 2).then(|| {
        format!(
            "p99 from actual send is {:.1} ms, which should be blind to the freeze: the schedule \
             or the cap of connections was not held",
            seen as f64 / 1e6
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(v: u64) -> Quantiles {
        Quantiles {
            p50: v,
            p95: v,
            p99: v,
            p999: v,
            max: v,
        }
    }

    fn round(truth: u64, reference: u64, intended: u64) -> Round {
        Round {
            truth: all(truth),
            reference: all(reference),
            reference_truth: all(truth),
            intended: all(intended),
            from_send: all(intended),
            ..Round::default()
        }
    }

    fn row(round: Round) -> Row {
        // One odd round of three does not decide.
        let odd = Round {
            intended: all(round.intended.p50 + 1_000_000_000),
            ..round
        };
        let rounds = vec![round, odd, round];
        Row::new(Scenario::Fixed(1), Priority::RealTime, 3, rounds, vec![])
    }

    #[test]
    fn an_instrument_is_held_to_the_truth_and_the_references_offset() {
        let fit = row(round(1_000_000, 1_040_000, 1_059_000));
        assert_eq!((fit.faults.len(), fit.verdict), (0, Verdict::Fit));
        assert_eq!(fit.off[1].median, 19_000);
        assert_eq!(fit.off[1].range, (19_000, 1_000_019_000));
        // 2 % of 1 ms are 20 us; the median may be 60 us off.
        let tails = row(round(1_000_000, 1_040_000, 1_061_000));
        assert_eq!((tails.faults.len(), tails.verdict), (2, Verdict::NotFit));
        assert_eq!(row(round(1_000_000, 1_040_000, 1_101_000)).faults.len(), 3);
    }

    #[test]
    fn what_the_kernel_stamped_is_held_to_the_truth_too() {
        let mut both = round(1_000_000, 1_004_000, 1_020_000);
        both.until_socket = Some(all(1_003_000));
        let fit = row(both);
        assert_eq!(fit.verdict, Verdict::Fit);
        assert_eq!(fit.off_until_socket.unwrap()[2].median, -1_000);
        // The answer lay in the socket: the stamps are right, and the instrument is not all the same.
        both.intended = all(1_400_000);
        assert_eq!(row(both).faults.len(), 3);
        both.until_socket = Some(all(1_400_000));
        let faults = row(both).faults;
        assert_eq!(faults.len(), 6);
        assert!(faults[3].starts_with("p50 until the socket is +396.0 us off"));
        // Where requests wait in the client, only the intended start knows of it.
        let of = |s| Row::new(s, Priority::Nice, 1, vec![both], vec![]).off_until_socket;
        assert_eq!(of(Scenario::Freeze), None);
        assert_eq!(of(Scenario::SlowDrain), None);
    }

    #[test]
    fn a_disturbed_round_leaves_a_fault_undecided_but_not_a_lost_request() {
        let mut off = round(1_000_000, 1_040_000, 1_101_000);
        off.disturbance.preempted = 1;
        assert_eq!(row(off).verdict, Verdict::Undecided);
        let mut right = round(1_000_000, 1_040_000, 1_041_000);
        right.disturbance.preempted = 1;
        assert_eq!(row(right).verdict, Verdict::Fit);
        let lost = vec!["5 due, 4 recorded".to_string()];
        let row = Row::new(Scenario::Fixed(1), Priority::Nice, 1, vec![right], lost);
        assert_eq!((row.faults.len(), row.verdict), (1, Verdict::NotFit));
    }

    #[test]
    fn a_freeze_must_not_show_from_actual_send() {
        let ms = |p99: u64| Quantiles {
            p99: p99 * 1_000_000,
            ..all(100_000_000)
        };
        let blind = Round {
            from_send: ms(2),
            ..round(180_000_000, 180_010_000, 180_020_000)
        };
        let verdict = |r| Row::new(Scenario::Freeze, Priority::Nice, 1, vec![r], vec![]).verdict;
        assert_eq!(verdict(blind), Verdict::Fit);
        let seen = Round {
            from_send: ms(170),
            ..blind
        };
        assert_eq!(verdict(seen), Verdict::NotFit);
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
