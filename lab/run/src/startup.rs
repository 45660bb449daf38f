//! Cold starts: from exec to the first right answer.
//!
//! "Cold" is the process, not the page cache: the executable was written just before. Each round
//! starts every server once, the baseline's twin too, in a fresh random order.

use std::time::Duration;

use plan::{Subject, estimate};
use record::{Cell, Metric, Observation, Stage, Validity};
use server::StartOptions;

use super::event::Event;
use super::session::Session;
use super::{CampaignError, blame, cast};

/// What lets the machine settle after a stop.
const PAUSE: Duration = Duration::from_millis(20);

/// Measures all rounds.
pub(super) async fn measure(
    session: &mut Session<'_>,
    rounds: &[Vec<Subject>],
) -> Result<(), CampaignError> {
    for (i, round) in rounds.iter().enumerate() {
        let group = format!("starts {}", i + 1);
        if session.writer.has_ended(&group) {
            session.clock.skip(estimate::START * round.len() as u32);
            continue;
        }
        session.progress.event(Event::Starts {
            round: i + 1,
            of: rounds.len(),
            left: session.clock.left(),
        });
        for (position, subject) in round.iter().enumerate() {
            session.clock.did(estimate::START);
            let Some(member) = session.cast.member(subject) else {
                continue;
            };
            let options = StartOptions {
                cpus: session.writer.file().cpus.server.clone(),
                env: session.request.environment(),
                stderr: (session.writer.dir()).stderr_of(&subject.to_string(), "startup"),
                fresh: Some(session.request.fresh()),
                ..StartOptions::default()
            };
            let executable = member.executable_in(i, subject);
            match (session.launcher.cold_start(&executable, &options)).await {
                Ok(took) => session.writer.observe(Observation {
                    cell: Cell {
                        launch: 0,
                        block: i as u32 + 1,
                        window: position as u32 + 1,
                        framework: subject.framework.clone(),
                        variant: subject.variant.clone(),
                        scenario: "startup".to_owned(),
                        mode: "cold".to_owned(),
                    },
                    metric: Metric::Startup,
                    value: took.as_secs_f64() * 1e3,
                    validity: Validity::ok(),
                }),
                Err(e) => {
                    let e = blame::servers(subject, e)?;
                    session.dismiss(cast::failed(subject, Stage::Startup, e))?;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        session.writer.end_group(&group)?;
    }
    Ok(())
}
