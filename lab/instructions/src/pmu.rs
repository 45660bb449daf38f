//! The processor's own counter of instructions, by `perf_event_open(2)`, where the machine has one:
//! virtual machines mostly have none.
//!
//! Only what runs in user space is counted, so that no privilege is needed where
//! `/proc/sys/kernel/perf_event_paranoid` is 2 or less.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::FromRawFd;
use std::path::PathBuf;

/// `PERF_TYPE_HARDWARE`.
const HARDWARE: u32 = 0;
/// `PERF_COUNT_HW_INSTRUCTIONS`.
const INSTRUCTIONS: u64 = 1;
/// The first published size of the kernel's structure, with all that is used here.
const SIZE: u32 = 64;
/// Bits of its word of flags.
const INHERIT: u64 = 1 << 1;
const EXCLUDE_KERNEL: u64 = 1 << 5;
const EXCLUDE_HYPERVISOR: u64 = 1 << 6;
/// `PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING`.
const TIMES: u64 = 0b11;
/// How often the threads are listed until no new one has come.
const TRIES: usize = 10;

/// Why the processor's counter says nothing. Each is a whole sentence.
#[derive(Debug, thiserror::Error)]
pub enum PmuError {
    /// The kernel offers none.
    #[error(
        "this machine has no counter of instructions that the kernel offers, as most virtual machines: {0}"
    )]
    None(#[source] io::Error),
    /// It is not allowed.
    #[error(
        "the kernel does not let this user count instructions: {0}; /proc/sys/kernel/perf_event_paranoid must be 2 or less"
    )]
    Forbidden(#[source] io::Error),
    /// The process is gone, or never rests.
    #[error("the threads of process {pid} cannot be counted: {source}")]
    Process {
        /// The process.
        pid: u32,
        /// The system's words.
        source: io::Error,
    },
    /// The kernel took turns between counters, so that what it says is an estimate.
    #[error(
        "the processor's counter was shared with others and ran for {running} of {enabled} ns: its number would be an estimate"
    )]
    Shared {
        /// How long it was wanted.
        enabled: u64,
        /// How long it counted.
        running: u64,
    },
}

/// The kernel's `struct perf_event_attr`, as far as its first size goes.
#[repr(C)]
#[derive(Default)]
struct Attributes {
    kind: u32,
    size: u32,
    config: u64,
    sample_period: u64,
    sample_type: u64,
    read_format: u64,
    flags: u64,
    wakeup_events: u32,
    bp_type: u32,
    config1: u64,
}

const _: () = assert!(size_of::<Attributes>() == SIZE as usize);

/// A counter for all threads of a process, those that it starts later included.
#[derive(Debug)]
pub struct Pmu {
    counters: Vec<(u32, File)>,
}

impl Pmu {
    /// Counts a process from now on.
    ///
    /// # Errors
    /// [`PmuError`].
    pub fn attach(pid: u32) -> Result<Self, PmuError> {
        let process = |source| PmuError::Process { pid, source };
        let mut counters: Vec<(u32, File)> = Vec::new();
        for _ in 0..TRIES {
            let known = counters.len();
            for thread in threads(pid).map_err(process)? {
                if counters.iter().all(|(t, _)| *t != thread) {
                    match open(thread) {
                        Ok(file) => counters.push((thread, file)),
                        // It ended meanwhile.
                        Err(e) if e.raw_os_error() == Some(libc::ESRCH) => {}
                        Err(e) => return Err(refused(e)),
                    }
                }
            }
            // A thread that a counted one starts is counted with it; one that came between the list
            // and its parent's counter is in the next list.
            if counters.len() == known && known > 0 {
                return Ok(Self { counters });
            }
        }
        Err(process(io::Error::other(
            "new threads come faster than they are listed",
        )))
    }

    /// Instructions in user space since [`Self::attach`].
    ///
    /// # Errors
    /// [`PmuError::Shared`], or when the kernel does not say.
    pub fn read(&mut self) -> Result<u64, PmuError> {
        let mut sum = 0;
        for (pid, file) in &mut self.counters {
            let mut bytes = [0; 24];
            let read = file.read_exact(&mut bytes);
            read.map_err(|source| PmuError::Process { pid: *pid, source })?;
            let word = |i: usize| {
                let bytes = bytes[8 * i..8 * (i + 1)].try_into();
                u64::from_ne_bytes(bytes.expect("eight bytes"))
            };
            let (count, enabled, running) = (word(0), word(1), word(2));
            if running < enabled {
                return Err(PmuError::Shared { enabled, running });
            }
            sum += count;
        }
        Ok(sum)
    }
}

fn refused(error: io::Error) -> PmuError {
    match error.raw_os_error() {
        Some(libc::EACCES | libc::EPERM) => PmuError::Forbidden(error),
        _ => PmuError::None(error),
    }
}

fn threads(pid: u32) -> io::Result<Vec<u32>> {
    let folder = PathBuf::from(format!("/proc/{pid}/task"));
    let mut all: Vec<u32> = std::fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    all.sort_unstable();
    Ok(all)
}

fn open(thread: u32) -> io::Result<File> {
    let attributes = Attributes {
        kind: HARDWARE,
        size: SIZE,
        config: INSTRUCTIONS,
        read_format: TIMES,
        flags: INHERIT | EXCLUDE_KERNEL | EXCLUDE_HYPERVISOR,
        ..Attributes::default()
    };
    const ANY_CPU: libc::c_int = -1;
    const NO_GROUP: libc::c_int = -1;
    /// `PERF_FLAG_FD_CLOEXEC`.
    const CLOSED_ON_EXEC: libc::c_ulong = 8;
    // SAFETY: the structure is the kernel's, of the size that it says, and lives through the call; the
    // descriptor is fresh and nobody else's.
    unsafe {
        let descriptor = libc::syscall(
            libc::SYS_perf_event_open,
            &raw const attributes,
            thread as libc::pid_t,
            ANY_CPU,
            NO_GROUP,
            CLOSED_ON_EXEC,
        );
        match descriptor {
            -1 => Err(io::Error::last_os_error()),
            descriptor => Ok(File::from_raw_fd(descriptor as libc::c_int)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threads_of_this_process_are_found() {
        let here = threads(std::process::id()).unwrap();
        assert!(here.contains(&std::process::id()), "{here:?}");
        assert!(threads(u32::MAX).is_err());
    }

    #[test]
    fn a_process_that_is_not_there_is_named() {
        let error = Pmu::attach(u32::MAX).unwrap_err();
        assert!(error.to_string().contains(&u32::MAX.to_string()), "{error}");
    }
}
