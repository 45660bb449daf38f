//! Ctrl-C: the measured part ends early, and what it has is told all the same.
//!
//! The handler only writes down when the part is to end: a little later than now, so that every
//! thread hears of it before then and all end at the same moment. A second Ctrl-C finds no handler
//! and ends the process at once.

use std::sync::atomic::{AtomicU64, Ordering};
use sys::clock::{self, MILLI};

/// Longer than any thread waits without looking: twice the longest time between sweeps.
const NOTICE: u64 = 200 * MILLI;

/// When measured parts end, on the monotonic clock; 0 while nobody asked for it.
static END: AtomicU64 = AtomicU64::new(0);

/// From now on Ctrl-C cuts runs short, unless it is ignored, as for a shell's background jobs.
pub fn catch() {
    // SAFETY: zeroes are a valid sigaction; the handler makes only async-signal-safe calls
    // (clock_gettime and an atomic write); the pointers are valid.
    unsafe {
        let mut before: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGINT, std::ptr::null(), &mut before);
        if before.sa_sigaction == libc::SIG_IGN {
            return;
        }
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = noticed as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART | libc::SA_RESETHAND;
        libc::sigaction(libc::SIGINT, &action, std::ptr::null_mut());
    }
}

extern "C" fn noticed(_: libc::c_int) {
    END.store(clock::now() + NOTICE, Ordering::Relaxed);
}

/// When the measured part is to end, if Ctrl-C came.
#[inline]
pub fn end() -> Option<u64> {
    match END.load(Ordering::Relaxed) {
        0 => None,
        at => Some(at),
    }
}
