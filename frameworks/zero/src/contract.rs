//! What the contract has in common for all servers: payloads, busy work, the end by a signal. The
//! Go servers share a module for it; this is the same in Rust.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The body of `GET /plaintext`.
pub const PLAINTEXT: &str = include_str!("plaintext.txt");

const BLOB: u32 = 1 << 20;

/// The body of `GET /blob`, made at the first request.
pub fn blob() -> &'static [u8] {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    MADE.get_or_init(|| (0..BLOB / 4).flat_map(|i| mix(i).to_le_bytes()).collect())
}

/// The finaliser of MurmurHash3.
pub fn mix(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x85eb_ca6b);
    x ^= x >> 13;
    x = x.wrapping_mul(0xc2b2_ae35);
    x ^ x >> 16
}

/// A step of the clock that the loop below cannot have taken by itself.
const INTERRUPTION: Duration = Duration::from_micros(5);

/// Burns processor time. Where the operating system takes the processor away, that does not shorten
/// the work.
pub fn spin(time: Duration) {
    let mut burnt = Duration::ZERO;
    let mut last = Instant::now();
    while burnt < time {
        let now = Instant::now();
        let step = now - last;
        if step < INTERRUPTION {
            burnt += step;
        }
        last = now;
    }
}

/// SIGTERM and SIGINT, kept back for who waits for them.
pub struct Stop(libc::sigset_t);

impl Stop {
    /// Keeps them back from this thread and those that it starts.
    pub fn new() -> Self {
        // SAFETY: the set is made by the call that is for that, and lives through all of them.
        unsafe {
            let mut signals = std::mem::zeroed();
            libc::sigemptyset(&raw mut signals);
            libc::sigaddset(&raw mut signals, libc::SIGTERM);
            libc::sigaddset(&raw mut signals, libc::SIGINT);
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const signals, std::ptr::null_mut());
            Self(signals)
        }
    }

    /// Waits for one of them.
    pub fn wait(&self) {
        let mut signal = 0;
        // SAFETY: set and number live through the call.
        while unsafe { libc::sigwait(&raw const self.0, &raw mut signal) } != 0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_those_of_the_contract() {
        let kit = include_str!("../../kit/plaintext.txt");
        assert_eq!(PLAINTEXT, kit);
        assert_eq!(blob().len(), 1 << 20);
        assert_eq!(blob()[..8], [0, 0, 0, 0, 0xb7, 0x28, 0x4e, 0x51]);
    }
}
