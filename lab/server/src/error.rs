//! What can go wrong with a server under test, with the last words of the one that it went wrong
//! with.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use sys::stderr;

/// A server that failed, or that the lab failed with. Displayed it is a sentence that goes on
/// after the framework's name; its last words stand beside it.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct ServerError {
    /// What went wrong.
    pub fault: Fault,
    /// The last line that it wrote to stderr, if it wrote any.
    pub words: Option<String>,
}

impl ServerError {
    /// A fault of the server whose stderr goes to a file.
    pub fn of(fault: Fault, stderr: &Path) -> Self {
        Self {
            fault,
            words: stderr::last_line(stderr),
        }
    }

    /// See [`Fault::is_the_servers`].
    pub fn is_the_servers(&self) -> bool {
        self.fault.is_the_servers()
    }
}

/// Of a server that has said nothing yet.
impl From<Fault> for ServerError {
    fn from(fault: Fault) -> Self {
        Self { fault, words: None }
    }
}

/// What can go wrong with a server process. Each is a sentence that goes on after the
/// framework's name.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The lab itself failed to start it: no port, no process, no file for its stderr.
    #[error("could not be started: {0}")]
    Start(#[source] std::io::Error),
    /// The system will not run its executable.
    #[error("cannot be executed: {0}")]
    Exec(#[source] std::io::Error),
    /// Others used the CPUs, so that nothing can be said of it.
    #[error("was kept from its CPU for {} of {} s and did nothing in the rest: measure on a quieter machine", kept.as_secs(), of.as_secs())]
    Kept {
        /// How long it was ready to run and had no CPU.
        kept: Duration,
        /// How long the lab waited.
        of: Duration,
    },
    /// The machine where it was to run cannot be asked.
    #[error("could not be used: {0}")]
    Link(#[source] crate::remote::LinkError),
    /// It ended by itself before it answered.
    #[error("{status} before it answered a request")]
    ExitedEarly {
        /// "exited with status 1", "was killed by signal 9 (SIGKILL)".
        status: String,
    },
    /// It ended by itself later.
    #[error("{status} while the lab was still using it")]
    Died {
        /// As in [`Fault::ExitedEarly`].
        status: String,
    },
    /// It runs but takes no connections.
    #[error("did not listen on {address} within {} s", within.as_secs())]
    NeverListened {
        /// Where it should have listened.
        address: SocketAddr,
        /// How long the lab waited.
        within: Duration,
    },
    /// It says itself that the handler does not exist yet.
    #[error("answered GET /plaintext with {line}: the handler is still to be written")]
    NotWritten {
        /// The first line of its answer.
        line: String,
    },
    /// It takes connections but does not answer rightly.
    #[error("took connections on {address} but gave no right answer to GET /plaintext within {} s: {last}", within.as_secs())]
    NeverAnswered {
        /// Where it listened.
        address: SocketAddr,
        /// How long the lab waited.
        within: Duration,
        /// What came last.
        last: String,
    },
    /// It did not stop when asked to.
    #[error("did not stop within {} s of SIGTERM and was killed", within.as_secs())]
    NeverStopped {
        /// How long the lab waited.
        within: Duration,
    },
    /// It is not what the lab started.
    #[error("{0}")]
    Other(String),
    /// Something on the machine where it was to run; the sentence is that machine's.
    #[error("{0}")]
    There(String),
    /// It stopped, but not as a server that was asked to should.
    #[error("{status} after SIGTERM, where exit status 0 was expected")]
    StoppedBadly {
        /// As in [`Fault::ExitedEarly`].
        status: String,
    },
}

impl Fault {
    /// Whether the server is to blame. All else is trouble of the lab's or the machine's, which says
    /// nothing of the server and would befall every other one.
    pub fn is_the_servers(&self) -> bool {
        match self {
            Self::Start(_) | Self::Kept { .. } | Self::Link(_) => false,
            Self::Exec(_)
            | Self::ExitedEarly { .. }
            | Self::Died { .. }
            | Self::NeverListened { .. }
            | Self::NotWritten { .. }
            | Self::NeverAnswered { .. }
            | Self::NeverStopped { .. }
            | Self::Other(_)
            | Self::There(_)
            | Self::StoppedBadly { .. } => true,
        }
    }

    /// A failure of fork or exec: an executable that is none of this machine's is the server's, a system
    /// that has no process left is not.
    pub(crate) fn spawning(error: std::io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::ENOENT | libc::ENOEXEC | libc::ELIBBAD) => Self::Exec(error),
            _ => Self::Start(error),
        }
    }
}
