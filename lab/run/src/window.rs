//! One window: the server resumes, the instrument offers load, the server is paused.

use std::time::{Duration, Instant};

use load::{Outcome, SpecDraft};
use plan::{Block, Subject};
use record::Cpus;
use server::Launched;

use super::gate::Surroundings;
use super::meter::Meter;
use super::{CampaignError, InstrumentError, Request, blame, spec};

/// What came of a window.
pub enum Ran {
    /// The instrument has an outcome, whatever it says.
    Measured(Box<Window>),
    /// The server is at fault, and this is why.
    Failed(String),
    /// The instrument has none, and the server is not to blame; how the machine was meanwhile.
    NoOutcome(InstrumentError, Surroundings),
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
    /// The share of the time in which the server was ready to run and had no CPU; nothing where it is not
    /// known.
    pub waited: Option<f64>,
}

/// Measures one window.
///
/// # Errors
/// [`CampaignError`] when the instrument itself cannot be used.
pub(super) async fn run(
    request: &Request,
    block: &Block,
    position: usize,
    json_body: &[u8],
    server: &mut Launched,
    cpus: &Cpus,
) -> Result<Ran, CampaignError> {
    let subject = &block.order[position];
    let protocol = request.experiment.protocol(request.quick);
    let lead_in = block.lead_in(position, protocol);
    let spec = spec::of(
        block,
        json_body,
        (server.address(), server.pid()),
        (lead_in, protocol.window),
        request.seed,
    );
    let lasts = spec::lasts(lead_in + protocol.window);
    offer(request, subject, &spec, lasts, server, cpus).await
}

/// Lets the server run while the instrument offers it load.
///
/// # Errors
/// As [`run`].
pub(super) async fn offer(
    request: &Request,
    subject: &Subject,
    spec: &SpecDraft,
    lasts: Duration,
    server: &mut Launched,
    cpus: &Cpus,
) -> Result<Ran, CampaignError> {
    server.resume();
    if let Some(status) = server.ended() {
        return Ok(Ran::Failed(status));
    }
    // At both ends of the load and not in it: a reading costs the server some 50 us.
    let reading = match server.reading() {
        Ok(reading) => reading,
        Err(words) => return Ok(Ran::Failed(words)),
    };
    let spun = server.spun();
    let begun = Instant::now();
    let theirs = |e| blame::servers(subject, e).map(|e| Ran::Failed(e.to_string()));
    let meter = match Meter::begin(server) {
        Ok(meter) => meter,
        Err(e) => return theirs(e),
    };
    let mut offered = request
        .instrument
        .offer(spec, &cpus.instrument, lasts)
        .await;
    let metered = meter.end(offered.as_mut().ok());
    let burnt = server.spun_since(spun);
    let changed = match server.ended() {
        // What it died of is told instead.
        Some(_) => None,
        None => server.reading_since(reading).err(),
    };
    server.pause();
    if let Some(words) = changed {
        return Ok(Ran::Failed(words));
    }
    let metered = match metered {
        Ok(metered) => metered,
        Err(e) => return theirs(e),
    };
    let surroundings = metered.surroundings;
    match offered {
        Ok(outcome) => Ok(Ran::Measured(Box::new(Window {
            outcome,
            begun,
            surroundings,
            burnt,
            waited: metered.waited,
        }))),
        Err(e @ InstrumentError::Start { .. }) => Err(e.into()),
        Err(e @ InstrumentError::Unconnected(_)) => Ok(Ran::Failed(e.to_string())),
        // A server that ended took its connections along.
        Err(e) => match server.ended() {
            Some(_) => Ok(Ran::Failed(e.to_string())),
            None => Ok(Ran::NoOutcome(e, surroundings)),
        },
    }
}
