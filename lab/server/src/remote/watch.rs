//! What the agent sees of a server while a window lasts: its CPU clock, and who else was busy.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use host::Machine;
use host::quota::{Groups, Throttling};
use sys::MachineLoad;
use sys::clock::monotonic;
use sys::cpu_time::{own_cpu, process_cpu, waited_for_cpu};

use super::samples::{EVERY, Sample};
use super::wire::Seen;

/// Looks at a server's CPU clock until it is told to end.
pub(super) struct Watch {
    pid: i32,
    end: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Sample>>,
    machine: MachineLoad,
    own: Duration,
    theirs: Option<Duration>,
    waited: Option<Duration>,
    groups: Groups,
    throttled: Throttling,
    begun: Instant,
}

impl Watch {
    /// Begins to look at a process.
    pub(super) fn begin(pid: i32) -> Self {
        let end = Arc::new(AtomicBool::new(false));
        let groups = Groups::of(&Machine::this());
        let throttled = groups.throttling();
        let (machine, own, theirs) = (MachineLoad::now(), own_cpu(), process_cpu(pid));
        let (first, begun) = mpsc::channel();
        let ends = Arc::clone(&end);
        let thread = std::thread::spawn(move || {
            let mut samples = Vec::new();
            loop {
                // The server's CPU clock cannot be read at a moment, only between two.
                let before = monotonic();
                let Some(cpu) = process_cpu(pid) else { break };
                let after = monotonic();
                samples.push(Sample {
                    at: nanoseconds(before + (after - before) / 2),
                    cpu: nanoseconds(cpu),
                });
                let _ = first.send(());
                if ends.load(Ordering::Relaxed) {
                    break;
                }
                std::thread::sleep(EVERY);
            }
            samples
        });
        // The window begins only after the first look.
        let _ = begun.recv();
        Self {
            pid,
            end,
            thread,
            machine,
            own,
            theirs,
            waited: waited_for_cpu(pid),
            groups,
            throttled,
            begun: Instant::now(),
        }
    }

    /// Ends, and tells what was seen.
    pub(super) fn end(self) -> Seen {
        self.end.store(true, Ordering::Relaxed);
        let samples = self.thread.join().unwrap_or_default();
        let machine = MachineLoad::now().since(self.machine);
        let own = own_cpu().saturating_sub(self.own);
        let more = |now: Option<Duration>, then: Option<Duration>| Some(now?.saturating_sub(then?));
        let theirs = more(process_cpu(self.pid), self.theirs);
        let waited = more(waited_for_cpu(self.pid), self.waited);
        let elapsed = self.begun.elapsed().as_secs_f64();
        // Of a server that has ended it is not known what it used, nor then what others did.
        let foreign = theirs.map(|theirs| machine.busy.saturating_sub(own + theirs));
        Seen {
            samples,
            foreign_ns: nanoseconds(foreign.unwrap_or_default()),
            stolen_ns: nanoseconds(machine.stolen),
            throttled: self.groups.throttling().since(self.throttled).periods,
            waited: waited.map(|w| w.as_secs_f64() / elapsed),
        }
    }
}

/// A time as the wire has it.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    time.as_nanos() as u64
}
