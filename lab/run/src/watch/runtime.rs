//! Whether a server is as it was started while it has load: its threads, and of its Go runtime the settings, a
//! collector that ran when it was due, and no heap that was filled to have it run seldom. Without a probe
//! nothing is read of the runtime.

use load::Outcome;
use server::inspect::Found;
use server::runtime::Reading;
use server::{Fault, Launched};

use super::{Lost, Seen, Servers, Watcher, Watching};

/// Asks the probe at both ends of the load and not in it: a reading costs the server some 50 us.
pub(crate) struct Runtime;

struct Readings(Vec<Option<Reading>>);

impl Watcher for Runtime {
    fn begin(&self, servers: &mut Servers<'_, '_>) -> Result<Box<dyn Watching>, Lost> {
        let readings = (servers.iter_mut().enumerate())
            .map(|(which, server)| server.reading().map_err(|words| changed(which, words)));
        Ok(Box::new(Readings(readings.collect::<Result<_, _>>()?)))
    }
}

impl Watching for Readings {
    fn end(
        self: Box<Self>,
        servers: &mut Servers<'_, '_>,
        outcomes: &mut [Option<&mut Outcome>],
        seen: &mut [Seen],
    ) -> Result<(), Lost> {
        for ((which, server), earlier) in servers.iter_mut().enumerate().zip(self.0) {
            let server: &mut dyn Launched = &mut **server;
            // What one that is gone died of is told instead.
            if server.ended().is_some() {
                continue;
            }
            // Soon after the last answer: who gives itself more while there is load does not know yet
            // that it is over.
            if let Some(Err(Found::Offence(words))) =
                server.here().map(|server| server.threads_are_as_given())
            {
                return Err(changed(which, words));
            }
            let read = server.reading_since(earlier);
            let read = read.map_err(|words| changed(which, words))?;
            let connections = (outcomes[which].as_ref()).map_or(0, |o| o.peak_connections);
            seen[which].large_heap = read.and_then(|read| read.holds_too_much(connections));
        }
        Ok(())
    }
}

fn changed(which: usize, words: String) -> Lost {
    Lost {
        which,
        error: Fault::Other(words).into(),
    }
}
