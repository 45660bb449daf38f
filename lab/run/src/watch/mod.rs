//! Watchers: what is read of servers and their machine around load.
//!
//! ```text
//! begin      before the load, once for each watcher, in the order of the list
//! look       while it lasts, for those that want to
//! once       a single time while it lasts, at a moment that no server knows
//! end        behind it, in the opposite order, so that the last of the list reads nearest to the load
//! ```
//!
//! A watcher is a file here; the kind of experiment that wants it puts it into the list that it
//! gives to [`super::window::Turn::offer`] ([`usual`] is that of most). It sees all servers that are
//! loaded at once, one or two. What it leaves ([`Seen`]) is written by [`super::observe`] without
//! being asked: an amount that is shared out among requests in `per_request`, any other value of a
//! window in `values`, readings over time in `looks`.

mod held;
mod instructions;
mod machine;
mod runtime;
mod spin;
mod unaided;

use std::time::Duration;

use load::Outcome;
use record::Metric;
use server::{Launched, ServerError};

use super::gate::Surroundings;

pub(super) use self::instructions::{FACT, Instructions, of_this_machine};
pub(super) use held::Held;
pub(super) use machine::Machine;
pub(super) use runtime::Runtime;
pub(super) use spin::Spin;
pub(super) use unaided::Unaided;

/// Servers that are loaded at once.
pub(super) type Servers<'a, 'b> = [&'a mut (dyn Launched + 'b)];

/// Something to read around load.
pub(super) trait Watcher {
    /// Reads before the load. The servers run.
    ///
    /// # Errors
    /// [`Lost`]: there is nothing to measure then.
    fn begin(&self, servers: &mut Servers<'_, '_>) -> Result<Box<dyn Watching>, Lost>;
}

/// A watcher between its two readings.
pub(super) trait Watching {
    /// How long to wait between two looks while load lasts; nothing where none is wanted. Where
    /// several watchers look, all do so as often as the one that waits the least.
    fn pause(&self) -> Option<Duration> {
        None
    }

    /// Looks once. On the instrument's CPU and at the server's cost, so as little as can be.
    fn look(&mut self, _servers: &mut Servers<'_, '_>) {}

    /// Looks at what a server could change for the time of the load only. The moment is drawn within the
    /// measured part.
    fn once(&mut self, _servers: &mut Servers<'_, '_>) {}

    /// Reads behind the load and adds what came of it. The servers still run, those that have not
    /// ended; `outcomes` are the instruments', where they have any.
    ///
    /// # Errors
    /// [`Lost`]: what was measured does not count then.
    fn end(
        self: Box<Self>,
        servers: &mut Servers<'_, '_>,
        outcomes: &mut [Option<&mut Outcome>],
        seen: &mut [Seen],
    ) -> Result<(), Lost>;
}

/// A server of which nothing can be said.
#[derive(Debug)]
pub(super) struct Lost {
    /// Its place among those that are loaded.
    pub which: usize,
    /// Why.
    pub error: ServerError,
}

/// What was seen of one server beside what the instrument says.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// How the machine was, lead-in and drain included.
    pub surroundings: Surroundings,
    /// The share of the time in which the server was ready to run and had no CPU; nothing where it is not
    /// known.
    pub waited: Option<f64>,
    /// What its heap holds at the end, in bytes, where that is more than it may.
    pub large_heap: Option<u64>,
    /// Amounts over all of the load, lead-in included, each in the unit of its metric and to be
    /// shared out among the requests of the load.
    pub per_request: Vec<(Metric, f64)>,
    /// Values of the window, each in the unit of its metric.
    pub values: Vec<(Metric, f64)>,
    /// Readings while the load lasted, in their order.
    pub looks: Vec<Look>,
}

/// One look at a server.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// When, on the monotonic clock.
    pub at: Duration,
    /// What was read, each in the unit of its metric.
    pub values: Vec<(Metric, f64)>,
}

impl Look {
    /// What was read of a metric.
    pub fn of(&self, metric: Metric) -> Option<f64> {
        let found = self.values.iter().find(|(of, _)| *of == metric);
        found.map(|(_, value)| *value)
    }
}

/// The watchers of an ordinary window.
pub(super) fn usual() -> Vec<Box<dyn Watcher>> {
    vec![
        Box::new(Unaided),
        Box::new(Runtime),
        Box::new(Spin),
        Box::new(Machine),
        // Nearest to the load, so that what the others ask of a server is not counted.
        Box::new(Instructions),
    ]
}

#[cfg(test)]
mod tests;
