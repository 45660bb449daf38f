//! One block: every server one window, in the order that was drawn.

use plan::{Block, Subject, estimate};
use record::{Cell, Stage};

use super::blame::{self, Verdict};
use super::capacity::Capacities;
use super::event::Event;
use super::gate::Surroundings;
use super::launch::Running;
use super::session::Session;
use super::window::{self, Ran};
use super::{CampaignError, cast, observe, soak};

/// Measures a block and writes it to the disk.
pub(super) async fn run(
    session: &mut Session<'_>,
    launch: u32,
    block: &Block,
    stage: &mut Running,
) -> Result<(), CampaignError> {
    let capacities = Capacities::before(block, session)?;
    let mut surroundings = Surroundings::default();
    for (position, subject) in block.order.iter().enumerate() {
        let left = session.clock.left();
        let takes = estimate::window(block, position, session.protocol);
        session.clock.did(takes);
        let (Some(member), Some(server)) =
            (session.cast.member(subject), stage.servers.get_mut(subject))
        else {
            continue;
        };
        session.progress.event(Event::Window {
            block: block.number,
            of: session.planned,
            subject: &subject.to_string(),
            scenario: block.scenario.name(),
            mode: &block.mode.name,
            left,
        });
        let cell = cell(launch, block, position, subject);
        let Some(asked) = capacities.asked(block, subject) else {
            let why = "what it can answer is not known, as no window at saturation shows it";
            session.not_measured(&cell, &Surroundings::default(), why);
            continue;
        };
        let cpus = &session.writer.file().cpus;
        let json_body = stage.bodies.get(subject).unwrap_or(&member.json_body);
        let (ran, readings) = match session.protocol.interval {
            None => {
                let ran = window::run(session.request, &asked, position, json_body, server, cpus);
                (ran.await?, None)
            }
            Some(interval) => {
                let ran = soak::run(
                    session.request,
                    block,
                    position,
                    json_body,
                    server,
                    cpus,
                    interval,
                );
                let (ran, readings) = ran.await?;
                (ran, Some(readings))
            }
        };
        stage.saw_memory_of(subject);
        let failure = match ran {
            Ran::Measured(window) => {
                surroundings += window.surroundings;
                let verdict = blame::judge(&window);
                if let Verdict::NotMeasured(why) = verdict {
                    session.not_measured(&cell, &window.surroundings, &why);
                    continue;
                }
                session.instrument_works();
                match readings {
                    None => observe::window(&cell, &window, session.epoch, session.writer),
                    Some(readings) => {
                        soak::observe(&cell, &window, &readings, session.epoch, session.writer);
                    }
                }
                match verdict {
                    Verdict::Fault(what) => Some(what),
                    _ => None,
                }
            }
            Ran::NoOutcome(error, there) => {
                surroundings += there;
                session.not_measured(&cell, &there, &error);
                session.instrument_failed(error)?;
                None
            }
            Ran::Failed(what) => Some(what),
        };
        if let Some(what) = failure {
            let note = stage.failed(subject, what);
            session.dismiss(note)?;
        }
    }
    session.writer.flag_group(&surroundings.objections());
    session.writer.end_group(&block.group())?;
    Ok(())
}

fn cell(launch: u32, block: &Block, position: usize, subject: &Subject) -> Cell {
    Cell {
        launch,
        block: block.number,
        window: position as u32 + 1,
        framework: subject.framework.clone(),
        variant: subject.variant.clone(),
        scenario: block.scenario.name().to_owned(),
        mode: block.mode.name.clone(),
    }
}

impl Running {
    /// Takes a framework's servers off the stage; says what happened, with what the kernel
    /// says of the process if it has ended.
    fn failed(&mut self, subject: &Subject, what: String) -> record::Note {
        let server = self.servers.get_mut(subject);
        let (ended, words) = server.map_or((None, None), |s| (s.ended(), s.last_words()));
        let what = blame::under_load(ended, what);
        self.servers.retain(|s, _| s.framework != subject.framework);
        cast::note(subject, Stage::Load, what, words)
    }
}
