//! Whose fault it is: what a window or a failed start says of the server, and what it says of the
//! machine, the instrument or the lab.
//!
//! A framework leaves the campaign only for what its server did while the instrument was fit to see it:
//! wrong bodies, no right answer although it was asked and waited for, a process that ended. A window in
//! which there was no load, or whose missing answers may be the machine's, says nothing of the server:
//! it is disturbed ([`record::Flag::NotMeasured`]), and measured again as disturbed blocks are. An error
//! that is nobody's of the servers ends the campaign, which can be resumed when it is mended.

use std::collections::BTreeMap;
use std::time::Duration;

use load::{ErrorKind, Example, FindingKind, Outcome};
use plan::Subject;
use server::{Fault, Launched, ServerError};

use super::window::Window;
use super::{CampaignError, spec};

/// Waiting for answers can be believed where the instrument was never away for longer than this part of
/// their timeout.
const AWAY: u32 = 4;
/// A server that had no CPU for this share of the time, while others used it, was kept from answering.
const KEPT: f64 = 0.25;
/// What the system says where it and not the server has no connection to give.
const OURS: [&str; 7] = [
    "Cannot assign requested address",
    "Address not available",
    "Too many open files",
    "Cannot allocate memory",
    "No buffer space available",
    "Network is unreachable",
    "Network is down",
];

/// What a window says of its server.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There are right answers: what was measured counts, with its flags.
    Measured,
    /// Nothing, and this is why.
    NotMeasured(String),
    /// That it cannot stay: a sentence that goes on after the framework's name.
    Fault(String),
}

/// Judges a window.
///
/// A server that sheds load or drops connections stays; its errors stand beside its rate.
pub fn judge(window: &Window) -> Verdict {
    let outcome = &window.outcome;
    let counts = &outcome.counts;
    let failures = failures(outcome);
    let lied = [ErrorKind::Body, ErrorKind::Length, ErrorKind::Header]
        .into_iter()
        .find_map(|kind| Some((failures.get(&kind)?, example_of(outcome, kind))));
    if let Some((count, example)) = lied {
        let example = example.map_or_else(String::new, |e| format!(", for instance {}", told(e)));
        return Verdict::Fault(format!("gave {count} wrong answers under load{example}"));
    }
    if counts.ok > 0 {
        return Verdict::Measured;
    }
    if failures.is_empty() && counts.connections_failed == 0 {
        return Verdict::NotMeasured(match counts.spanned.max(counts.in_flight_at_end) {
            0 => "the instrument asked for nothing in the measured part".to_owned(),
            n => format!(
                "{n} requests from before the measured part were under way throughout it and answered after it, and none was sent in it"
            ),
        });
    }
    if let Some(words) = ours(outcome, &failures) {
        return Verdict::NotMeasured(format!(
            "no connection could be opened on this machine: {words}"
        ));
    }
    // Silence is the server's where somebody listened and it was free to speak; all else it said itself.
    let silent = |kind: &ErrorKind| matches!(kind, ErrorKind::Timeout | ErrorKind::Connect);
    if failures.keys().all(silent) {
        if !is_watchful(outcome) {
            return Verdict::NotMeasured(
                "the instrument was kept from its CPU for too long to say that answers were missing"
                    .to_owned(),
            );
        }
        if window.was_kept() {
            return Verdict::NotMeasured(
                "the server was ready to run and had no CPU, as others used it".to_owned(),
            );
        }
    }
    let first = failures.keys().find_map(|kind| example_of(outcome, *kind));
    let example = first.map_or_else(String::new, |e| format!(": {}", told(e)));
    Verdict::Fault(match counts.sent + counts.carried_in {
        0 => format!(
            "took no request under load, {} attempts at a connection failed{example}",
            counts.connections_failed
        ),
        asked => format!("gave no right answer to {asked} requests under load{example}"),
    })
}

/// That a window's server holds more than a server may, so that its collector seldom runs; nothing of
/// one that declares that it `grows`, whose rows are flagged.
pub fn of_heap(window: &Window, grows: bool) -> Option<String> {
    let held = window.seen.large_heap.filter(|_| !grows)?;
    Some(format!(
        "does not hold the contract: its Go runtime: expected one whose settings and collections are Go's own, got one that holds {} MiB under load, and so seldom collects",
        held >> 20
    ))
}

/// All that failed, also of what was sent before the measured part and was in the system in it.
fn failures(outcome: &Outcome) -> BTreeMap<ErrorKind, u64> {
    let mut all = outcome.errors.clone();
    for (kind, count) in &outcome.carried_in_errors {
        *all.entry(*kind).or_default() += count;
    }
    all
}

fn example_of(outcome: &Outcome, kind: ErrorKind) -> Option<&Example> {
    let carried = || outcome.carried_in_examples.get(&kind);
    outcome.examples.get(&kind).or_else(carried)
}

impl Window {
    /// Whether the server was kept from running by others.
    fn was_kept(&self) -> bool {
        let seen = &self.seen;
        seen.waited.is_some_and(|share| share > KEPT) && !seen.surroundings.objections().is_empty()
    }
}

/// Whether the instrument looked often enough to know what was not answered.
fn is_watchful(outcome: &Outcome) -> bool {
    let stalled = (outcome.findings.iter()).any(|f| f.kind == FindingKind::Stalled);
    !stalled && Duration::from_nanos(outcome.own_cpu.longest_gap_ns) <= spec::TIMEOUT / AWAY
}

/// The system's words where nothing failed but connections that this machine had none of to give.
fn ours<'a>(outcome: &'a Outcome, failures: &BTreeMap<ErrorKind, u64>) -> Option<&'a str> {
    let only = failures.keys().all(|kind| *kind == ErrorKind::Connect);
    let example = example_of(outcome, ErrorKind::Connect).filter(|_| only)?;
    is_ours(&example.got).then_some(&example.got)
}

/// Whether words of the system speak of this machine and not of the server.
pub fn is_ours(words: &str) -> bool {
    OURS.iter().any(|ours| words.contains(ours))
}

fn told(example: &Example) -> String {
    format!(
        "{}: expected {}, got {}",
        example.request, example.expected, example.got
    )
}

/// What a server did under load, with how it ended if it has and its last words.
pub fn under_load(server: &mut dyn Launched, what: String) -> ServerError {
    ServerError {
        fault: Fault::Other(with_end(server.ended(), what)),
        words: server.last_words(),
    }
}

/// What a server did, with how it ended if it has, which is said once: what was seen of it may be
/// just that.
fn with_end(ended: Option<String>, what: String) -> String {
    match ended {
        Some(status) if what.starts_with(&status) => format!("{status} under load"),
        Some(status) => format!("{status} under load: {what}"),
        None => what,
    }
}

/// A server's error, where it is the server's.
///
/// # Errors
/// [`CampaignError::Trouble`] where it is the lab's or the machine's: no server is judged by that.
pub fn servers(subject: &Subject, error: ServerError) -> Result<ServerError, CampaignError> {
    match error.is_the_servers() {
        true => Ok(error),
        false => Err(CampaignError::Trouble {
            who: subject.to_string(),
            what: error.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::gate::Surroundings;
    use super::super::preflight;
    use super::super::watch::Seen;
    use super::*;

    /// A window over a server that answers, after `change`.
    fn window(change: impl FnOnce(&mut Window)) -> Window {
        let mut window = Window {
            outcome: preflight::outcome_of_canary(),
            begun: Instant::now(),
            seen: Seen {
                waited: Some(0.0),
                ..Seen::default()
            },
        };
        // However busy this machine is.
        window.outcome.findings.clear();
        window.outcome.own_cpu.longest_gap_ns = 0;
        change(&mut window);
        window
    }

    /// Nothing of the window was answered; `kind` became of `count` requests.
    fn failed(outcome: &mut Outcome, kind: ErrorKind, count: u64, got: &str) {
        outcome.counts.ok = 0;
        outcome.counts.recorded = count;
        outcome.counts.failed = count;
        outcome.counts.sent = count;
        outcome.counts.carried_in = 0;
        outcome.counts.connections_failed = 0;
        outcome.errors = BTreeMap::from([(kind, count)]);
        outcome.examples = BTreeMap::from([(
            kind,
            Example {
                request: "GET /json".to_owned(),
                expected: "status 200".to_owned(),
                got: got.to_owned(),
            },
        )]);
    }

    fn blamed(window: &Window) -> bool {
        matches!(judge(window), Verdict::Fault(_))
    }

    fn passed_over(window: &Window) -> bool {
        matches!(judge(window), Verdict::NotMeasured(_))
    }

    #[test]
    fn a_server_that_answers_is_measured_whatever_else_it_does() {
        assert_eq!(judge(&window(|_| ())), Verdict::Measured);
        let sheds = window(|w| {
            let right = w.outcome.counts.ok;
            failed(&mut w.outcome, ErrorKind::Status, 900, "status 503");
            w.outcome.counts.ok = right;
        });
        assert_eq!(judge(&sheds), Verdict::Measured);
    }

    #[test]
    fn how_a_server_ended_is_said_once() {
        let killed = "was killed by signal 9 (SIGKILL: out of memory?)";
        let died = Fault::Died {
            status: killed.to_owned(),
        };
        let said = |what: &str| with_end(Some(killed.to_owned()), what.to_owned());
        let once = format!("{killed} under load");
        assert_eq!(said(killed), once);
        assert_eq!(said(&died.to_string()), once);
        assert_eq!(
            said("gave no right answer to 9 requests under load"),
            format!("{once}: gave no right answer to 9 requests under load")
        );
        assert_eq!(with_end(None, "hung".to_owned()), "hung");
    }

    #[test]
    fn no_load_is_no_fault() {
        let nothing = window(|w| {
            w.outcome.counts.ok = 0;
            w.outcome.counts.recorded = 0;
            w.outcome.counts.sent = 0;
            w.outcome.counts.failed = 0;
        });
        assert!(passed_over(&nothing), "{:?}", judge(&nothing));
        // All connections were busy throughout, with requests from before that were answered later.
        let throughout = window(|w| {
            w.outcome = nothing.outcome.clone();
            w.outcome.counts.in_flight_at_end = 64;
            w.outcome.counts.carried_in = 64;
            w.outcome.counts.spanned = 64;
        });
        let Verdict::NotMeasured(why) = judge(&throughout) else {
            panic!("{:?}", judge(&throughout));
        };
        assert!(why.starts_with("64 requests"), "{why}");
        // The same, and no answer ever came: that is the server's.
        let hung = window(|w| {
            w.outcome = throughout.outcome.clone();
            w.outcome.counts.carried_in_failed = 64;
            w.outcome.carried_in_errors = BTreeMap::from([(ErrorKind::Timeout, 64)]);
        });
        assert_eq!(
            judge(&hung),
            Verdict::Fault("gave no right answer to 64 requests under load".to_owned())
        );
    }

    #[test]
    fn silence_is_the_servers_only_where_it_could_have_spoken_and_been_heard() {
        let silent = |w: &mut Window| failed(&mut w.outcome, ErrorKind::Timeout, 8, "nothing");
        let busy = Surroundings {
            elapsed: Duration::from_secs(3),
            foreign: Duration::from_secs(2),
            ..Surroundings::default()
        };
        assert!(blamed(&window(silent)));
        // It slept while others worked: it hangs.
        assert!(blamed(&window(|w| {
            silent(w);
            w.seen.surroundings = busy;
        })));
        assert!(passed_over(&window(|w| {
            silent(w);
            w.seen.surroundings = busy;
            w.seen.waited = Some(0.7);
        })));
        // Its own threads wait for each other, and nobody else was there.
        assert!(blamed(&window(|w| {
            silent(w);
            w.seen.waited = Some(0.7);
        })));
        assert!(passed_over(&window(|w| {
            silent(w);
            w.outcome.own_cpu.longest_gap_ns = 900_000_000;
        })));
    }

    #[test]
    fn what_a_server_says_is_its_own_on_the_busiest_machine() {
        let busy = |w: &mut Window| {
            w.outcome.own_cpu.longest_gap_ns = 900_000_000;
            w.seen.waited = Some(0.9);
            w.seen.surroundings.foreign = Duration::from_secs(9);
        };
        for kind in [
            ErrorKind::Status,
            ErrorKind::Reset,
            ErrorKind::MalformedHeader,
        ] {
            assert!(blamed(&window(|w| {
                failed(&mut w.outcome, kind, 3, "something else");
                busy(w);
            })));
        }
        // One wrong body among right answers is enough, also of a request from before.
        let lies = window(|w| {
            w.outcome.errors = BTreeMap::from([(ErrorKind::Body, 1)]);
            busy(w);
        });
        assert!(blamed(&lies));
        let lied = window(|w| {
            w.outcome.carried_in_errors = BTreeMap::from([(ErrorKind::Length, 1)]);
            busy(w);
        });
        assert!(blamed(&lied));
    }

    #[test]
    fn a_machine_without_ports_is_not_a_server_that_refuses() {
        let of = |number: i32, window: &mut Window| {
            let words = std::io::Error::from_raw_os_error(number).to_string();
            failed(&mut window.outcome, ErrorKind::Connect, 5, &words);
        };
        assert!(blamed(&window(|w| of(libc::ECONNREFUSED, w))));
        assert!(passed_over(&window(|w| of(libc::EADDRNOTAVAIL, w))));
        assert!(passed_over(&window(|w| of(libc::EMFILE, w))));
    }
}
