//! What every stage of the measuring works with.

use std::time::Instant;

use plan::experiment::Protocol;
use record::{CampaignWriter, Cell, Metric, Note, RecordError, layout};
use server::Launcher;

use super::cast::{self, Cast};
use super::clock::Clock;
use super::event::{Event, Progress};
use super::gate::Surroundings;
use super::{CampaignError, InstrumentError, Request, observe};

/// After so many windows in a row without an outcome of the instrument, it will not work.
const TRIES: u32 = 3;

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
    /// The number of launches of two servers at a time that come after everything else.
    pub duets: usize,
    /// What is left to do.
    pub clock: Clock,
    /// Where servers are started.
    pub launcher: Box<dyn Launcher>,
    /// The campaign's start, from which histograms count their time.
    pub epoch: Instant,
    /// How many windows in a row the instrument has had no outcome of.
    pub failures: u32,
}

impl Session<'_> {
    /// That there still is a framework to measure.
    ///
    /// # Errors
    /// [`CampaignError::NobodyLeft`], with why the first one left.
    pub fn somebody(&self) -> Result<(), CampaignError> {
        cast::somebody(&self.cast, self.writer.file())
    }

    /// Sends a framework out: nothing more is measured of it, what was stays.
    ///
    /// # Errors
    /// [`RecordError`] when the campaign file cannot be written.
    pub fn dismiss(&mut self, note: Note) -> Result<(), RecordError> {
        self.cast.dismiss(note, self.writer, self.progress)
    }

    /// Keeps that a window has no value of these metrics, by no fault of the server's: rows that say so and
    /// how the machine was, with the flag that has its block measured again.
    pub fn not_measured(
        &mut self,
        cell: &Cell,
        metrics: &[Metric],
        surroundings: &Surroundings,
        why: impl std::fmt::Display,
    ) {
        let subject = layout::subject(&cell.framework, &cell.variant);
        self.progress.event(Event::NotMeasured {
            block: cell.block,
            subject: &subject,
            why: &why.to_string(),
        });
        for row in observe::nothing(cell, metrics, surroundings) {
            self.writer.observe(row);
        }
    }

    /// The instrument had an outcome.
    pub fn instrument_works(&mut self) {
        self.failures = 0;
    }

    /// The instrument had none. One window may be an accident; an instrument that does not work is no
    /// server's fault, and nothing can be measured with it.
    ///
    /// # Errors
    /// Its own error, the third time in a row.
    pub fn instrument_failed(&mut self, error: InstrumentError) -> Result<(), InstrumentError> {
        self.failures += 1;
        match self.failures < TRIES {
            true => Ok(()),
            false => Err(error),
        }
    }
}
