//! A campaign from its beginning to its end, whatever that is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use catalog::Framework;
use host::awake::Awake;
use host::{HostLock, Machine, Profile, audit, cpus, heat, lock, partition};
use plan::{Experiment, Schedule, Subject, estimate};
use record::{
    Campaign, CampaignDir, CampaignWriter, LabRecord, Metric, RecordError, Repair, Repetition,
    Status,
};
use server::fresh::Fresh;
use server::remote::LinkError;
use sys::limits;
use sys::pin::Pinned;

use super::begin::{campaign_file, epoch, now};
use super::cast::Cast;
use super::clock::Clock;
use super::event::{Event, Progress};
use super::instrument::{Instrument, InstrumentError};
use super::resume::{self, ResumeError};
use super::session::Session;
use super::site::{self, Far, Site};
use super::{cast, kinds, planned, preflight, prepare};

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
    /// Which of several repetitions this is; its seed is then [`Repetition::seed`].
    pub repetition: Option<Repetition>,
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
    /// How the host should be set.
    pub host: Option<Profile>,
    /// The servers' machine, if it is another one.
    pub far: Option<Far>,
}

impl Request {
    /// Where the executables of running servers lie, a fresh copy each. Servers that came built
    /// need no folder to build in, and the checkout may be one that nobody can write to.
    pub(super) fn fresh(&self) -> PathBuf {
        match self.frameworks.values().all(|f| f.prebuilt.is_some()) {
            true => self.results.join(".fresh"),
            false => self.build_folder.join("fresh"),
        }
    }

    /// Whether all servers are built with the kit of today, and not one with that of an earlier
    /// revision.
    pub(super) fn is_of_today(&self) -> bool {
        self.frameworks.values().all(|f| !f.origin.earlier)
    }

    /// Where the layouts of compared programs lie.
    pub(super) fn layouts(&self) -> PathBuf {
        self.build_folder.join("layouts")
    }

    /// What the host profile adds to every server's environment while it is measured.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        let gomaxprocs = site::servers_profile(self).and_then(|p| p.wanted.cpus.gomaxprocs);
        gomaxprocs
            .map(|n| ("GOMAXPROCS", n.to_string()))
            .into_iter()
            .collect()
    }
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
    /// The servers, with scenario and mode, of whom no window at all could be measured, by no fault of
    /// their own.
    pub unmeasured: Vec<String>,
}

/// Why a campaign could not be run, or not to its end. A framework's failure is none of these.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// Nothing can be judged here and now.
    #[error(transparent)]
    Preflight(#[from] preflight::Trouble),
    /// The machine has too few CPUs.
    #[error(transparent)]
    Cpus(#[from] cpus::CpuError),
    /// The CPUs that the profile gives to the lab are out of its reach.
    #[error(transparent)]
    Partition(#[from] partition::NoEntry),
    /// The machine allows too few file descriptors.
    #[error(transparent)]
    Limits(#[from] limits::TooFewDescriptors),
    /// The raw data cannot be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Another campaign has the host.
    #[error(transparent)]
    Lock(#[from] lock::LockError),
    /// A campaign cannot be gone on with.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// The instrument cannot be used at all.
    #[error(transparent)]
    Instrument(#[from] InstrumentError),
    /// Of two versions that were to be compared, one cannot be measured.
    #[error("there is nothing to compare, as {name} ({is}) {why}")]
    OneVersion {
        /// Its name in the campaign.
        name: String,
        /// Which version it is.
        is: String,
        /// What is wrong with it.
        why: String,
    },
    /// The servers' machine cannot be used.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The experiment needs the servers on this machine.
    #[error("{0}: leave --server-host away")]
    OnlyHere(&'static str),
    /// Something that is not the servers' stands in the way.
    #[error(
        "{who} {what}. That is the machine's or the lab's own trouble and not the server's, so nobody is left out for it and the campaign ends here"
    )]
    Trouble {
        /// Which server the lab was busy with.
        who: String,
        /// What happened: a sentence that goes on after its name.
        what: String,
    },
    /// Servers are not as they were started, and that may be another's doing.
    #[error(
        "{} not as started: {how}. It was seen after {ran} ran, and may be another server's doing. Not changed: {}. Nobody is left out for it and nothing was set back, so the campaign ends here: measure again without whoever does it",
        are(changed),
        told(unchanged)
    )]
    Changed {
        /// The servers that are not.
        changed: Vec<String>,
        /// What is to be seen of the first of them.
        how: String,
        /// Who had the CPUs since they were looked at before.
        ran: String,
        /// The others.
        unchanged: Vec<String>,
    },
    /// No framework is left to measure.
    #[error("no framework is left to measure: {0}")]
    NobodyLeft(String),
}

fn are(names: &[String]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}

fn told(names: &[String]) -> String {
    match names.is_empty() {
        true => "nobody".to_owned(),
        false => names.join(", "),
    }
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
    partition::enter(&Machine::this(), request.host.as_ref())?;
    let site = site::of(request)?;
    let file = campaign_file(request, means(request, &*site)?, &*site)?;
    let _host = HostLock::take(&file.id)?;
    preflight::campaign(request).await?;
    let mut writer = CampaignWriter::create(&request.results, file)?;
    progress.event(Event::Begun {
        folder: writer.dir().path(),
        takes: planned(request),
    });
    carry_out(request, &mut writer, None, &*site, progress, stop).await
}

/// Goes on with a campaign that was broken off, after its last whole block and in the order
/// that was drawn then.
///
/// # Errors
/// [`CampaignError::Resume`] when something is not as it was, else as [`run`].
pub async fn resume(
    request: &Request,
    folder: &Path,
    progress: &mut dyn Progress,
    stop: impl Future<Output = ()>,
) -> Result<Ended, CampaignError> {
    partition::enter(&Machine::this(), request.host.as_ref())?;
    let site = site::of(request)?;
    let now = campaign_file(request, means(request, &*site)?, &*site)?;
    let _host = HostLock::take(&Campaign::open(folder)?.file.id)?;
    let campaign = Campaign::open(folder)?;
    resume::allowed(&campaign.file, &now)?;
    preflight::campaign(request).await?;
    let (mut writer, found) = CampaignWriter::reopen(campaign)?;
    progress.event(Event::Resumed {
        folder: writer.dir().path(),
        after: found.groups.last().map(String::as_str),
    });
    carry_out(request, &mut writer, Some(found), &*site, progress, stop).await
}

/// How long the campaign will take if nobody is left out.
fn planned(request: &Request) -> Duration {
    let protocol = request.experiment.protocol(request.quick);
    let names: Vec<_> = request.frameworks.keys().cloned().collect();
    let schedule = Schedule::draw(&request.experiment, protocol, &names, request.seed);
    let pairs = request.experiment.pairs(&schedule, request.seed);
    let duet = request.experiment.duet.as_ref();
    let at_once = duet.map_or(Duration::ZERO, |d| d.takes() * pairs.len() as u32);
    estimate::duration(&schedule) + at_once
}

/// The CPUs to measure on, once there are descriptors enough for the load.
fn means(request: &Request, site: &dyn Site) -> Result<record::Cpus, CampaignError> {
    let cpus = site.cpus()?;
    let most = request.experiment.modes.iter().map(|m| m.connections).max();
    limits::provide(most.unwrap_or(0))?;
    Ok(cpus)
}

async fn carry_out(
    request: &Request,
    writer: &mut CampaignWriter,
    found: Option<Repair>,
    site: &dyn Site,
    progress: &mut dyn Progress,
    stop: impl Future<Output = ()>,
) -> Result<Ended, CampaignError> {
    let outcome = tokio::select! {
        outcome = measure(request, writer, found, site, progress) => Some(outcome),
        () = stop => None,
    };
    // The future of `measure` is gone, and with it every server and instrument.
    Fresh::clear(&request.fresh());
    writer.discard_group();
    let status = match &outcome {
        Some(Ok(())) => Status::Complete,
        Some(Err(_)) => Status::Failed,
        None => Status::Interrupted,
    };
    let machine = Machine::this();
    let mut after = audit::settings(&machine, request.host.as_ref());
    heat::judge(&mut after, &machine, heat::count_of(&writer.file().host));
    let after_there = site.audit();
    let closed = writer.update(|file| {
        file.status = status;
        file.finished = Some(now());
        file.host.extend(heat::facts(&machine, "after"));
        if let Some(audit) = &mut file.audit {
            audit.after = Some(after);
            file.pinned = audit.objections().is_empty();
        }
        if let Some(host) = &mut file.server_host {
            // A dead line at the end leaves that machine unaudited, and so unpinned.
            host.audit.after = after_there;
            file.pinned &= host.audit.objections().is_empty();
        }
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
        dir: writer.dir().clone(),
        status,
        excluded,
        unmeasured: unmeasured(writer)?,
    })
}

/// Of whom there is no window with a value.
fn unmeasured(writer: &CampaignWriter) -> Result<Vec<String>, RecordError> {
    let rows = (Campaign::open(writer.dir().path())?.table()?).rows();
    let rows = rows.map_err(|problem| RecordError::Malformed {
        what: "table of observations",
        path: writer.dir().observations(),
        problem,
    })?;
    let mut measured = BTreeMap::<String, bool>::new();
    for row in rows.iter().filter(|row| row.metric == Metric::Throughput) {
        let cell = &row.cell;
        let subject = Subject {
            framework: cell.framework.clone(),
            variant: cell.variant.clone(),
        };
        let place = format!("{subject} in {}, {}", cell.scenario, cell.mode);
        *measured.entry(place).or_default() |= row.value.is_finite();
    }
    measured.retain(|_, is_measured| !*is_measured);
    Ok(measured.into_keys().collect())
}

async fn measure(
    request: &Request,
    writer: &mut CampaignWriter,
    found: Option<Repair>,
    site: &dyn Site,
    progress: &mut dyn Progress,
) -> Result<(), CampaignError> {
    let protocol = request.experiment.protocol(request.quick);
    Fresh::clear(&request.fresh());
    let mut cast = if writer.has_ended(resume::BUILT) {
        resume::prepare_again(request, writer.file(), writer.dir(), progress).await?
    } else {
        // Nothing was measured before this, so what went wrong with it is told anew.
        writer.update(|file| file.notes.clear())?;
        prepare::prepare(request, writer, progress).await?
    };
    cast::somebody(&cast, writer.file())?;
    both_versions(&request.experiment, &cast, writer)?;
    let lineup = resume::lineup(writer.file());
    let schedule = Schedule::draw(&request.experiment, protocol, &lineup, request.seed);
    if let Some(found) = found {
        let entry = resume::entry(&found, &schedule);
        writer.update(|file| {
            file.course.resumes.push(entry);
            file.status = Status::Running;
            file.finished = None;
            file.pinned = false;
            if let Some(audit) = &mut file.audit {
                audit.after = None;
            }
            if let Some(host) = &mut file.server_host {
                host.audit.after = None;
            }
        })?;
    }
    prepare::lay_out(&mut cast, request, writer, progress).await?;
    let mut clock = Clock::start(&schedule);
    let experiment = &request.experiment;
    let pairs = experiment.pairs(&schedule, request.seed);
    planned::note(writer, &schedule, 0, pairs.len())?;
    if let Some(duet) = &experiment.duet {
        clock.more(duet.takes() * pairs.len() as u32);
    }
    progress.event(Event::Measuring {
        frameworks: cast.names().len(),
        left: clock.left(),
    });
    let _pinned = Pinned::to(&writer.file().cpus.instrument);
    let _awake = (request.host.as_ref()).and_then(|profile| Awake::as_wanted(&profile.wanted));
    let mut session = Session {
        epoch: epoch(&writer.file().started),
        request,
        protocol,
        cast,
        writer,
        progress,
        planned: schedule.blocks() as u32,
        duets: pairs.len(),
        clock,
        launcher: site.launcher(),
        failures: 0,
    };
    kinds::measure(&mut session, &schedule).await?;
    if let Some(duet) = &experiment.duet {
        let _awake = Awake::hold();
        kinds::duet::measure(&mut session, duet, &pairs).await?;
    }
    Fresh::clear(&request.layouts());
    Ok(())
}

/// A comparison of which one side is missing is none.
pub(super) fn both_versions(
    experiment: &Experiment,
    cast: &Cast,
    writer: &CampaignWriter,
) -> Result<(), CampaignError> {
    let Some(comparison) = &experiment.comparison else {
        return Ok(());
    };
    let sides = [
        (&comparison.base, &comparison.base_is),
        (&comparison.new, &comparison.new_is),
    ];
    let names = cast.names();
    for (name, is) in sides {
        if !names.contains(name) {
            let file = writer.file();
            let why = (file.frameworks.iter())
                .find(|f| f.name == *name)
                .and_then(|f| f.excluded.clone());
            return Err(CampaignError::OneVersion {
                name: name.clone(),
                is: is.clone(),
                why: why.unwrap_or_else(|| "is not there".to_owned()),
            });
        }
    }
    Ok(())
}
