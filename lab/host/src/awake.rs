//! Keeps the CPUs from going to sleep between two requests.
//!
//! A server that answers a client whose CPU sleeps has to wake it, which costs the server more
//! than the answer where a hypervisor does it. The longer an answer takes, the more often that
//! CPU sleeps already, so a microsecond of extra work shows as more than one.

use std::fs::File;
use std::io::Write;

use super::audit::{Finding, finding};
use super::machine::Machine;
use super::profile::Wanted;

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
        Self::at_most(&Machine::this(), 0)
    }

    /// Asks for sleep from which a CPU wakes within so many microseconds; zero is none at all.
    pub fn at_most(machine: &Machine, microseconds: u32) -> Self {
        let ask = || -> std::io::Result<File> {
            let mut file = machine.open(DEVICE)?;
            let microseconds = i32::try_from(microseconds).unwrap_or(i32::MAX);
            file.write_all(&microseconds.to_ne_bytes())?;
            Ok(file)
        };
        Self { held: ask().ok() }
    }

    /// Asks for what a profile wants while a campaign is measured; nothing where it does not care.
    pub fn as_wanted(wanted: &Wanted) -> Option<Self> {
        let most = wanted.power.wake_up_us?;
        Some(Self::at_most(&Machine::this(), most))
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

/// Whether what the profile wants can be held. The lab holds it while it measures and nobody longer,
/// so there is nothing to apply.
pub(super) fn audit(machine: &Machine, wanted: &Wanted) -> Option<Finding> {
    let most = wanted.power.wake_up_us?;
    let words = format!("at most {most} us while measuring");
    let is_held = Awake::at_most(machine, most).is_held();
    Some(finding(
        "wake-up",
        Some(words.clone()),
        is_held.then_some(words),
        |wanted, found| wanted == found,
        Some(
            "/dev/cpu_dma_latency cannot be written: the lab needs root for it, or that file's permission",
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn what_a_profile_wants_is_asked_for_in_microseconds_and_no_device_is_a_difference() {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::at(folder.path());
        let mut wanted = Wanted::nothing();
        assert!(audit(&machine, &wanted).is_none());
        wanted.power.wake_up_us = Some(2);
        let none = audit(&machine, &wanted).unwrap().setting;
        assert_eq!((none.found(), none.matches), ("absent", false));
        let device = folder.path().join("dev/cpu_dma_latency");
        std::fs::create_dir(device.parent().unwrap()).unwrap();
        std::fs::write(&device, [0; 4]).unwrap();
        assert!(audit(&machine, &wanted).unwrap().setting.matches);
        assert_eq!(std::fs::read(&device).unwrap(), 2_i32.to_ne_bytes());
    }

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
