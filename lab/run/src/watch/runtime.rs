//! Whether a server's Go runtime is as it was started: its settings, a collector that ran when it was
//! due, and no heap that was filled to have it run seldom. Without a probe nothing is read.

use load::Outcome;
use server::Fault;
use server::runtime::Reading;

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
            // What one that is gone died of is told instead.
            if server.ended().is_some() {
                continue;
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
