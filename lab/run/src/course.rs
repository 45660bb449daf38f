//! The course of a campaign whose servers are measured in windows: cold starts, then launches of
//! blocks, up to the last one or to the look at which the precision is enough.

use plan::Schedule;

use super::kinds::Step;
use super::session::Session;
use super::{CampaignError, launch, planned, precision, startup};

/// Measures what is not in the raw data yet.
pub(super) async fn run<S: Step>(
    session: &mut Session<'_>,
    schedule: &Schedule,
    step: &S,
) -> Result<(), CampaignError> {
    startup::measure(session, &schedule.starts).await?;
    for launch in &schedule.launches {
        session.somebody()?;
        launch::run(session, launch, step).await?;
        if let Some(look) = schedule.looks.get(&launch.number) {
            let (this, duets) = (launch.number, session.duets);
            if !precision::go_on(session, schedule, *look)? {
                planned::until(session.writer, schedule, this, duets)?;
                break;
            }
            planned::note(session.writer, schedule, this, duets)?;
        }
    }
    Ok(())
}
