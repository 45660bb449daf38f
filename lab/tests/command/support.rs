//! What the tests of the command share: the command, servers that misbehave, tiny experiments.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use record::{Campaign, CampaignFile};

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// The command, as a user gives it in the checkout.
pub fn lab(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    // The tests take turns among themselves; a campaign of somebody else's is not theirs to
    // wait for.
    let locks = env!("CARGO_TARGET_TMPDIR");
    command
        .args(words)
        .current_dir(root())
        .env("LAB_LOCK_DIR", locks);
    command
}

/// Runs a command to its end.
pub fn run(mut command: Command) -> Run {
    Run(command.output().unwrap())
}

/// How often a campaign is measured that a busy machine may spoil.
const TRIES: u32 = 4;

/// Measures until every window was measured, or as often as that is tried: of a machine that stands
/// still for all of a window the lab says that it was not, and leaves it without values.
pub fn measured(command: impl Fn() -> Command) -> Run {
    until_seen(command, |ended| !ended.stderr().contains("Not measured: "))
}

/// Runs a command until it is `seen` what the test is about, or as often as that is tried; gives the
/// last run whatever it says, to be judged.
pub fn until_seen(command: impl Fn() -> Command, seen: impl Fn(&Run) -> bool) -> Run {
    for _ in 1..TRIES {
        let ended = run(command());
        if seen(&ended) {
            return ended;
        }
    }
    run(command())
}

/// How a command ended.
pub struct Run(Output);

impl Run {
    pub fn status(&self) -> Option<i32> {
        self.0.status.code()
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Panics with all output unless the status is the wanted one.
    #[track_caller]
    pub fn expect_status(&self, wanted: i32) -> &Self {
        assert_eq!(
            self.status(),
            Some(wanted),
            "{}\n{}",
            self.stdout(),
            self.stderr()
        );
        self
    }
}

impl Run {
    /// Panics with all output unless it went well, or nothing could be measured of a server by no fault of
    /// its own: on a machine that others use, both are right.
    #[track_caller]
    pub fn expect_nobody_blamed(&self) -> &Self {
        if self.status() == Some(3) && self.stderr().contains("by no fault of the server's") {
            return self;
        }
        self.expect_status(0)
    }
}

/// The same command in surroundings that a shell makes: the script ends in `exec "$0" "$@"`.
pub fn within(wrapper: &[&str], script: &str, inner: &Command) -> Command {
    let (first, rest) = wrapper.split_first().unwrap_or((&"sh", &[]));
    let mut command = Command::new(first);
    command.args(rest);
    if !wrapper.is_empty() {
        command.arg("sh");
    }
    command.arg("-c").arg(script).arg(inner.get_program());
    command.args(inner.get_args()).current_dir(root());
    for (name, value) in inner.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command
}

/// One bench at a time: a host can only measure one thing. The tests of several checkouts take
/// turns, too.
pub fn alone() -> (MutexGuard<'static, ()>, File) {
    static HOST: Mutex<()> = Mutex::new(());
    let turn = HOST.lock().unwrap_or_else(PoisonError::into_inner);
    let file = File::create(std::env::temp_dir().join("lab-tests-of-this-host.lock")).unwrap();
    file.lock().unwrap();
    (turn, file)
}

/// One after the other, those who check misbehaving servers: both would have the same names.
pub fn cheats_take_turns() -> MutexGuard<'static, ()> {
    static CHEATS: Mutex<()> = Mutex::new(());
    CHEATS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder of a test, with servers that misbehave and a place for results.
pub struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn results(&self) -> PathBuf {
        self.path().join("results")
    }

    /// Adds a copy of the misbehaving server, as a framework called like its behaviour.
    pub fn misbehaving(&self, behaviour: &str) -> &Self {
        let folder = self.path().join("frameworks").join(behaviour);
        std::fs::create_dir_all(&folder).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/misbehaving");
        let read = |file: &str| std::fs::read_to_string(source.join(file)).unwrap();
        let write = |file: &str, text: String| std::fs::write(folder.join(file), text).unwrap();
        write("server.go", read("server.go"));
        write("cheats.go", read("cheats.go"));
        write("elsewhere.go", read("elsewhere.go"));
        if behaviour == "switches" {
            let file = read("switches/switches.go").replace("//go:build ignore\n\n", "");
            write("switches.go", file);
        }
        write(
            "behaviour.go",
            read("behaviour.go").replace("\"none\"", &format!("{behaviour:?}")),
        );
        let frameworks = root().join("frameworks").display().to_string();
        write(
            "go.mod",
            read("go.mod").replace("../../../frameworks", &frameworks),
        );
        if behaviour == "kits" {
            let own = folder.join("own/kit");
            std::fs::create_dir_all(&own).unwrap();
            let kit = root().join("frameworks/kit");
            let copied = Command::new("cp")
                .arg("-R")
                .arg(kit)
                .arg(folder.join("own"))
                .status();
            assert!(copied.unwrap().success());
            let module = std::fs::read_to_string(folder.join("go.mod")).unwrap();
            let from = format!("bench.lab/kit => {frameworks}/kit");
            write(
                "go.mod",
                module.replace(&from, "bench.lab/kit => ./own/kit"),
            );
        }
        let declared = std::fs::read_to_string(root().join("frameworks/nethttp/framework.yaml"));
        let declared = declared
            .unwrap()
            .replace("name: nethttp", &format!("name: {behaviour}"))
            .replace(
                "title: net/http",
                &format!("title: The one that {behaviour}"),
            );
        write("framework.yaml", declared);
        self
    }

    /// Adds a line to a copy's framework.yaml.
    pub fn declares(&self, name: &str, line: &str) -> &Self {
        let file = self
            .path()
            .join("frameworks")
            .join(name)
            .join("framework.yaml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}{line}\n")).unwrap();
        self
    }

    /// Has a copy's framework.yaml say that it supports nothing.
    pub fn supports_nothing(&self, name: &str) -> &Self {
        let folder = self.path().join("frameworks").join(name);
        let file = folder.join("framework.yaml");
        let text = std::fs::read_to_string(&file).unwrap();
        let less = |line: &str| match line.starts_with("supports:") {
            true => "supports: []\n".to_owned(),
            false => format!("{line}\n"),
        };
        std::fs::write(&file, text.lines().map(less).collect::<String>()).unwrap();
        self
    }

    /// Breaks a copy's source.
    pub fn unbuildable(&self, name: &str) -> &Self {
        self.misbehaving(name);
        let folder = self.path().join("frameworks").join(name);
        std::fs::remove_file(folder.join("cheats.go")).unwrap();
        let text = "package main\n\nfunc main() { missing() }\n";
        std::fs::write(folder.join("server.go"), text).unwrap();
        self
    }

    /// Writes an experiment of one small cell over these frameworks; gives its path.
    pub fn experiment(&self, frameworks: &[&str], blocks: u32, window_ms: u64) -> String {
        let text = format!(
            "schema: experiment/1
name: tiny
title: A tiny experiment
question: Does the lab do what it says?
baseline: nethttp
frameworks: [{}]
scenarios: [plaintext]
modes:
  - {{name: saturation, kind: saturation, connections: 8}}
startup: {{starts: 1}}
protocol: {{launches: 1, blocks: {blocks}, lead_in_ms: 50, window_ms: {window_ms}}}
quick:
  startup: {{starts: 1}}
  protocol: {{launches: 1, blocks: 1, lead_in_ms: 50, window_ms: 100}}
",
            frameworks.join(", ")
        );
        let path = self.path().join("tiny.yaml");
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// `lab bench` of an experiment over the checkout's frameworks and this folder's.
    pub fn bench(&self, experiment: &str, more: &[&str]) -> Command {
        let mut command = lab(&["bench", experiment, "--seed", "1"]);
        command.arg("--out").arg(self.results()).args(more);
        let outside = self.path().join("frameworks");
        if outside.exists() {
            command.arg("--framework-dir").arg(outside);
        }
        command
    }

    /// The campaign that was measured last.
    pub fn latest(&self) -> Campaign {
        Campaign::open(&self.results().join("latest")).unwrap()
    }

    /// Its rows, as text.
    pub fn rows(&self) -> String {
        String::from_utf8(self.latest().table().unwrap().csv).unwrap()
    }
}

/// What the campaign file says of a framework that was left out.
#[track_caller]
pub fn excluded<'a>(file: &'a CampaignFile, name: &str) -> &'a str {
    let record = file.frameworks.iter().find(|f| f.name == name);
    record
        .unwrap_or_else(|| panic!("{name} is not in the campaign"))
        .excluded
        .as_deref()
        .unwrap_or_else(|| panic!("{name} was not left out"))
}

/// What a test waits for comes long before: only what never comes takes so long, however many
/// others use the machine.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// The processes that write into a folder, as servers do with their stderr: those of one test,
/// whoever else has servers of the same name running.
pub fn writing_into(folder: &Path) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|p| p.file_name().to_str()?.parse().ok())
        .filter(|pid| {
            let stderr = std::fs::read_link(format!("/proc/{pid}/fd/2"));
            stderr.is_ok_and(|path| path.starts_with(folder))
        })
        .collect()
}

/// Of these, the servers of this name, its second copy included: by the file that they write to,
/// as all copies of executables have one name.
pub fn servers(folder: &Path, name: &str) -> Vec<u32> {
    let mut all = writing_into(folder);
    all.retain(|pid| {
        let stderr = std::fs::read_link(format!("/proc/{pid}/fd/2")).unwrap_or_default();
        let file = stderr.file_name().unwrap_or_default().to_string_lossy();
        let behind = file.strip_prefix(name).and_then(|rest| rest.chars().next());
        behind.is_some_and(|c| !c.is_ascii_alphanumeric() && c != '-')
    });
    all
}

/// No process is left that writes into the folder.
#[track_caller]
pub fn nobody_survives(folder: &Path) {
    let until = Instant::now() + PATIENCE;
    loop {
        let left = writing_into(folder);
        if left.is_empty() {
            return;
        }
        assert!(
            Instant::now() < until,
            "processes {left:?} outlived the lab"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits for what must come.
#[track_caller]
pub fn comes_true(what: &str, mut is: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is() {
        assert!(Instant::now() < until, "{what}: never");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Looks every few ms until there is something to see; fails when the lab ends before.
#[track_caller]
pub fn wait_for<T>(child: &mut Child, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(
            child.try_wait().unwrap().is_none(),
            "the lab ended too early"
        );
        assert!(Instant::now() < deadline, "what was waited for never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The state of a process: R, S, T (stopped), Z; nothing when it is gone.
pub fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(") ").next()?.chars().next()
}
