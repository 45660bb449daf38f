//! What the lab asks of the kernel, each thing in one place.
//!
//! ```text
//! cpu_time   what the machine, a process and the lab itself have used, and who waited for a CPU
//! limits     file descriptors: enough for the connections, or a clear word
//! pin        keeps the lab's own threads off the servers' CPUs
//! spawn      processes that run where they should and end when the lab does
//! stderr     what a process had to say
//! ```

pub mod cpu_time;
pub mod limits;
pub mod pin;
pub mod spawn;
pub mod stderr;

pub use cpu_time::MachineLoad;
