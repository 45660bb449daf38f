//! How much is to be measured, for the campaign file: a reader holds the raw data against it.

use plan::Schedule;
use record::{CampaignWriter, Planned, RecordError};

/// Notes what is to be measured up to the next look at the precision that comes after a launch,
/// 0 for the first one, or up to the end where nobody looks any more.
pub(super) fn note(
    writer: &mut CampaignWriter,
    schedule: &Schedule,
    after: u32,
    duets: usize,
) -> Result<(), RecordError> {
    let mut looks = schedule.looks.keys();
    let next = looks.find(|launch| **launch > after).copied();
    until(writer, schedule, next.unwrap_or(u32::MAX), duets)
}

/// Notes that what is measured ends with a launch.
pub(super) fn until(
    writer: &mut CampaignWriter,
    schedule: &Schedule,
    last: u32,
    duets: usize,
) -> Result<(), RecordError> {
    let launches = || schedule.launches.iter().filter(|l| l.number <= last);
    let planned = Planned {
        starts: schedule.starts.len() as u32,
        launches: launches().count() as u32,
        blocks: launches().map(|l| l.blocks.len() as u32).sum(),
        windows: launches().map(|l| l.windows() as u64).sum(),
        duets: duets as u32,
    };
    writer.update(|file| file.course.planned = Some(planned))
}
