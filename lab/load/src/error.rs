//! Why a run could not be made at all. What goes wrong *inside* a run is counted in the outcome.

use crate::spec::SpecError;

/// A run that could not start, or an environment that does not allow it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The specification is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The host name has no address.
    #[error(
        "the host {host:?} has no address: {reason}. Give an address, as in http://127.0.0.1:8080."
    )]
    Resolve {
        /// The host as written.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// The connections could not be opened before the load.
    #[error(
        "only {opened} of {wanted} connections to {address} could be opened: {reason}. {advice}"
    )]
    Connect {
        /// The address tried.
        address: String,
        /// Connections opened before giving up.
        opened: usize,
        /// Connections asked for.
        wanted: usize,
        /// The last failure.
        reason: String,
        /// What to look at, by that failure.
        advice: &'static str,
    },
    /// Too few file descriptors for the connections asked for.
    #[error(
        "{need} file descriptors are needed and the limit is {have}. Raise it (ulimit -n {need}) \
         or use fewer connections."
    )]
    Files {
        /// Descriptors needed.
        need: u64,
        /// The hard limit.
        have: u64,
    },
    /// The system makes no more threads.
    #[error(
        "only {made} of {wanted} threads could be made: {source}. Use fewer (-t), or raise the \
         limit of processes (ulimit -u) or of memory (ulimit -v)."
    )]
    Thread {
        /// Threads made.
        made: usize,
        /// Threads asked for.
        wanted: usize,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The engine asked for does not work here.
    #[error(
        "the engine {engine} does not work here: {reason}. Use --engine epoll, which works everywhere."
    )]
    Engine {
        /// The engine's name.
        engine: &'static str,
        /// What is missing.
        reason: String,
    },
    /// There is no process to be watched.
    #[error("watch_pid: there is no process {0}.")]
    NoProcess(u32),
    /// Ctrl-C came before the measured part.
    #[error("stopped before the measured part began: nothing was measured.")]
    Interrupted,
    /// A system call failed that never should.
    #[error("{what} failed: {source}.")]
    System {
        /// The call.
        what: &'static str,
        /// The kernel's answer.
        source: std::io::Error,
    },
}

impl LoadError {
    /// The last system error, as the failure of `what`.
    pub(crate) fn system(what: &'static str) -> Self {
        Self::System {
            what,
            source: std::io::Error::last_os_error(),
        }
    }
}
