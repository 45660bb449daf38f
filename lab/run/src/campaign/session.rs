//! What every stage of the measuring works with.

use std::time::Instant;

use record::{CampaignWriter, Note, RecordError};

use super::Request;
use super::cast::Cast;
use super::clock::Clock;
use super::event::Progress;
use crate::plan::experiment::Protocol;
use crate::server::Launcher;

/// A campaign under way.
pub struct Session<'a> {
    /// What was asked for.
    pub request: &'a Request,
    /// How often and how long.
    pub protocol: &'a Protocol,
    /// Who is still in.
    pub cast: Cast,
    /// Where the raw data goes.
    pub writer: &'a mut CampaignWriter,
    /// Who waits.
    pub progress: &'a mut dyn Progress,
    /// The number of planned blocks: those that are measured again come after it.
    pub planned: u32,
    /// What is left to do.
    pub clock: Clock,
    /// Where servers are started.
    pub launcher: Launcher,
    /// The campaign's start, from which histograms count their time.
    pub epoch: Instant,
}

impl Session<'_> {
    /// Sends a framework out: nothing more is measured of it, what was stays.
    ///
    /// # Errors
    /// [`RecordError`] when the campaign file cannot be written.
    pub fn dismiss(&mut self, note: Note) -> Result<(), RecordError> {
        self.cast.dismiss(note, self.writer, self.progress)
    }
}
