//! What a window costs, beside what the instrument sees: the machine's other work, and the CPU
//! time of a server on another machine, which the instrument cannot read.

use std::time::{Duration, Instant};

use load::{Outcome, WatchedCpu};

use super::gate::Surroundings;
use crate::host::MachineLoad;
use crate::host::load::{own_cpu, process_cpu};
use crate::server::remote::process::{Watched, cpu_between};
use crate::server::{Launched, ServerError};

/// Readings at the beginning of a window.
pub(super) struct Meter {
    begun: Instant,
    machine: MachineLoad,
    own: Duration,
    server: Reading,
}

enum Reading {
    Here { pid: i32, cpu: Option<Duration> },
    There(Watched),
}

impl Meter {
    /// Reads.
    pub fn begin(server: &Launched) -> Result<Self, ServerError> {
        let reading = match server {
            Launched::Here(server) => Reading::Here {
                pid: server.pid(),
                cpu: process_cpu(server.pid()),
            },
            Launched::There(server) => Reading::There(server.watch()?),
        };
        Ok(Self {
            begun: Instant::now(),
            machine: MachineLoad::now(),
            own: own_cpu(),
            server: reading,
        })
    }

    /// Reads again: the time in between; what the instrument could not read is added to its
    /// outcome.
    pub fn end(self, outcome: Option<&mut Outcome>) -> Result<Surroundings, ServerError> {
        let elapsed = self.begun.elapsed();
        let machine = MachineLoad::now().since(self.machine);
        let own = own_cpu().saturating_sub(self.own);
        let busy_besides = |theirs| machine.busy.saturating_sub(own + theirs);
        match self.server {
            Reading::Here { pid, cpu } => {
                let theirs = match (cpu, process_cpu(pid)) {
                    (Some(before), Some(after)) => after.saturating_sub(before),
                    _ => Duration::ZERO,
                };
                Ok(Surroundings {
                    elapsed,
                    foreign: busy_besides(theirs),
                    stolen: machine.stolen,
                })
            }
            Reading::There(watched) => {
                let (seen, offset) = watched.end()?;
                if let Some(outcome) = outcome {
                    let (begin, length) = (outcome.start_ns, outcome.measured_ns);
                    let cpu = cpu_between(&seen, offset, begin, begin + length);
                    outcome.watched_cpu = cpu.map(|cpu_ns| watched_cpu(cpu_ns, outcome));
                }
                // Both machines must be left alone.
                Ok(Surroundings {
                    elapsed,
                    foreign: busy_besides(Duration::ZERO) + Duration::from_nanos(seen.foreign_ns),
                    stolen: machine.stolen + Duration::from_nanos(seen.stolen_ns),
                })
            }
        }
    }
}

fn watched_cpu(cpu_ns: u64, outcome: &Outcome) -> WatchedCpu {
    let answers = outcome.counts.completed_inside;
    WatchedCpu {
        // No process of this machine.
        pid: 0,
        cpu_ns,
        per_request_ns: (answers > 0).then(|| cpu_ns as f64 / answers as f64),
    }
}
