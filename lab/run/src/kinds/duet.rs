//! Two servers at once: the CPU time of a request of two versions of one framework.
//!
//! Both servers run on the servers' CPUs at the same time, each with an instrument of its own,
//! both instruments at the same open-loop rate. What the machine does to one it does to the
//! other, so the ratio of their CPU times scatters far less than that of windows taken in turn.
//! It says nothing about capacity or latency, which two servers on one CPU take from each other.
//!
//! Requests arrive at random (Poisson). With equal gaps, which of the two servers finds the CPU
//! awake and its caches warm would depend on the phase between two equal rhythms, which is drawn
//! anew by every launch and stays for all of it. Both servers get the same gaps, begun at
//! moments that are milliseconds apart, so that bursts cost both the same.
//!
//! Each launch runs other layouts of the two programs, from files of its own, so that neither
//! where a linker put a function nor where the kernel put a file's pages is taken for a
//! difference of the versions: see `server::build::layout` and `server::fresh`.
//!
//! The unit is the launch: two fresh processes under one stretch of load. Many short ones say
//! more than few long ones, as it is between launches that the ratio scatters.

use load::{Arrival, FindingKind, Span, SpecDraft};
use plan::Subject;
use plan::kinds::duet::{Duet, LEAST_SPIN, Pair};
use record::comparison::SPIN;
use record::{Campaign, Cell, DuetKind, Metric, Observation, RecordError, Stage};
use server::{Here, Launched, Launcher, ServerError, StartOptions};
use stats::pairing::Logs;
use stats::{paired, stopping};

use crate::blame::{self, Verdict};
use crate::event::Event;
use crate::observe::OF_THE_SERVER;
use crate::session::Session;
use crate::watch::{Machine, Spin, Unaided, Watcher};
use crate::window::{Loads, Ran};
use crate::{CampaignError, cast, observe, spec};

/// Measures all launches that are not in the raw data yet; stops early when a server fails,
/// since there is nothing left to compare then.
pub(crate) async fn measure(
    session: &mut Session<'_>,
    duet: &Duet,
    pairs: &[Pair],
) -> Result<(), CampaignError> {
    for pair in pairs {
        if session.writer.has_ended(&pair.group()) {
            session.clock.skip(duet.takes());
            continue;
        }
        session.progress.event(Event::Duet {
            number: pair.number,
            of: pairs.len() as u32,
            one: &pair.subjects[0].to_string(),
            other: &pair.subjects[1].to_string(),
            left: session.clock.left(),
        });
        if let Err(failed) = launch(session, duet, pair).await? {
            session.writer.discard_group();
            let Failed {
                subject,
                stage,
                error,
            } = failed;
            session.dismiss(cast::failed(&subject, stage, error))?;
            return Ok(());
        }
        session.clock.did(duet.takes());
        session.writer.end_group(&pair.group())?;
        if is_look(duet, pair.number) && is_precise(session, duet)? {
            session.writer.update(|file| {
                if let Some(planned) = &mut file.course.planned {
                    planned.duets = pair.number;
                }
            })?;
            return Ok(());
        }
    }
    Ok(())
}

/// Whether to look after this launch: the last one of a round.
fn is_look(duet: &Duet, number: u32) -> bool {
    let kinds = duet.kinds.len() as u32;
    number.is_multiple_of(kinds) && duet.looks.contains(&(number / kinds))
}

/// Whether the ratio is known well enough. Sees how wide the interval is and never where it
/// lies.
fn is_precise(session: &Session<'_>, duet: &Duet) -> Result<bool, RecordError> {
    let Some(kind) = duet.design().primary() else {
        return Ok(true);
    };
    let rows = (Campaign::open(session.writer.dir().path())?.table()?).rows();
    let rows = rows.map_err(|problem| RecordError::Malformed {
        what: "table of observations",
        path: session.writer.dir().observations(),
        problem,
    })?;
    let baseline = &session.request.experiment.baseline;
    let side = |wanted: bool| {
        let rows = rows.iter().filter(|row| {
            let is_base = row.cell.framework == *baseline && row.cell.variant.is_empty();
            let asked = row.cell.mode == kind.mode() && row.metric == Metric::CpuPerRequest;
            asked && is_base == wanted
        });
        let launch = |row: &Observation| row.cell.launch;
        Logs::of(rows.map(|row| (launch(row), launch(row), row.value.ln())))
    };
    let differences = side(false).minus(&side(true)).differences();
    let ratio = paired::hodges_lehmann(&differences, stopping::LEVEL);
    Ok(ratio.is_ok_and(|r| r.half_width() <= duet.half_width))
}

/// Which server failed, and how.
struct Failed {
    subject: Subject,
    stage: Stage,
    error: ServerError,
}

/// One of the two, running.
struct Side {
    /// 0 for the base.
    side: usize,
    server: Box<dyn Launched>,
    spec: SpecDraft,
}

async fn launch(
    session: &mut Session<'_>,
    duet: &Duet,
    pair: &Pair,
) -> Result<Result<(), Failed>, CampaignError> {
    let mut sides = Vec::new();
    for side in pair.order() {
        match start(session, duet, pair, side).await? {
            Ok(side) => sides.push(side),
            Err(failed) => return Ok(Err(failed)),
        }
    }
    let mut loads = Loads {
        subjects: (sides.iter()).map(|s| &pair.subjects[s.side]).collect(),
        specs: sides.iter().map(|s| s.spec.clone()).collect(),
        servers: Vec::new(),
    };
    for side in &mut sides {
        loads.servers.push(&mut *side.server);
    }
    let watchers: [Box<dyn Watcher>; 3] = [Box::new(Unaided), Box::new(Spin), Box::new(Machine)];
    let cpus = session.writer.file().cpus.clone();
    let offered = loads.offer(session.request, &cpus, &watchers).await?;
    let under_load = |server: &mut dyn Launched, subject: &Subject, what: String| {
        Ok(Err(Failed {
            subject: subject.clone(),
            stage: Stage::Load,
            error: blame::under_load(server, what),
        }))
    };
    let ran = match offered {
        Ok(ran) => ran,
        Err(failed) => {
            let Side { side, server, .. } = &mut sides[failed.which];
            return under_load(&mut **server, &pair.subjects[*side], failed.what);
        }
    };
    for (place, (mut this, ran)) in sides.into_iter().zip(ran).enumerate() {
        let subject = &pair.subjects[this.side];
        let cell = Cell {
            launch: pair.launch,
            block: pair.block,
            window: place as u32 + 1,
            framework: subject.framework.clone(),
            variant: subject.variant.clone(),
            scenario: duet.scenario.name().to_owned(),
            mode: pair.kind.mode().to_owned(),
        };
        let mut window = match ran {
            Ran::Measured(window) => window,
            Ran::Failed(what) => return under_load(&mut *this.server, subject, what),
            Ran::NoOutcome(e, surroundings) => {
                session.not_measured(&cell, &OF_THE_SERVER, &surroundings, &e);
                session.instrument_failed(e)?;
                continue;
            }
        };
        session.instrument_works();
        // Two instruments that share a CPU wait for each other, as is meant: what came of it is lateness.
        (window.outcome.findings).retain(|f| f.kind != FindingKind::Starved);
        match blame::judge(&window) {
            Verdict::Measured => observe::window(&cell, &window, session.epoch, session.writer),
            Verdict::NotMeasured(why) => {
                let there = &window.seen.surroundings;
                session.not_measured(&cell, &OF_THE_SERVER, there, &why);
            }
            Verdict::Fault(what) => return under_load(&mut *this.server, subject, what),
        }
        if let Err(e) = this.server.stop().await {
            return Ok(Err(Failed {
                subject: subject.clone(),
                stage: Stage::Load,
                error: blame::servers(subject, e)?,
            }));
        }
    }
    Ok(Ok(()))
}

async fn start(
    session: &Session<'_>,
    duet: &Duet,
    pair: &Pair,
    side: usize,
) -> Result<Result<Side, Failed>, CampaignError> {
    let subject = &pair.subjects[side];
    let Some(member) = session.cast.member(subject) else {
        return Err(CampaignError::NobodyLeft(format!(
            "{} had to leave before two servers could be compared",
            subject.framework
        )));
    };
    let control = pair.kind == DuetKind::Control;
    let spin = match subject.variant == SPIN {
        true => duet.spin.as_nanos() as u64,
        false => LEAST_SPIN,
    };
    let phase = format!("launch{}", pair.launch);
    let options = StartOptions {
        cpus: session.writer.file().cpus.server.clone(),
        padding: pair.padding[side],
        probe: control,
        env: (session.request.environment().into_iter())
            .chain(control.then(|| ("SPIN_NS", spin.to_string())))
            .collect(),
        stderr: (session.writer.dir()).stderr_of(&subject.to_string(), &phase),
        listen: None,
        fresh: Some(session.request.fresh()),
    };
    let executable = member.executable(pair.layouts[side]);
    let started = match Here.start_ready(&executable, &options).await {
        Ok(server) => server.inspect().map(|()| server),
        Err(e) => Err(e),
    };
    Ok(match started {
        Ok(server) => {
            let times = (duet.lead_in, duet.window);
            let at = (server.address(), server.pid());
            let mut spec = spec::of(&duet.block(pair), &member.json_body, at, times, 0);
            spec.arrival = Arrival::Poisson { rate: duet.rate };
            spec.seed = pair.seed;
            // Two instruments on one CPU: neither may spin the other's time away.
            spec.pacing.spin = Some(Span::from_millis(0));
            Ok(Side { side, server, spec })
        }
        Err(e) => Err(Failed {
            subject: subject.clone(),
            stage: Stage::Launch,
            error: blame::servers(subject, e)?,
        }),
    })
}
