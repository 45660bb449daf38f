//! One window: the server resumes, the instrument offers load, the server is paused.

use std::pin::Pin;
use std::time::{Duration, Instant};

use load::{Outcome, SpecDraft};
use plan::{Block, Subject};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use record::Cpus;
use server::Launched;
use sys::clock::monotonic;

use super::gate::Surroundings;
use super::watch::{Lost, Seen, Servers, Watcher};
use super::{CampaignError, InstrumentError, Request, blame, spec, together};

/// What came of a window.
pub(super) enum Ran {
    /// The instrument has an outcome, whatever it says.
    Measured(Box<Window>),
    /// The server is at fault, and this is why.
    Failed(String),
    /// The instrument has none, and the server is not to blame; how the machine was meanwhile.
    NoOutcome(InstrumentError, Surroundings),
}

/// What was seen of one window.
pub(super) struct Window {
    /// What the instrument says.
    pub outcome: Outcome,
    /// When the instrument was started.
    pub begun: Instant,
    /// What the watchers say.
    pub seen: Seen,
}

/// A server's turn in a block.
pub(super) struct Turn<'a> {
    /// Of which campaign.
    pub request: &'a Request,
    /// The block.
    pub block: &'a Block,
    /// The place in it, from 0.
    pub position: usize,
    /// The body of `GET /json` that every answer must equal.
    pub json_body: &'a [u8],
    /// The server; paused.
    pub server: &'a mut dyn Launched,
    /// Where servers and instrument run.
    pub cpus: &'a Cpus,
}

impl Turn<'_> {
    /// What the instrument is told for load of this lead-in and length, asked as a block says: that of
    /// the turn, or one that differs from it.
    pub fn spec(&self, block: &Block, times: (Duration, Duration)) -> SpecDraft {
        let at = (self.server.address(), self.server.pid());
        spec::of(block, self.json_body, at, times, self.request.seed)
    }

    /// Measures one window as it was planned.
    ///
    /// # Errors
    /// As [`Self::offer`].
    pub async fn planned(&mut self, watchers: &[Box<dyn Watcher>]) -> Result<Ran, CampaignError> {
        let block = self.block;
        let times = (block.lead_in(self.position), block.times.window);
        let spec = self.spec(block, times);
        self.offer(spec, watchers).await
    }

    /// Lets the server run while the instrument offers it load.
    ///
    /// # Errors
    /// [`CampaignError`] when the instrument itself cannot be used, or the server's machine.
    pub async fn offer(
        &mut self,
        spec: SpecDraft,
        watchers: &[Box<dyn Watcher>],
    ) -> Result<Ran, CampaignError> {
        self.server.resume();
        if let Some(status) = self.server.ended() {
            return Ok(Ran::Failed(status));
        }
        let subject = &self.block.order[self.position];
        let server: &mut dyn Launched = &mut *self.server;
        let mut loads = Loads {
            subjects: vec![subject],
            servers: vec![server],
            specs: vec![spec],
        };
        let ran = loads.offer(self.request, self.cpus, watchers).await;
        self.server.pause();
        Ok(match ran? {
            Ok(mut ran) => ran.remove(0),
            Err(failed) => Ran::Failed(failed.what),
        })
    }
}

/// Load on servers that run, all at once, each from an instrument of its own.
pub(super) struct Loads<'a> {
    /// Who.
    pub subjects: Vec<&'a Subject>,
    /// Their servers.
    pub servers: Vec<&'a mut dyn Launched>,
    /// What their instruments are told.
    pub specs: Vec<SpecDraft>,
}

/// A server of which a watcher says that what was measured does not count.
pub(super) struct Failed {
    /// Its place among the loads.
    pub which: usize,
    /// A sentence that goes on after its name.
    pub what: String,
}

impl Loads<'_> {
    /// Offers the load.
    ///
    /// # Errors
    /// [`CampaignError`] when an instrument cannot be used at all, or a server's machine.
    pub async fn offer(
        &mut self,
        request: &Request,
        cpus: &Cpus,
        watchers: &[Box<dyn Watcher>],
    ) -> Result<Result<Vec<Ran>, Failed>, CampaignError> {
        let mut watching = Vec::new();
        for watcher in watchers {
            match watcher.begin(&mut self.servers) {
                Ok(one) => watching.push(one),
                Err(lost) => return self.failed(lost).map(Err),
            }
        }
        let begun = Instant::now();
        let mut offering = Box::pin(together::all(self.specs.iter().map(|spec| {
            let lasts = spec::lasts(spec.lead_in.0 + spec.duration.0);
            (request.instrument).offer(spec, &cpus.instrument, lasts)
        })));
        let pause = watching.iter().filter_map(|one| one.pause()).min();
        let mut once = Some(Box::pin(tokio::time::sleep(self.moment())));
        let mut offered = loop {
            tokio::select! {
                offered = &mut offering => break offered,
                () = at(&mut once) => {
                    once = None;
                    (watching.iter_mut()).for_each(|one| one.once(&mut self.servers));
                }
                () = rest(pause) => look(&mut watching, &mut self.servers),
            }
        };
        drop(offering);
        let mut seen = vec![Seen::default(); offered.len()];
        let mut lost = None;
        for one in watching.into_iter().rev() {
            let mut outcomes: Vec<_> = offered.iter_mut().map(|o| o.as_mut().ok()).collect();
            let ended = one.end(&mut self.servers, &mut outcomes, &mut seen);
            lost = lost.or(ended.err());
        }
        if let Some(lost) = lost {
            return self.failed(lost).map(Err);
        }
        let mut ran = Vec::new();
        for ((offered, seen), server) in offered.into_iter().zip(seen).zip(&mut self.servers) {
            ran.push(match offered {
                Ok(outcome) => Ran::Measured(Box::new(Window {
                    outcome,
                    begun,
                    seen,
                })),
                Err(e @ InstrumentError::Start { .. }) => return Err(e.into()),
                Err(e @ InstrumentError::Unconnected(_)) => Ran::Failed(e.to_string()),
                // A server that ended took its connections along.
                Err(e) => match server.ended() {
                    Some(_) => Ran::Failed(e.to_string()),
                    None => Ran::NoOutcome(e, seen.surroundings),
                },
            });
        }
        Ok(Ok(ran))
    }

    /// A moment in the measured part of all loads, drawn anew each time: nothing measured depends on it,
    /// and no server can know it.
    fn moment(&self) -> Duration {
        let lead_in = self.specs.iter().map(|spec| spec.lead_in.0).max();
        let length = self.specs.iter().map(|spec| spec.duration.0).min();
        let share = SmallRng::seed_from_u64(monotonic().as_nanos() as u64).random_range(0.2..0.9);
        lead_in.unwrap_or_default() + length.unwrap_or_default().mul_f64(share)
    }

    /// What a watcher could not go on with, where that is the server's.
    fn failed(&self, lost: Lost) -> Result<Failed, CampaignError> {
        let Lost { which, error } = lost;
        Ok(Failed {
            which,
            what: blame::servers(self.subjects[which], error)?.to_string(),
        })
    }
}

/// Waits for a moment; for ever where it has been.
async fn at(moment: &mut Option<Pin<Box<tokio::time::Sleep>>>) {
    match moment {
        Some(moment) => moment.await,
        None => std::future::pending().await,
    }
}

/// Waits until the next look; for ever where nobody looks.
async fn rest(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

fn look(watching: &mut [Box<dyn super::watch::Watching>], servers: &mut Servers<'_, '_>) {
    for one in watching {
        one.look(servers);
    }
}
