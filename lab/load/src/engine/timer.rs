//! A timer that epoll waits for. A timeout given to each wait would set and cancel a kernel timer
//! each time, which a virtual machine pays for dearly; deadlines that stay the same over
//! thousands of waits (the end of the measured part, the next sweep) are set once here.

use crate::LoadError;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use sys::clock::SECOND;

/// A one-shot timer on the monotonic clock.
pub struct Timer {
    fd: OwnedFd,
    armed: u64,
}

impl Timer {
    pub fn new() -> Result<Self, LoadError> {
        let flags = libc::TFD_NONBLOCK | libc::TFD_CLOEXEC;
        // SAFETY: no pointers.
        let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, flags) };
        if fd < 0 {
            return Err(LoadError::system("timerfd_create"));
        }
        // SAFETY: a fresh descriptor that nobody else owns.
        Ok(Self {
            fd: unsafe { OwnedFd::from_raw_fd(fd) },
            armed: u64::MAX,
        })
    }

    pub fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Makes sure that the timer goes off at `until`; free where it is set to that already.
    #[inline]
    pub fn arm(&mut self, until: u64) -> Result<(), LoadError> {
        if self.armed == until {
            return Ok(());
        }
        self.armed = until;
        let zero = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let value = libc::timespec {
            tv_sec: (until / SECOND) as libc::time_t,
            tv_nsec: (until % SECOND) as libc::c_long,
        };
        let spec = libc::itimerspec {
            it_interval: zero,
            it_value: value,
        };
        // SAFETY: `spec` is valid for the call.
        let failed = unsafe {
            libc::timerfd_settime(
                self.fd(),
                libc::TFD_TIMER_ABSTIME,
                &spec,
                std::ptr::null_mut(),
            )
        };
        if failed < 0 {
            Err(LoadError::system("timerfd_settime"))
        } else {
            Ok(())
        }
    }
}
