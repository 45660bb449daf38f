//! A server that is counted: under the emulator, or by the processor's own counter.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use instructions::pmu::{Pmu, PmuError};
use instructions::{Counters, Counts, Emulator};
use sys::spawn::{self, Confinement};
use sys::stderr;

use crate::CountError;

/// How long it may take until it listens: under the emulator, on a machine that others use.
const LISTENS_WITHIN: Duration = Duration::from_secs(30);
/// How often a start is tried again whose port was taken meanwhile.
const TRIES: usize = 3;

/// By what is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// QEMU with the lab's plugin: the same count on every machine, by function.
    Emulator(Emulator),
    /// The processor's counter: a sum, of the server as it runs at its own speed.
    Pmu,
}

impl Means {
    /// The processor's counter, where there is one.
    ///
    /// # Errors
    /// [`PmuError`] where there is none, or it is not allowed.
    pub fn pmu() -> Result<Self, PmuError> {
        Pmu::attach(std::process::id()).map(|_| Self::Pmu)
    }

    /// What reports call it.
    pub fn name(&self) -> &str {
        match self {
            Self::Emulator(emulator) => emulator.version(),
            Self::Pmu => "the processor's own counter (perf_event_open)",
        }
    }
}

/// The counters of a process.
#[derive(Debug)]
enum Meter {
    Emulated(Counters),
    /// Nothing until it listens.
    Native(Option<Pmu>),
}

/// What was counted since the start, or since the counter was attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// By block of code and thread.
    Blocks(Counts),
    /// All threads together.
    Sum(u64),
}

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    address: SocketAddr,
    meter: Meter,
    stderr: PathBuf,
}

impl Process {
    /// Starts a server and waits until it listens. Its environment is `env` and nothing else; its
    /// standard error goes to the file `stderr`. It ends with the thread that has started it.
    ///
    /// # Errors
    /// [`CountError`].
    pub fn start(
        means: &Means,
        name: &str,
        program: &Path,
        env: &[(&str, String)],
        stderr: &Path,
    ) -> Result<Self, CountError> {
        let mut tried = 1;
        loop {
            match Self::start_once(means, name, program, env, stderr) {
                Err(CountError::Died { words, .. })
                    if tried < TRIES
                        && words.as_ref().is_some_and(|w| w.contains("already in use")) =>
                {
                    tried += 1;
                }
                started => return started,
            }
        }
    }

    fn start_once(
        means: &Means,
        name: &str,
        program: &Path,
        env: &[(&str, String)],
        stderr: &Path,
    ) -> Result<Self, CountError> {
        let address = free_address().map_err(CountError::io("find a free port"))?;
        let log =
            File::create(stderr).map_err(CountError::io(format!("write {}", stderr.display())))?;
        let (mut command, meter) = match means {
            Means::Emulator(emulator) => {
                let counters = Counters::new().map_err(|source| CountError::Counters {
                    server: name.to_owned(),
                    source,
                })?;
                let command = emulator.command(program, &counters);
                (command, Meter::Emulated(counters))
            }
            Means::Pmu => (Command::new(program), Meter::Native(None)),
        };
        command
            .env_clear()
            .env("LISTEN", address.to_string())
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(
                log.try_clone()
                    .map_err(CountError::io("copy a descriptor"))?,
            )
            .stderr(log);
        spawn::confine(&mut command, Confinement::default());
        let child = command
            .spawn()
            .map_err(CountError::io(format!("start {name} under the emulator")))?;
        let mut process = Self {
            name: name.to_owned(),
            child,
            address,
            meter,
            stderr: stderr.to_owned(),
        };
        process.wait()?;
        if let Meter::Native(pmu) = &mut process.meter {
            let attached = Pmu::attach(process.child.id());
            *pmu = Some(attached.map_err(|e| CountError::pmu(name, e))?);
        }
        Ok(process)
    }

    fn wait(&mut self) -> Result<(), CountError> {
        let begun = Instant::now();
        while begun.elapsed() < LISTENS_WITHIN {
            self.lives()?;
            if TcpStream::connect(self.address).is_ok() {
                // Another process might have taken the port.
                return self.lives();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(CountError::NeverListened {
            server: self.name.clone(),
            address: self.address,
            seconds: LISTENS_WITHIN.as_secs(),
            words: stderr::last_line(&self.stderr),
        })
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// [`CountError::Died`].
    pub fn lives(&mut self) -> Result<(), CountError> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(CountError::Died {
                server: self.name.clone(),
                status: ended(status),
                words: stderr::last_line(&self.stderr),
            }),
            Err(e) => Err(CountError::io(format!("wait for {}", self.name))(e)),
        }
    }

    /// The reason why something went wrong: that it has ended, if it has, or else what was seen.
    pub fn blame(&mut self, seen: CountError) -> CountError {
        // Its connections are closed a moment before it can be waited for.
        for _ in 0..20 {
            if let Err(died) = self.lives() {
                return died;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        seen
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id: the emulator's.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What was counted so far.
    ///
    /// # Errors
    /// [`CountError::Counters`], [`CountError::Pmu`].
    pub fn read(&mut self) -> Result<Reading, CountError> {
        match &mut self.meter {
            Meter::Emulated(counters) => match counters.read() {
                Ok(counts) => Ok(Reading::Blocks(counts)),
                Err(source) => Err(CountError::Counters {
                    server: self.name.clone(),
                    source,
                }),
            },
            Meter::Native(pmu) => match pmu.as_mut().map(Pmu::read).transpose() {
                Ok(sum) => Ok(Reading::Sum(sum.unwrap_or_default())),
                Err(e) => Err(CountError::pmu(&self.name, e)),
            },
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SAFETY: a signal to the process group that this process has made; it is not waited for yet,
        // so its number is nobody else's.
        unsafe {
            libc::kill(-(self.child.id() as libc::pid_t), libc::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}
