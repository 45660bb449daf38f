//! What the lab asks an agent, and what it answers: a line of JSON each way.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use record::audit::Setting;
use serde::{Deserialize, Serialize};

use super::samples::Sample;

/// A server that an agent has started.
pub type Id = u32;

/// What can be asked. All but [`Ask::Beat`] are answered, in order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ask {
    /// Who are you? Comes first; takes the host for a campaign.
    Hello {
        /// The campaign, for whoever finds the host taken.
        campaign: String,
        /// The host profile, as its file has it.
        profile: Option<ProfileText>,
    },
    /// The settings of the host, against the profile of the hello.
    Audit,
    /// Is the lab still there? Keeps the line open.
    Beat,
    /// The time there.
    Clock,
    /// Start a server; answered when it has been started, or when it answers rightly.
    Start {
        /// The executable's SHA-256, by which it was copied.
        sha256: String,
        /// The CPUs that it may use.
        cpus: Vec<usize>,
        /// Variables of the contract.
        env: Vec<(String, String)>,
        /// Bytes by which its environment is padded.
        padding: usize,
        /// Whether to wait until it answers.
        ready: bool,
    },
    /// Wait until a server answers rightly; answered with the time since its exec.
    Ready { id: Id },
    /// How a server ended, if it has.
    Ended { id: Id },
    /// What a server wrote to stderr since it was asked last.
    Stderr { id: Id },
    /// Stop a server's execution.
    Pause { id: Id },
    /// Let it run on.
    Resume { id: Id },
    /// Its resident set size.
    Resident { id: Id },
    /// Begin to watch its CPU time.
    Watch { id: Id },
    /// End that; answered with what was seen.
    Unwatch,
    /// Ask it to stop, wait until it has, and forget it.
    Stop { id: Id },
    /// Kill it and forget it.
    Kill { id: Id },
}

/// A profile by its file's name and content.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProfileText {
    pub name: String,
    pub text: String,
}

/// The answers, by what was asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    Hello(Hello),
    Audit(Vec<Setting>),
    /// Nanoseconds of the monotonic clock.
    Clock(u64),
    Started(Started),
    /// Nanoseconds from exec to the first right answer.
    Ready(u64),
    Ended(Option<String>),
    Stderr(String),
    Resident(Option<u64>),
    Seen(Seen),
    Done,
    /// It did not work: a sentence that goes on after the framework's name, and the end of
    /// what the server had to say.
    Failed {
        what: String,
        stderr: String,
        /// Whether the server is to blame, and not the machine there.
        theirs: bool,
    },
}

/// Who the agent is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// The SHA-256 of its program, which must be the lab's own.
    pub program: String,
    /// Facts about its machine.
    pub facts: BTreeMap<String, String>,
    /// The CPUs that servers may use there without a profile.
    pub cpus: Vec<usize>,
}

/// A server was started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Started {
    pub id: Id,
    pub address: SocketAddr,
}

/// What was seen of a watched server and of its machine meanwhile.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Seen {
    /// CPU time of the server over time.
    pub samples: Vec<Sample>,
    /// CPU time that neither the server nor the agent used, in nanoseconds.
    pub foreign_ns: u64,
    /// CPU time that the hypervisor withheld, in nanoseconds.
    pub stolen_ns: u64,
    /// Periods in which a control group of the agent's had used up its CPU quota.
    pub throttled: u64,
    /// The share of the time in which the server was ready to run and had no CPU, where it can be read.
    pub waited: Option<f64>,
}
