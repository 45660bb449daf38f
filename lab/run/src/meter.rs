//! What a window costs, beside what the instrument sees: the machine's other work, whether server and
//! lab had the CPUs, and the CPU time of a server on another machine, which the instrument cannot read.

use std::time::{Duration, Instant};

use host::Machine;
use host::quota::{Groups, Throttling};
use load::{Outcome, WatchedCpu};
use server::remote::process::{Watched, cpu_between};
use server::{Launched, ServerError};
use sys::MachineLoad;
use sys::cpu_time::{own_cpu, process_cpu, waited_for_cpu};

use super::gate::Surroundings;

/// Readings at the beginning of a window.
pub(super) struct Meter {
    here: Here,
    server: Reading,
}

enum Reading {
    Here(Process),
    There(Watched),
}

/// What a window cost.
pub(super) struct Metered {
    /// How the machines were.
    pub surroundings: Surroundings,
    /// The share of the time in which the server was ready to run and had no CPU; nothing where it
    /// cannot be read.
    pub waited: Option<f64>,
}

impl Meter {
    /// Reads.
    ///
    /// # Errors
    /// [`ServerError`] when the server's machine cannot be asked.
    pub fn begin(server: &Launched) -> Result<Self, ServerError> {
        let server = match server {
            Launched::Here(server) => Reading::Here(Process::read(server.pid())),
            Launched::There(server) => Reading::There(server.watch()?),
        };
        Ok(Self {
            server,
            here: Here::read(),
        })
    }

    /// Reads again: the time in between; what the instrument could not read is added to its
    /// outcome.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub fn end(self, outcome: Option<&mut Outcome>) -> Result<Metered, ServerError> {
        match self.server {
            Reading::Here(process) => {
                let (used, waited) = process.since();
                Ok(Metered {
                    surroundings: self.here.since(used),
                    waited: waited
                        .map(|w| w.as_secs_f64() / self.here.begun.elapsed().as_secs_f64()),
                })
            }
            Reading::There(watched) => {
                let mut surroundings = self.here.since(Some(Duration::ZERO));
                let (seen, offset) = watched.end()?;
                if let Some(outcome) = outcome {
                    let (begin, length) = (outcome.start_ns, outcome.measured_ns);
                    let cpu = cpu_between(&seen, offset, begin, begin + length);
                    outcome.watched_cpu = cpu.map(|cpu_ns| watched_cpu(cpu_ns, outcome));
                }
                // Both machines must be left alone.
                surroundings.foreign += Duration::from_nanos(seen.foreign_ns);
                surroundings.stolen += Duration::from_nanos(seen.stolen_ns);
                surroundings.throttled += seen.throttled;
                Ok(Metered {
                    surroundings,
                    waited: seen.waited,
                })
            }
        }
    }
}

/// This machine at a moment.
pub(super) struct Here {
    begun: Instant,
    machine: MachineLoad,
    own: Duration,
    groups: Groups,
    throttled: Throttling,
}

impl Here {
    /// Reads.
    pub fn read() -> Self {
        let groups = Groups::of(&Machine::this());
        Self {
            throttled: groups.throttling(),
            groups,
            machine: MachineLoad::now(),
            own: own_cpu(),
            begun: Instant::now(),
        }
    }

    /// How it was up to now, where the servers used so much CPU time. Where that is not known, as of one
    /// that has ended, what others used is not known either and is not made up.
    pub fn since(&self, servers: Option<Duration>) -> Surroundings {
        let machine = MachineLoad::now().since(self.machine);
        let own = own_cpu().saturating_sub(self.own);
        let foreign = servers.map(|used| machine.busy.saturating_sub(own + used));
        Surroundings {
            elapsed: self.begun.elapsed(),
            foreign: foreign.unwrap_or_default(),
            stolen: machine.stolen,
            throttled: self.groups.throttling().since(self.throttled).periods,
        }
    }
}

/// A server of this machine at a moment: the CPU time that it has used, and waited for.
pub(super) struct Process {
    pid: i32,
    used: Option<Duration>,
    waited: Option<Duration>,
}

impl Process {
    /// Reads.
    pub fn read(pid: i32) -> Self {
        Self {
            pid,
            used: process_cpu(pid),
            waited: waited_for_cpu(pid),
        }
    }

    /// What came on top: used, and waited for; nothing where it has ended.
    pub fn since(&self) -> (Option<Duration>, Option<Duration>) {
        let now = Self::read(self.pid);
        let more = |now: Option<Duration>, then: Option<Duration>| Some(now?.saturating_sub(then?));
        (more(now.used, self.used), more(now.waited, self.waited))
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
