//! The highest rate at which a service-level objective holds: doubling until it does not, then
//! halving the gap (on the logarithm) until it is small.

mod slo;
mod step;

pub use slo::Slo;
pub use step::{Limit, Step};

use load::{Arrival, LoadError, Span, Spec, SpecDraft, SpecError};
use serde::Serialize;
use std::fmt;

/// First rate tried where the specification has none, unless that makes too few requests.
const FIRST: f64 = 1000.0;
/// The search ends when the lowest rate that fails is at most this much above the highest that
/// holds.
const CLOSE_ENOUGH: f64 = 1.05;
/// How often a rate is tried that the instrument is not fit for: on a shared machine that may
/// have been somebody else's moment.
const ATTEMPTS: usize = 5;
/// How often a search tries again in all, before it gives up on this machine.
const REPEATS: usize = 15;
/// Rates that are not gone beyond.
const LOWEST: f64 = 1.0;
const HIGHEST: f64 = 10_000_000.0;

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A rate holds, and the server does not hold the next higher one.
    Found,
    /// The server holds none of the rates tried.
    None,
    /// It cannot be told here and now: the instrument was not fit for a rate that matters, or the
    /// search was stopped.
    Undecided,
}

/// What a search found.
#[derive(Clone, Debug, Serialize)]
pub struct Capacity {
    /// The objective.
    pub slo: Slo,
    /// How the search ended.
    pub verdict: Verdict,
    /// The highest rate that held; nothing if none did.
    pub rate: Option<f64>,
    /// What stopped the next higher one; nothing if the search's own end did.
    pub limit: Option<Limit>,
    /// The lowest rate that the server was seen not to hold.
    pub fails_at: Option<f64>,
    /// Whether Ctrl-C ended the search.
    pub cut_short: bool,
    /// All rates tried, in order.
    pub steps: Vec<Step>,
}

impl fmt::Display for Capacity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "capacity with {}: ", self.slo)?;
        match (self.verdict, self.rate) {
            (Verdict::Found, Some(rate)) => write!(out, "{rate:.1} requests/s")?,
            (Verdict::None, _) | (Verdict::Found, None) => {
                write!(out, "none of the rates tried holds it")?;
            }
            (Verdict::Undecided, Some(rate)) => {
                write!(out, "undecided; at least {rate:.1} requests/s")?;
            }
            (Verdict::Undecided, None) => write!(out, "undecided")?,
        }
        if self.verdict != Verdict::Undecided {
            return Ok(());
        }
        if let Some(fails) = self.fails_at {
            write!(out, ", less than {fails:.1}")?;
        }
        match self.limit {
            _ if self.cut_short => write!(out, "; stopped by Ctrl-C"),
            Some(Limit::Samples) => write!(
                out,
                "; the steps had too few requests so near the objective: use a longer --duration"
            ),
            _ => write!(
                out,
                "; the instrument was not fit on this machine now, and the server may hold \
                 more: give the instrument a CPU of its own, or more threads"
            ),
        }
    }
}

/// What is known while a search goes on.
#[derive(Default)]
struct Bracket {
    holds: Option<f64>,
    fails: Option<(f64, Limit)>,
    fails_at: Option<f64>,
}

impl Bracket {
    fn note(&mut self, step: &Step) {
        let Some(limit) = step.limit else {
            self.holds = Some(step.rate);
            return;
        };
        self.fails = Some((step.rate, limit));
        if limit.is_the_servers() {
            self.fails_at = Some(step.rate);
        }
    }

    /// The next rate to be tried; nothing once the two are close enough.
    fn next(&self, lowest: f64) -> Option<f64> {
        let rate = match (self.holds, self.fails) {
            (Some(low), Some((high, _))) if high / low <= CLOSE_ENOUGH => return None,
            (Some(low), Some((high, _))) => (low * high).sqrt(),
            (Some(low), None) => low * 2.0,
            (None, Some((high, _))) => high / 2.0,
            (None, None) => unreachable!("a step either holds or fails"),
        };
        (lowest..=HIGHEST).contains(&rate).then_some(rate)
    }

    /// What is known when nothing more is tried; `given_up` where that is not for want of rates.
    fn verdict(&self, given_up: bool) -> Verdict {
        let limit = self.fails.map(|(_, limit)| limit);
        match (self.holds, limit) {
            _ if given_up => Verdict::Undecided,
            (_, Some(Limit::Instrument)) | (None, Some(Limit::Samples)) => Verdict::Undecided,
            (Some(_), _) => Verdict::Found,
            (None, _) => Verdict::None,
        }
    }
}

/// Searches, starting at the specification's rate; `tell` hears of each step.
pub fn search(spec: &Spec, slo: Slo, mut tell: impl FnMut(&Step)) -> Result<Capacity, LoadError> {
    let draft = spec.draft();
    check(draft)?;
    let (mut rate, lowest) = rates(draft, slo)?;
    let (mut steps, mut bracket) = (Vec::new(), Bracket::default());
    let (mut repeats, mut cut_short, mut given_up) = (0, false, false);
    loop {
        let mut attempts = 1;
        let step = loop {
            let outcome = match load::run(&at_rate(spec, rate)?) {
                Err(LoadError::Interrupted) if !steps.is_empty() => break None,
                outcome => outcome?,
            };
            if outcome.cut_short_ns.is_some() {
                break None;
            }
            let step = Step {
                attempts,
                ..Step::of(rate, slo, &outcome)
            };
            let again = step.limit == Some(Limit::Instrument) && attempts < ATTEMPTS;
            if !again || repeats == REPEATS {
                given_up = again;
                break Some(step);
            }
            attempts += 1;
            repeats += 1;
        };
        let Some(step) = step else {
            cut_short = true;
            break;
        };
        tell(&step);
        bracket.note(&step);
        steps.push(step);
        match bracket.next(lowest).filter(|_| !given_up) {
            Some(next) => rate = next,
            None => break,
        }
    }
    Ok(Capacity {
        slo,
        verdict: bracket.verdict(cut_short || given_up),
        rate: bracket.holds,
        limit: bracket.fails.map(|(_, limit)| limit),
        fails_at: bracket.fails_at,
        cut_short,
        steps,
    })
}

/// Where a search starts whose first rate is not said: at what `duration` makes requests enough of.
pub(crate) fn first_rate(slo: Slo, duration: Span) -> f64 {
    FIRST.max(lowest_rate(slo, duration)).ceil()
}

/// The lowest rate that makes requests enough for the quantile: one more, as the ends of the
/// measured part cut the schedule anywhere.
fn lowest_rate(slo: Slo, duration: Span) -> f64 {
    LOWEST.max((slo.least_requests() + 1) as f64 / duration.0.as_secs_f64())
}

/// Refuses what a search has no use for.
fn check(draft: &SpecDraft) -> Result<(), SpecError> {
    for (field, given) in [
        ("interval", draft.interval.is_some()),
        ("watch_pid", draft.watch_pid.is_some()),
    ] {
        if given {
            return Err(SpecError::new(
                field,
                "has no meaning in a search for the capacity, which shows nothing of it",
            ));
        }
    }
    Ok(())
}

/// The first rate to be tried, and the lowest that makes requests enough for the quantile.
fn rates(draft: &SpecDraft, slo: Slo) -> Result<(f64, f64), SpecError> {
    let (least, lowest) = (slo.least_requests(), lowest_rate(slo, draft.duration));
    let first = draft
        .arrival
        .rate()
        .unwrap_or_else(|| first_rate(slo, draft.duration));
    if first < lowest {
        return Err(SpecError::new(
            "arrival.rate",
            format!(
                "is {first}/s for {}, but {slo} takes {least} requests to be shown. Start from \
                 {:.0}/s, or make each step longer (--duration)",
                draft.duration,
                lowest.ceil()
            ),
        ));
    }
    if first > HIGHEST {
        return Err(SpecError::new(
            "duration",
            format!(
                "is {}, too short for the {least} requests that {slo} takes",
                draft.duration
            ),
        ));
    }
    Ok((first, lowest))
}

fn at_rate(spec: &Spec, rate: f64) -> Result<Spec, LoadError> {
    let mut draft = spec.draft().clone();
    draft.arrival = match draft.arrival {
        Arrival::Poisson { .. } => Arrival::Poisson { rate },
        _ => Arrival::Constant { rate },
    };
    Ok(draft.check()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A search over a made-up server and instrument: what limits each rate, if anything.
    fn made_up(limit: impl Fn(f64) -> Option<Limit>) -> (Verdict, Bracket) {
        let mut bracket = Bracket::default();
        let mut rate = FIRST;
        loop {
            bracket.note(&Step {
                rate,
                completed: rate,
                requests: 1000,
                above_limit: 0,
                quantile_ns: 1,
                limit: limit(rate),
                why: None,
                attempts: 1,
            });
            match bracket.next(LOWEST) {
                Some(next) => rate = next,
                None => return (bracket.verdict(false), bracket),
            }
        }
    }

    #[test]
    fn only_what_the_server_does_not_hold_is_its_capacity() {
        let above = |most: f64, limit| move |rate: f64| (rate > most).then_some(limit);
        for limit in [Limit::Slo, Limit::Rate, Limit::Errors] {
            let (verdict, found) = made_up(above(7_300.0, limit));
            assert_eq!(verdict, Verdict::Found);
            let (rate, fails) = (found.holds.unwrap(), found.fails_at.unwrap());
            assert!(rate <= 7_300.0 && fails > 7_300.0 && fails / rate <= CLOSE_ENOUGH);
            assert_eq!(made_up(|_| Some(limit)).0, Verdict::None);
        }
        // Whatever the server did at rates that the instrument was not fit for is not known.
        let (verdict, found) = made_up(above(7_300.0, Limit::Instrument));
        assert_eq!((verdict, found.fails_at), (Verdict::Undecided, None));
        assert!(found.holds.unwrap() > 6_900.0);
        for limit in [Limit::Instrument, Limit::Samples] {
            assert_eq!(made_up(|_| Some(limit)).0, Verdict::Undecided);
        }
        // Unfit in between: what the server was seen not to hold stays known.
        let (verdict, found) = made_up(|rate| match rate {
            r if r > 6_000.0 => Some(Limit::Slo),
            r if r > 5_000.0 => Some(Limit::Instrument),
            _ => None,
        });
        assert_eq!(
            (verdict, found.fails_at),
            (Verdict::Undecided, Some(8_000.0))
        );
    }

    #[test]
    fn an_undecided_search_says_what_is_known_and_why() {
        let of = |verdict, limit| {
            Capacity {
                slo: "p99=10ms".parse().unwrap(),
                verdict,
                rate: Some(100.0),
                limit,
                fails_at: Some(400.0),
                cut_short: false,
                steps: Vec::new(),
            }
            .to_string()
        };
        let found = of(Verdict::Found, Some(Limit::Slo));
        assert_eq!(found, "capacity with p99=10ms: 100.0 requests/s");
        let unfit = of(Verdict::Undecided, Some(Limit::Instrument));
        assert!(unfit.contains("undecided; at least 100.0"), "{unfit}");
        assert!(unfit.contains("less than 400.0"), "{unfit}");
        assert!(unfit.contains("the server may hold more"), "{unfit}");
    }

    #[test]
    fn a_search_starts_where_requests_are_enough() {
        let slo: Slo = "p99=10ms".parse().unwrap();
        let draft = |rate: Option<f64>, ms| SpecDraft {
            arrival: rate.map_or(Arrival::Closed, |rate| Arrival::Constant { rate }),
            duration: load::Span::from_millis(ms),
            ..SpecDraft::new("http://127.0.0.1:1/")
        };
        assert_eq!(rates(&draft(None, 1000), slo).unwrap(), (1000.0, 300.0));
        assert_eq!(rates(&draft(None, 100), slo).unwrap(), (3000.0, 3000.0));
        assert_eq!(
            rates(&draft(Some(400.0), 1000), slo).unwrap(),
            (400.0, 300.0)
        );
        let refused = rates(&draft(Some(25.0), 500), slo).unwrap_err().to_string();
        assert!(refused.contains("299 requests"), "{refused}");
        assert!(refused.contains("600/s"), "{refused}");
    }
}
