//! The machine: what it is, which CPUs go to whom, who else is using it.

pub mod cpus;
pub mod facts;
pub mod limits;
pub mod load;

pub use load::MachineLoad;
