//! The kinds of experiments, on the side of the measuring.
//!
//! A kind is a file here that says of the kind's keys (a struct of `plan::kinds`) how it is
//! measured, and a name in the list at the end of this file. Most implement [`Step`], one window of
//! one server: cold starts, launches, blocks and their repetition come with it. One that measures
//! otherwise, or something that is no server, implements [`Kind`].
//!
//! What kinds share lies below them: [`super::session`] (what a campaign under way has),
//! [`super::window`] (load on servers), [`super::watch`] (what is read around it),
//! [`super::observe`] (rows), [`super::blame`] (whose fault it is), `server` (processes).
//!
//! [`duet`] is no kind of its own: its launches of two servers at a time follow those of any kind.

mod article;
mod crossed;
pub(super) mod duet;
mod soak;

use std::time::Instant;

use plan::Schedule;
use record::{CampaignWriter, Cell, Metric};
use server::StartOptions;

use super::cast::Member;
use super::course;
use super::session::Session;
use super::window::{Ran, Turn, Window};
use super::{CampaignError, observe};

/// How an experiment of a kind is measured, once all servers are built and checked.
pub(super) trait Kind {
    /// Measures everything that was drawn and is not in the raw data yet.
    ///
    /// # Errors
    /// [`CampaignError`]: what nobody's server is to blame for. A framework's failure is none, it
    /// is sent out ([`Session::dismiss`]) and the others go on.
    async fn measure(
        &self,
        session: &mut Session<'_>,
        schedule: &Schedule,
    ) -> Result<(), CampaignError>;
}

/// One window of one server, of a kind that measures in launches of blocks of windows.
pub(super) trait Step {
    /// What the window leaves beside what is seen in every one.
    type Also;

    /// Whether a disturbed block is measured again at the end of its launch.
    fn is_repeated(&self) -> bool {
        false
    }

    /// What a window that was measured says of its server: a window that was not has rows of these
    /// without a value.
    fn metrics(&self) -> &[Metric] {
        &observe::OF_THE_SERVER
    }

    /// Changes how a launch starts a server.
    fn start(&self, _member: &Member, _options: &mut StartOptions) {}

    /// Measures. The server is paused before and behind it.
    ///
    /// # Errors
    /// As [`Turn::offer`].
    async fn window(&self, turn: &mut Turn<'_>) -> Result<(Ran, Self::Also), CampaignError>;

    /// Adds the rows of a window that counts to the open group.
    fn observe(
        &self,
        cell: &Cell,
        window: &Window,
        _also: &Self::Also,
        epoch: Instant,
        writer: &mut CampaignWriter,
    ) {
        observe::window(cell, window, epoch, writer);
    }
}

impl<S: Step> Kind for S {
    async fn measure(
        &self,
        session: &mut Session<'_>,
        schedule: &Schedule,
    ) -> Result<(), CampaignError> {
        course::run(session, schedule, self).await
    }
}

/// Makes the one place that asks for the kind.
macro_rules! kinds {
    ($($kind:ident),*) => {
        /// Measures an experiment of whichever kind.
        ///
        /// # Errors
        /// As [`Kind::measure`].
        pub(super) async fn measure(
            session: &mut Session<'_>,
            schedule: &Schedule,
        ) -> Result<(), CampaignError> {
            match &session.protocol.kind {
                $(plan::kinds::Kind::$kind(kind) => kind.measure(session, schedule).await,)*
            }
        }
    };
}

// The registry: a kind is one name here.
kinds!(Article, Crossed, Soak);
