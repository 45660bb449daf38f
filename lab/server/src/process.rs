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

use super::error::{Fault, ServerError};
use super::fresh::Fresh;
use super::inspect::{Given, file_of};
use super::kin;
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
    /// It was seen to have ended, so its number may be another process's by now.
    reaped: bool,
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
    /// [`Fault::Start`].
    pub fn start(binary: &Binary, options: &StartOptions) -> Result<Self, ServerError> {
        let ip = options.listen.unwrap_or(Ipv4Addr::LOCALHOST.into());
        Self::start_at(binary, options, free_address_of(ip).map_err(Fault::Start)?)
    }

    /// As [`Self::start`], on a given address.
    ///
    /// # Errors
    /// [`Fault::Start`].
    pub fn start_at(
        binary: &Binary,
        options: &StartOptions,
        address: SocketAddr,
    ) -> Result<Self, ServerError> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(&options.stderr)
            .map_err(Fault::Start)?;
        let (stamp, stamp_end) = spawn::pipe().map_err(Fault::Start)?;
        let copy = (options.fresh.as_deref())
            .map(|below| Fresh::copy(&binary.path, below))
            .transpose()
            .map_err(Fault::Start)?;
        let executable = copy.as_ref().map_or(binary.path.clone(), Fresh::path);
        let given = Given::to_child(&options.cpus);
        let mut command = Command::new(&executable);
        // A clean environment: what is set on this machine is not part of the experiment.
        command
            .env_clear()
            .env("LISTEN", address.to_string())
            .envs(options.env.iter().map(|(k, v)| (*k, v.as_str())))
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(Fault::Start)?)
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
            let (a, b) = UnixStream::pair().map_err(Fault::Start)?;
            command.env("PROBE_FD", b.as_raw_fd().to_string());
            ours = Some(Probe::new(a).map_err(Fault::Start)?);
            theirs = Some(b.into());
        }
        spawn::confine(
            command.as_std_mut(),
            Confinement {
                cpus: options.cpus.clone(),
                inherit: theirs,
                stamp: Some(stamp_end),
                apart: true,
            },
        );
        let name = options.stderr.file_stem().unwrap_or_default();
        let file = file_of(&executable).ok();
        let (pid, child) = kin::start(&name.to_string_lossy(), file, || {
            let child = command.spawn()?;
            let pid = child.id().map_or(0, |id| id as i32);
            Ok((pid, (pid, child)))
        })
        .map_err(Fault::spawning)?;
        Ok(Self {
            child,
            pid,
            address,
            stderr: options.stderr.clone(),
            probe: ours,
            stamp: Some(stamp),
            paused: false,
            reaped: false,
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
            let error = match server.ready(READY_WITHIN).await {
                Ok(took) => return Ok((server, took)),
                Err(error) => error,
            };
            let words = error.words.as_deref().unwrap_or_default();
            let taken = matches!(error.fault, Fault::ExitedEarly { .. })
                && words.contains("already in use");
            if tried == TRIES || !taken {
                return Err(error);
            }
        }
    }

    /// Waits until the server answers `GET /plaintext` rightly; gives the time from its
    /// exec to that answer.
    ///
    /// # Errors
    /// [`Fault::ExitedEarly`], [`Fault::NeverListened`], [`Fault::NeverAnswered`].
    pub async fn ready(&mut self, within: Duration) -> Result<Duration, ServerError> {
        let begun = self.exec_time().map_err(Fault::Start)?;
        match ready::wait(self, within).await {
            Ok(answered) => Ok(answered.saturating_sub(begun)),
            Err(fault) => Err(self.failed(fault)),
        }
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
    pub fn reading_since(
        &mut self,
        earlier: Option<Reading>,
        asked: u64,
    ) -> Result<Option<Reading>, String> {
        let now = self.reading()?;
        if let (Some(now), Some(earlier)) = (&now, earlier) {
            now.collected_since(&earlier, asked)?;
        }
        Ok(now)
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

    /// A fault of this server, with its last words.
    pub fn failed(&self, fault: Fault) -> ServerError {
        ServerError::of(fault, &self.stderr)
    }

    /// The last line that it wrote to stderr.
    pub fn last_words(&self) -> Option<String> {
        stderr::last_line(&self.stderr)
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok().flatten()?;
        self.clear_group();
        Some(describe(status))
    }

    /// Stops its execution until [`Self::resume`], so that it uses no CPU time.
    pub fn pause(&mut self) {
        self.signal_group(libc::SIGSTOP);
        kin::is_awake(self.pid, false);
        self.paused = true;
    }

    /// Lets it run on.
    pub fn resume(&mut self) {
        kin::is_awake(self.pid, true);
        self.signal_group(libc::SIGCONT);
        self.paused = false;
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// [`Fault::Died`] when it had ended before, [`Fault::NeverStopped`],
    /// [`Fault::StoppedBadly`].
    pub async fn stop(mut self) -> Result<(), ServerError> {
        if let Some(status) = self.ended() {
            return Err(self.failed(Fault::Died { status }));
        }
        if self.paused {
            self.resume();
        }
        // SAFETY: kill takes no pointers; the child is not reaped yet, so the id is its own.
        unsafe { libc::kill(self.pid, libc::SIGTERM) };
        let patience = Patience::with(self.pid, STOP_WITHIN);
        let waited = patience.wait(self.child.wait()).await;
        if matches!(waited, Some(Ok(_))) {
            self.clear_group();
        }
        let fault = match waited {
            Some(Ok(status)) if status.success() => return Ok(()),
            Some(Ok(status)) => Fault::StoppedBadly {
                status: describe(status),
            },
            Some(Err(e)) => Fault::Start(e),
            None => patience.kept().unwrap_or(Fault::NeverStopped {
                within: STOP_WITHIN,
            }),
        };
        Err(self.failed(fault))
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

    /// Ends what the server may have started, as soon as it has itself ended: while one of its
    /// group is left nobody else gets the group's number, and afterwards anybody may.
    fn clear_group(&mut self) {
        self.signal_group(libc::SIGKILL);
        self.reaped = true;
        self.is_over();
    }

    /// Ends also what is in its session and below the lab.
    fn is_over(&self) {
        kin::is_awake(self.pid, false);
        kin::end_session(self.pid);
    }

    fn signal_group(&self, signal: i32) {
        if self.pid > 0 && !self.reaped {
            // SAFETY: kill takes no pointers; the server leads a group of its own.
            unsafe { libc::kill(-self.pid, signal) };
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Also what the server may have started itself, and also when it is gone already.
        if !self.reaped {
            self.signal_group(libc::SIGKILL);
            self.is_over();
        }
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
