//! What the lab asks of the kernel, each thing in one place.
//!
//! ```text
//! clock      the time that does not step, and what threads and processes have used
//! cpu_time   what the machine, a process and the lab itself have used, and who waited for a CPU
//! limits     file descriptors: enough for the connections, or a clear word
//! pin        which CPUs a thread may use
//! spawn      processes that run where they should and end when the lab does
//! stderr     what a process had to say
//! usage      the kernel's account of this process
//! ```

pub mod clock;
pub mod cpu_time;
pub mod limits;
pub mod pin;
pub mod privileges;
pub mod spawn;
pub mod stderr;
pub mod usage;

pub use cpu_time::MachineLoad;
