//! What pins a host beside sysctls: interrupts, work queues, frequencies, everybody else's CPUs; and
//! what a profile leaves to the next one. On a folder that looks like a machine.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::host::{Fake, PROFILE, SYSTEMCTL, dies, file};
use crate::support::{lab, root, run};

/// All that a running system can be set to, for four CPUs.
const ALL: &str = "schema = \"host-profile/1\"
title = \"A machine of a test\"
role = \"both\"
[cpus]
server = \"2-3\"
instrument = \"1\"
housekeeping = \"0\"
partition = true
[power]
boost = false
governor = \"performance\"
steady = true
wake_up_us = 2
unthrottled = true
warmest = 80
[kernel]
irqs = \"0\"
workqueues = \"0\"
[quiet]
units = [\"irqbalance.service\", \"cron.service\"]
";

const FILES: &[(&str, &str)] = &[
    ("cg/lab-measured/cpuset.cpus", "1\n"),
    ("cg/lab-measured/cpuset.cpus.partition", "member\n"),
    ("proc/irq/24/smp_affinity_list", "0-3\n"),
    ("proc/irq/25/smp_affinity_list", "0\n"),
    ("proc/irq/default_smp_affinity", "0000000f\n"),
    ("proc/1/task/1/status", "Cpus_allowed_list:\t0-3\n"),
    ("proc/30/task/30/status", "Cpus_allowed_list:\t0-3\n"),
    ("proc/30/task/31/status", "Cpus_allowed_list:\t1\n"),
    ("proc/40/task/40/status", "Cpus_allowed_list:\t0\n"),
    ("sys/devices/system/cpu/cpufreq/boost", "1\n"),
    (
        "sys/devices/system/cpu/cpufreq/policy0/energy_performance_preference",
        "balance_power\n",
    ),
    (
        "sys/devices/system/cpu/cpufreq/policy0/scaling_governor",
        "powersave\n",
    ),
    (
        "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq",
        "3000000\n",
    ),
    (
        "sys/devices/system/cpu/cpufreq/policy0/scaling_min_freq",
        "800000\n",
    ),
    ("sys/devices/virtual/workqueue/cpumask", "0000000f\n"),
    ("units/cron.service", "active\n"),
    ("units/irqbalance.service", "active\n"),
];

const APPLIED: &[&str] = &[
    "1-3",
    "root",
    "0",
    "0",
    "00000001",
    "0",
    "0",
    "0",
    "0",
    "0",
    "balance_power",
    "performance",
    "3000000",
    "3000000",
    "00000001",
    "inactive",
    "inactive",
];

/// Stands in for util-linux' `taskset -p -c LIST THREAD`.
const TASKSET: &str = "#!/bin/sh
for file in \"$FAKE_UNITS\"/../proc/*/task/$4/status; do
    printf 'Cpus_allowed_list:\\t%s\\n' \"$3\" >\"$file\"
done
";

/// A machine with all of it, as it is found.
fn whole() -> Fake {
    let fake = Fake::new();
    fake.write("profile.toml", ALL);
    put_taskset(&fake, TASKSET);
    for (path, text) in [
        ("cg/cgroup.controllers", "cpuset cpu\n"),
        ("cg/cgroup.subtree_control", "cpuset cpu\n"),
        ("dev/cpu_dma_latency", "1234"),
        (
            "proc/77/mountinfo",
            "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n",
        ),
        ("proc/irq/24/eth0/x", ""),
        ("proc/irq/25/acpi/x", ""),
        ("sys/class/hwmon/hwmon0/name", "k10temp\n"),
        ("sys/class/hwmon/hwmon0/temp1_input", "40000\n"),
        (
            "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count",
            "3\n",
        ),
        ("sys/devices/system/cpu/online", "0-3\n"),
    ] {
        fake.write(path, text);
    }
    // The kernel moves an interrupt to where it may go.
    for number in ["24", "25"] {
        let effective = fake.path(&format!("proc/irq/{number}/effective_affinity_list"));
        symlink("smp_affinity_list", effective).unwrap();
    }
    for (process, id) in [(1, 1), (30, 30), (30, 31), (40, 40)] {
        let stat = format!("{id} (thread) S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 {id}00 9\n");
        fake.write(&format!("proc/{process}/task/{id}/stat"), &stat);
    }
    std::fs::create_dir_all(fake.path("proc/77/ns")).unwrap();
    symlink("pid:[4026531836]", fake.path("proc/77/ns/pid")).unwrap();
    symlink("77", fake.path("proc/self")).unwrap();
    reset(&fake);
    // Of the other profile, whose machine is in the same folder.
    std::fs::remove_dir_all(fake.path("sys/devices/system/cpu/cpufreq/policy1")).unwrap();
    fake
}

fn put_taskset(fake: &Fake, script: &str) {
    fake.write("bin/taskset", script);
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(fake.path("bin/taskset"), executable).unwrap();
}

fn reset(fake: &Fake) {
    for (path, text) in FILES {
        fake.write(path, text);
    }
}

fn values(fake: &Fake) -> Vec<String> {
    let read = |(path, _): &(&str, &str)| {
        let text = std::fs::read_to_string(fake.path(path)).unwrap();
        text.trim().replace("Cpus_allowed_list:\t", "")
    };
    FILES.iter().map(read).collect()
}

fn found() -> Vec<String> {
    let found = FILES.iter().map(|(_, text)| text.trim());
    found
        .map(|text| text.replace("Cpus_allowed_list:\t", ""))
        .collect()
}

/// The audit's line of a setting.
fn line(fake: &Fake, setting: &str) -> String {
    let says = run(fake.audit()).stdout();
    let mut lines = says
        .lines()
        .filter(|l| l.split(' ').next() == Some(setting));
    lines
        .next()
        .unwrap_or_else(|| panic!("no {setting}: {says}"))
        .to_owned()
}

#[test]
fn whatever_a_running_system_can_be_told_is_set_and_put_back() {
    let fake = whole();
    let audit = run(fake.audit());
    audit.expect_status(1);
    for says in [
        "0-3 for 24 (eth0)",
        "0-3 for process 1 (thread) and 1 more",
        "1 member",
        "800000 to 3000000 kHz",
    ] {
        assert!(audit.stdout().contains(says), "{says}: {}", audit.stdout());
    }
    let applied = run(fake.apply());
    applied.expect_status(0);
    assert_eq!(values(&fake), APPLIED, "{}", applied.stdout());
    run(fake.audit()).expect_status(0);
    // Backwards: the partition goes before the processes get their CPUs again, and irqbalance comes
    // when the interrupts are where they were.
    let journal = std::fs::read_to_string(fake.path("state/journal.json")).unwrap();
    let place = |name: &str| {
        journal
            .find(name)
            .unwrap_or_else(|| panic!("{name}: {journal}"))
    };
    for (first, then) in [
        ("processes", "partition"),
        ("irqbalance", "smp_affinity"),
        ("cpufreq/boost", "scaling_governor"),
        ("scaling_max_freq", "cpufreq/boost"),
    ] {
        assert!(place(first) < place(then), "{first}, {then}: {journal}");
    }
    let again = run(fake.apply());
    assert!(
        again.stdout().contains("Nothing to set"),
        "{}",
        again.stdout()
    );
    run(fake.restore()).expect_status(0);
    assert_eq!(values(&fake), found());
}

#[test]
fn killed_between_any_two_steps_all_of_it_comes_back() {
    let fake = whole();
    let mut steps = 1;
    while dies(fake.apply(), steps) {
        let has_journal = fake.path("state/journal.json").exists();
        if has_journal {
            let mut at = 1;
            while dies(fake.restore(), at) && fake.path("state/journal.json").exists() {
                at += 1;
            }
        }
        assert_eq!(values(&fake), found(), "step {steps}");
        steps += 1;
    }
    assert!(steps > 15, "only {steps} steps");
}

#[test]
fn who_comes_while_the_profile_is_applied_goes_where_the_others_go() {
    let fake = whole();
    run(fake.apply()).expect_status(0);
    // Started by process 1 since, so with its CPUs; and a number that somebody else has now.
    fake.write("proc/50/task/50/status", "Cpus_allowed_list:\t0\n");
    fake.write(
        "proc/50/task/50/stat",
        "50 (new) S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 99 9\n",
    );
    fake.write(
        "proc/30/task/31/stat",
        "31 (other) S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 88 9\n",
    );
    run(fake.restore()).expect_status(0);
    for (thread, cpus) in [
        ("50/task/50", "0-3"),
        ("30/task/31", "0-3"),
        ("40/task/40", "0"),
    ] {
        let status = std::fs::read_to_string(fake.path(&format!("proc/{thread}/status"))).unwrap();
        assert_eq!(status, format!("Cpus_allowed_list:\t{cpus}\n"), "{thread}");
    }
}

#[test]
fn tools_that_are_not_there_are_named_and_never_a_match() {
    let fake = whole();
    run(fake.apply()).expect_status(0);
    std::fs::remove_file(fake.path("bin/systemctl")).unwrap();
    std::fs::remove_file(fake.path("bin/taskset")).unwrap();
    let without = |mut command: std::process::Command| {
        run({
            command.env("PATH", fake.path("bin"));
            command
        })
    };
    let audit = without(fake.audit());
    audit.expect_status(1);
    let says = audit.stdout();
    let line = says.lines().find(|l| l.starts_with("cron.service"));
    assert!(line.unwrap().contains("differs"), "{says}");
    fake.write("proc/40/task/40/status", "Cpus_allowed_list:\t3\n");
    let applied = without(fake.apply());
    applied.expect_status(1);
    let refused = "thread 40 (thread): `taskset`, of util-linux, cannot be run";
    assert!(applied.stdout().contains(refused), "{}", applied.stdout());
}

#[test]
fn what_a_running_system_sets_and_this_one_has_not_is_bad_news() {
    let fake = whole();
    std::fs::remove_dir_all(fake.path("sys/devices/system/cpu/cpufreq")).unwrap();
    std::fs::remove_dir_all(fake.path("sys/devices/virtual")).unwrap();
    std::fs::remove_dir_all(fake.path("proc/irq")).unwrap();
    std::fs::remove_file(fake.path("cg/cgroup.controllers")).unwrap();
    let applied = run(fake.apply());
    applied.expect_status(1);
    let says = applied.stdout();
    for setting in [
        "boost",
        "governor",
        "frequency",
        "irqs",
        "irqs-default",
        "workqueues",
        "cpus.partition",
    ] {
        assert!(
            says.contains(&format!("NOT SET     {setting}: ")),
            "{setting}: {says}"
        );
    }
}

#[test]
fn a_warm_machine_and_a_device_that_is_not_ours_differ() {
    let fake = whole();
    assert!(line(&fake, "temperature").contains(" match "));
    fake.write("sys/class/hwmon/hwmon0/temp1_input", "81000\n");
    std::fs::remove_file(fake.path("dev/cpu_dma_latency")).unwrap();
    std::fs::remove_dir_all(fake.path("sys/devices/system/cpu/cpu0")).unwrap();
    for (setting, says) in [
        ("temperature", "81 °C"),
        ("wake-up", "cpu_dma_latency cannot be written"),
        ("thermal-throttling", "does not count it"),
    ] {
        let line = line(&fake, setting);
        assert!(line.contains("differs") && line.contains(says), "{line}");
    }
}

#[test]
fn a_value_that_another_undoes_is_told() {
    let fake = whole();
    // A unit that comes back as soon as the other one is gone.
    let comes_back =
        "stop) case $2 in cron*) echo active >\"${file%cron*}irqbalance.service\" ;; esac;";
    fake.write("bin/systemctl", &SYSTEMCTL.replace("stop) ", comes_back));
    let applied = run(fake.apply());
    applied.expect_status(1);
    let says = applied.stdout();
    assert!(
        says.contains("irqbalance.service: active -> inactive: it was set and is active again"),
        "{says}"
    );
}

#[test]
fn what_another_profile_has_set_does_not_stay() {
    let fake = Fake::new();
    let at = |verb: &str, profile: &str| {
        let mut command = fake.host(&[verb]);
        // Where the audit looks for it.
        if verb != "audit" {
            command.arg("--state").arg(fake.path("var/lib/lab-host"));
        }
        if verb != "restore" {
            command.arg(fake.path(profile));
        }
        command
    };
    let (head, tail) = PROFILE.split_once("[sysctl]").unwrap();
    let tail = tail.split_once("[power]").unwrap().1;
    fake.write("other.toml", &format!("{head}[power]{tail}"));
    run(at("apply", "profile.toml")).expect_status(0);
    run(at("audit", "profile.toml")).expect_status(0);
    let audit = run(at("audit", "other.toml"));
    audit.expect_status(1);
    let says = audit.stdout();
    let line = says.lines().find(|l| l.starts_with("leftovers")).unwrap();
    assert!(
        line.contains("/proc/sys/net/core/somaxconn and 1 more"),
        "{line}"
    );
    assert!(says.contains("1 of 10 settings differ"), "{says}");
    assert!(says.contains("can set 1 of them"), "{says}");

    // A restart undoes what was applied; what is so since is somebody else's.
    let boot = "proc/sys/kernel/random/boot_id";
    fake.write(boot, "another\n");
    run(at("audit", "other.toml")).expect_status(0);
    std::fs::remove_file(fake.path(boot)).unwrap();

    run(at("apply", "other.toml")).expect_status(0);
    run(at("audit", "other.toml")).expect_status(0);
    let somaxconn = std::fs::read_to_string(fake.path("proc/sys/net/core/somaxconn")).unwrap();
    assert_eq!(somaxconn, "4096");
    // All is put back, whoever had set it.
    run(at("restore", "")).expect_status(0);
    let governor = "sys/devices/system/cpu/cpufreq/policy1/scaling_governor";
    assert_eq!(
        std::fs::read_to_string(fake.path(governor)).unwrap(),
        "schedutil"
    );

    fake.write("var/lib/lab-host/journal.json", "{");
    let audit = run(at("audit", "other.toml"));
    let says = audit.expect_status(1).stdout();
    assert!(
        says.contains("earlier `lab host apply` cannot be read"),
        "{says}"
    );
}

#[test]
fn of_a_pair_of_which_the_kernel_keeps_one_both_come_back() {
    let pair = ["vm.dirty_background_bytes", "vm.dirty_background_ratio"].map(file);
    let read = || -> std::io::Result<[String; 2]> {
        let [bytes, ratio] = &pair;
        Ok([
            std::fs::read_to_string(bytes)?,
            std::fs::read_to_string(ratio)?,
        ])
    };
    let writable = |found: &[String; 2]| {
        let set = usize::from(found[0].trim() == "0");
        std::fs::write(&pair[set], &found[set])
    };
    let found = match read().and_then(|found| writable(&found).map(|()| found)) {
        Ok(found) => found,
        Err(e) => {
            println!("SKIPPED: sysctls cannot be written here: {e}");
            return;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("p.toml");
    let head = PROFILE.split("[sysctl]").next().unwrap();
    // About what the usual share of the memory is: nobody notices.
    let text = format!("{head}[sysctl]\n\"vm.dirty_background_bytes\" = 1073741824\n");
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
    run(apply()).expect_status(0);
    assert_eq!(read().unwrap(), ["1073741824\n", "0\n"]);
    let restored = run(host("restore"));
    let back = read().unwrap();
    // Whatever came of it, the machine is as it was.
    writable(&found).unwrap();
    restored.expect_status(0);
    assert_eq!(back, found);
}

#[test]
fn what_a_setting_is_worth_is_measured_with_and_without_it_or_skipped_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("lab"), "#!/bin/sh\necho \"lab $*\"\n").unwrap();
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path("lab"), executable).unwrap();
    let profile = ALL.replace("steady = true\n", "");
    std::fs::write(path("host.toml"), profile).unwrap();
    let mut command = std::process::Command::new(root().join(".ci/host-scatter"));
    command.arg(path("host.toml")).arg("--quick");
    command.env("LAB", path("lab")).env("OUT", path("out"));
    let measured = run(command);
    let says = measured.expect_status(0).stdout();
    assert!(says.contains("SKIPPED steady: "), "{says}");
    for (key, word) in [("wake_up_us", "wake-up-us"), ("irqs", "irqs")] {
        if says.contains(&format!("SKIPPED {key}: ")) {
            continue;
        }
        for part in [
            format!(
                "lab host apply {}",
                path(&format!("out/without-{word}.toml")).display()
            ),
            format!(
                "--quick --host {}",
                path(&format!("out/with-{word}.toml")).display()
            ),
            format!(
                "lab diff {}",
                path(&format!("out/without-{word}/latest")).display()
            ),
        ] {
            assert!(says.contains(&part), "{part}: {says}");
        }
        let text =
            |side: &str| std::fs::read_to_string(path(&format!("out/{side}-{word}.toml"))).unwrap();
        assert_eq!(
            text("with").lines().count(),
            text("without").lines().count() + 1
        );
        assert!(!text("without").contains(key));
    }
    let last = says.lines().last().unwrap();
    assert!(last.starts_with("lab host restore --state"), "{last}");
}

#[test]
fn nothing_is_measured_outside_of_a_partition_that_the_profile_wants() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("alone.toml");
    let text = "schema = \"host-profile/1\"\ntitle = \"A partition\"\nrole = \"both\"\n[cpus]\nserver = \"0\"\ninstrument = \"1\"\nhousekeeping = \"2\"\npartition = true\n";
    std::fs::write(&profile, text).unwrap();
    let mut command = lab(&["bench", "headline", "--quick", "--host"]);
    command
        .arg(&profile)
        .arg("--out")
        .arg(folder.path().join("results"));
    let refused = run(command);
    refused.expect_status(2);
    let says = refused.stderr();
    assert!(
        says.contains("profile alone has the measured CPUs in a partition"),
        "{says}"
    );
    assert!(!folder.path().join("results").exists());
}
