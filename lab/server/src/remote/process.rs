//! A server on another machine, as the lab uses it.

use std::fs::File;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use builder::Binary;
use sys::stderr;

use super::link::{Link, LinkError, said};
use super::samples::{self, Offset};
use super::wire::{Answer, Ask, Id, Seen};
use crate::watched::{self, CpuSeen};
use crate::{Fault, ServerError, StartOptions};

/// How long the first connection from here may take.
const REACH_WITHIN: Duration = Duration::from_secs(3);

/// A running server over there. Dropping it kills it.
#[derive(Debug)]
pub struct RemoteServer {
    link: Rc<Link>,
    id: Id,
    address: SocketAddr,
    stderr: PathBuf,
    gone: bool,
}

/// A server is being watched; what was seen is asked for after the window.
#[derive(Debug)]
pub struct Watched {
    offset: Option<Offset>,
    link: Rc<Link>,
}

impl RemoteServer {
    /// Starts a server there; waits until it answers there and can be reached from here where
    /// `ready` says so.
    ///
    /// # Errors
    /// [`Fault::There`], [`Fault::Link`].
    pub fn start(
        link: &Rc<Link>,
        binary: &Binary,
        options: &StartOptions,
        ready: bool,
    ) -> Result<Self, ServerError> {
        link.provide(binary).map_err(there)?;
        let env = options
            .env
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.clone()));
        let answer = link.ask(&Ask::Start {
            sha256: binary.sha256.clone(),
            cpus: options.cpus.clone(),
            env: env.collect(),
            padding: options.padding,
            ready,
        });
        let started = match answer.map_err(there)? {
            Answer::Started(started) => started,
            Answer::Failed {
                what,
                stderr,
                theirs,
            } => {
                keep(&options.stderr, &stderr);
                return Err(match theirs {
                    true => ServerError::of(Fault::There(what), &options.stderr),
                    false => there(link.refused(what)),
                });
            }
            other => return Err(there(link.refused(said(other)))),
        };
        let server = Self {
            link: Rc::clone(link),
            id: started.id,
            address: started.address,
            stderr: options.stderr.clone(),
            gone: false,
        };
        if ready {
            TcpStream::connect_timeout(&server.address, REACH_WITHIN).map_err(|e| {
                there(link.refused(format!(
                    "a server that answers on {} over there cannot be reached from here: {e}; is there a firewall?",
                    server.address
                )))
            })?;
        }
        Ok(server)
    }

    /// Waits until it answers rightly; gives the time from its exec to that answer, both over
    /// there, so that no network is in it.
    ///
    /// # Errors
    /// [`Fault::There`], [`Fault::Link`].
    pub fn ready(&mut self) -> Result<Duration, ServerError> {
        match self.ask(&Ask::Ready { id: self.id })? {
            Answer::Ready(ns) => Ok(Duration::from_nanos(ns)),
            other => Err(self.unexpected(other)),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How it ended, if it has. Of a dead line nothing is said here: that is not the server's, and shows at
    /// the next question.
    pub fn ended(&self) -> Option<String> {
        match self.ask(&Ask::Ended { id: self.id }) {
            Ok(Answer::Ended(status)) => status,
            Ok(other) => Some(said(other)),
            Err(_) => None,
        }
    }

    /// Fetches what it wrote to stderr; gives the last line.
    pub fn last_words(&self) -> Option<String> {
        if let Ok(Answer::Stderr(text)) = self.ask(&Ask::Stderr { id: self.id }) {
            keep(&self.stderr, &text);
        }
        stderr::last_line(&self.stderr)
    }

    /// Stops its execution. A dead line shows at the next question whose answer is used.
    pub fn pause(&self) {
        let _ = self.ask(&Ask::Pause { id: self.id });
    }

    /// Lets it run on.
    pub fn resume(&self) {
        let _ = self.ask(&Ask::Resume { id: self.id });
    }

    /// Its resident set size in bytes.
    pub fn resident(&self) -> Option<u64> {
        match self.ask(&Ask::Resident { id: self.id }) {
            Ok(Answer::Resident(bytes)) => bytes,
            _ => None,
        }
    }

    /// Begins to watch its CPU time.
    ///
    /// # Errors
    /// [`Fault::There`], [`Fault::Link`].
    pub fn watch(&self) -> Result<Watched, ServerError> {
        let offset = self.link.offset().map_err(there)?;
        match self.ask(&Ask::Watch { id: self.id })? {
            Answer::Done => Ok(Watched {
                offset,
                link: Rc::clone(&self.link),
            }),
            other => Err(self.unexpected(other)),
        }
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// [`Fault::There`], [`Fault::Link`].
    pub fn stop(mut self) -> Result<(), ServerError> {
        self.gone = true;
        match self.ask(&Ask::Stop { id: self.id })? {
            Answer::Stderr(text) => {
                keep(&self.stderr, &text);
                Ok(())
            }
            other => Err(self.unexpected(other)),
        }
    }

    fn ask(&self, ask: &Ask) -> Result<Answer, ServerError> {
        self.link.ask(ask).map_err(there)
    }

    fn unexpected(&self, answer: Answer) -> ServerError {
        if let Answer::Failed { stderr, .. } = &answer {
            keep(&self.stderr, stderr);
        }
        match &answer {
            Answer::Failed { theirs: true, .. } => {
                ServerError::of(Fault::There(said(answer)), &self.stderr)
            }
            _ => there(self.link.refused(said(answer))),
        }
    }
}

/// What was seen over there while a server was watched.
#[derive(Debug)]
pub struct There {
    /// CPU time that neither the server nor the agent used.
    pub foreign: Duration,
    /// CPU time that the hypervisor withheld.
    pub stolen: Duration,
    /// Periods in which a control group had used up its CPU quota.
    pub throttled: u64,
    seen: Seen,
    offset: Option<Offset>,
}

impl There {
    /// CPU time of the watched server between two moments of our clock, all in nanoseconds.
    pub fn cpu_between(&self, begin: u64, end: u64) -> Option<u64> {
        samples::between(&self.seen.samples, self.offset?, begin, end)
    }
}

impl watched::Watched for Watched {
    fn end(self: Box<Self>) -> Result<CpuSeen, ServerError> {
        match self.link.ask(&Ask::Unwatch).map_err(there)? {
            Answer::Seen(seen) => Ok(CpuSeen {
                // None of this machine's.
                used: Some(Duration::ZERO),
                waited: seen.waited,
                there: Some(There {
                    foreign: Duration::from_nanos(seen.foreign_ns),
                    stolen: Duration::from_nanos(seen.stolen_ns),
                    throttled: seen.throttled,
                    seen,
                    offset: self.offset,
                }),
            }),
            other => Err(there(self.link.refused(said(other)))),
        }
    }
}

impl Drop for RemoteServer {
    fn drop(&mut self) {
        if !self.gone {
            let _ = self.ask(&Ask::Kill { id: self.id });
        }
    }
}

fn there(e: LinkError) -> ServerError {
    Fault::Link(e).into()
}

/// Adds to the file that keeps a server's stderr here.
fn keep(path: &PathBuf, text: &str) {
    if text.is_empty() {
        return;
    }
    let file = File::options().create(true).append(true).open(path);
    if let Ok(mut file) = file {
        let _ = file.write_all(text.as_bytes());
    }
}
