//! Host profiles: the files of `hosts/`, read into checked types.
//!
//! They are TOML because Nix reads it too: the NixOS module beside them makes a machine of
//! the very file that the audit compares with.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use place::Problem;
use serde::Deserialize;

use super::cpu_list::CpuList;

/// The schema that a profile names.
pub const SCHEMA: &str = "host-profile/1";
/// The folder of a checkout that holds the profiles.
pub const FOLDER: &str = "hosts";
/// A name that reports use for hosts without a profile.
const RESERVED: &str = "unpinned";

/// How a host has to be set.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The file's name without its ending.
    pub name: String,
    /// What the file says.
    pub wanted: Wanted,
    /// The file's text.
    pub text: String,
}

/// What a profile's file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    schema: String,
    /// One line for people.
    pub title: String,
    /// Which part the machine plays.
    pub role: Role,
    /// What the machine must be.
    #[serde(default)]
    pub machine: Machine,
    /// Who runs where.
    pub cpus: Cpus,
    /// Kernel settings below /proc/sys, by name.
    #[serde(default)]
    pub sysctl: BTreeMap<String, SysctlValue>,
    /// Frequencies and threads of the cores.
    #[serde(default)]
    pub power: Power,
    /// Memory management.
    #[serde(default)]
    pub memory: Memory,
    /// Where the kernel does its own work, and the words of its command line.
    #[serde(default)]
    pub kernel: Kernel,
    /// Limits of the session.
    #[serde(default)]
    pub limits: Limits,
    /// What must not wake up.
    #[serde(default)]
    pub quiet: Quiet,
}

/// Which part a machine plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Servers and instrument.
    Both,
    /// The servers of a pair of machines.
    Server,
    /// The instrument of a pair of machines.
    Client,
}

/// What a machine must be; nothing can set it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// CPUs online.
    pub cpus: Option<usize>,
    /// Whether it is a virtual machine.
    #[serde(rename = "virtual")]
    pub is_virtual: Option<bool>,
}

/// Who runs where.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cpus {
    /// The servers.
    pub server: Option<CpuList>,
    /// The instrument.
    pub instrument: Option<CpuList>,
    /// Everything else.
    pub housekeeping: Option<CpuList>,
    /// Whether servers and instrument have theirs in a partition that nobody else can enter.
    #[serde(default)]
    pub partition: bool,
    /// The servers' `GOMAXPROCS`.
    pub gomaxprocs: Option<u32>,
}

/// A value below /proc/sys.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a sysctl is a whole number or a text")]
pub enum SysctlValue {
    /// A number.
    Number(i64),
    /// Anything else, ranges for instance.
    Text(String),
}

impl fmt::Display for SysctlValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Frequencies and threads of the cores.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// The cpufreq governor of all cores.
    pub governor: Option<String>,
    /// Whether cores may exceed their nominal frequency.
    pub boost: Option<bool>,
    /// Whether a core runs more than one thread.
    pub smt: Option<bool>,
    /// Whether the least frequency of all cores has to be the highest.
    #[serde(default)]
    pub steady: bool,
    /// How long a CPU may take to wake up while it is measured, in microseconds.
    pub wake_up_us: Option<u32>,
    /// Whether no core may be slowed for its heat while a campaign runs.
    #[serde(default)]
    pub unthrottled: bool,
    /// How warm the hottest CPU may be before a campaign and after it, in degrees Celsius.
    pub warmest: Option<u8>,
}

/// Memory management.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Who gets huge pages without asking.
    pub transparent_hugepages: Option<HugePages>,
}

/// Who gets huge pages without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HugePages {
    /// Everybody.
    Always,
    /// Who asks with madvise.
    Madvise,
    /// Nobody.
    Never,
}

impl HugePages {
    /// As the kernel writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Madvise => "madvise",
            Self::Never => "never",
        }
    }
}

/// Where the kernel does its own work, and the words of its command line.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kernel {
    /// CPUs that the scheduler does not balance over.
    pub isolated: Option<CpuList>,
    /// CPUs without a timer tick.
    pub tickless: Option<CpuList>,
    /// CPUs that take the interrupts.
    pub irqs: Option<CpuList>,
    /// CPUs that the kernel's own deferred work may run on.
    pub workqueues: Option<CpuList>,
    /// Further words of the command line.
    #[serde(default)]
    pub parameters: Vec<String>,
}

/// Limits of the session.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The least hard limit of open files.
    pub nofile: Option<u64>,
}

/// What must not wake up.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// systemd units that must not be active.
    #[serde(default)]
    pub units: Vec<String>,
}

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// It is not what it should be.
    #[error("{}:{line}: {problem}", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what is allowed.
        problem: String,
    },
    /// There is none of that name.
    #[error("there is no host profile `{name}`; there are {}, or give the path of a .toml file", known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
}

impl Profile {
    /// The profile of a name in a folder, or in a file where the name is the path of one.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn find(folder: &Path, name: &str) -> Result<Self, ProfileError> {
        if name.ends_with(".toml") {
            return Self::load(Path::new(name));
        }
        let path = folder.join(format!("{name}.toml"));
        if name.contains('/') || !path.is_file() {
            return Err(ProfileError::Unknown {
                name: name.to_owned(),
                known: Self::names(folder)?,
            });
        }
        Self::load(&path)
    }

    /// The names of the profiles of a folder, sorted.
    ///
    /// # Errors
    /// [`ProfileError::Read`].
    pub fn names(folder: &Path) -> Result<Vec<String>, ProfileError> {
        let entries = std::fs::read_dir(folder)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|source| ProfileError::Read {
                path: folder.to_owned(),
                source,
            })?;
        let mut names: Vec<String> = (entries.iter())
            .map(std::fs::DirEntry::path)
            // Not an editor's lock file, which is a link to nothing.
            .filter(|path| path.extension().is_some_and(|e| e == "toml") && path.is_file())
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        names.sort();
        Ok(names)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn load(path: &Path) -> Result<Self, ProfileError> {
        let text = std::fs::read_to_string(path).map_err(|source| ProfileError::Read {
            path: path.to_owned(),
            source,
        })?;
        let name = path
            .file_stem()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        Self::parse(name, &text).map_err(|(line, problem)| ProfileError::Bad {
            path: path.to_owned(),
            line,
            problem,
        })
    }

    /// Reads a text that another lab has read already.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn from_text(name: &str, text: &str) -> Result<Self, String> {
        Self::parse(name, text).map_err(|(_, problem)| format!("profile {name}: {problem}"))
    }

    /// An error is a line, from 1, and what is wrong there.
    fn parse(name: &str, text: &str) -> Result<Self, (usize, String)> {
        let wanted: Wanted = toml::from_str(text).map_err(|e| {
            let begin = e.span().map_or(0, |span| span.start);
            let line = place::toml::line_at(text, begin);
            (line, e.message().to_owned())
        })?;
        let refused = |problem: Problem| {
            let line = place::toml::line(text, &problem.place);
            (line, problem.what)
        };
        // Reports are filed under it.
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || !name.bytes().all(plain) || name == RESERVED {
            let what = format!(
                "a profile is named by its file, in lower-case letters, digits and hyphens, and not `{RESERVED}`: `{name}` is not"
            );
            return Err((1, what));
        }
        wanted.check().map_err(refused)?;
        Ok(Self {
            name: name.to_owned(),
            wanted,
            text: text.to_owned(),
        })
    }

    /// The CPUs of server and instrument, where the machine plays both parts.
    pub fn both(&self) -> Option<record::Cpus> {
        Some(record::Cpus {
            server: self.wanted.cpus.server.as_ref()?.cpus(),
            instrument: self.wanted.cpus.instrument.as_ref()?.cpus(),
        })
    }
}

impl Wanted {
    /// What a machine is asked that no profile speaks of: nothing.
    pub(super) fn nothing() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            title: String::new(),
            role: Role::Both,
            machine: Machine::default(),
            cpus: Cpus::default(),
            sysctl: BTreeMap::new(),
            power: Power::default(),
            memory: Memory::default(),
            kernel: Kernel::default(),
            limits: Limits::default(),
            quiet: Quiet::default(),
        }
    }

    fn check(&self) -> Result<(), Problem> {
        let bad = |table: &str, key: &str, what: String| {
            Err(Problem::at(key, what).within([table.into()]))
        };
        if self.schema != SCHEMA {
            let what = format!("schema is `{}`, this lab reads `{SCHEMA}`", self.schema);
            return Err(Problem::at("schema", what));
        }
        let cpus = &self.cpus;
        for (key, list, absent) in [
            ("server", &cpus.server, Role::Client),
            ("instrument", &cpus.instrument, Role::Server),
        ] {
            if list.is_some() == (self.role == absent) {
                let word = if list.is_some() { "has no" } else { "needs a" };
                let what = format!("a host of this role {word} CPU set cpus.{key}");
                return match list {
                    Some(_) => bad("cpus", key, what),
                    None => Err(Problem::at("role", what)),
                };
            }
        }
        let sets = [
            ("server", &cpus.server),
            ("instrument", &cpus.instrument),
            ("housekeeping", &cpus.housekeeping),
        ];
        for (i, (one, a)) in sets.iter().enumerate() {
            for (other, b) in &sets[i + 1..] {
                let (Some(a), Some(b)) = (a, b) else { continue };
                if let Some(cpu) = a.shared(b).first() {
                    let what =
                        format!("CPU {cpu} is in cpus.{other} and in cpus.{one}: they never share");
                    return bad("cpus", other, what);
                }
            }
        }
        if let (Some(0), _) | (Some(_), None) = (cpus.gomaxprocs, &cpus.server) {
            let what = "gomaxprocs is the servers', and at least 1".to_owned();
            return bad("cpus", "gomaxprocs", what);
        }
        if cpus.partition && cpus.housekeeping.is_none() {
            let what = "a partition leaves the other CPUs to everything else: cpus.housekeeping says which these are".to_owned();
            return bad("cpus", "partition", what);
        }
        if let Some(isolated) = &self.kernel.isolated {
            for (key, set) in sets {
                let Some(set) = set else { continue };
                if set.count() > 1 && !set.shared(isolated).is_empty() {
                    return bad(
                        "kernel",
                        "isolated",
                        format!(
                            "cpus.{key} has several CPUs, and over isolated ones the scheduler does not spread threads: all would stay on one; use kernel.tickless"
                        ),
                    );
                }
            }
        }
        for name in self.sysctl.keys() {
            let part = |part: &str| {
                let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
                !part.is_empty() && part.bytes().all(plain)
            };
            if !name.contains('.') || !name.split('.').all(part) {
                return bad("sysctl", name, format!("`{name}` is no name of a sysctl"));
            }
        }
        for (i, unit) in self.quiet.units.iter().enumerate() {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.@\\:".contains(&b);
            let kind = unit.ends_with(".timer") || unit.ends_with(".service");
            if !kind || unit.starts_with('-') || !unit.bytes().all(plain) {
                let what = format!("`{unit}` is no systemd unit: .timer or .service names one");
                let place = vec!["quiet".into(), "units".into(), i.into()];
                return Err(Problem { place, what });
            }
        }
        for (i, word) in self.kernel.parameters.iter().enumerate() {
            if word.is_empty() || word.contains(char::is_whitespace) {
                let what = format!("`{word}` is not one word of a kernel's command line");
                let place = vec!["kernel".into(), "parameters".into(), i.into()];
                return Err(Problem { place, what });
            }
        }
        let governor = self.power.governor.as_deref().unwrap_or("performance");
        if governor.is_empty()
            || !governor
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_')
        {
            return bad(
                "power",
                "governor",
                format!("`{governor}` is no cpufreq governor"),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "schema = \"host-profile/1\"
title = \"A host\"
role = \"both\"
[cpus]
server = \"0\"
instrument = \"1\"
";

    fn refused(text: &str) -> String {
        let (line, what) = Profile::parse("p", text).unwrap_err();
        format!("{line}: {what}")
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        Profile::parse("p", LEAST).unwrap();
        for (more, says) in [
            ("[power]\nboots = false\n", "8: unknown field `boots`"),
            ("[power]\nboost = \"off\"\n", "8: invalid type"),
            (
                "[memory]\ntransparent_hugepages = \"sometimes\"\n",
                "8: unknown variant `sometimes`",
            ),
            ("[sysctl]\n\"vm.swappiness\" = true\n", "8: a sysctl is"),
            ("[sysctl]\n\"../etc\" = 1\n", "8: `../etc` is no name"),
            (
                "[sysctl]\n\"vm..swappiness\" = 1\n",
                "8: `vm..swappiness` is no name",
            ),
            (
                "[quiet]\nunits = [\"--now\"]\n",
                "8: `--now` is no systemd unit",
            ),
            (
                "[kernel]\nparameters = [\"a b\"]\n",
                "8: `a b` is not one word",
            ),
            (
                "housekeeping = \"1-2\"\n",
                "7: CPU 1 is in cpus.housekeeping and in cpus.instrument",
            ),
            ("partition = true\n", "7: a partition leaves the other"),
            ("gomaxprocs = 0\n", "7: gomaxprocs"),
            ("gomaxprocs = -1\n", "7: invalid value"),
            ("[nothing]\n", "7: unknown field `nothing`"),
        ] {
            let refused = refused(&format!("{LEAST}{more}"));
            assert!(refused.starts_with(says), "{more}: {refused}");
        }
        for (from, to, says) in [
            (
                "server = \"0\"",
                "server = \"3-1\"",
                "5: `3-1` is no list of CPUs",
            ),
            (
                "\"both\"",
                "\"server\"",
                "6: a host of this role has no CPU set cpus.instrument",
            ),
            (
                "instrument = \"1\"\n",
                "",
                "3: a host of this role needs a CPU set cpus.instrument",
            ),
            ("profile/1", "profile/2", "1: schema is `host-profile/2`"),
            (
                "server = \"0\"\n",
                "server = \"2-3\"\n[kernel]\nisolated = \"2\"\n[cpus.x]\n",
                "8: unknown field `x`",
            ),
        ] {
            let refused = refused(&LEAST.replace(from, to));
            assert!(refused.starts_with(says), "{to}: {refused}");
        }
        let several = LEAST.replace("\"0\"", "\"2-3\"") + "[kernel]\nisolated = \"2-3\"\n";
        assert!(refused(&several).starts_with("8: cpus.server has several CPUs"));
        // The same key in several tables, and before them in a text.
        let title = LEAST.replace("A host", "server = A host");
        for (more, says) in [
            (
                "[sysctl]\n\"a.server\" = 1\nserver = 2\n",
                "9: `server` is no name of a sysctl",
            ),
            (
                "[quiet]\nunits = [\n  \"a.timer\",\n  \"b\",\n]\n",
                "10: `b` is no systemd unit",
            ),
            (
                "[kernel]\nisolated = \"1\"\nparameters = [\"a\",\n\"isolated = 1\"]\n",
                "10: `isolated = 1` is not one word",
            ),
        ] {
            let refused = refused(&format!("{title}{more}"));
            assert!(refused.starts_with(says), "{more}: {refused}");
        }
        for name in ["", "Unpinned", "unpinned", "a b", "../x"] {
            assert!(Profile::parse(name, LEAST).is_err(), "{name}");
        }
    }

    #[test]
    fn the_profiles_of_the_checkout_can_be_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hosts");
        let names = Profile::names(&folder).unwrap();
        for known in ["article-8core", "pair-client", "pair-server", "two-core-vm"] {
            assert!(names.iter().any(|n| n == known), "{known}: {names:?}");
        }
        for name in &names {
            Profile::find(&folder, name).unwrap();
        }
        let article = Profile::find(&folder, "article-8core").unwrap();
        assert_eq!(article.wanted.cpus.gomaxprocs, Some(8));
        assert_eq!(article.both().unwrap().server.len(), 8);
        let unknown = Profile::find(&folder, "../hosts/two-core-vm").unwrap_err();
        assert!(
            unknown.to_string().contains("there are article-8core, "),
            "{unknown}"
        );
    }
}
