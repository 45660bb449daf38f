//! Runs a campaign: from a request to a folder of raw data.
//!
//! ```text
//! prepare    build every server, hold it to the contract; what fails is left out
//! startup    rounds of cold starts
//! launch     all servers fresh; all but one paused at any time
//! window     one short interval of load on one server; its values become observations
//! ```

mod cast;
mod event;
mod instrument;
mod launch;
mod observe;
mod pin;
mod prepare;
mod spec;
mod startup;
mod window;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use record::{CampaignDir, CampaignFile, CampaignWriter, LabRecord, RecordError, Status};

use crate::host::{cpus, facts, limits};
use crate::plan::experiment::Protocol;
use crate::plan::{Experiment, Framework, Schedule, estimate};
use cast::Cast;
pub use event::{Event, Progress};
pub use instrument::{Instrument, InstrumentError};

/// What to run.
#[derive(Debug, Clone)]
pub struct Request {
    /// The experiment.
    pub experiment: Experiment,
    /// Whether to run its quick form.
    pub quick: bool,
    /// The frameworks that take part, by name.
    pub frameworks: BTreeMap<String, Framework>,
    /// From which every random order comes.
    pub seed: u64,
    /// Where campaigns are kept.
    pub results: PathBuf,
    /// Where servers are built.
    pub build_folder: PathBuf,
    /// The words of the command line, for the report.
    pub command: Vec<String>,
    /// The program that offers the load.
    pub instrument: Instrument,
    /// Which lab this is.
    pub lab: LabRecord,
}

/// How a campaign ended.
#[derive(Debug)]
pub struct Ended {
    /// Its folder.
    pub dir: CampaignDir,
    /// How it ended.
    pub status: Status,
    /// How many frameworks were left out, from the beginning or on the way.
    pub excluded: usize,
}

/// Why a campaign could not be run, or not to its end. A framework's failure is none of these.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// The machine has too few CPUs.
    #[error(transparent)]
    Cpus(#[from] cpus::CpuError),
    /// The machine allows too few file descriptors.
    #[error(transparent)]
    Limits(#[from] limits::TooFewDescriptors),
    /// The raw data cannot be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The instrument cannot be used at all.
    #[error(transparent)]
    Instrument(#[from] InstrumentError),
    /// No framework is left to measure.
    #[error("no framework is left to measure: {0}")]
    NobodyLeft(String),
}

/// Runs a campaign until it is complete or `stop` is done.
///
/// When `stop` is done, or the writing fails, the open block is dropped, all servers are
/// killed and the campaign file says how it ended.
///
/// # Errors
/// [`CampaignError`]; what was recorded up to then stays readable.
pub async fn run(
    request: &Request,
    progress: &mut dyn Progress,
    stop: impl Future<Output = ()>,
) -> Result<Ended, CampaignError> {
    let cpus = cpus::share()?;
    let most = request.experiment.modes.iter().map(|m| m.connections).max();
    limits::provide(most.unwrap_or(0))?;
    let mut writer = CampaignWriter::create(&request.results, campaign_file(request, cpus))?;
    let dir = writer.dir().clone();
    progress.event(Event::Begun { folder: dir.path() });
    let outcome = tokio::select! {
        outcome = measure(request, &mut writer, progress) => Some(outcome),
        () = stop => None,
    };
    // The future of `measure` is gone, and with it every server and instrument.
    writer.discard_group();
    let status = match &outcome {
        Some(Ok(())) => Status::Complete,
        Some(Err(_)) => Status::Failed,
        None => Status::Interrupted,
    };
    let closed = writer.update(|file| {
        file.status = status;
        file.finished = Some(now());
    });
    // The first error is the one to tell.
    outcome.unwrap_or(Ok(()))?;
    closed?;
    let excluded = writer
        .file()
        .frameworks
        .iter()
        .filter(|f| f.excluded.is_some())
        .count();
    Ok(Ended {
        dir,
        status,
        excluded,
    })
}

async fn measure(
    request: &Request,
    writer: &mut CampaignWriter,
    progress: &mut dyn Progress,
) -> Result<(), CampaignError> {
    let protocol = request.experiment.protocol(request.quick);
    let mut cast = prepare::prepare(request, writer, progress).await?;
    someone(&cast, writer)?;
    let schedule = Schedule::draw(&request.experiment, &protocol, &cast.names(), request.seed);
    let mut clock = Clock::start(&schedule, &protocol);
    progress.event(Event::Measuring {
        frameworks: cast.names().len(),
        left: clock.left(),
    });
    let _pinned = pin::Pinned::to(&writer.file().cpus.instrument);
    startup::measure(&schedule.starts, &mut cast, writer, progress, &mut clock).await?;
    for launch in &schedule.launches {
        someone(&cast, writer)?;
        launch::run(request, launch, &mut cast, writer, progress, &mut clock).await?;
    }
    Ok(())
}

fn someone(cast: &Cast, writer: &CampaignWriter) -> Result<(), CampaignError> {
    if !cast.names().is_empty() {
        return Ok(());
    }
    let first = writer.file().notes.first();
    Err(CampaignError::NobodyLeft(first.map_or_else(
        || "none was chosen".to_owned(),
        |note| format!("{} {}", note.framework, note.what),
    )))
}

fn campaign_file(request: &Request, cpus: record::Cpus) -> CampaignFile {
    let started = now();
    let compact: String = started
        .chars()
        .filter(|c| c.is_ascii_digit())
        .take(14)
        .collect();
    let (day, time) = compact.split_at(8);
    CampaignFile {
        schema: record::campaign::SCHEMA.to_owned(),
        id: format!(
            "{}-{day}-{time}-{:08x}",
            request.experiment.name, request.seed as u32
        ),
        status: Status::Running,
        started,
        finished: None,
        command: request.command.clone(),
        seed: request.seed,
        quick: request.quick,
        // Nothing audits the host against a profile yet, so no campaign may call itself pinned.
        pinned: false,
        lab: request.lab.clone(),
        design: request.experiment.design(request.quick),
        host: facts::read(),
        toolchains: BTreeMap::new(),
        cpus,
        frameworks: Vec::new(),
        notes: Vec::new(),
    }
}

/// The time in UTC, RFC 3339, to the second.
fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

/// What is left to do, in planned time; corrected by how the plan has fared so far.
struct Clock {
    planned: Duration,
    done: Duration,
    begun: Instant,
    window: Duration,
}

impl Clock {
    fn start(schedule: &Schedule, protocol: &Protocol) -> Self {
        Self {
            planned: estimate::duration(schedule, protocol),
            done: Duration::ZERO,
            begun: Instant::now(),
            window: protocol.lead_in + protocol.window + estimate::WINDOW_OVERHEAD,
        }
    }

    fn did(&mut self, planned: Duration) {
        self.done += planned;
    }

    fn left(&self) -> Duration {
        let left = self.planned.saturating_sub(self.done);
        if self.done < Duration::from_secs(2) {
            return left;
        }
        left.mul_f64(self.begun.elapsed().as_secs_f64() / self.done.as_secs_f64())
    }
}
