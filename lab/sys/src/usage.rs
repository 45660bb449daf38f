//! What the kernel has counted of this process and of those children that it has waited for.

use std::time::Duration;

/// The kernel's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// CPU time of all threads, in the program and in the kernel.
    pub cpu: Duration,
    /// The most memory that it held at once, in bytes.
    pub peak_rss: u64,
    /// How often a thread was taken off its CPU although it wanted to go on; ended threads count.
    pub preempted: u64,
}

impl Usage {
    /// This process's own.
    pub fn own() -> Self {
        Self::of(libc::RUSAGE_SELF)
    }

    /// That of `RUSAGE_SELF` or `RUSAGE_CHILDREN`.
    pub(crate) fn of(who: libc::c_int) -> Self {
        // SAFETY: an all-zero rusage is valid, and the pointer lives through the call.
        let usage = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            libc::getrusage(who, &mut usage);
            usage
        };
        let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
        Self {
            cpu: time(usage.ru_utime) + time(usage.ru_stime),
            // Linux counts it in KiB.
            peak_rss: usage.ru_maxrss as u64 * 1024,
            preempted: usage.ru_nivcsw as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_holds_what_it_has_touched() {
        let before = Usage::own();
        let bytes = before.peak_rss as usize + (16 << 20);
        let block = std::hint::black_box(vec![1u8; bytes]);
        let after = Usage::own();
        drop(block);
        assert!(after.peak_rss >= bytes as u64, "{after:?}");
        assert!(after.cpu >= before.cpu && after.preempted >= before.preempted);
    }
}
