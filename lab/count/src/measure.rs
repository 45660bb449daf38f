//! One start, one number.

use std::path::Path;
use std::time::{Duration, Instant};

use instructions::{Counts, Profile, Symbols};
use serde::{Deserialize, Serialize};

use crate::ask::Ask;
use crate::offer::Connections;
use crate::process::{Means, Process, Reading};
use crate::role::{Protocol, Start};
use crate::{CountError, Role, Subject};

/// The function of the Go runtime's monitor, which runs on a thread of its own and wakes by the
/// clock: a machine that is slower today has more of it for a request.
pub const MONITOR: &str = "runtime.sysmon";

/// How long the server may take to come to rest after a batch; one that has work of its own all the
/// time is counted with it.
const RESTS_WITHIN: Duration = Duration::from_millis(200);
/// Two readings so far apart that are the same: it rests.
const LOOK: Duration = Duration::from_millis(4);

/// What came of a start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// What it was for.
    pub role: Role,
    /// In which round.
    pub round: u32,
    /// Requests of the batch.
    pub requests: u64,
    /// Instructions a request in user space, of all threads but the monitor's.
    pub instructions: f64,
    /// The monitor's instructions a request; nothing where there are no symbols to tell it by. It is
    /// in `instructions` then.
    pub monitor: Option<f64>,
    /// How often the server had nothing to do.
    pub dry: u64,
    /// Length of the batch under the emulator, seconds.
    pub seconds: f64,
    /// Instructions a request by function; nothing without symbols.
    #[serde(skip)]
    pub profile: Option<Profile>,
}

/// What one start needs.
pub(crate) struct Job<'a> {
    pub means: &'a Means,
    pub protocol: &'a Protocol,
    pub start: Start,
    pub subject: &'a Subject,
    pub ask: &'a Ask,
    pub stop: &'a dyn Fn() -> bool,
}

impl Job<'_> {
    /// Starts a server, warms it up, counts one batch, ends it.
    ///
    /// # Errors
    /// [`CountError`].
    pub(crate) fn measure(&self, stderr: &Path) -> Result<Measured, CountError> {
        let Subject { name, program, .. } = self.subject;
        let env = self.protocol.env(self.start.role);
        let mut process = Process::start(self.means, name, program, &env, stderr)?;
        match self.batch(&mut process) {
            Ok(measured) => {
                // One that has died meanwhile has no number, whatever was read.
                process.lives()?;
                Ok(measured)
            }
            Err(CountError::CutShort) => Err(CountError::CutShort),
            Err(seen) => Err(process.blame(seen)),
        }
    }

    fn batch(&self, process: &mut Process) -> Result<Measured, CountError> {
        let (protocol, start) = (self.protocol, self.start);
        let name = &self.subject.name;
        let (opened, resting) = (protocol.connections, protocol.resting);
        let mut connections = Connections::open(name, process.address(), opened, resting)?;
        connections.offer(self.ask, protocol.warm_up, self.stop)?;
        let before = self.at_rest(process)?;
        let begun = Instant::now();
        let offered = connections.offer(self.ask, protocol.batch(start.role), self.stop)?;
        let seconds = begun.elapsed().as_secs_f64();
        let after = self.at_rest(process)?;
        if offered.dry * protocol.dry_share > offered.requests {
            return Err(CountError::Starved {
                server: name.clone(),
                dry: offered.dry,
                requests: offered.requests,
            });
        }
        let requests = offered.requests as f64;
        let mut measured = Measured {
            role: start.role,
            round: start.round,
            requests: offered.requests,
            instructions: 0.0,
            monitor: None,
            dry: offered.dry,
            seconds,
            profile: None,
        };
        match (after, before) {
            (Reading::Blocks(after), Reading::Blocks(before)) => {
                let (counts, symbols) = (after.since(&before), self.symbols());
                let (monitors, others) = threads(&counts, symbols);
                measured.instructions = of(&counts, &others) as f64 / requests;
                measured.monitor = symbols.map(|_| of(&counts, &monitors) as f64 / requests);
                measured.profile = symbols.map(|s| Profile::of(&counts, s, &others).per(requests));
            }
            (after, before) => {
                let sum = self.working(&after).saturating_sub(self.working(&before));
                measured.instructions = sum as f64 / requests;
            }
        }
        Ok(measured)
    }

    fn symbols(&self) -> Option<&Symbols> {
        self.subject.symbols.as_ref()
    }

    /// What was executed by all threads but the monitor's, as far as it can be told from them.
    fn working(&self, reading: &Reading) -> u64 {
        match reading {
            Reading::Blocks(counts) => of(counts, &threads(counts, self.symbols()).1),
            Reading::Sum(sum) => *sum,
        }
    }

    /// A reading once the server has come to rest.
    fn at_rest(&self, process: &mut Process) -> Result<Reading, CountError> {
        let begun = Instant::now();
        let mut last = process.read()?;
        loop {
            std::thread::sleep(LOOK);
            let now = process.read()?;
            if self.working(&now) == self.working(&last) || begun.elapsed() > RESTS_WITHIN {
                return Ok(now);
            }
            last = now;
        }
    }
}

/// The instructions of some threads.
fn of(counts: &Counts, threads: &[usize]) -> u64 {
    threads.iter().map(|t| counts.instructions_of(*t)).sum()
}

/// The threads of the runtime's monitor, and all others.
fn threads(counts: &Counts, symbols: Option<&Symbols>) -> (Vec<usize>, Vec<usize>) {
    let monitor = symbols.and_then(|symbols| symbols.range(MONITOR));
    let monitors = monitor.map_or_else(Vec::new, |code| counts.threads_in(&code));
    (0..counts.executed.len()).partition(|thread| monitors.contains(thread))
}

#[cfg(test)]
mod tests {
    use super::*;
    use instructions::counts::Block;

    #[test]
    fn the_monitors_thread_is_told_by_its_code() {
        let symbols: Symbols = [
            (0x10..0x20, MONITOR.to_owned()),
            (0x20..0x30, "f".to_owned()),
        ]
        .into_iter()
        .collect();
        let block = |address| Block {
            address,
            instructions: 1,
        };
        let counts = Counts {
            blocks: vec![block(0x10), block(0x20)],
            executed: vec![vec![0, 5], vec![3, 4], vec![0, 1]],
        };
        assert_eq!(threads(&counts, Some(&symbols)), (vec![1], vec![0, 2]));
        assert_eq!(threads(&counts, None), (vec![], vec![0, 1, 2]));
    }
}
