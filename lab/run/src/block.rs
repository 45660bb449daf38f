//! One block: every server one window, in the order that was drawn.

use plan::{Block, Subject, estimate};
use record::{Cell, Stage};

use super::blame::{self, Verdict};
use super::capacity::Capacities;
use super::event::Event;
use super::gate::Surroundings;
use super::kinds::Step;
use super::launch::Running;
use super::session::Session;
use super::window::{Ran, Turn};
use super::{CampaignError, cast};

/// Measures a block and writes it to the disk.
pub(super) async fn run<S: Step>(
    session: &mut Session<'_>,
    launch: u32,
    block: &Block,
    stage: &mut Running,
    step: &S,
) -> Result<(), CampaignError> {
    stage.salt(session, block).await?;
    let capacities = Capacities::before(block, session)?;
    let mut surroundings = Surroundings::default();
    for (position, subject) in block.order.iter().enumerate() {
        let left = session.clock.left();
        let takes = estimate::window(block, position);
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
            session.not_measured(&cell, step.metrics(), &Surroundings::default(), why);
            continue;
        };
        let mut turn = Turn {
            request: session.request,
            block: &asked,
            position,
            json_body: stage.bodies.get(subject).unwrap_or(&member.json_body),
            server: &mut **server,
            cpus: &session.writer.file().cpus,
        };
        let grows = member.grows();
        let (ran, also) = step.window(&mut turn).await?;
        stage.saw_memory_of(subject);
        stage.undisturbed(Some(subject))?;
        let failure = match ran {
            Ran::Measured(window) => {
                surroundings += window.seen.surroundings;
                let verdict = blame::judge(&window);
                if let Verdict::NotMeasured(why) = verdict {
                    let there = &window.seen.surroundings;
                    session.not_measured(&cell, step.metrics(), there, &why);
                    continue;
                }
                session.instrument_works();
                step.observe(&cell, &window, &also, session.epoch, session.writer);
                match verdict {
                    Verdict::Fault(what) => Some(what),
                    _ => blame::of_heap(&window, grows),
                }
            }
            Ran::NoOutcome(error, there) => {
                surroundings += there;
                session.not_measured(&cell, step.metrics(), &there, &error);
                session.instrument_failed(error)?;
                None
            }
            Ran::Failed(what) => Some(what),
        };
        if let Some(what) = failure {
            let error = match stage.servers.get_mut(subject) {
                Some(server) => blame::under_load(&mut **server, what),
                None => continue,
            };
            stage.leave(subject);
            session.dismiss(cast::failed(subject, Stage::Load, error))?;
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
