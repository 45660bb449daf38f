//! Keeps the lab's own threads off the servers' CPUs while it measures.

/// While this lives, every thread of the lab runs on the given CPUs only.
#[derive(Debug)]
pub struct Pinned {
    before: Option<libc::cpu_set_t>,
}

impl Pinned {
    /// Pins all threads that the process has; new ones inherit it.
    pub fn to(cpus: &[usize]) -> Self {
        // SAFETY: all-zero sets are valid, the indices are checked by CPU_SET, the pointers
        // live through the calls.
        unsafe {
            let mut before: libc::cpu_set_t = std::mem::zeroed();
            let known = libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut before) == 0;
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            for cpu in cpus {
                libc::CPU_SET(*cpu, &mut set);
            }
            set_all(&set);
            Self {
                before: known.then_some(before),
            }
        }
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            set_all(before);
        }
    }
}

fn set_all(set: &libc::cpu_set_t) {
    let tasks = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    for task in tasks {
        if let Some(id) = task.file_name().to_str().and_then(|n| n.parse().ok()) {
            // SAFETY: the pointer is to a whole set. A thread that has ended is no harm.
            unsafe { libc::sched_setaffinity(id, size_of::<libc::cpu_set_t>(), set) };
        }
    }
}
