//! The machine: what it is, how it is set and should be, which CPUs go to whom, and that no second
//! campaign uses it.

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
pub mod lock;
pub mod machine;
mod mask;
pub mod partition;
mod processes;
pub mod profile;
pub mod quota;
mod why;

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
