//! Time and CPU clocks, in nanoseconds.
//!
//! The instrument reads them between two requests: what it calls there is inlined into it.

use std::time::Duration;

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;
/// Nanoseconds in a millisecond.
pub const MILLI: u64 = 1_000_000;
/// Nanoseconds in a microsecond.
pub const MICRO: u64 = 1_000;

#[inline]
fn read(clock: libc::clockid_t) -> Option<u64> {
    let mut at = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `at` is a valid timespec for the call to fill in.
    let failed = unsafe { libc::clock_gettime(clock, &mut at) } != 0;
    (!failed).then_some(at.tv_sec as u64 * SECOND + at.tv_nsec as u64)
}

/// `CLOCK_MONOTONIC`: does not step, one time base for all processes of a machine.
#[inline]
pub fn now() -> u64 {
    read(libc::CLOCK_MONOTONIC).expect("every Linux has CLOCK_MONOTONIC")
}

/// The same as a duration since the clock's zero.
pub fn monotonic() -> Duration {
    Duration::from_nanos(now())
}

/// `CLOCK_REALTIME`: the base of the kernel's receive timestamps and of log headers.
#[inline]
pub fn realtime() -> u64 {
    read(libc::CLOCK_REALTIME).expect("every Linux has CLOCK_REALTIME")
}

/// CPU time that the calling thread has used.
#[inline]
pub fn thread_cpu() -> u64 {
    read(libc::CLOCK_THREAD_CPUTIME_ID).expect("every Linux has CLOCK_THREAD_CPUTIME_ID")
}

/// How the scheduler has treated a thread so far; zeroes where the kernel does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scheduling {
    /// Nanoseconds in which it was ready to run and did not: others had its CPU, or an idle CPU
    /// took its time to wake up.
    pub starved: u64,
    /// How often it was given a CPU.
    pub runs: u64,
}

impl Scheduling {
    /// The calling thread's.
    pub fn of_this_thread() -> Self {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        Self::parse(&text)
    }

    /// `schedstat` of a thread: time on a CPU, time spent waiting for one, number of runs.
    fn parse(schedstat: &str) -> Self {
        let mut fields = schedstat
            .split_whitespace()
            .map(|field| field.parse().unwrap_or(0));
        Self {
            starved: fields.nth(1).unwrap_or(0),
            runs: fields.next().unwrap_or(0),
        }
    }
}

/// The CPU clock of another process: all its threads, dead and alive, to the nanosecond
/// (`clock_getcpuclockid`), unlike the ticks of `/proc/PID/stat`.
#[derive(Clone, Copy, Debug)]
pub struct ProcessCpu(libc::clockid_t);

impl ProcessCpu {
    /// The clock of `pid`, or nothing where there is no such process.
    pub fn of(pid: u32) -> Option<Self> {
        let mut clock: libc::clockid_t = 0;
        // SAFETY: `clock` is a valid place for the call to store an id.
        let failed = unsafe { libc::clock_getcpuclockid(pid as libc::pid_t, &mut clock) } != 0;
        (!failed).then_some(Self(clock))
    }

    /// CPU nanoseconds used so far, or nothing once the process is gone.
    pub fn read(self) -> Option<u64> {
        read(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_and_runs_are_read_where_there_are_any() {
        let read = Scheduling::parse("12 3456 78\n");
        assert_eq!((read.starved, read.runs), (3456, 78));
        assert_eq!(Scheduling::parse(""), Scheduling::default());
    }

    #[test]
    fn own_process_clock_moves_forward_and_a_missing_process_has_none() {
        let clock = ProcessCpu::of(std::process::id()).expect("own process");
        let before = clock.read().expect("own process");
        let mut x = 0u64;
        for i in 0..1_000_000u64 {
            x = std::hint::black_box(x ^ i);
        }
        assert!(clock.read().expect("own process") > before);
        // One above the largest pid_max that Linux allows.
        assert!(
            ProcessCpu::of((1 << 22) + 1)
                .and_then(ProcessCpu::read)
                .is_none()
        );
    }

    #[test]
    fn now_is_the_clock_that_does_not_step() {
        let monotonic = || read(libc::CLOCK_MONOTONIC).unwrap();
        let (before, at, after) = (monotonic(), now(), monotonic());
        assert!(before <= at && at <= after);
        assert_eq!((MICRO * 1000, MILLI * 1000), (MILLI, SECOND));
    }
}
