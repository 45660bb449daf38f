//! The lab's side of an agent: programs are copied by their hash, the agent runs by ssh, and
//! goes when the link does.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use builder::Binary;
use host::Profile;
use sys::{spawn, stderr};

use super::destination::Destination;
use super::samples::Offset;
use super::wire::{Answer, Ask, Hello, ProfileText};

/// The folder below the home over there that keeps programs by their hash.
const FOLDER: &str = ".cache/lab-agent";
/// No question takes longer, the slowest start and stop included.
const ANSWER_WITHIN: Duration = Duration::from_secs(90);
/// How often the agent is told that the lab is still there.
const BEAT: Duration = Duration::from_secs(10);
/// How often the clocks are compared for one offset.
const CLOCK_TRIES: usize = 8;

/// How another machine is reached.
#[derive(Debug, Clone)]
pub struct Ssh {
    /// Where it is.
    pub destination: Destination,
    /// A configuration of ssh's that is not the user's own.
    pub config: Option<PathBuf>,
}

/// The line to an agent.
#[derive(Debug)]
pub struct Link {
    ssh: Ssh,
    child: Child,
    stdin: Arc<Mutex<Option<ChildStdin>>>,
    answers: Mutex<Receiver<String>>,
    errors: Arc<Mutex<String>>,
    copied: Mutex<BTreeSet<String>>,
    hello: Hello,
}

/// Why servers cannot be run on the other machine.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// ssh cannot be started here.
    #[error("`ssh` cannot be started: {0}; --server-host needs the OpenSSH client")]
    NoSsh(#[source] std::io::Error),
    /// A file cannot be read here.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// A command over there did not work.
    #[error("{destination}: {what}: {words}; `{by_hand}` tries it by hand")]
    Command {
        /// The machine.
        destination: String,
        /// What was tried.
        what: &'static str,
        /// ssh's last words.
        words: String,
        /// The command line.
        by_hand: String,
    },
    /// The line is dead.
    #[error("{destination}: the line to the agent is dead: {words}")]
    Dead {
        /// The machine.
        destination: String,
        /// ssh's last words, or what was waited for.
        words: String,
    },
    /// The agent says no.
    #[error("{destination}: {what}")]
    Refused {
        /// The machine.
        destination: String,
        /// Its words.
        what: String,
    },
}

impl Link {
    /// Copies the lab there and starts it as an agent.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn open(
        ssh: &Ssh,
        program: &Path,
        campaign: &str,
        profile: Option<&Profile>,
    ) -> Result<Self, LinkError> {
        let read = |source| LinkError::Read {
            path: program.to_owned(),
            source,
        };
        let sha256 = builder::sha256(program).map_err(read)?;
        ssh.copy(program, &sha256)?;
        let mut command = ssh.command(&format!("exec {FOLDER}/{sha256} agent"));
        spawn::bind(&mut command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(LinkError::NoSsh)?;
        let stdin = Arc::new(Mutex::new(child.stdin.take()));
        let answers = lines(child.stdout.take());
        let errors = Arc::new(Mutex::new(String::new()));
        collect(child.stderr.take(), Arc::clone(&errors));
        beat(Arc::clone(&stdin));
        let mut link = Self {
            ssh: ssh.clone(),
            child,
            stdin,
            answers: Mutex::new(answers),
            errors,
            copied: Mutex::new(BTreeSet::from([sha256.clone()])),
            hello: Hello {
                program: String::new(),
                facts: std::collections::BTreeMap::new(),
                cpus: Vec::new(),
            },
        };
        let hello = link.ask(&Ask::Hello {
            campaign: campaign.to_owned(),
            profile: profile.map(|p| ProfileText {
                name: p.name.clone(),
                text: p.text.clone(),
            }),
        })?;
        match hello {
            Answer::Hello(hello) if hello.program == sha256 => link.hello = hello,
            Answer::Hello(_) => {
                return Err(link.refused("the program that was copied there is another one"));
            }
            other => return Err(link.refused(said(other))),
        }
        Ok(link)
    }

    /// Who is there.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Where it is.
    pub fn destination(&self) -> String {
        self.ssh.destination.to_string()
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// [`LinkError::Dead`].
    pub fn ask(&self, ask: &Ask) -> Result<Answer, LinkError> {
        // The answers' lock is held until the answer is here, so that nobody takes another's.
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if !tell(&self.stdin, ask) {
            return Err(self.dead("it takes no more questions"));
        }
        let line = answers.recv_timeout(ANSWER_WITHIN).map_err(|e| match e {
            RecvTimeoutError::Timeout => self.dead("it does not answer"),
            RecvTimeoutError::Disconnected => self.dead("it has ended"),
        })?;
        serde_json::from_str(&line).map_err(|e| self.dead(&format!("it says `{line}`: {e}")))
    }

    /// The settings of the machine over there.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn audit(&self) -> Result<Vec<record::audit::Setting>, LinkError> {
        match self.ask(&Ask::Audit)? {
            Answer::Audit(settings) => Ok(settings),
            other => Err(self.refused(said(other))),
        }
    }

    /// How the clock over there stands to ours.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn offset(&self) -> Result<Option<Offset>, LinkError> {
        let now = sys::clock::now;
        let mut tries = Vec::new();
        for _ in 0..CLOCK_TRIES {
            let before = now();
            if let Answer::Clock(there) = self.ask(&Ask::Clock)? {
                tries.push((before, there, now()));
            }
        }
        Ok(Offset::best(tries))
    }

    /// Copies a server's executable there, if it is not there yet.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn provide(&self, binary: &Binary) -> Result<(), LinkError> {
        let mut copied = self.copied.lock().unwrap_or_else(PoisonError::into_inner);
        if !copied.contains(&binary.sha256) {
            self.ssh.copy(&binary.path, &binary.sha256)?;
            copied.insert(binary.sha256.clone());
        }
        Ok(())
    }

    pub(super) fn refused(&self, what: impl ToString) -> LinkError {
        LinkError::Refused {
            destination: self.destination(),
            what: what.to_string(),
        }
    }

    fn dead(&self, otherwise: &str) -> LinkError {
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        LinkError::Dead {
            destination: self.destination(),
            words: stderr::last_line_of(&errors).unwrap_or_else(|| otherwise.to_owned()),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // The end of its input ends the agent, which kills its servers first.
        *self.stdin.lock().unwrap_or_else(PoisonError::into_inner) = None;
        for _ in 0..100 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer that was not expected, in words.
pub(super) fn said(answer: Answer) -> String {
    match answer {
        Answer::Failed { what, .. } => what,
        other => format!("the agent answers {other:?}, which was not asked"),
    }
}

impl Ssh {
    /// ssh with a command of the other machine's shell.
    fn command(&self, command: &str) -> Command {
        let mut ssh = Command::new("ssh");
        ssh.args(self.words()).arg(command);
        ssh
    }

    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        if let Some(config) = &self.config {
            words.extend(["-F".to_owned(), config.display().to_string()]);
        }
        // Nobody is there to type a password, and a dead line is to be noticed.
        for option in [
            "BatchMode=yes",
            "ServerAliveInterval=10",
            "ServerAliveCountMax=3",
        ] {
            words.extend(["-o".to_owned(), option.to_owned()]);
        }
        words.push("-T".to_owned());
        words.extend(self.destination.words());
        words
    }

    /// Copies a program there under its hash, if it is not there yet.
    fn copy(&self, program: &Path, sha256: &str) -> Result<(), LinkError> {
        let path = format!("{FOLDER}/{sha256}");
        let there = self.run(
            "it cannot be reached",
            &format!("test -x {path} && echo there || echo absent"),
            None,
        )?;
        if there.trim() == "there" {
            return Ok(());
        }
        let file = File::open(program).map_err(|source| LinkError::Read {
            path: program.to_owned(),
            source,
        })?;
        // Under its name only when it is whole; two labs may copy at a time.
        let fresh = format!("{path}.{}", std::process::id());
        let copy = format!(
            "mkdir -p {FOLDER} && cat > {fresh} && chmod 700 {fresh} && mv -f {fresh} {path}"
        );
        self.run("a program cannot be copied there", &copy, Some(file))
            .map(drop)
    }

    fn run(
        &self,
        what: &'static str,
        command: &str,
        stdin: Option<File>,
    ) -> Result<String, LinkError> {
        let mut ssh = self.command(command);
        spawn::bind(&mut ssh);
        let output = ssh
            .stdin(stdin.map_or_else(Stdio::null, Stdio::from))
            .output()
            .map_err(LinkError::NoSsh)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let words = stderr::last_line_of(&String::from_utf8_lossy(&output.stderr));
        Err(LinkError::Command {
            destination: self.destination.to_string(),
            what,
            words: words.unwrap_or_else(|| output.status.to_string()),
            by_hand: format!("ssh {} true", self.words().join(" ")),
        })
    }
}

fn tell(stdin: &Mutex<Option<ChildStdin>>, ask: &Ask) -> bool {
    let Ok(mut line) = serde_json::to_vec(ask) else {
        return false;
    };
    line.push(b'\n');
    let mut stdin = stdin.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(stdin) = stdin.as_mut() else {
        return false;
    };
    stdin.write_all(&line).and_then(|()| stdin.flush()).is_ok()
}

fn lines(from: Option<std::process::ChildStdout>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in from.into_iter().flat_map(|out| BufReader::new(out).lines()) {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn collect(from: Option<std::process::ChildStderr>, into: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        for line in from.into_iter().flat_map(|err| BufReader::new(err).lines()) {
            let Ok(line) = line else { return };
            let mut text = into.lock().unwrap_or_else(PoisonError::into_inner);
            // Only the last words are ever told.
            *text = line;
        }
    });
}

fn beat(stdin: Arc<Mutex<Option<ChildStdin>>>) {
    std::thread::spawn(move || {
        while tell(&stdin, &Ask::Beat) {
            std::thread::sleep(BEAT);
        }
    });
}
