//! Instructions that servers execute in user space, by the processor's own counter, where this machine has
//! one. Most virtual machines have none: a campaign there says so once, among the facts about its host
//! ([`of_this_machine`]), and has no such rows.

use instructions::pmu::Pmu;
use load::Outcome;
use record::Metric;

use super::{Lost, Seen, Servers, Watcher, Watching};

/// The fact about a host that says by what instructions are counted, or why they are not.
pub(crate) const FACT: &str = "instructions";

/// Whether this machine counts instructions, in words.
pub(crate) fn of_this_machine() -> String {
    match Pmu::attach(std::process::id()) {
        Ok(_) => "counted by the processor, in user space".to_owned(),
        Err(why) => format!("not counted: {why}"),
    }
}

/// Counts all threads of each server. One on another machine, one whose counter was shared with somebody
/// else's, and one that has ended has no number.
pub(crate) struct Instructions;

struct Counting(Vec<Option<Pmu>>);

impl Watcher for Instructions {
    fn begin(&self, servers: &mut Servers<'_, '_>) -> Result<Box<dyn Watching>, Lost> {
        let of = |pid: Option<u32>| Pmu::attach(pid?).ok();
        let counters = servers.iter().map(|server| of(server.pid()));
        Ok(Box::new(Counting(counters.collect())))
    }
}

impl Watching for Counting {
    fn end(
        self: Box<Self>,
        servers: &mut Servers<'_, '_>,
        _outcomes: &mut [Option<&mut Outcome>],
        seen: &mut [Seen],
    ) -> Result<(), Lost> {
        for ((server, counter), seen) in servers.iter_mut().zip(self.0).zip(seen) {
            // Instructions of part of the load are no instructions a request.
            if server.ended().is_some() {
                continue;
            }
            let counted = counter.and_then(|mut counter| counter.read().ok());
            let metric = Metric::InstructionsPerRequest;
            seen.per_request.extend(counted.map(|n| (metric, n as f64)));
        }
        Ok(())
    }
}
