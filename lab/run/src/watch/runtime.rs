//! Whether a server's Go runtime is as it was started: its settings, and a collector that ran when
//! it was due. Without a probe nothing is read.

use load::Outcome;
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
        _outcomes: &mut [Option<&mut Outcome>],
        _seen: &mut [Seen],
    ) -> Result<(), Lost> {
        for ((which, server), earlier) in servers.iter_mut().enumerate().zip(self.0) {
            let server: &mut dyn Launched = &mut **server;
            // What one that is gone died of is told instead.
            if server.ended().is_none() {
                let read = server.reading_since(earlier);
                read.map_err(|words| changed(which, words))?;
            }
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
