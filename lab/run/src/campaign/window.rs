//! One window: the server resumes, the instrument offers load, the server is paused.

use std::time::{Duration, Instant};

use load::{ErrorKind, Example, Outcome, SpecDraft};
use record::Cpus;

use super::cast::Member;
use super::gate::Surroundings;
use super::meter::Meter;
use super::{CampaignError, InstrumentError, Request, spec};
use crate::plan::Block;
use crate::server::Launched;

/// What came of a window.
pub enum Ran {
    /// The instrument has an outcome, whatever it says.
    Measured(Box<Window>),
    /// There is none, and this is why.
    Failed(String),
}

/// What was seen of one window.
pub struct Window {
    /// What the instrument says.
    pub outcome: Outcome,
    /// When the instrument was started.
    pub begun: Instant,
    /// How the machine was while the instrument ran, lead-in and drain included.
    pub surroundings: Surroundings,
    /// What the server burnt on purpose over all of the load, in ns; nothing where it was not
    /// to say.
    pub burnt: Option<f64>,
}

impl Window {
    /// Why the server cannot stay in the campaign, if it cannot: no right answer at all, or
    /// answers with a wrong body.
    ///
    /// A server that sheds load or drops connections stays; its errors stand beside its rate.
    pub fn failure(&self) -> Option<String> {
        let outcome = &self.outcome;
        let lied = [ErrorKind::Body, ErrorKind::Length]
            .into_iter()
            .find_map(|kind| Some((outcome.errors.get(&kind)?, outcome.examples.get(&kind))));
        if let Some((count, example)) = lied {
            let example =
                example.map_or_else(String::new, |e| format!(", for instance {}", told(e)));
            return Some(format!("gave {count} wrong answers under load{example}"));
        }
        // Nothing asked and nothing waited for: it was the instrument that did not get to run.
        let counts = &outcome.counts;
        let silent =
            counts.recorded == 0 && counts.in_flight_at_end == 0 && counts.connections_failed == 0;
        if counts.ok > 0 || silent {
            return None;
        }
        let first = outcome.examples.values().next();
        let example = first.map_or_else(String::new, |e| format!(": {}", told(e)));
        Some(format!(
            "gave no right answer to {} requests under load{example}",
            outcome.counts.sent
        ))
    }
}

fn told(example: &Example) -> String {
    format!(
        "{}: expected {}, got {}",
        example.request, example.expected, example.got
    )
}

/// Measures one window.
///
/// # Errors
/// [`CampaignError`] when the instrument itself cannot be used.
pub(super) async fn run(
    request: &Request,
    block: &Block,
    position: usize,
    member: &Member,
    server: &mut Launched,
    cpus: &Cpus,
) -> Result<Ran, CampaignError> {
    let protocol = request.experiment.protocol(request.quick);
    let lead_in = block.lead_in(position, protocol);
    let spec = spec::of(
        block,
        &member.json_body,
        (server.address(), server.pid()),
        (lead_in, protocol.window),
        request.seed,
    );
    let lasts = spec::lasts(lead_in + protocol.window);
    offer(request, &spec, lasts, server, cpus).await
}

/// Lets the server run while the instrument offers it load.
///
/// # Errors
/// As [`run`].
pub(super) async fn offer(
    request: &Request,
    spec: &SpecDraft,
    lasts: Duration,
    server: &mut Launched,
    cpus: &Cpus,
) -> Result<Ran, CampaignError> {
    server.resume();
    if let Some(status) = server.ended() {
        return Ok(Ran::Failed(status));
    }
    let spun = server.spun();
    let begun = Instant::now();
    let meter = match Meter::begin(server) {
        Ok(meter) => meter,
        Err(e) => return Ok(Ran::Failed(e.to_string())),
    };
    let mut offered = request
        .instrument
        .offer(spec, &cpus.instrument, lasts)
        .await;
    let surroundings = meter.end(offered.as_mut().ok());
    let burnt = server.spun_since(spun);
    server.pause();
    match (offered, surroundings) {
        (Ok(outcome), Ok(surroundings)) => Ok(Ran::Measured(Box::new(Window {
            outcome,
            begun,
            surroundings,
            burnt,
        }))),
        (Err(e @ InstrumentError::Start { .. }), _) => Err(e.into()),
        (Err(e), _) => Ok(Ran::Failed(e.to_string())),
        (Ok(_), Err(e)) => Ok(Ran::Failed(e.to_string())),
    }
}
