//! The one rule from a number with its interval to a verdict.
//!
//! A claim says in which band a number lies ([`crate::expect::Band`]). The number was found with an
//! interval. *Supported*: the whole interval lies in the band. *Refuted*: none of it does.
//! *Undecided*: anything else. For "equal" that is the equivalence of two one-sided tests; for a
//! direction, an interval that leaves 1 out; for "at least" a bound on the size; for a range both
//! of its ends.
//!
//! Before that, a ratio's interval is widened to the noise floor: to no less than what two copies of
//! one binary made of themselves in the same campaign, around the estimate. So nothing is decided
//! that two equal servers could have shown.

use std::fmt;

use crate::expect::{Band, Expected, Side};

/// A number as somebody found it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Where it is from: a campaign's id, or the table of facts.
    pub from: String,
    /// Where to read on, by its path below the reports; empty where there is nothing.
    pub place: String,
    /// The host that it was measured on; empty where that does not matter.
    pub host: String,
    /// How it was found, in a word: `campaign`, `exact`, `timed`.
    pub kind: &'static str,
    /// What a reader has to know of it; empty where there is nothing.
    pub note: String,
    /// The number, or why there is none that may be judged.
    pub found: Result<Found, String>,
}

/// A number with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The estimate.
    pub estimate: f64,
    /// The interval's lower end; the estimate itself where it is exact.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The interval's level; nothing where the number is exact, or the interval its range.
    pub level: Option<f64>,
    /// Of a ratio, the noise floor in log units.
    pub floor: Option<f64>,
    /// How many blocks, repetitions or replicates it is from.
    pub n: usize,
}

impl Found {
    /// A number without any scatter.
    pub fn exact(value: f64) -> Self {
        Self {
            estimate: value,
            low: value,
            high: value,
            level: None,
            floor: None,
            n: 1,
        }
    }

    /// The interval that is judged: no narrower than the noise floor around the estimate.
    pub fn judged(&self) -> (f64, f64) {
        // Ends that have changed places are those of no interval, and widening would hide it.
        if self.low > self.high {
            return (f64::NAN, f64::NAN);
        }
        match self.floor {
            // How noisy it was is not known.
            Some(floor) if floor.is_nan() => (f64::NAN, f64::NAN),
            Some(floor) => (
                self.low.min(self.estimate * (-floor).exp()),
                self.high.max(self.estimate * floor.exp()),
            ),
            None => (self.low, self.high),
        }
    }
}

/// What may be said of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// What was found is as claimed.
    Supported,
    /// What was found is not as claimed.
    Refuted,
    /// What was found may be either.
    Undecided,
    /// Nothing was found yet, or nothing can be.
    Untested,
}

impl Verdict {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 4] = [
        Self::Supported,
        Self::Refuted,
        Self::Undecided,
        Self::Untested,
    ];

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
            Self::Untested => "untested",
        }
    }

    /// In a sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Supported => "✓",
            Self::Refuted => "✗",
            Self::Undecided => "·",
            Self::Untested => "–",
        }
    }

    /// Whether it says which.
    pub fn is_decided(self) -> bool {
        matches!(self, Self::Supported | Self::Refuted)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A number held against what was claimed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The number.
    pub evidence: Evidence,
    /// What follows.
    pub verdict: Verdict,
    /// Where refuted, on which side it lies.
    pub side: Option<Side>,
}

/// A test with all that was found for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// One for each campaign or table that has the number.
    pub findings: Vec<Finding>,
    /// What follows from all of them.
    pub verdict: Verdict,
}

/// The rule: a number against a band.
pub fn of_band(band: Band, found: &Found) -> (Verdict, Option<Side>) {
    let (low, high) = found.judged();
    // A number that is none decides nothing.
    if low.is_nan() || high.is_nan() {
        return (Verdict::Undecided, None);
    }
    if band.holds(low, high) {
        return (Verdict::Supported, None);
    }
    match band.beyond(low, high) {
        Some(side) => (Verdict::Refuted, Some(side)),
        None => (Verdict::Undecided, None),
    }
}

/// A test, by all that was found for it. Campaigns that decide it have to agree; those that
/// contradict each other leave it undecided.
pub fn of_test(expected: &Expected, evidence: Vec<Evidence>) -> Judged {
    let findings: Vec<Finding> = (evidence.into_iter())
        .map(|evidence| {
            let (verdict, side) = match &evidence.found {
                Ok(found) => of_band(expected.band(), found),
                Err(_) => (Verdict::Undecided, None),
            };
            Finding {
                evidence,
                verdict,
                side,
            }
        })
        .collect();
    let any = |verdict| findings.iter().any(|f| f.verdict == verdict);
    let verdict = match (any(Verdict::Supported), any(Verdict::Refuted)) {
        (true, false) => Verdict::Supported,
        (false, true) => Verdict::Refuted,
        _ if findings.is_empty() => Verdict::Untested,
        _ => Verdict::Undecided,
    };
    Judged { findings, verdict }
}

/// A claim, by its tests: it holds if all of them do, and not if one of them does not.
///
/// ```
/// use claims::{Verdict::*, rule::of_claim};
/// assert_eq!(of_claim([Supported, Supported]), Supported);
/// assert_eq!(of_claim([Supported, Untested]), Untested);
/// assert_eq!(of_claim([Supported, Refuted, Untested]), Refuted);
/// assert_eq!(of_claim([]), Untested);
/// ```
pub fn of_claim(tests: impl IntoIterator<Item = Verdict>) -> Verdict {
    let mut worst = None;
    for verdict in tests {
        worst = Some(match (worst, verdict) {
            (Some(Verdict::Refuted), _) | (_, Verdict::Refuted) => Verdict::Refuted,
            (Some(Verdict::Untested), _) | (_, Verdict::Untested) => Verdict::Untested,
            (Some(Verdict::Undecided), _) | (_, Verdict::Undecided) => Verdict::Undecided,
            _ => Verdict::Supported,
        });
    }
    worst.unwrap_or(Verdict::Untested)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expect::Tolerance;

    fn ratio(estimate: f64, low: f64, high: f64, floor: f64) -> Found {
        Found {
            estimate,
            low,
            high,
            level: Some(0.95),
            floor: Some(floor),
            n: 12,
        }
    }

    fn verdict(expected: Expected, found: Found) -> Verdict {
        of_band(expected.band(), &found).0
    }

    #[test]
    fn an_interval_within_supports_one_outside_refutes_and_one_across_does_neither() {
        let equal = Expected::Equal(1.10, Tolerance::Share(0.05));
        assert_eq!(
            verdict(equal, ratio(1.1, 1.08, 1.12, 0.01)),
            Verdict::Supported
        );
        assert_eq!(
            verdict(equal, ratio(1.3, 1.25, 1.35, 0.01)),
            Verdict::Refuted
        );
        assert_eq!(
            verdict(equal, ratio(1.16, 1.10, 1.22, 0.01)),
            Verdict::Undecided
        );
        // Certain of a difference, but not of one that is as large as was claimed.
        let order = Expected::MoreThan(1.0);
        assert_eq!(
            verdict(order, ratio(1.16, 1.10, 1.22, 0.01)),
            Verdict::Supported
        );
        assert_eq!(
            verdict(order, ratio(0.9, 0.85, 0.95, 0.01)),
            Verdict::Refuted
        );
        assert_eq!(
            verdict(order, ratio(1.0, 0.97, 1.03, 0.01)),
            Verdict::Undecided
        );
    }

    #[test]
    fn nothing_below_the_noise_floor_is_decided() {
        let order = Expected::MoreThan(1.0);
        assert_eq!(
            verdict(order, ratio(1.02, 1.01, 1.03, 0.05)),
            Verdict::Undecided
        );
        assert_eq!(
            verdict(order, ratio(1.08, 1.07, 1.09, 0.05)),
            Verdict::Supported
        );
        // A campaign that is too noisy to see the tolerance calls nothing equal.
        let equal = Expected::Equal(1.0, Tolerance::Share(0.02));
        assert_eq!(
            verdict(equal, ratio(1.0, 0.995, 1.005, 0.05)),
            Verdict::Undecided
        );
        assert_eq!(
            verdict(equal, ratio(1.0, 0.995, 1.005, 0.01)),
            Verdict::Supported
        );
    }

    #[test]
    fn a_number_that_is_none_decides_nothing() {
        let order = Expected::MoreThan(1.0);
        for found in [
            ratio(f64::NAN, f64::NAN, f64::NAN, 0.01),
            ratio(2.0, 3.0, 1.5, 0.01),
            ratio(2.0, 1.9, 2.1, f64::NAN),
        ] {
            assert_eq!(verdict(order, found), Verdict::Undecided, "{found:?}");
        }
    }

    #[test]
    fn campaigns_that_contradict_each_other_leave_it_undecided() {
        let evidence = |found| Evidence {
            from: "a".to_owned(),
            place: String::new(),
            host: String::new(),
            kind: "campaign",
            note: String::new(),
            found,
        };
        let order = Expected::MoreThan(1.0);
        let (up, down) = (ratio(1.2, 1.1, 1.3, 0.0), ratio(0.8, 0.7, 0.9, 0.0));
        let open = ratio(1.0, 0.9, 1.1, 0.0);
        let of = |found: Vec<Result<Found, String>>| {
            of_test(&order, found.into_iter().map(evidence).collect()).verdict
        };
        assert_eq!(of(vec![]), Verdict::Untested);
        assert_eq!(of(vec![Ok(up), Ok(open)]), Verdict::Supported);
        assert_eq!(of(vec![Ok(down), Ok(open)]), Verdict::Refuted);
        assert_eq!(of(vec![Ok(up), Ok(down)]), Verdict::Undecided);
        assert_eq!(of(vec![Err("too few".to_owned())]), Verdict::Undecided);
    }
}
