//! Setting a machine to a profile and putting back what was found, also when the process dies
//! between any two steps; on a folder that looks like a machine, and on this machine.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Run, lab, run};

pub const PROFILE: &str = "schema = \"host-profile/1\"
title = \"A machine of a test\"
role = \"both\"
[cpus]
server = \"0\"
instrument = \"1\"
[sysctl]
\"net.core.somaxconn\" = 65535
\"vm.swappiness\" = 1
[power]
governor = \"performance\"
boost = false
smt = false
[memory]
transparent_hugepages = \"madvise\"
[quiet]
units = [\"man-db.timer\", \"unknown.timer\"]
";

/// The machine's files with what they hold before anything is set.
const FILES: &[(&str, &str)] = &[
    ("proc/sys/net/core/somaxconn", "4096\n"),
    ("proc/sys/vm/swappiness", "60\n"),
    ("sys/devices/system/cpu/cpufreq/boost", "1\n"),
    (
        "sys/devices/system/cpu/cpufreq/policy0/scaling_governor",
        "powersave\n",
    ),
    (
        "sys/devices/system/cpu/cpufreq/policy1/scaling_governor",
        "schedutil\n",
    ),
    ("sys/devices/system/cpu/online", "0-1\n"),
    ("sys/devices/system/cpu/smt/active", "0\n"),
    ("sys/devices/system/cpu/smt/control", "on\n"),
    ("sys/kernel/mm/transparent_hugepage/enabled", "always\n"),
    ("units/man-db.timer", "active\n"),
];

/// What they hold when the profile is applied.
const APPLIED: &[&str] = &[
    "65535",
    "1",
    "0",
    "performance",
    "performance",
    "0-1",
    "0",
    "off",
    "madvise",
    "inactive",
];

/// Stands in for systemd: a file a unit.
pub const SYSTEMCTL: &str = "#!/bin/sh
file=\"$FAKE_UNITS/$2\"
case $1 in
is-active) [ -e \"$file\" ] && cat \"$file\" || echo inactive ;;
start) echo active >\"$file\" ;;
stop) echo inactive >\"$file\" ;;
esac
";

/// A folder that looks like a machine.
pub struct Fake {
    folder: tempfile::TempDir,
}

impl Fake {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fake = Self { folder };
        fake.write("profile.toml", PROFILE);
        fake.write("bin/systemctl", SYSTEMCTL);
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(fake.path("bin/systemctl"), executable).unwrap();
        std::fs::create_dir_all(fake.path("run/systemd/system")).unwrap();
        fake.reset();
        fake
    }

    fn reset(&self) {
        for (path, text) in FILES {
            self.write(path, text);
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn host(&self, words: &[&str]) -> Command {
        let mut command = lab(&["host", "--root"]);
        let path = std::env::var("PATH").unwrap();
        command
            .arg(self.folder.path())
            .args(words)
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("FAKE_UNITS", self.path("units"));
        command
    }

    pub fn audit(&self) -> Command {
        let mut command = self.host(&["audit"]);
        command.arg(self.path("profile.toml"));
        command
    }

    pub fn apply(&self) -> Command {
        let mut command = self.host(&["apply", "--state"]);
        command
            .arg(self.path("state"))
            .arg(self.path("profile.toml"));
        command
    }

    pub fn restore(&self) -> Command {
        let mut command = self.host(&["restore", "--state"]);
        command.arg(self.path("state"));
        command
    }

    fn values(&self) -> Vec<String> {
        let read = |(path, _): &(&str, &str)| {
            let text = std::fs::read_to_string(self.path(path)).unwrap();
            text.trim().to_owned()
        };
        FILES.iter().map(read).collect()
    }

    fn is_as_found(&self) -> bool {
        let found = FILES.iter().map(|(_, text)| text.trim());
        self.values().iter().map(String::as_str).eq(found)
    }

    fn has_journal(&self) -> bool {
        self.path("state/journal.json").exists()
    }
}

/// Runs a command that dies at a step; gives whether it did, or ended before that step.
pub fn dies(mut command: Command, at: u32) -> bool {
    command.arg("--kill-at").arg(at.to_string());
    let output = command.output().unwrap();
    match output.status.signal() {
        Some(9) => true,
        Some(other) => panic!("signal {other}"),
        None => {
            assert!(output.status.success(), "{output:?}");
            false
        }
    }
}

#[test]
fn a_machine_is_audited_set_and_put_back() {
    let fake = Fake::new();
    let audit = run(fake.audit());
    audit.expect_status(1);
    assert!(
        audit.stdout().contains("7 of 12 settings differ"),
        "{}",
        audit.stdout()
    );
    let mut json = fake.audit();
    json.arg("--json");
    let json = run(json);
    let json: serde_json::Value = serde_json::from_str(&json.expect_status(1).stdout()).unwrap();
    assert_eq!(json["matches"], false);

    run(fake.apply()).expect_status(0);
    assert_eq!(fake.values(), APPLIED);
    run(fake.audit()).expect_status(0);
    // Applied again, the first values stay in the journal.
    run(fake.apply()).expect_status(0);
    run(fake.restore()).expect_status(0);
    assert!(fake.is_as_found(), "{:?}", fake.values());
    assert!(!fake.has_journal());
    let nothing = run(fake.restore());
    nothing.expect_status(2);
    assert!(nothing.stderr().contains("there is nothing to restore"));
}

#[test]
fn killed_between_any_two_steps_nothing_found_is_lost() {
    let fake = Fake::new();
    let mut steps = 0;
    loop {
        steps += 1;
        fake.reset();
        if !dies(fake.apply(), steps) {
            break;
        }
        // Nothing is changed that is not in the journal.
        if !fake.has_journal() {
            assert!(fake.is_as_found(), "step {steps}: {:?}", fake.values());
            continue;
        }
        // What was killed can be applied to its end, killed in the restore at any moment, and
        // is all back in the end.
        run(fake.apply()).expect_status(0);
        assert_eq!(fake.values(), APPLIED, "step {steps}");
        let mut at = 1;
        while dies(fake.restore(), at) && fake.has_journal() {
            at += 1;
        }
        assert!(fake.is_as_found(), "step {steps}: {:?}", fake.values());
        assert!(!fake.has_journal(), "step {steps}");
        // Restored right after the kill.
        fake.reset();
        assert!(dies(fake.apply(), steps));
        if fake.has_journal() {
            run(fake.restore()).expect_status(0);
        }
        assert!(fake.is_as_found(), "step {steps}: {:?}", fake.values());
    }
    // Two before the journal, five while it is written, one a value, one at the end.
    assert!(steps > 14, "only {steps} steps");
}

#[test]
fn what_cannot_be_set_is_named_and_the_rest_goes_on() {
    let fake = Fake::new();
    // One that is not there to be set, and one that refuses.
    let boost = fake.path("sys/devices/system/cpu/cpufreq/boost");
    std::fs::remove_file(&boost).unwrap();
    std::fs::create_dir(&boost).unwrap();
    let governor = fake.path("sys/devices/system/cpu/cpufreq/policy1/scaling_governor");
    fake.write(
        "bin/systemctl",
        &SYSTEMCTL.replace("stop) ", "stop) echo not today >&2; exit 1;"),
    );
    let applied = run(fake.apply());
    applied.expect_status(1);
    let refused =
        "NOT SET     man-db.timer: active -> inactive: systemctl stop man-db.timer: not today";
    assert!(applied.stdout().contains(refused), "{}", applied.stdout());
    assert_eq!(std::fs::read_to_string(&governor).unwrap(), "performance");
    fake.write("bin/systemctl", SYSTEMCTL);
    std::fs::remove_dir(&boost).unwrap();

    // Gone when it is to be put back.
    std::fs::remove_file(&governor).unwrap();
    let restored = run(fake.restore());
    restored.expect_status(1);
    assert!(
        restored.stdout().contains("NOT SET"),
        "{}",
        restored.stdout()
    );
    assert!(fake.has_journal());
    std::fs::write(&governor, "performance\n").unwrap();
    std::fs::write(&boost, "1\n").unwrap();
    run(fake.restore()).expect_status(0);
    assert!(fake.is_as_found(), "{:?}", fake.values());
}

#[test]
fn what_nobody_can_tell_is_a_difference() {
    let fake = Fake::new();
    run(fake.apply());
    // As where it is not on PATH: no answer.
    fake.write("bin/systemctl", "#!/bin/sh\nexit 127\n");
    let audit = run(fake.audit());
    audit.expect_status(1);
    let says = audit.stdout();
    let line = says
        .lines()
        .find(|l| l.starts_with("man-db.timer"))
        .unwrap();
    assert!(line.contains("differs"), "{line}");
    assert!(says.contains("systemd cannot be asked"), "{says}");
    let applied = run(fake.apply());
    applied.expect_status(1);
    let says = applied.stdout();
    assert!(
        says.contains("NOT SET     man-db.timer: systemd cannot be asked"),
        "{says}"
    );

    // Where there is no systemd at all, nothing starts its units.
    std::fs::remove_dir(fake.path("run/systemd/system")).unwrap();
    let says = run(fake.audit()).stdout();
    let line = says
        .lines()
        .find(|l| l.starts_with("man-db.timer"))
        .unwrap();
    assert!(line.contains("match"), "{line}");
}

#[test]
fn a_sysctl_that_this_kernel_has_not_is_named_and_is_bad_news() {
    let fake = Fake::new();
    let profile = PROFILE.replacen("[sysctl]", "[sysctl]\n\"vm.no_such_thing\" = 1", 1);
    assert_ne!(profile, PROFILE);
    fake.write("profile.toml", &profile);
    let applied = run(fake.apply());
    applied.expect_status(1);
    let says = applied.stdout();
    assert!(
        says.contains("NOT SET     vm.no_such_thing: this kernel has no such setting"),
        "{says}"
    );
}

#[test]
fn a_torn_journal_changes_nothing() {
    let fake = Fake::new();
    fake.write("state/journal.json", "{\"schema\": \"host-jour");
    for command in [fake.apply(), fake.restore()] {
        let refused = run(command);
        refused.expect_status(2);
        assert!(
            refused.stderr().contains("nothing was changed"),
            "{}",
            refused.stderr()
        );
    }
    assert!(fake.is_as_found());
}

#[test]
fn wrong_profiles_are_refused_with_their_line() {
    let fake = Fake::new();
    fake.write("profile.toml", &PROFILE.replace("boost", "bost"));
    let refused = run(fake.audit());
    refused.expect_status(2);
    assert!(
        refused
            .stderr()
            .contains("profile.toml:12: unknown field `bost`"),
        "{}",
        refused.stderr()
    );
    let unknown = run(lab(&["host", "audit", "nothing"]));
    unknown.expect_status(2);
    assert!(
        unknown.stderr().contains("there are article-8core, "),
        "{}",
        unknown.stderr()
    );
    let survey = run(lab(&["host", "audit"]));
    survey.expect_status(0);
    assert!(
        survey.stdout().contains("two-core-vm"),
        "{}",
        survey.stdout()
    );
}

/// Sysctls that change nothing anybody would notice in the seconds of a test.
const HARMLESS: [&str; 2] = ["vm.stat_interval", "net.ipv4.tcp_max_syn_backlog"];

pub fn file(sysctl: &str) -> PathBuf {
    Path::new("/proc/sys").join(sysctl.replace('.', "/"))
}

/// Puts real sysctls back whatever becomes of the test.
struct Sysctls(BTreeMap<PathBuf, String>);

impl Sysctls {
    fn read() -> std::io::Result<Self> {
        let read = |name: &&str| {
            let path = file(name);
            let value = std::fs::read_to_string(&path)?;
            // Whether it can be written at all, without changing it.
            std::fs::write(&path, &value)?;
            Ok((path, value))
        };
        HARMLESS
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Drop for Sysctls {
    fn drop(&mut self) {
        for (path, value) in &self.0 {
            let _ = std::fs::write(path, value);
        }
    }
}

#[test]
fn real_sysctls_are_set_and_put_back() {
    let before = match Sysctls::read() {
        Ok(before) => before,
        Err(e) => {
            println!("SKIPPED: sysctls cannot be written here: {e}");
            return;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("p.toml");
    let mut text = PROFILE.split("[sysctl]").next().unwrap().to_owned() + "[sysctl]\n";
    for name in HARMLESS {
        let value = &before.0[&file(name)];
        let other = value.trim().parse::<u64>().unwrap() + 1;
        text += &format!("\"{name}\" = {other}\n");
    }
    std::fs::write(&profile, text).unwrap();
    let host = |verb: &str| {
        let mut command = lab(&["host", verb, "--state"]);
        command.arg(folder.path().join("state"));
        command
    };
    let apply = || {
        let mut command = host("apply");
        command.arg(&profile);
        command
    };
    let now = || -> Vec<String> {
        let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
        before.0.keys().map(read).collect()
    };
    let found: Vec<String> = before.0.values().cloned().collect();

    run(apply()).expect_status(0);
    let set = now();
    assert!(
        set.iter().zip(&found).all(|(a, b)| a != b),
        "{set:?} {found:?}"
    );
    run(host("restore")).expect_status(0);
    assert_eq!(now(), found);

    let mut step = 1;
    while dies(apply(), step) {
        step += 1;
        let restored: Run = run(host("restore"));
        // Before the journal is there nothing was changed either.
        assert!(
            matches!(restored.status(), Some(0 | 2)),
            "{}",
            restored.stderr()
        );
        assert_eq!(now(), found);
    }
    assert!(step > 8, "only {step} steps");
    run(host("restore")).expect_status(0);
    assert_eq!(now(), found);
}
