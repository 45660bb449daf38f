//! How much memory a server holds.

use std::fs;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// What a process holds, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resident {
    /// Resident set size.
    pub rss: u64,
    /// The same, with pages that others map too counted by their share.
    pub pss: u64,
}

impl Resident {
    /// Reads it from the kernel's account of all mappings, which takes it about a millisecond
    /// for 100 MiB; nothing where the process is gone.
    pub fn of(pid: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?)
    }

    fn parse(rollup: &str) -> Option<Self> {
        let of = |name: &str| {
            let line = rollup.lines().find_map(|l| l.strip_prefix(name))?;
            let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
            Some(kib * 1024)
        };
        Some(Self {
            rss: of("Rss:")?,
            pss: of("Pss:")?,
        })
    }
}

/// Reads the memory of processes.
pub struct MemoryReader(Option<System>);

impl Default for MemoryReader {
    fn default() -> Self {
        Self(System::new().ok())
    }
}

impl MemoryReader {
    /// The resident set size of a process in bytes; nothing when it is gone.
    pub fn resident(&mut self, pid: i32) -> Option<u64> {
        let system = self.0.as_mut()?;
        let pid = Pid::from_u32(pid as u32);
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[pid]),
            true,
            ProcessRefreshKind::nothing().with_memory(),
        );
        // A process that has ended but was not waited for holds nothing.
        system
            .process(pid)
            .map(sysinfo::Process::memory)
            .filter(|bytes| *bytes > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollup_is_read() {
        let rollup =
            "00400000-7ffe [rollup]\nRss:      6868 kB\nPss:      5000 kB\nPss_Dirty:  1 kB\n";
        let read = Resident::parse(rollup).unwrap();
        assert_eq!((read.rss, read.pss), (6868 * 1024, 5000 * 1024));
        assert_eq!(Resident::parse("Rss: 1 kB\n"), None);
        let own = Resident::of(std::process::id() as i32).unwrap();
        assert!(own.pss > 0 && own.pss <= own.rss);
    }
}
