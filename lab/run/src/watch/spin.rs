//! What servers burn on purpose, by their own word: nothing where they were not told to burn any.

use load::Outcome;
use record::Metric;

use super::{Lost, Seen, Servers, Watcher, Watching};

/// Asks the probe for the CPU time that was burnt.
pub(crate) struct Spin;

/// In ns, since each one's start.
struct Spun(Vec<Option<f64>>);

impl Watcher for Spin {
    fn begin(&self, servers: &mut Servers<'_, '_>) -> Result<Box<dyn Watching>, Lost> {
        let spun = servers.iter_mut().map(|server| server.spun());
        Ok(Box::new(Spun(spun.collect())))
    }
}

impl Watching for Spun {
    fn end(
        self: Box<Self>,
        servers: &mut Servers<'_, '_>,
        _outcomes: &mut [Option<&mut Outcome>],
        seen: &mut [Seen],
    ) -> Result<(), Lost> {
        for ((server, earlier), seen) in servers.iter_mut().zip(self.0).zip(seen) {
            let burnt = server.spun_since(earlier);
            let us = burnt.map(|ns| (Metric::SpinPerRequest, ns / 1e3));
            seen.per_request.extend(us);
        }
        Ok(())
    }
}
