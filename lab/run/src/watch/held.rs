//! What a server holds while it is under load: memory and goroutines, read again and again by the
//! lab, on the instrument's CPU.

use std::time::Duration;

use load::Outcome;
use record::Metric;
use server::Launched;
use server::memory::Resident;
use sys::clock::monotonic;

use super::{Look, Lost, Seen, Servers, Watcher, Watching};
use crate::observe::mebibytes;

/// Looks at servers of this machine as often as `every` says.
pub(crate) struct Held {
    /// The pause between two looks.
    pub every: Duration,
}

struct Looks {
    every: Duration,
    /// By server.
    looks: Vec<Vec<Look>>,
}

impl Held {
    /// One look: what it holds of memory, in MiB, and of goroutines where it has a probe; nothing
    /// of a server on another machine.
    pub fn look(server: &mut dyn Launched) -> Look {
        let mut values = Vec::new();
        let at = monotonic();
        if let Some(server) = server.here() {
            if let Some(resident) = Resident::of(server.pid()) {
                values.push((Metric::Rss, mebibytes(resident.rss)));
                values.push((Metric::Pss, mebibytes(resident.pss)));
            }
            let answer = server.probe().and_then(|probe| probe.ask("runtime").ok());
            let goroutines = answer.and_then(|a| a.get("goroutines")?.as_f64());
            values.extend(goroutines.map(|n| (Metric::Goroutines, n)));
        }
        Look { at, values }
    }
}

impl Watcher for Held {
    fn begin(&self, servers: &mut Servers<'_, '_>) -> Result<Box<dyn Watching>, Lost> {
        Ok(Box::new(Looks {
            every: self.every,
            looks: vec![Vec::new(); servers.len()],
        }))
    }
}

impl Watching for Looks {
    fn pause(&self) -> Option<Duration> {
        Some(self.every)
    }

    fn look(&mut self, servers: &mut Servers<'_, '_>) {
        for (server, looks) in servers.iter_mut().zip(&mut self.looks) {
            looks.push(Held::look(&mut **server));
        }
    }

    fn end(
        self: Box<Self>,
        _servers: &mut Servers<'_, '_>,
        _outcomes: &mut [Option<&mut Outcome>],
        seen: &mut [Seen],
    ) -> Result<(), Lost> {
        for (looks, seen) in self.looks.into_iter().zip(seen) {
            seen.looks.extend(looks);
        }
        Ok(())
    }
}
