//! A running server process.

use std::fs::File;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use builder::Binary;
use host::Machine;
use host::quota::Groups;
use sys::spawn::{self, Confinement};
use sys::stderr;
use tokio::process::{Child, Command};

use super::fresh::Fresh;
use super::inspect::Given;
use super::patience::Patience;
use super::probe::Probe;
use super::ready;
use super::runtime::Reading;

/// How long a server may take until it answers, in time that it could have used
/// ([`super::patience`]).
pub const READY_WITHIN: Duration = Duration::from_secs(10);
/// How long a server may take to stop after SIGTERM, counted the same way.
pub const STOP_WITHIN: Duration = Duration::from_secs(5);

/// The variables that the contract knows beside `LISTEN` and `PROBE_FD`, and the runtime's own
/// that an experiment may set.
pub const VARIABLES: [&str; 4] = ["GOMAXPROCS", "MIDDLEWARE", "ROUTES", "SPIN_NS"];

/// How a server is started.
#[derive(Debug, Default)]
pub struct StartOptions {
    /// The CPUs it may use; empty for all.
    pub cpus: Vec<usize>,
    /// Variables of the contract (`ROUTES`, `MIDDLEWARE`, ...) beside `LISTEN`.
    pub env: Vec<(&'static str, String)>,
    /// Bytes by which the environment is padded.
    pub padding: usize,
    /// Whether it gets a probe socket.
    pub probe: bool,
    /// Where its stderr goes; appended to what is there.
    pub stderr: PathBuf,
    /// The address that it listens on; loopback where nothing is said. Only the agent of
    /// `lab bench --server-host` says something: the address at which the lab reached it.
    pub listen: Option<IpAddr>,
    /// Below which folder the start makes a copy of the executable, which it runs; nothing to
    /// run the executable itself. What is measured runs a copy: see [`Fresh`].
    pub fresh: Option<PathBuf>,
}

/// What can go wrong with a server process. Each is a sentence that goes on after the
/// framework's name.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The lab itself failed to start it: no port, no process, no file for its stderr.
    #[error("could not be started: {0}")]
    Start(#[source] std::io::Error),
    /// The system will not run its executable.
    #[error("cannot be executed: {0}")]
    Exec(#[source] std::io::Error),
    /// Others used the CPUs, so that nothing can be said of it.
    #[error("was kept from its CPU for {} of {} s and did nothing in the rest: measure on a quieter machine", kept.as_secs(), of.as_secs())]
    Kept {
        /// How long it was ready to run and had no CPU.
        kept: Duration,
        /// How long the lab waited.
        of: Duration,
    },
    /// The machine where it was to run cannot be asked.
    #[error("could not be used: {0}")]
    Link(#[source] super::remote::LinkError),
    /// It ended by itself before it answered.
    #[error("{status} before it answered a request")]
    ExitedEarly {
        /// "exited with status 1", "was killed by signal 9 (SIGKILL)".
        status: String,
    },
    /// It ended by itself later.
    #[error("{status} while the lab was still using it")]
    Died {
        /// As in [`ServerError::ExitedEarly`].
        status: String,
    },
    /// It runs but takes no connections.
    #[error("did not listen on {address} within {} s", within.as_secs())]
    NeverListened {
        /// Where it should have listened.
        address: SocketAddr,
        /// How long the lab waited.
        within: Duration,
    },
    /// It says itself that the handler does not exist yet.
    #[error("answered GET /plaintext with {line}: the handler is still to be written")]
    NotWritten {
        /// The first line of its answer.
        line: String,
    },
    /// It takes connections but does not answer rightly.
    #[error("took connections on {address} but gave no right answer to GET /plaintext within {} s: {last}", within.as_secs())]
    NeverAnswered {
        /// Where it listened.
        address: SocketAddr,
        /// How long the lab waited.
        within: Duration,
        /// What came last.
        last: String,
    },
    /// It did not stop when asked to.
    #[error("did not stop within {} s of SIGTERM and was killed", within.as_secs())]
    NeverStopped {
        /// How long the lab waited.
        within: Duration,
    },
    /// It is not what the lab started.
    #[error("{0}")]
    Other(String),
    /// Something on the machine where it was to run; the sentence is that machine's.
    #[error("{0}")]
    There(String),
    /// It stopped, but not as a server that was asked to should.
    #[error("{status} after SIGTERM, where exit status 0 was expected")]
    StoppedBadly {
        /// As in [`ServerError::ExitedEarly`].
        status: String,
    },
}

impl ServerError {
    /// Whether the server is to blame. All else is trouble of the lab's or the machine's, which says
    /// nothing of the server and would befall every other one.
    pub fn is_the_servers(&self) -> bool {
        match self {
            Self::Start(_) | Self::Kept { .. } | Self::Link(_) => false,
            Self::Exec(_)
            | Self::ExitedEarly { .. }
            | Self::Died { .. }
            | Self::NeverListened { .. }
            | Self::NotWritten { .. }
            | Self::NeverAnswered { .. }
            | Self::NeverStopped { .. }
            | Self::Other(_)
            | Self::There(_)
            | Self::StoppedBadly { .. } => true,
        }
    }

    /// A failure of fork or exec: an executable that is none of this machine's is the server's, a system
    /// that has no process left is not.
    fn spawning(error: std::io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::ENOENT | libc::ENOEXEC | libc::ELIBBAD) => Self::Exec(error),
            _ => Self::Start(error),
        }
    }
}

/// A running server. Dropping it kills its whole process group.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pid: i32,
    address: SocketAddr,
    stderr: PathBuf,
    probe: Option<Probe>,
    stamp: Option<File>,
    paused: bool,
    executable: PathBuf,
    given: Given,
    /// As many processors as Go may take.
    processors: Vec<u64>,
    probed: bool,
    spins: bool,
    /// The file that it runs, gone with it.
    _copy: Option<Fresh>,
}

impl Server {
    /// Starts a server on a free port; does not wait until it answers.
    ///
    /// # Errors
    /// [`ServerError::Start`].
    pub fn start(binary: &Binary, options: &StartOptions) -> Result<Self, ServerError> {
        let ip = options.listen.unwrap_or(Ipv4Addr::LOCALHOST.into());
        Self::start_at(
            binary,
            options,
            free_address_of(ip).map_err(ServerError::Start)?,
        )
    }

    /// As [`Self::start`], on a given address.
    ///
    /// # Errors
    /// [`ServerError::Start`].
    pub fn start_at(
        binary: &Binary,
        options: &StartOptions,
        address: SocketAddr,
    ) -> Result<Self, ServerError> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(&options.stderr)
            .map_err(ServerError::Start)?;
        let (stamp, stamp_end) = spawn::pipe().map_err(ServerError::Start)?;
        let copy = (options.fresh.as_deref())
            .map(|below| Fresh::copy(&binary.path, below))
            .transpose()
            .map_err(ServerError::Start)?;
        let executable = copy.as_ref().map_or(binary.path.clone(), Fresh::path);
        let given = Given::to_child(&options.cpus);
        let mut command = Command::new(&executable);
        // A clean environment: what is set on this machine is not part of the experiment.
        command
            .env_clear()
            .env("LISTEN", address.to_string())
            .envs(options.env.iter().map(|(k, v)| (*k, v.as_str())))
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(ServerError::Start)?)
            .stderr(log)
            .kill_on_drop(true);
        if let Some(ip) = options.listen {
            command.env("LISTEN_BEYOND", ip.to_string());
        }
        if options.padding > 0 {
            command.env("PADDING", "x".repeat(options.padding));
        }
        let mut ours = None;
        let mut theirs = None;
        if options.probe {
            let (a, b) = UnixStream::pair().map_err(ServerError::Start)?;
            command.env("PROBE_FD", b.as_raw_fd().to_string());
            ours = Some(Probe::new(a).map_err(ServerError::Start)?);
            theirs = Some(b.into());
        }
        spawn::confine(
            command.as_std_mut(),
            Confinement {
                cpus: options.cpus.clone(),
                inherit: theirs,
                stamp: Some(stamp_end),
            },
        );
        let child = command.spawn().map_err(ServerError::spawning)?;
        let pid = child.id().map_or(0, |id| id as i32);
        Ok(Self {
            child,
            pid,
            address,
            stderr: options.stderr.clone(),
            probe: ours,
            stamp: Some(stamp),
            paused: false,
            executable,
            processors: processors(options, &given),
            given,
            probed: options.probe,
            spins: options.env.iter().any(|(name, _)| *name == "SPIN_NS"),
            _copy: copy,
        })
    }

    /// Starts a server and waits until it answers rightly.
    ///
    /// # Errors
    /// As [`Self::start_timed`].
    pub async fn start_ready(binary: &Binary, options: &StartOptions) -> Result<Self, ServerError> {
        Ok(Self::start_timed(binary, options).await?.0)
    }

    /// As [`Self::start_ready`]; gives also the time from its exec to its first right answer.
    ///
    /// A port is free when the lab looks and may be taken when the server does; that is
    /// nobody's fault, so such a start is tried again on another port.
    ///
    /// # Errors
    /// [`ServerError`].
    pub async fn start_timed(
        binary: &Binary,
        options: &StartOptions,
    ) -> Result<(Self, Duration), ServerError> {
        const TRIES: usize = 3;
        let mut tried = 0;
        loop {
            tried += 1;
            let mut server = Self::start(binary, options)?;
            match server.ready(READY_WITHIN).await {
                Ok(took) => return Ok((server, took)),
                Err(ServerError::ExitedEarly { .. })
                    if tried < TRIES
                        && stderr::last_line(&options.stderr)
                            .is_some_and(|l| l.contains("already in use")) => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// Waits until the server answers `GET /plaintext` rightly; gives the time from its
    /// exec to that answer.
    ///
    /// # Errors
    /// [`ServerError::ExitedEarly`], [`ServerError::NeverListened`], [`ServerError::NeverAnswered`].
    pub async fn ready(&mut self, within: Duration) -> Result<Duration, ServerError> {
        let begun = self.exec_time().map_err(ServerError::Start)?;
        let answered = ready::wait(self, within).await?;
        Ok(answered.saturating_sub(begun))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// The probe, if it was started with one.
    pub fn probe(&mut self) -> Option<&mut Probe> {
        self.probe.as_mut()
    }

    /// The file that it runs.
    pub(super) fn executable(&self) -> &std::path::Path {
        &self.executable
    }

    /// What its threads were given.
    pub(super) fn given(&self) -> &Given {
        &self.given
    }

    /// Whether it was started with a probe.
    pub fn is_probed(&self) -> bool {
        self.probed
    }

    /// Reads its Go runtime and holds the settings to Go's own; nothing without a probe.
    ///
    /// # Errors
    /// What was changed, or that it does not say.
    pub fn reading(&mut self) -> Result<Option<Reading>, String> {
        let Some(probe) = self.probe.as_mut() else {
            return Ok(None);
        };
        let reading = Reading::of(probe.ask("runtime")?)?;
        reading.is_untouched(&self.processors)?;
        Ok(Some(reading))
    }

    /// As [`Self::reading`], after the lab asked for `asked` collections since an earlier one: its
    /// collector ran when it was due.
    ///
    /// # Errors
    /// As there.
    pub fn reading_since(&mut self, earlier: Option<Reading>, asked: u64) -> Result<(), String> {
        match (self.reading()?, earlier) {
            (Some(now), Some(earlier)) => now.collected_since(&earlier, asked),
            _ => Ok(()),
        }
    }

    /// The CPU time that it has burnt on purpose since its start, in ns; nothing without a probe,
    /// and where it was not told to burn any.
    pub fn spun(&mut self) -> Option<f64> {
        if !self.spins {
            return None;
        }
        self.probe.as_mut()?.ask("runtime").ok()?["spin_ns"].as_f64()
    }

    /// What it has burnt since an earlier reading; not a number where it does not say any more.
    pub fn spun_since(&mut self, earlier: Option<f64>) -> Option<f64> {
        let earlier = earlier?;
        Some(self.spun().map_or(f64::NAN, |now| now - earlier))
    }

    /// Takes the probe out, for one who asks while the server is under load.
    pub fn take_probe(&mut self) -> Option<Probe> {
        self.probe.take()
    }

    /// Gives it back.
    pub fn give_probe(&mut self, probe: Option<Probe>) {
        self.probe = probe;
    }

    /// The last line that it wrote to stderr.
    pub fn last_words(&self) -> Option<String> {
        stderr::last_line(&self.stderr)
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<String> {
        self.child.try_wait().ok().flatten().map(describe)
    }

    /// Stops its execution until [`Self::resume`], so that it uses no CPU time.
    pub fn pause(&mut self) {
        self.signal_group(libc::SIGSTOP);
        self.paused = true;
    }

    /// Lets it run on.
    pub fn resume(&mut self) {
        self.signal_group(libc::SIGCONT);
        self.paused = false;
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// [`ServerError::Died`] when it had ended before, [`ServerError::NeverStopped`],
    /// [`ServerError::StoppedBadly`].
    pub async fn stop(mut self) -> Result<(), ServerError> {
        if let Some(status) = self.ended() {
            return Err(ServerError::Died { status });
        }
        if self.paused {
            self.resume();
        }
        // SAFETY: kill takes no pointers; the child is not reaped yet, so the id is its own.
        unsafe { libc::kill(self.pid, libc::SIGTERM) };
        let patience = Patience::with(self.pid, STOP_WITHIN);
        match patience.wait(self.child.wait()).await {
            Some(Ok(status)) if status.success() => Ok(()),
            Some(Ok(status)) => Err(ServerError::StoppedBadly {
                status: describe(status),
            }),
            Some(Err(e)) => Err(ServerError::Start(e)),
            None => Err(patience.kept().unwrap_or(ServerError::NeverStopped {
                within: STOP_WITHIN,
            })),
        }
    }

    /// When the child called exec, on the monotonic clock.
    fn exec_time(&mut self) -> std::io::Result<Duration> {
        let mut bytes = [0; 8];
        match self.stamp.take() {
            Some(mut stamp) => stamp.read_exact(&mut bytes)?,
            None => return Err(std::io::Error::other("the start was timed already")),
        }
        Ok(Duration::from_nanos(u64::from_ne_bytes(bytes)))
    }

    fn signal_group(&self, signal: i32) {
        if self.pid > 0 {
            // SAFETY: kill takes no pointers; the server leads a group of its own.
            unsafe { libc::kill(-self.pid, signal) };
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Also what the server may have started itself, and also when it is gone already.
        self.signal_group(libc::SIGKILL);
    }
}

/// How many processors Go's runtime may give itself: as it was told, else those that it may run on,
/// or as many as a control group's quota leaves of them.
fn processors(options: &StartOptions, given: &Given) -> Vec<u64> {
    let told = (options.env.iter()).find(|(name, _)| *name == "GOMAXPROCS");
    if let Some(told) = told.and_then(|(_, n)| n.parse().ok()) {
        return vec![told];
    }
    let cpus = given.cpus() as u64;
    let quota = Groups::of(&Machine::this()).quota();
    let limited = quota.map(|quota| cpus.min((quota.cpus.ceil() as u64).max(2)));
    std::iter::once(cpus).chain(limited).collect()
}

/// A loopback address with a port that is free now, drawn by the kernel at random.
///
/// # Errors
/// When the machine has no loopback device or no free port.
pub fn free_address() -> std::io::Result<SocketAddr> {
    free_address_of(Ipv4Addr::LOCALHOST.into())
}

fn free_address_of(ip: IpAddr) -> std::io::Result<SocketAddr> {
    TcpListener::bind((ip, 0))?.local_addr()
}

/// How a process ended: "exited with status 1", "was killed by signal 9 (SIGKILL: out of memory?)".
pub fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}{}", signal_name(signal)),
        (None, None) => "ended".to_owned(),
    }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        libc::SIGABRT => " (SIGABRT)",
        libc::SIGBUS => " (SIGBUS)",
        libc::SIGKILL => " (SIGKILL: out of memory?)",
        libc::SIGSEGV => " (SIGSEGV)",
        libc::SIGTERM => " (SIGTERM)",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
