//! Starting a process so that it cannot outlive the lab and runs where it should.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::pin::CpuSet;
use crate::{clock, privileges};

/// What happens to a child between fork and exec.
#[derive(Debug, Default)]
pub struct Confinement {
    /// The CPUs it may use; empty for all.
    pub cpus: Vec<usize>,
    /// A descriptor that stays open in it under the same number.
    pub inherit: Option<OwnedFd>,
    /// Gets the time of the exec.
    pub stamp: Option<OwnedFd>,
    /// Whether it is under test: it gets a session of its own, which nobody else can enter and which
    /// what it starts can only leave for another one, and no rights over other processes.
    pub apart: bool,
}

/// Confines a command: it gets a process group of its own, is killed when the thread that
/// started it ends, also while it is stopped, and is pinned.
pub fn confine(command: &mut Command, confinement: Confinement) {
    let apart = confinement.apart;
    match apart {
        // A session is a group as well, and who leads a group cannot begin one.
        true => end_with_parent(command),
        false => bind(command),
    }
    let cpus = CpuSet::of(&confinement.cpus);
    let pinned = !confinement.cpus.is_empty();
    let (inherit, stamp) = (confinement.inherit, confinement.stamp);
    // SAFETY: between fork and exec only async-signal-safe calls are made, and nothing is
    // allocated: setsid, prctl and its like, sched_setaffinity, fcntl, clock_gettime, write.
    unsafe {
        command.pre_exec(move || {
            if apart {
                check(libc::setsid())?;
            }
            if pinned {
                cpus.take(0)?;
            }
            if let Some(inherit) = &inherit {
                check(libc::fcntl(inherit.as_raw_fd(), libc::F_SETFD, 0))?;
            }
            if apart {
                privileges::give_up()?;
                privileges::sign();
            }
            if let Some(stamp) = &stamp {
                let bytes = clock::now().to_ne_bytes();
                let written = libc::write(stamp.as_raw_fd(), bytes.as_ptr().cast(), bytes.len());
                check(written as i32)?;
            }
            Ok(())
        });
    }
}

/// Binds a command that is not under test, ssh for instance, to the lab: it is in a process
/// group of its own, so that Ctrl-C is the lab's affair, and is killed when the lab ends.
pub fn bind(command: &mut Command) {
    command.process_group(0);
    end_with_parent(command);
}

/// The child is killed when the thread that started it ends, whatever it ends by.
pub fn end_with_parent(command: &mut Command) {
    let parent = std::process::id();
    // SAFETY: between fork and exec only async-signal-safe calls are made: prctl, getppid.
    unsafe {
        command.pre_exec(move || {
            check(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL))?;
            if libc::getppid() as u32 != parent {
                // It died between the fork and the prctl.
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
            Ok(())
        });
    }
}

/// Whoever outlives its parent below this process becomes its child, not that of the system's first
/// process.
///
/// # Errors
/// The system's.
pub fn keep_orphans() -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) })
}

/// A pipe whose ends are closed on exec.
pub fn pipe() -> io::Result<(File, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: the pointer is to two ints; the descriptors are fresh and owned by nobody else.
    unsafe {
        check(libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC))?;
        Ok((File::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])))
    }
}

pub(crate) fn check(result: i32) -> io::Result<()> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
