//! File descriptors: enough for the connections, or a clear word before anything is built.
//!
//! A connection is a descriptor in the server and one in the instrument. Both inherit the lab's
//! limit, so the lab raises its own. The kernel also has a limit for all processes together.

use std::fs;

/// What each of lab, server and instrument needs beside one descriptor a connection.
const SPARE: u64 = 256;
/// Server and instrument have one descriptor each for a connection.
const ENDS: u64 = 2;
/// How many descriptors all processes have open, and how many they may have.
const WHOLE_SYSTEM: &str = "/proc/sys/fs/file-nr";

/// There are not enough file descriptors.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooFewDescriptors {
    /// For one process.
    #[error(
        "{connections} connections need {needed} file descriptors in a process, and a process of this user may open {hard}: raise the hard limit (as root: `ulimit -Hn {needed}` in the shell that starts the lab, or `* hard nofile {needed}` in /etc/security/limits.conf and a new login) or ask for fewer connections"
    )]
    Process {
        /// The connections that an experiment wants.
        connections: u32,
        /// What they need.
        needed: u64,
        /// What there can be: the hard limit, that only root can raise.
        hard: u64,
    },
    /// For all processes together.
    #[error(
        "{connections} connections need {needed} file descriptors in all, and this system has {free} left of {most}: raise its limit (as root: `sysctl fs.file-max={}`) or ask for fewer connections",
        most - free + needed
    )]
    System {
        /// The connections that an experiment wants.
        connections: u32,
        /// What they need.
        needed: u64,
        /// What the system has left.
        free: u64,
        /// The system's limit.
        most: u64,
    },
}

/// What a process of an experiment needs, for the most connections that one of its modes opens.
pub fn needed(connections: u32) -> u64 {
    u64::from(connections) + SPARE
}

/// Why the limit of open files of this process could not be raised.
#[derive(Debug)]
pub struct NotRaised {
    /// The hard limit, which only root can raise.
    pub hard: u64,
    /// The system call that failed, where it was not for the hard limit.
    pub refused: Option<(&'static str, std::io::Error)>,
}

/// Raises this process's limit of open files to `needed`, unless it is that high.
///
/// # Errors
/// [`NotRaised`] when the hard limit is lower, or the system says no.
pub fn raise(needed: u64) -> Result<(), NotRaised> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    let refused = |call, hard| NotRaised {
        hard,
        refused: Some((call, std::io::Error::last_os_error())),
    };
    // SAFETY: the pointer is to an rlimit that lives through the call.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0 {
        return Err(refused("getrlimit", 0));
    }
    if limit.rlim_cur >= needed {
        return Ok(());
    }
    let hard = limit.rlim_max;
    if hard < needed {
        return Err(NotRaised {
            hard,
            refused: None,
        });
    }
    limit.rlim_cur = needed;
    // SAFETY: as above.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) } {
        0 => Ok(()),
        _ => Err(refused("setrlimit", hard)),
    }
}

/// Raises the limit of open files as far as `connections` need it; children inherit it.
///
/// # Errors
/// [`TooFewDescriptors`] when a limit stands in the way.
pub fn provide(connections: u32) -> Result<(), TooFewDescriptors> {
    let whole = fs::read_to_string(WHOLE_SYSTEM).unwrap_or_default();
    enough_in_all(connections, &whole)?;
    let needed = needed(connections);
    raise(needed).map_err(|not| TooFewDescriptors::Process {
        connections,
        needed,
        hard: not.hard,
    })
}

/// Holds a connection's two ends against what the system has left, in the kernel's words: open,
/// unused, most. Root may exceed it, and then nobody else can open anything.
fn enough_in_all(connections: u32, whole: &str) -> Result<(), TooFewDescriptors> {
    let numbers: Vec<u64> = (whole.split_whitespace())
        .filter_map(|n| n.parse().ok())
        .collect();
    let [open, _, most] = numbers[..] else {
        return Ok(());
    };
    let free = most.saturating_sub(open);
    let needed = ENDS * needed(connections);
    if free >= needed {
        return Ok(());
    }
    Err(TooFewDescriptors::System {
        connections,
        needed,
        free,
        most,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_system_is_told_with_need_have_and_remedy() {
        assert_eq!(enough_in_all(10_000, "775 0 2466170"), Ok(()));
        assert_eq!(enough_in_all(10_000, "775 0 9223372036854775807"), Ok(()));
        assert_eq!(enough_in_all(10_000, ""), Ok(()));
        let full = enough_in_all(10_000, "7000 0 20000")
            .unwrap_err()
            .to_string();
        for part in ["20512", "13000 left of 20000", "fs.file-max=27512"] {
            assert!(full.contains(part), "{part}: {full}");
        }
    }
}
