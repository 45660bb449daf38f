//! The machine: what it is, which CPUs go to whom, who else is using it, and
//! that no second campaign does.

pub mod cpus;
pub mod facts;
pub mod limits;
pub mod load;
pub mod lock;

pub use load::MachineLoad;
pub use lock::HostLock;
