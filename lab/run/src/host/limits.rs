//! File descriptors: enough for the connections, or a clear word.

/// What the lab needs beside one descriptor a connection.
const SPARE: u64 = 256;

/// There are not enough file descriptors.
#[derive(Debug, thiserror::Error)]
#[error(
    "{connections} connections need {needed} file descriptors, and this process may open {allowed}: raise the limit (ulimit -n {needed}; the hard limit is {hard}) or ask for fewer connections"
)]
pub struct TooFewDescriptors {
    /// The connections that an experiment wants.
    pub connections: u32,
    /// What they need.
    pub needed: u64,
    /// What there can be.
    pub allowed: u64,
    /// The hard limit, that only root can raise.
    pub hard: u64,
}

/// Raises the soft limit as far as `connections` need it; children inherit it.
///
/// # Errors
/// [`TooFewDescriptors`] when the hard limit stands in the way.
pub fn provide(connections: u32) -> Result<(), TooFewDescriptors> {
    let needed = u64::from(connections) + SPARE;
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is to an rlimit that lives through the call.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    if limit.rlim_cur >= needed {
        return Ok(());
    }
    let hard = limit.rlim_max;
    limit.rlim_cur = needed.min(hard);
    // SAFETY: as above.
    let raised = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) } == 0;
    if raised && hard >= needed {
        return Ok(());
    }
    Err(TooFewDescriptors {
        connections,
        needed,
        allowed: hard,
        hard,
    })
}
