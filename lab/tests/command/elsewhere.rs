//! Servers on another machine: two network namespaces with an OpenSSH server in one of them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use record::Status;

use crate::support::{Bench, PATIENCE, alone, lab, measured, run};

const HERE: &str = "lab-here";
const THERE: &str = "lab-there";
const ADDRESS: &str = "10.213.71.2";

/// Two namespaces with a cable between them, and sshd in the second; gone when dropped.
struct Pair {
    folder: PathBuf,
    sshd: Option<Child>,
}

fn works(words: &[&str]) -> Result<(), String> {
    let output = Command::new(words[0]).args(&words[1..]).output();
    let output = output.map_err(|e| format!("{}: {e}", words[0]))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{}: {}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        )),
    }
}

impl Pair {
    fn new(folder: &Path) -> Result<Self, String> {
        let mut pair = Self {
            folder: folder.to_owned(),
            sshd: None,
        };
        pair.cut();
        for words in [
            &["ip", "netns", "add", HERE][..],
            &["ip", "netns", "add", THERE],
            &[
                "ip", "link", "add", "labh", "netns", HERE, "type", "veth", "peer", "name", "labt",
                "netns", THERE,
            ],
            &[
                "ip",
                "-n",
                HERE,
                "addr",
                "add",
                "10.213.71.1/30",
                "dev",
                "labh",
            ],
            &[
                "ip",
                "-n",
                THERE,
                "addr",
                "add",
                "10.213.71.2/30",
                "dev",
                "labt",
            ],
            &["ip", "-n", HERE, "link", "set", "labh", "up"],
            &["ip", "-n", THERE, "link", "set", "labt", "up"],
            &["ip", "-n", HERE, "link", "set", "lo", "up"],
            &["ip", "-n", THERE, "link", "set", "lo", "up"],
        ] {
            works(words)?;
        }
        pair.start_sshd()?;
        Ok(pair)
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn start_sshd(&mut self) -> Result<(), String> {
        let sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"];
        let sshd = sshd.into_iter().find(|path| Path::new(path).exists());
        let sshd = sshd.ok_or("there is no sshd (Debian: openssh-server)")?;
        for key in ["host", "user"] {
            works(&[
                "ssh-keygen",
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-f",
                &self.path(key),
            ])?;
        }
        let write = |name: &str, text: String| std::fs::write(self.folder.join(name), text);
        let written = write(
            "sshd_config",
            format!(
                "ListenAddress {ADDRESS}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin prohibit-password\nSetEnv LAB_LOCK_DIR={}\n",
                self.path("host"),
                self.path("user.pub"),
                self.folder.display()
            ),
        )
        .and_then(|()| {
            write(
                "ssh_config",
                format!(
                    "Host *\nIdentityFile {}\nIdentitiesOnly yes\nStrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\n",
                    self.path("user")
                ),
            )
        });
        written.map_err(|e| e.to_string())?;
        std::fs::create_dir_all("/run/sshd").map_err(|e| e.to_string())?;
        let child = Command::new("ip")
            .args([
                "netns",
                "exec",
                THERE,
                sshd,
                "-D",
                "-e",
                "-f",
                &self.path("sshd_config"),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.sshd = Some(child.map_err(|e| e.to_string())?);
        let until = Instant::now() + PATIENCE;
        loop {
            let config = self.path("ssh_config");
            let tried = works(&[
                "ip",
                "netns",
                "exec",
                HERE,
                "ssh",
                "-F",
                &config,
                "-o",
                "BatchMode=yes",
                &format!("root@{ADDRESS}"),
                "true",
            ]);
            match tried {
                Ok(()) => return Ok(()),
                Err(e) if Instant::now() > until => return Err(e),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// `lab bench` in the first namespace, with the servers in the second.
    fn bench(&self, bench: &Bench, experiment: &str, more: &[&str]) -> Command {
        let there = bench.bench(experiment, more);
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", HERE])
            .arg(there.get_program())
            .args(there.get_args())
            .args(["--server-host", &format!("ssh://root@{ADDRESS}")])
            .args(["--ssh-config", &self.path("ssh_config")])
            .current_dir(there.get_current_dir().unwrap());
        for (name, value) in there.get_envs() {
            command.env(name, value.unwrap());
        }
        command
    }

    fn cut(&mut self) {
        if let Some(mut sshd) = self.sshd.take() {
            let _ = sshd.kill();
            let _ = sshd.wait();
        }
        // A cable goes with its namespaces.
        let _ = works(&["ip", "netns", "del", HERE]);
        let _ = works(&["ip", "netns", "del", THERE]);
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.cut();
    }
}

/// The processes that were started from the folder of an agent.
fn survivors() -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|p| std::fs::read_link(p.path().join("exe")).ok())
        .map(|exe| exe.display().to_string())
        .filter(|exe| exe.contains("/.cache/lab-agent/"))
        .collect()
}

#[track_caller]
fn nobody_survives() {
    let until = Instant::now() + PATIENCE;
    while !survivors().is_empty() {
        assert!(Instant::now() < until, "{:?} outlived the lab", survivors());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn servers_on_another_machine_are_started_watched_and_stopped() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let pair = match Pair::new(folder.path()) {
        Ok(pair) => pair,
        Err(why) => {
            println!("SKIPPED: two namespaces and an OpenSSH server cannot be set up here: {why}");
            return;
        }
    };
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp", "chi"], 2, 200);
    let ended = measured(|| pair.bench(&bench, &experiment, &[]));
    ended.expect_status(0);
    let file = bench.latest().file;
    assert_eq!(file.status, Status::Complete);
    assert!(file.notes.is_empty(), "{:?}", file.notes);
    let host = file.server_host.as_ref().unwrap();
    assert_eq!(host.destination, format!("ssh://root@{ADDRESS}"));
    assert!(host.audit.after.is_some());
    // Two servers and the baseline's twin, two blocks each: the CPU time was read over there.
    let rows = bench.rows();
    for metric in ["throughput", "cpu_per_request", "startup", "rss"] {
        let found = rows
            .lines()
            .filter(|l| l.contains(&format!(",{metric},")))
            .count();
        assert!(found >= 3, "{found} rows of {metric}\n{rows}");
    }
    let cpu = rows
        .lines()
        .filter(|l| l.contains(",cpu_per_request,"))
        .count();
    assert!(cpu >= 6, "{cpu} of 6 windows have CPU time\n{rows}");
    let report = std::fs::read_to_string(bench.results().join("latest/report/report.md")).unwrap();
    for says in [
        "Load: from another machine",
        "Host of the servers",
        "Settings of the servers' host",
    ] {
        assert!(report.contains(says), "{says}");
    }
    nobody_survives();

    // Killed at once, and cut off: nothing is left over there either.
    let mut child = pair
        .bench(&bench, &experiment, &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + PATIENCE;
    while survivors().len() < 2 {
        assert!(Instant::now() < until, "no server was started");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    nobody_survives();
}

#[test]
fn a_machine_that_cannot_be_reached_is_a_wrong_call() {
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp"], 1, 50);
    let refused = run(bench.bench(&experiment, &["--server-host", "ssh://127.0.0.1:1"]));
    refused.expect_status(2);
    let says = "ssh://127.0.0.1:1: it cannot be reached: ";
    assert!(refused.stderr().contains(says), "{}", refused.stderr());
    let bad = run(lab(&["bench", "--server-host", "host"]));
    bad.expect_status(2);
    assert!(
        bad.stderr().contains("ssh://[user@]host[:port]"),
        "{}",
        bad.stderr()
    );
}
