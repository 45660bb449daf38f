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
    ///
    /// The peak of memory is that of `/proc/self/status`: the one of `getrusage` also holds what the
    /// process that started this one had before the program was loaded (`exec` keeps it).
    pub fn own() -> Self {
        let counted = Self::of(libc::RUSAGE_SELF);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        Self {
            peak_rss: peak_of(&status).unwrap_or(counted.peak_rss),
            ..counted
        }
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

/// The line `VmHWM:  1234 kB`, in bytes.
fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_bytes() {
        let status = "Name:\tlab\nVmPeak:\t  9000 kB\nVmHWM:\t    1234 kB\n";
        assert_eq!(peak_of(status), Some(1234 << 10));
        assert_eq!(peak_of("Name:\tlab\n"), None);
    }

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
