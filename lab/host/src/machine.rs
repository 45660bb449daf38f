//! Where a machine's settings are read and written: /proc, /sys and systemd.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::cpu_list::CpuList;

/// This machine, or a folder that looks like one.
#[derive(Debug, Clone)]
pub struct Machine {
    root: PathBuf,
}

impl Machine {
    /// The machine that the lab runs on.
    pub fn this() -> Self {
        Self::at(Path::new("/"))
    }

    /// A folder that holds `proc`, `sys` and `run` as a machine's root does.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The text of a file, with single spaces between its words; nothing where there is none.
    pub fn read(&self, path: &str) -> Option<String> {
        let text = fs::read_to_string(self.path(path)).ok()?;
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The text of a file as it is; nothing where there is none.
    pub fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    /// Whether there is a folder.
    pub fn is_folder(&self, path: &str) -> bool {
        self.path(path).is_dir()
    }

    /// Where a link leads; nothing where there is none.
    pub fn link(&self, path: &str) -> Option<String> {
        let to = fs::read_link(self.path(path)).ok()?;
        Some(to.to_str()?.to_owned())
    }

    /// Whether there is surely nothing of that name; not so where nobody may look.
    pub fn is_missing(&self, path: &str) -> bool {
        let found = self.path(path).symlink_metadata();
        found.is_err_and(|e| e.kind() == io::ErrorKind::NotFound)
    }

    /// Opens a file that is there for reading and writing.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(&self, path: &str) -> io::Result<fs::File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.path(path))
    }

    /// Makes a folder, unless it is there.
    ///
    /// # Errors
    /// What the system says.
    pub fn make_folder(&self, path: &str) -> io::Result<()> {
        match fs::create_dir(self.path(path)) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    }

    /// Removes a folder that holds no other.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_folder(&self, path: &str) -> io::Result<()> {
        fs::remove_dir(self.path(path))
    }

    /// Writes a value into a file that is there.
    ///
    /// # Errors
    /// What the system says, a refusal of the kernel's also.
    pub fn write(&self, path: &str, value: &str) -> io::Result<()> {
        let mut file = (OpenOptions::new().write(true).truncate(true)).open(self.path(path))?;
        file.write_all(value.as_bytes())
    }

    /// The names in a folder that begin with a word, sorted.
    pub fn names(&self, folder: &str, prefix: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).into_iter().flatten();
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with(prefix))
            .collect();
        names.sort();
        names
    }

    /// Whether systemd starts this machine's units.
    pub fn has_systemd(&self) -> bool {
        self.path("/run/systemd/system").is_dir()
    }

    /// What systemd says of a unit: `active`, `inactive`, ...; nothing where no systemd runs, and
    /// nothing where it cannot be asked.
    pub fn unit(&self, unit: &str) -> Option<String> {
        if !self.has_systemd() {
            return None;
        }
        // Its exit status repeats the word.
        let output = systemctl(&["is-active", unit]).output().ok()?;
        let word = String::from_utf8(output.stdout).ok()?;
        let word = word.lines().next().unwrap_or_default().trim().to_owned();
        (!word.is_empty()).then_some(word)
    }

    /// Starts or stops a unit.
    ///
    /// # Errors
    /// systemd's own words.
    pub fn set_unit(&self, unit: &str, active: bool) -> io::Result<()> {
        let verb = if active { "start" } else { "stop" };
        let output = systemctl(&[verb, unit]).output()?;
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(format!(
            "systemctl {verb} {unit}: {}",
            words.trim()
        )))
    }

    /// Says on which CPUs a thread may run.
    ///
    /// # Errors
    /// The words of `taskset`, which is util-linux's.
    pub fn set_cpus(&self, thread: u32, cpus: &CpuList) -> io::Result<()> {
        let mut command = Command::new("taskset");
        command.args(["-p", "-c", &cpus.to_string(), &thread.to_string()]);
        let output = command.stdin(Stdio::null()).output().map_err(|e| {
            io::Error::other(format!("`taskset`, of util-linux, cannot be run: {e}"))
        })?;
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(words.trim().to_owned()))
    }

    /// Which start of the machine this is.
    pub fn boot(&self) -> String {
        self.read("/proc/sys/kernel/random/boot_id")
            .unwrap_or_default()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }
}

fn systemctl(words: &[&str]) -> Command {
    let mut command = Command::new("systemctl");
    command.args(words).stdin(Stdio::null());
    command
}
