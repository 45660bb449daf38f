//! How much memory a server holds.

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

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
