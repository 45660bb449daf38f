//! Which CPUs a thread may use.

use std::io;

/// A set of CPUs as the kernel takes it.
#[derive(Clone, Copy)]
pub struct CpuSet(libc::cpu_set_t);

impl std::fmt::Debug for CpuSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.cpus()).finish()
    }
}

impl CpuSet {
    /// These CPUs; those that no kernel has are none.
    pub fn of(cpus: &[usize]) -> Self {
        let known = cpus.iter().filter(|cpu| **cpu < libc::CPU_SETSIZE as usize);
        // SAFETY: an all-zero set is valid, and each index is below the set's size.
        unsafe {
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            for cpu in known {
                libc::CPU_SET(*cpu, &mut set);
            }
            Self(set)
        }
    }

    /// What the calling thread may use.
    ///
    /// # Errors
    /// What the system says.
    pub fn allowed() -> io::Result<Self> {
        let mut set = Self::of(&[]);
        // SAFETY: the call writes at most the size given.
        match unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set.0) } {
            0 => Ok(set),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Pins a thread, 0 for the calling one. Allocates nothing and only makes a system call, so
    /// that it can be called between fork and exec.
    ///
    /// # Errors
    /// What the system says.
    pub fn take(&self, thread: libc::pid_t) -> io::Result<()> {
        // SAFETY: the pointer is to a whole set.
        match unsafe { libc::sched_setaffinity(thread, size_of::<libc::cpu_set_t>(), &self.0) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// The CPUs in it, ascending.
    pub fn cpus(&self) -> Vec<usize> {
        (0..libc::CPU_SETSIZE as usize)
            // SAFETY: the index is below the set's size.
            .filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, &self.0) })
            .collect()
    }
}

/// While this lives, every thread of this process runs on the given CPUs only.
#[derive(Debug)]
pub struct Pinned {
    before: Option<CpuSet>,
}

impl Pinned {
    /// Pins all threads that the process has; new ones inherit it.
    pub fn to(cpus: &[usize]) -> Self {
        let before = CpuSet::allowed().ok();
        pin_all(&CpuSet::of(cpus));
        Self { before }
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            pin_all(before);
        }
    }
}

fn pin_all(set: &CpuSet) {
    let tasks = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    for task in tasks {
        if let Some(id) = task.file_name().to_str().and_then(|n| n.parse().ok()) {
            // A thread that has ended is no harm.
            let _ = set.take(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_the_cpus_that_it_was_given() {
        assert_eq!(CpuSet::of(&[5, 0, 70, 1_000_000]).cpus(), [0, 5, 70]);
        assert!(CpuSet::of(&[]).cpus().is_empty());
    }

    #[test]
    fn a_thread_runs_where_it_was_pinned_and_others_where_they_were() {
        let before = CpuSet::allowed().unwrap().cpus();
        let one = before[before.len() - 1];
        let pinned = std::thread::spawn(move || {
            CpuSet::of(&[one]).take(0).unwrap();
            CpuSet::allowed().unwrap().cpus()
        });
        assert_eq!(pinned.join().unwrap(), [one]);
        assert_eq!(CpuSet::allowed().unwrap().cpus(), before);
        assert!(CpuSet::of(&[]).take(0).is_err(), "nowhere to run");
    }
}
