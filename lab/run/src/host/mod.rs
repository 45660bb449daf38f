//! The machine: what it is, how it is set and should be, which CPUs go to whom, who else is
//! using it, and that no second campaign does.

pub mod apply;
pub mod audit;
pub mod awake;
pub mod cpu_list;
pub mod cpus;
pub mod facts;
mod frequency;
pub mod heat;
mod interrupts;
pub mod journal;
mod leftovers;
pub mod limits;
pub mod load;
pub mod lock;
pub mod machine;
mod mask;
pub mod partition;
pub mod pin;
mod processes;
pub mod profile;
pub mod quota;
mod why;

pub use load::MachineLoad;
pub use lock::HostLock;
pub use machine::Machine;
pub use profile::Profile;

/// Ends this process as a power cut would: at once, without a word, without a destructor.
/// For tests of what must survive that.
pub fn die() -> ! {
    // SAFETY: kill takes no pointers.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    // The signal is delivered before the call returns; nothing after this runs.
    std::process::abort()
}
