//! Keeps the CPUs from going to sleep between two requests.
//!
//! A server that answers a client whose CPU sleeps has to wake it, which costs the server more
//! than the answer where a hypervisor does it. The longer an answer takes, the more often that
//! CPU sleeps already, so a microsecond of extra work shows as more than one.

use std::fs::File;
use std::io::Write;

/// The kernel's own way to ask for it: the longest time that waking may take, held as long as
/// the file is open (Documentation/power/pm_qos_interface.rst). Root's only.
const DEVICE: &str = "/dev/cpu_dma_latency";

/// While it lives, CPUs without work wait for it actively. It ends with the process, however
/// that ends.
pub struct Awake {
    held: Option<File>,
}

impl Awake {
    /// Asks for it; where that is not allowed the CPUs go on sleeping.
    pub fn hold() -> Self {
        let ask = || -> std::io::Result<File> {
            let mut file = File::options().write(true).open(DEVICE)?;
            file.write_all(&0_i32.to_ne_bytes())?;
            Ok(file)
        };
        Self { held: ask().ok() }
    }

    /// Whether it was allowed.
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// The state in words, for the facts of a campaign.
    pub fn words(&self) -> &'static str {
        if self.is_held() {
            "kept awake"
        } else {
            "may sleep between requests (keeping them awake takes root)"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn what_is_held_is_the_kernels_and_ends_with_the_guard() {
        let asked = || {
            let mut value = [0; 4];
            let mut file = File::open(DEVICE).ok()?;
            file.read_exact(&mut value).ok()?;
            Some(i32::from_ne_bytes(value))
        };
        let before = asked();
        let awake = Awake::hold();
        if awake.is_held() {
            assert_eq!(asked(), Some(0));
            drop(awake);
            assert_eq!(asked(), before);
        } else {
            println!("SKIPPED: {DEVICE} cannot be written here");
        }
    }
}
