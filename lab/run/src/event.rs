//! What a campaign tells those who wait for it.

use std::path::Path;
use std::time::Duration;

use builder::Step;
use record::Note;

/// Something to show. None is sent while a window is being measured.
#[derive(Debug)]
pub enum Event<'a> {
    /// The campaign's folder is there; nothing is built yet.
    Begun {
        /// The folder.
        folder: &'a Path,
        /// How long everything will take after building and checking, if nobody is left out.
        takes: Duration,
    },
    /// A campaign that was broken off goes on.
    Resumed {
        /// Its folder.
        folder: &'a Path,
        /// The last group that is whole.
        after: Option<&'a str>,
    },
    /// Servers are being built.
    Building(Step<'a>),
    /// The servers that were built are being held to the contract.
    Checking {
        /// How many there are.
        servers: usize,
    },
    /// A program that is compared is being linked with its functions in other places.
    LayingOut {
        /// The framework.
        framework: &'a str,
        /// How often.
        layouts: usize,
    },
    /// Something went wrong with one framework; the others go on.
    Failed(&'a Note),
    /// Building and checking are done.
    Measuring {
        /// How many frameworks are left.
        frameworks: usize,
        /// How long it will take.
        left: Duration,
    },
    /// A round of cold starts begins.
    Starts {
        /// Its number, from 1.
        round: usize,
        /// How many there are.
        of: usize,
        /// How long everything will still take.
        left: Duration,
    },
    /// All servers are being started fresh.
    Launch {
        /// Its number, from 1.
        number: u32,
        /// How many there are.
        of: u32,
    },
    /// Two servers are about to be measured at once.
    Duet {
        /// The launch's number, from 1.
        number: u32,
        /// How many there are.
        of: u32,
        /// The base.
        one: &'a str,
        /// What is compared with it.
        other: &'a str,
        /// How long everything will still take.
        left: Duration,
    },
    /// A window has no value, by no fault of its server's.
    NotMeasured {
        /// The block's number.
        block: u32,
        /// Whose window it was, the baseline's second copy by its own name.
        subject: &'a str,
        /// Why.
        why: &'a str,
    },
    /// A window is about to begin.
    Window {
        /// The block's number, from 1.
        block: u32,
        /// How many blocks there are.
        of: u32,
        /// The server.
        subject: &'a str,
        /// What is asked.
        scenario: &'a str,
        /// How it is asked.
        mode: &'a str,
        /// How long everything will still take.
        left: Duration,
    },
}

/// Somebody who waits for a campaign.
pub trait Progress {
    /// Shows an event. Must return at once.
    fn event(&mut self, event: Event<'_>);
}
