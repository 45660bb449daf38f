//! The machine's other work, whether server and lab had the CPUs, and the CPU time of a server on
//! another machine, which the instrument cannot read.

use std::time::{Duration, Instant};

use host::quota::{Groups, Throttling};
use load::{Outcome, WatchedCpu};
use server::watched::Watched;
use sys::MachineLoad;
use sys::cpu_time::own_cpu;

use super::{Lost, Seen, Servers, Watcher, Watching};
use crate::gate::Surroundings;

/// Reads the machine, and the CPU time of all servers.
pub(crate) struct Machine;

struct Reading {
    servers: Vec<Box<dyn Watched>>,
    here: Here,
}

impl Watcher for Machine {
    fn begin(&self, servers: &mut Servers<'_, '_>) -> Result<Box<dyn Watching>, Lost> {
        let watched = (servers.iter().enumerate())
            .map(|(which, server)| server.watch().map_err(|error| Lost { which, error }));
        Ok(Box::new(Reading {
            servers: watched.collect::<Result<_, _>>()?,
            here: Here::read(),
        }))
    }
}

impl Watching for Reading {
    fn end(
        self: Box<Self>,
        _servers: &mut Servers<'_, '_>,
        outcomes: &mut [Option<&mut Outcome>],
        seen: &mut [Seen],
    ) -> Result<(), Lost> {
        let cpu: Vec<_> = (self.servers.into_iter().enumerate())
            .map(|(which, watched)| watched.end().map_err(|error| Lost { which, error }))
            .collect::<Result<_, _>>()?;
        let here = self.here.since(cpu.iter().map(|cpu| cpu.used).sum());
        for ((cpu, outcome), seen) in cpu.into_iter().zip(outcomes).zip(seen) {
            seen.waited = cpu.waited;
            seen.surroundings = here;
            let Some(there) = cpu.there else { continue };
            // Both machines must be left alone.
            seen.surroundings.foreign += there.foreign;
            seen.surroundings.stolen += there.stolen;
            seen.surroundings.throttled += there.throttled;
            if let Some(outcome) = outcome {
                let (begin, length) = (outcome.start_ns, outcome.measured_ns);
                let cpu = there.cpu_between(begin, begin + length);
                outcome.watched_cpu = cpu.map(|cpu_ns| watched_cpu(cpu_ns, outcome));
            }
        }
        Ok(())
    }
}

/// This machine at a moment.
struct Here {
    begun: Instant,
    machine: MachineLoad,
    own: Duration,
    groups: Groups,
    throttled: Throttling,
}

impl Here {
    /// Reads.
    fn read() -> Self {
        let groups = Groups::of(&host::Machine::this());
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
    fn since(&self, servers: Option<Duration>) -> Surroundings {
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

fn watched_cpu(cpu_ns: u64, outcome: &Outcome) -> WatchedCpu {
    let answers = outcome.counts.completed_inside;
    WatchedCpu {
        // No process of this machine.
        pid: 0,
        cpu_ns,
        per_request_ns: (answers > 0).then(|| cpu_ns as f64 / answers as f64),
    }
}
