//! Why there is no number. A start that failed is never left out: there is a number of all of them
//! or none.

use std::net::SocketAddr;

use instructions::pmu::PmuError;
use instructions::{CounterError, SymbolError};

/// Each is a whole sentence.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
    /// The server, or the emulator that runs it, ended.
    #[error(
        "{server} {status} under the emulator{}: nothing was counted",
        quoted(words)
    )]
    Died {
        /// The server.
        server: String,
        /// "exited with status 1", "was killed by signal 9".
        status: String,
        /// Its last line on standard error.
        words: Option<String>,
    },
    /// It runs and takes no connections.
    #[error(
        "{server} did not listen on {address} within {seconds} s under the emulator{}",
        quoted(words)
    )]
    NeverListened {
        /// The server.
        server: String,
        /// Where it should have listened.
        address: SocketAddr,
        /// How long the lab waited.
        seconds: u64,
        /// Its last line on standard error.
        words: Option<String>,
    },
    /// An answer is wrong.
    #[error("{server} answered {request} wrongly: {what}")]
    Wrong {
        /// The server.
        server: String,
        /// What was asked.
        request: String,
        /// What is wrong.
        what: String,
    },
    /// No answer comes any more.
    #[error(
        "{server} left {waiting} requests without an answer for {seconds} s under the emulator"
    )]
    Silent {
        /// The server.
        server: String,
        /// How many.
        waiting: usize,
        /// How long the lab waited.
        seconds: u64,
    },
    /// The counters.
    #[error("{server} could not be counted: {source}")]
    Counters {
        /// The server.
        server: String,
        /// Why not.
        source: CounterError,
    },
    /// The processor's counter.
    #[error("{server} could not be counted: {source}")]
    Pmu {
        /// The server.
        server: String,
        /// Why not.
        source: PmuError,
    },
    /// The symbols.
    #[error(transparent)]
    Symbols(#[from] SymbolError),
    /// The machine.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// The system's words.
        source: std::io::Error,
    },
    /// The server ran out of work too often for its count to be one of requests.
    #[error(
        "{server} had nothing to do {dry} times in {requests} requests: what it then does to look for work would be counted. Run it on a machine with a CPU for the lab, or ask by more connections"
    )]
    Starved {
        /// The server.
        server: String,
        /// How often all requests had been answered before the next one was sent.
        dry: u64,
        /// Of how many.
        requests: u64,
    },
    /// Ctrl-C.
    #[error("it was cut short")]
    CutShort,
    /// Too few starts, or numbers that are none.
    #[error("no interval can be computed: {0}")]
    Interval(#[from] stats::Error),
}

impl CountError {
    /// A failure of the processor's counter.
    pub(crate) fn pmu(server: &str, source: PmuError) -> Self {
        Self::Pmu {
            server: server.to_owned(),
            source,
        }
    }

    /// A failure of the machine's.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

fn quoted(words: &Option<String>) -> String {
    words
        .as_ref()
        .map_or_else(String::new, |w| format!(" (it says: {w})"))
}
