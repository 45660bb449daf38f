//! Starting servers here or on another machine, and using them without asking where they are.
//!
//! Where servers run is one object, a [`Launcher`]; what it started is another, a [`Launched`].
//! What runs as several processes (a proxy with its upstream) or elsewhere in another way is a
//! further implementation of the two, and nothing else asks. What a place cannot do has a default
//! here that says so: nothing was read, nothing is wrong.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use builder::Binary;

use super::memory::MemoryReader;
use super::remote::{Link, RemoteServer};
use super::runtime::Reading;
use super::watched::{Use, Watched};
use super::{Server, ServerError, StartOptions};

/// What is waited for.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, ServerError>> + 'a>>;

/// Where servers are started.
pub trait Launcher: Debug {
    /// Starts a server and waits until it answers rightly.
    ///
    /// # Errors
    /// [`ServerError`].
    fn start_ready<'a>(
        &'a self,
        binary: &'a Binary,
        options: &'a StartOptions,
    ) -> Later<'a, Box<dyn Launched>>;

    /// Starts a server, and stops it when it answers; gives the time from its exec to the first
    /// right answer, both on its own machine.
    ///
    /// # Errors
    /// [`ServerError`].
    fn cold_start<'a>(
        &'a self,
        binary: &'a Binary,
        options: &'a StartOptions,
    ) -> Later<'a, Duration>;
}

/// A running server. Dropping it kills it.
pub trait Launched: Debug {
    /// Where it listens.
    fn address(&self) -> SocketAddr;

    /// The id of the process whose CPU time the instrument reads in the measured part itself; nothing
    /// where that is no process of this machine.
    fn pid(&self) -> Option<u32> {
        None
    }

    /// The server as a process of this machine, where it is one.
    fn here(&mut self) -> Option<&mut Server> {
        None
    }

    /// Whether it still is what was started, see [`Server::inspect`]; a server on another machine was
    /// looked at there when it answered.
    ///
    /// # Errors
    /// [`ServerError`].
    fn inspect(&self) -> Result<(), ServerError> {
        Ok(())
    }

    /// Whether its threads are as they were given, see [`Server::threads_are_as_given`]; nothing is said
    /// of one on another machine.
    ///
    /// # Errors
    /// [`ServerError`].
    fn threads(&self) -> Result<(), ServerError> {
        Ok(())
    }

    /// Whether it is alone, see [`Server::has_no_company`]; one on another machine was looked at there.
    ///
    /// # Errors
    /// [`ServerError`].
    fn company(&self) -> Result<(), ServerError> {
        Ok(())
    }

    /// A reading of its runtime, see [`Server::reading`]; nothing of one without a probe of this
    /// machine.
    ///
    /// # Errors
    /// What it has changed.
    fn reading(&mut self) -> Result<Option<Reading>, String> {
        Ok(None)
    }

    /// As [`Server::reading_since`].
    ///
    /// # Errors
    /// What it has changed, or when its collector did not run.
    fn reading_since(&mut self, _earlier: Option<Reading>) -> Result<Option<Reading>, String> {
        Ok(None)
    }

    /// The CPU time that it has burnt on purpose since its start, in ns; nothing without a probe
    /// of this machine.
    fn spun(&mut self) -> Option<f64> {
        None
    }

    /// What it has burnt since an earlier reading; not a number where it does not say any more.
    fn spun_since(&mut self, _earlier: Option<f64>) -> Option<f64> {
        None
    }

    /// How it ended, if it has.
    fn ended(&mut self) -> Option<String>;

    /// The last line that it wrote to stderr.
    fn last_words(&self) -> Option<String>;

    /// Stops its execution until [`Self::resume`].
    fn pause(&mut self);

    /// Lets it run on.
    fn resume(&mut self);

    /// Begins to watch what CPU time all its processes use.
    ///
    /// # Errors
    /// [`ServerError`] when its machine cannot be asked.
    fn watch(&self) -> Result<Box<dyn Watched>, ServerError>;

    /// The resident set size of all its processes, in bytes; nothing when it is gone.
    fn resident(&self, reader: &mut MemoryReader) -> Option<u64>;

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// [`ServerError`].
    fn stop(self: Box<Self>) -> Later<'static, ()>;
}

/// On this machine, on loopback.
#[derive(Debug, Clone, Copy)]
pub struct Here;

impl Launcher for Here {
    fn start_ready<'a>(
        &'a self,
        binary: &'a Binary,
        options: &'a StartOptions,
    ) -> Later<'a, Box<dyn Launched>> {
        Box::pin(async move {
            let server = Server::start_ready(binary, options).await?;
            Ok(Box::new(server) as Box<dyn Launched>)
        })
    }

    fn cold_start<'a>(
        &'a self,
        binary: &'a Binary,
        options: &'a StartOptions,
    ) -> Later<'a, Duration> {
        Box::pin(async move {
            let (server, took) = Server::start_timed(binary, options).await?;
            server.inspect()?;
            server.stop().await?;
            Ok(took)
        })
    }
}

/// On the machine at the other end of a line.
impl Launcher for Rc<Link> {
    fn start_ready<'a>(
        &'a self,
        binary: &'a Binary,
        options: &'a StartOptions,
    ) -> Later<'a, Box<dyn Launched>> {
        Box::pin(async move {
            let server = RemoteServer::start(self, binary, options, true)?;
            Ok(Box::new(server) as Box<dyn Launched>)
        })
    }

    fn cold_start<'a>(
        &'a self,
        binary: &'a Binary,
        options: &'a StartOptions,
    ) -> Later<'a, Duration> {
        Box::pin(async move {
            let mut server = RemoteServer::start(self, binary, options, false)?;
            let took = server.ready()?;
            server.stop()?;
            Ok(took)
        })
    }
}

impl Launched for Server {
    fn address(&self) -> SocketAddr {
        self.address()
    }

    fn pid(&self) -> Option<u32> {
        Some(self.pid() as u32)
    }

    fn here(&mut self) -> Option<&mut Server> {
        Some(self)
    }

    fn inspect(&self) -> Result<(), ServerError> {
        self.inspect()
    }

    fn threads(&self) -> Result<(), ServerError> {
        (self.threads_are_as_given()).map_err(|found| self.found(found))
    }

    fn company(&self) -> Result<(), ServerError> {
        (self.has_no_company()).map_err(|found| self.found(found))
    }

    fn reading(&mut self) -> Result<Option<Reading>, String> {
        self.reading()
    }

    fn reading_since(&mut self, earlier: Option<Reading>) -> Result<Option<Reading>, String> {
        self.reading_since(earlier, 0)
    }

    fn spun(&mut self) -> Option<f64> {
        self.spun()
    }

    fn spun_since(&mut self, earlier: Option<f64>) -> Option<f64> {
        self.spun_since(earlier)
    }

    fn ended(&mut self) -> Option<String> {
        self.ended()
    }

    fn last_words(&self) -> Option<String> {
        self.last_words()
    }

    fn pause(&mut self) {
        self.pause();
    }

    fn resume(&mut self) {
        self.resume();
    }

    fn watch(&self) -> Result<Box<dyn Watched>, ServerError> {
        Ok(Box::new(Use::of(self.pid())))
    }

    fn resident(&self, reader: &mut MemoryReader) -> Option<u64> {
        reader.resident(self.pid())
    }

    fn stop(self: Box<Self>) -> Later<'static, ()> {
        Box::pin((*self).stop())
    }
}

impl Launched for RemoteServer {
    fn address(&self) -> SocketAddr {
        self.address()
    }

    fn ended(&mut self) -> Option<String> {
        RemoteServer::ended(self)
    }

    fn last_words(&self) -> Option<String> {
        self.last_words()
    }

    fn pause(&mut self) {
        RemoteServer::pause(self);
    }

    fn resume(&mut self) {
        RemoteServer::resume(self);
    }

    fn watch(&self) -> Result<Box<dyn Watched>, ServerError> {
        Ok(Box::new(self.watch()?))
    }

    fn resident(&self, _reader: &mut MemoryReader) -> Option<u64> {
        self.resident()
    }

    fn stop(self: Box<Self>) -> Later<'static, ()> {
        Box::pin(async move { (*self).stop() })
    }
}
