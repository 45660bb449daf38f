//! Whose fault it is: what a window or a failed start says of the server, and what it says of the
//! machine, the instrument or the lab.
//!
//! A framework leaves the campaign only for what its server did while the instrument was fit to see it:
//! wrong bodies, no right answer although it was asked and waited for, a process that ended. A window in
//! which there was no load, or whose missing answers may be the machine's, says nothing of the server:
//! it is disturbed ([`record::Flag::NotMeasured`]), and measured again as disturbed blocks are. An error
//! that is nobody's of the servers ends the campaign, which can be resumed when it is mended.

use std::time::Duration;

use load::{ErrorKind, Example, FindingKind, Outcome};

use super::window::Window;
use super::{CampaignError, spec};
use crate::plan::Subject;
use crate::server::ServerError;

/// Waiting for answers can be believed where the instrument was away for no more than this share of
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
    let lied = [ErrorKind::Body, ErrorKind::Length]
        .into_iter()
        .find_map(|kind| Some((outcome.errors.get(&kind)?, outcome.examples.get(&kind))));
    if let Some((count, example)) = lied {
        let example = example.map_or_else(String::new, |e| format!(", for instance {}", told(e)));
        return Verdict::Fault(format!("gave {count} wrong answers under load{example}"));
    }
    if counts.ok > 0 {
        return Verdict::Measured;
    }
    if counts.recorded == 0 && counts.connections_failed == 0 {
        return Verdict::NotMeasured(match counts.in_flight_at_end {
            0 => "the instrument asked for nothing in the measured part".to_owned(),
            n => format!(
                "{n} requests from before the measured part were under way throughout it, and none was sent in it"
            ),
        });
    }
    if let Some(words) = ours(outcome) {
        return Verdict::NotMeasured(format!(
            "no connection could be opened on this machine: {words}"
        ));
    }
    // Silence is the server's where somebody listened and it was free to speak; all else it said itself.
    let silent = |kind: &ErrorKind| matches!(kind, ErrorKind::Timeout | ErrorKind::Connect);
    if outcome.errors.keys().all(silent) {
        if !is_watchful(outcome) {
            return Verdict::NotMeasured("the instrument was kept from its CPU for too long to say that answers were missing".to_owned());
        }
        if window.was_kept() {
            return Verdict::NotMeasured(
                "the server was ready to run and had no CPU, as others used it".to_owned(),
            );
        }
    }
    let first = outcome.examples.values().next();
    let example = first.map_or_else(String::new, |e| format!(": {}", told(e)));
    Verdict::Fault(match counts.sent {
        0 => format!(
            "took no request under load, {} attempts at a connection failed{example}",
            counts.connections_failed
        ),
        sent => format!("gave no right answer to {sent} requests under load{example}"),
    })
}

impl Window {
    /// Whether the server was kept from running by others.
    fn was_kept(&self) -> bool {
        self.waited.is_some_and(|share| share > KEPT) && !self.surroundings.objections().is_empty()
    }
}

/// Whether the instrument looked often enough to know what was not answered.
fn is_watchful(outcome: &Outcome) -> bool {
    let stalled = (outcome.findings.iter()).any(|f| f.kind == FindingKind::Stalled);
    !stalled && Duration::from_nanos(outcome.own_cpu.starved_ns) <= spec::TIMEOUT / AWAY
}

/// The system's words where nothing failed but connections that this machine had none of to give.
fn ours(outcome: &Outcome) -> Option<&str> {
    let only = outcome
        .errors
        .keys()
        .all(|kind| *kind == ErrorKind::Connect);
    let got = &outcome
        .examples
        .get(&ErrorKind::Connect)
        .filter(|_| only)?
        .got;
    is_ours(got).then_some(got)
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
