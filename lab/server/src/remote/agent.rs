//! The far side: does what the lab asks on its standard input, until that ends.
//!
//! Nothing survives it: when the line goes dead (the lab died, the network is gone, ssh was
//! killed) it drops all servers, which kills them, and ends; and when it is killed itself, the
//! kernel kills the servers, as it does for the lab.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use builder::Binary;
use host::awake::Awake;
use host::quota::Groups;
use host::{HostLock, Machine, Profile, audit, cpus, facts, heat, partition};
use sys::clock::monotonic;
use sys::pin::Pinned;
use tokio::sync::mpsc as channel;

use super::watch::{Watch, nanoseconds};
use super::wire::{Answer, Ask, Hello, Id, ProfileText, Started};
use crate::memory::MemoryReader;
use crate::process::{READY_WITHIN, VARIABLES};
use crate::{Server, ServerError, StartOptions};

/// After this long without a word from the lab the line is dead.
const PATIENCE: Duration = Duration::from_secs(40);
/// Copies of programs that run, below the agent's folder.
const FRESH: &str = "fresh";
/// So much of a server's stderr is told at most.
const TOLD: usize = 64 * 1024;

/// Why an agent cannot work at all.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// It was not started by ssh.
    #[error(
        "this is the far side of `lab bench --server-host`, which starts it by ssh: SSH_CONNECTION is not set"
    )]
    NoConnection,
    /// The folder for servers' stderr cannot be made.
    #[error("{}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
}

struct Agent {
    /// The address of this machine at which the lab reached it.
    address: IpAddr,
    /// Where programs lie by their hash, and servers' stderr is kept.
    folder: PathBuf,
    logs: PathBuf,
    profile: Option<Profile>,
    /// Keeps other campaigns off this machine as long as the agent lives.
    _lock: Option<HostLock>,
    servers: BTreeMap<Id, Running>,
    next: Id,
    watch: Option<Watch>,
    memory: MemoryReader,
    /// Binaries whose content was shown to have their hash.
    known: BTreeMap<String, Binary>,
    pinned: Option<Pinned>,
    _awake: Option<Awake>,
    /// How often the CPUs had been slowed for their heat when the campaign began.
    throttled: Option<u64>,
}

struct Running {
    server: Server,
    log: PathBuf,
    told: usize,
}

/// Serves the lab until it is gone.
///
/// # Errors
/// [`AgentError`].
pub async fn serve() -> Result<(), AgentError> {
    // client address, client port, our address, our port
    let connection = std::env::var("SSH_CONNECTION").unwrap_or_default();
    let address = (connection.split(' ').nth(2))
        .and_then(|word| word.split('%').next()?.parse().ok())
        .ok_or(AgentError::NoConnection)?;
    let folder = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.to_owned()))
        .unwrap_or_default();
    let logs = folder.join(format!("stderr.{}", std::process::id()));
    std::fs::create_dir_all(&logs).map_err(|source| AgentError::Folder {
        path: logs.clone(),
        source,
    })?;
    let mut agent = Agent {
        address,
        folder,
        logs,
        profile: None,
        _lock: None,
        servers: BTreeMap::new(),
        next: 1,
        watch: None,
        memory: MemoryReader::default(),
        known: BTreeMap::new(),
        pinned: None,
        _awake: None,
        throttled: None,
    };
    let mut lines = lines();
    // What is under way is dropped, with its servers, as soon as the line goes dead.
    let (dead, mut heard) = channel::channel::<Ask>(64);
    let reader = async move {
        while let Ok(Some(line)) = tokio::time::timeout(PATIENCE, lines.recv()).await {
            match serde_json::from_str(&line) {
                Ok(Ask::Beat) => {}
                Ok(ask) => {
                    if dead.send(ask).await.is_err() {
                        return;
                    }
                }
                Err(e) => {
                    let what = format!("the agent does not understand {line}: {e}");
                    say(&failed(what));
                    return;
                }
            }
        }
    };
    let worker = async {
        while let Some(ask) = heard.recv().await {
            let answer = agent.answer(ask).await;
            if !say(&answer) {
                return;
            }
        }
    };
    tokio::select! {
        () = reader => {}
        () = worker => {}
    }
    agent.servers.clear();
    let _ = std::fs::remove_dir_all(&agent.logs);
    Ok(())
}

/// Standard input, line by line, from a thread that nothing else can hold up.
fn lines() -> channel::UnboundedReceiver<String> {
    let (sender, receiver) = channel::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Answers; false when nobody listens any more.
fn say(answer: &Answer) -> bool {
    let Ok(mut line) = serde_json::to_vec(answer) else {
        return false;
    };
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line).and_then(|()| out.flush()).is_ok()
}

fn failed(what: impl ToString) -> Answer {
    Answer::Failed {
        what: what.to_string(),
        stderr: String::new(),
        theirs: false,
    }
}

impl Agent {
    async fn answer(&mut self, ask: Ask) -> Answer {
        match self.try_answer(ask).await {
            Ok(answer) => answer,
            Err(what) => failed(what),
        }
    }

    async fn try_answer(&mut self, ask: Ask) -> Result<Answer, String> {
        Ok(match ask {
            Ask::Hello { campaign, profile } => self.hello(&campaign, profile)?,
            Ask::Audit => {
                let machine = Machine::this();
                let mut settings = audit::settings(&machine, self.profile.as_ref());
                heat::judge(&mut settings, &machine, self.throttled);
                Answer::Audit(settings)
            }
            Ask::Beat => Answer::Done,
            Ask::Clock => Answer::Clock(nanoseconds(monotonic())),
            Ask::Start {
                sha256,
                cpus,
                env,
                padding,
                ready,
            } => {
                let binary = self.binary(&sha256)?;
                self.start(&binary, cpus, &env, padding, ready).await?
            }
            Ask::Ready { id } => {
                let ready = self.server(id)?.server.ready(READY_WITHIN).await;
                match ready {
                    Ok(took) => Answer::Ready(nanoseconds(took)),
                    Err(e) => self.told(id, &e),
                }
            }
            Ask::Ended { id } => Answer::Ended(self.server(id)?.server.ended()),
            Ask::Stderr { id } => Answer::Stderr(self.server(id)?.stderr()),
            Ask::Pause { id } => {
                self.server(id)?.server.pause();
                Answer::Done
            }
            Ask::Resume { id } => {
                self.server(id)?.server.resume();
                Answer::Done
            }
            Ask::Resident { id } => {
                let pid = self.server(id)?.server.pid();
                Answer::Resident(self.memory.resident(pid))
            }
            Ask::Watch { id } => {
                let pid = self.server(id)?.server.pid();
                self.watch = Some(Watch::begin(pid));
                Answer::Done
            }
            Ask::Unwatch => {
                let watch = self.watch.take().ok_or("nothing is watched")?;
                Answer::Seen(watch.end())
            }
            Ask::Stop { id } => {
                let mut running = self.servers.remove(&id).ok_or_else(|| unknown(id))?;
                let stderr = running.stderr();
                // As the lab looks before it stops servers of its own machine.
                let looked = running.server.inspect();
                match running.server.stop().await.and(looked) {
                    Ok(()) => Answer::Stderr(stderr),
                    Err(e) => Answer::Failed {
                        what: e.to_string(),
                        stderr,
                        theirs: e.is_the_servers(),
                    },
                }
            }
            Ask::Kill { id } => {
                self.servers.remove(&id);
                Answer::Done
            }
        })
    }

    fn hello(&mut self, campaign: &str, profile: Option<ProfileText>) -> Result<Answer, String> {
        self._lock = Some(HostLock::take(campaign).map_err(|e| e.to_string())?);
        self.profile = profile
            .map(|p| Profile::from_text(&p.name, &p.text))
            .transpose()?;
        let machine = Machine::this();
        partition::enter(&machine, self.profile.as_ref()).map_err(|e| e.to_string())?;
        self._awake = (self.profile.as_ref()).and_then(|p| Awake::as_wanted(&p.wanted));
        self.throttled = heat::throttled(&machine);
        let program = std::env::current_exe()
            .and_then(|exe| builder::sha256(&exe))
            .map_err(|e| format!("the agent's own program cannot be read: {e}"))?;
        let cpus = cpus::allowed().map_err(|e| e.to_string())?;
        let mut facts = facts::read();
        facts.extend(Groups::of(&machine).facts(cpus.len()));
        facts.extend(heat::facts(&machine, "before"));
        Ok(Answer::Hello(Hello {
            program,
            facts,
            cpus,
        }))
    }

    /// A program that was copied here, shown to be what its name says.
    fn binary(&mut self, sha256: &str) -> Result<Binary, String> {
        if let Some(binary) = self.known.get(sha256) {
            return Ok(binary.clone());
        }
        let hex = sha256.bytes().all(|b| b.is_ascii_hexdigit());
        let path = self.folder.join(sha256);
        let found = builder::sha256(&path)
            .map_err(|e| format!("could not be started: {}: {e}", path.display()))?;
        if !hex || found != sha256 {
            return Err(format!(
                "could not be started: {} was copied and has the SHA-256 {found}; remove it there",
                path.display()
            ));
        }
        let binary = Binary {
            bytes: std::fs::metadata(&path).map_or(0, |m| m.len()),
            path,
            sha256: found,
            ..Binary::default()
        };
        self.known.insert(sha256.to_owned(), binary.clone());
        Ok(binary)
    }

    async fn start(
        &mut self,
        binary: &Binary,
        cpus: Vec<usize>,
        env: &[(String, String)],
        padding: usize,
        ready: bool,
    ) -> Result<Answer, String> {
        let variable =
            |(name, value): &(String, String)| -> Result<(&'static str, String), String> {
                let known = VARIABLES.iter().find(|known| *known == name);
                let known =
                    known.ok_or_else(|| format!("{name} is no variable of the contract"))?;
                Ok((*known, value.clone()))
            };
        self.keep_off(&cpus);
        let id = self.next;
        self.next += 1;
        let log = self.logs.join(id.to_string());
        let options = StartOptions {
            cpus,
            env: env.iter().map(variable).collect::<Result<_, _>>()?,
            padding,
            probe: false,
            stderr: log.clone(),
            listen: Some(self.address),
            fresh: Some(self.folder.join(FRESH)),
        };
        let started = match ready {
            true => match Server::start_ready(binary, &options).await {
                Ok(server) => server.inspect().map(|()| server),
                Err(e) => Err(e),
            },
            false => Server::start(binary, &options),
        };
        let server = match started {
            Ok(server) => server,
            Err(e) => {
                return Ok(Answer::Failed {
                    what: e.to_string(),
                    stderr: end_of(&log, 0).0,
                    theirs: e.is_the_servers(),
                });
            }
        };
        let address = server.address();
        let running = Running {
            server,
            log,
            told: 0,
        };
        self.servers.insert(id, running);
        Ok(Answer::Started(Started { id, address }))
    }

    /// Keeps the agent itself off the servers' CPUs, where there are others.
    fn keep_off(&mut self, servers: &[usize]) {
        if self.pinned.is_some() {
            return;
        }
        let mut others = cpus::online();
        others.retain(|cpu| !servers.contains(cpu));
        if !others.is_empty() && !servers.is_empty() {
            self.pinned = Some(Pinned::to(&others));
        }
    }

    fn server(&mut self, id: Id) -> Result<&mut Running, String> {
        self.servers.get_mut(&id).ok_or_else(|| unknown(id))
    }

    fn told(&mut self, id: Id, e: &ServerError) -> Answer {
        let stderr = self.servers.get_mut(&id).map(Running::stderr);
        Answer::Failed {
            what: e.to_string(),
            stderr: stderr.unwrap_or_default(),
            theirs: e.is_the_servers(),
        }
    }
}

fn unknown(id: Id) -> String {
    format!("there is no server {id} any more")
}

impl Running {
    /// What it wrote since it was asked last.
    fn stderr(&mut self) -> String {
        let (text, told) = end_of(&self.log, self.told);
        self.told = told;
        text
    }
}

/// The end of a file behind a position, and its length.
fn end_of(log: &Path, from: usize) -> (String, usize) {
    let bytes = std::fs::read(log).unwrap_or_default();
    let from = from.max(bytes.len().saturating_sub(TOLD)).min(bytes.len());
    let text = String::from_utf8_lossy(&bytes[from..]).into_owned();
    (text, bytes.len())
}
