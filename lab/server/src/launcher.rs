//! Starting servers here or on another machine, and using them without asking where they are.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use builder::Binary;

use super::memory::MemoryReader;
use super::remote::{Link, RemoteServer};
use super::runtime::Reading;
use super::{Server, ServerError, StartOptions};

/// Where servers are started.
#[derive(Debug, Clone)]
pub enum Launcher {
    /// On this machine, on loopback.
    Here,
    /// On another one.
    There(Rc<Link>),
}

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub enum Launched {
    /// On this machine.
    Here(Box<Server>),
    /// On another one.
    There(RemoteServer),
}

impl Launcher {
    /// Starts a server and waits until it answers rightly.
    ///
    /// # Errors
    /// [`ServerError`].
    pub async fn start_ready(
        &self,
        binary: &Binary,
        options: &StartOptions,
    ) -> Result<Launched, ServerError> {
        match self {
            Self::Here => Server::start_ready(binary, options)
                .await
                .map(|server| Launched::Here(Box::new(server))),
            Self::There(link) => {
                RemoteServer::start(link, binary, options, true).map(Launched::There)
            }
        }
    }

    /// Starts a server, and stops it when it answers; gives the time from its exec to the first
    /// right answer, both on its own machine.
    ///
    /// # Errors
    /// [`ServerError`].
    pub async fn cold_start(
        &self,
        binary: &Binary,
        options: &StartOptions,
    ) -> Result<Duration, ServerError> {
        match self {
            Self::Here => {
                let (server, took) = Server::start_timed(binary, options).await?;
                server.inspect()?;
                server.stop().await?;
                Ok(took)
            }
            Self::There(link) => {
                let mut server = RemoteServer::start(link, binary, options, false)?;
                let took = server.ready()?;
                server.stop()?;
                Ok(took)
            }
        }
    }
}

impl Launched {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        match self {
            Self::Here(server) => server.address(),
            Self::There(server) => server.address(),
        }
    }

    /// Its process id, where it is a process of this machine.
    pub fn pid(&self) -> Option<u32> {
        match self {
            Self::Here(server) => Some(server.pid() as u32),
            Self::There(_) => None,
        }
    }

    /// The server, where it is a process of this machine.
    pub fn here(&mut self) -> Option<&mut Server> {
        match self {
            Self::Here(server) => Some(server),
            Self::There(_) => None,
        }
    }

    /// Whether it still is what was started, see [`Server::inspect`]; a server on another machine was
    /// looked at there when it answered.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn inspect(&self) -> Result<(), ServerError> {
        match self {
            Self::Here(server) => server.inspect(),
            Self::There(_) => Ok(()),
        }
    }

    /// A reading of its runtime, see [`Server::reading`]; nothing of one on another machine.
    ///
    /// # Errors
    /// What it has changed.
    pub fn reading(&mut self) -> Result<Option<Reading>, String> {
        match self {
            Self::Here(server) => server.reading(),
            Self::There(_) => Ok(None),
        }
    }

    /// As [`Server::reading_since`].
    ///
    /// # Errors
    /// What it has changed, or when its collector did not run.
    pub fn reading_since(&mut self, earlier: Option<Reading>) -> Result<(), String> {
        match self {
            Self::Here(server) => server.reading_since(earlier, 0),
            Self::There(_) => Ok(()),
        }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<String> {
        match self {
            Self::Here(server) => server.ended(),
            Self::There(server) => server.ended(),
        }
    }

    /// The last line that it wrote to stderr.
    pub fn last_words(&self) -> Option<String> {
        match self {
            Self::Here(server) => server.last_words(),
            Self::There(server) => server.last_words(),
        }
    }

    /// Stops its execution until [`Self::resume`].
    pub fn pause(&mut self) {
        match self {
            Self::Here(server) => server.pause(),
            Self::There(server) => server.pause(),
        }
    }

    /// Lets it run on.
    pub fn resume(&mut self) {
        match self {
            Self::Here(server) => server.resume(),
            Self::There(server) => server.resume(),
        }
    }

    /// The CPU time that it has burnt on purpose since its start, in ns; nothing without a probe
    /// of this machine.
    pub fn spun(&mut self) -> Option<f64> {
        match self {
            Self::Here(server) => server.spun(),
            Self::There(_) => None,
        }
    }

    /// What it has burnt since an earlier reading; not a number where it does not say any more.
    pub fn spun_since(&mut self, earlier: Option<f64>) -> Option<f64> {
        match self {
            Self::Here(server) => server.spun_since(earlier),
            Self::There(_) => None,
        }
    }

    /// Its resident set size in bytes; nothing when it is gone.
    pub fn resident(&self, reader: &mut MemoryReader) -> Option<u64> {
        match self {
            Self::Here(server) => reader.resident(server.pid()),
            Self::There(server) => server.resident(),
        }
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// [`ServerError`].
    pub async fn stop(self) -> Result<(), ServerError> {
        match self {
            Self::Here(server) => server.stop().await,
            Self::There(server) => server.stop(),
        }
    }
}
