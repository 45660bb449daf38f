//! Whether a server does its work alone and as it was started: threads as they were given, also while
//! there is load, and no process that it has made.

use load::Outcome;
use server::ServerError;

use super::{Lost, Seen, Servers, Watcher, Watching};

/// Looks at the threads once in the load and once behind it, and for other processes behind it: one
/// that was there for a moment is still the lab's to see until the lab has read its end.
pub(crate) struct Unaided;

/// The first that was found in the load.
struct Looked(Option<Lost>);

impl Watcher for Unaided {
    fn begin(&self, _servers: &mut Servers<'_, '_>) -> Result<Box<dyn Watching>, Lost> {
        Ok(Box::new(Looked(None)))
    }
}

impl Watching for Looked {
    fn once(&mut self, servers: &mut Servers<'_, '_>) {
        self.0 = (servers.iter().enumerate()).find_map(|(which, server)| {
            let error = server.threads().err().filter(ServerError::is_the_servers)?;
            Some(Lost { which, error })
        });
    }

    fn end(
        self: Box<Self>,
        servers: &mut Servers<'_, '_>,
        _outcomes: &mut [Option<&mut Outcome>],
        _seen: &mut [Seen],
    ) -> Result<(), Lost> {
        if let Some(lost) = self.0 {
            return Err(lost);
        }
        for (which, server) in servers.iter_mut().enumerate() {
            // What one that is gone died of is told instead.
            if server.ended().is_some() {
                continue;
            }
            let looked = server.threads().and_then(|()| server.company());
            looked.map_err(|error| Lost { which, error })?;
        }
        Ok(())
    }
}
