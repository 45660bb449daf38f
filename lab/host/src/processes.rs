//! Where everything may run that is neither the kernel's nor the lab's: its own processes go to
//! other CPUs by themselves, and no other program's may follow them there.
//!
//! A thread inherits its CPUs from the one that starts it, so where process 1 may run is where
//! whatever it starts from then on runs. What runs already is moved thread by thread, by `taskset`.

use std::collections::BTreeMap;

use super::audit::{Finding, Knob, Target, finding};
use super::cpu_list::CpuList;
use super::machine::Machine;
use super::profile::Wanted;

/// What a thread's `flags` of /proc/PID/stat say if it is the kernel's own.
const KERNEL_THREAD: u64 = 0x0020_0000;
/// The inode of the first namespace of processes (the kernel's `PROC_PID_INIT_INO`): in any other,
/// a container's, the machine's processes are not to be seen.
const WHOLE_MACHINE: &str = "pid:[4026531836]";
/// How often newcomers are looked for, that somebody started while others were moved.
const LOOKS: u32 = 5;
/// Before the list of a value that says how it is to be.
const WITHIN: &str = "within ";

const UNKNOWN: &str = "process 1 and what it started cannot be seen from here, as in a container, or where /proc hides other users' processes";

/// A thread of a process that is not the kernel's.
#[derive(Debug, Clone)]
struct Thread {
    process: u32,
    id: u32,
    /// When it was started, in ticks since the boot: tells it from a later one of the same number.
    started: u64,
    name: String,
    allowed: CpuList,
}

/// How the threads stood: where process 1 may run, and who may elsewhere.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    usual: CpuList,
    others: BTreeMap<(u32, u64), CpuList>,
}

/// Whether all else stays on the CPUs that are for it.
pub(super) fn audit(machine: &Machine, wanted: &Wanted) -> Option<Finding> {
    let list = wanted.cpus.housekeeping.as_ref()?;
    let name = "cpus.housekeeping";
    let threads = threads(machine);
    let Some(threads) = threads else {
        let wanted = Some(list.to_string());
        return Some(finding(name, wanted, None, |_, _| false, Some(UNKNOWN)));
    };
    let astray = astray(&threads, list);
    let said = match astray.as_slice() {
        // In one way of writing, whoever comes and goes.
        [] => list.to_string(),
        [first, more @ ..] => {
            let mut others: Vec<u32> = more.iter().map(|t| t.process).collect();
            others.retain(|process| *process != first.process);
            others.dedup();
            let more = match others.len() {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            let Thread {
                allowed,
                process,
                name,
                ..
            } = first;
            format!("{allowed} for process {process} ({name}){more}")
        }
    };
    let is_good = astray.is_empty();
    let mut finding = finding(
        name,
        Some(list.to_string()),
        Some(said),
        |_, _| is_good,
        None,
    );
    let within = format!("{WITHIN}{list}");
    finding.knobs.extend(read(machine).map(|found| Knob {
        target: Target::Processes,
        found,
        wanted: Some(within),
    }));
    Some(finding)
}

/// How the threads stand, in words from which each is put back.
pub(super) fn read(machine: &Machine) -> Option<String> {
    let threads = threads(machine)?;
    let usual = first(&threads)?;
    let others = (threads.iter())
        .filter(|thread| thread.allowed != usual)
        .map(|thread| ((thread.id, thread.started), thread.allowed.clone()))
        .collect();
    Some(Found { usual, others }.words())
}

/// Whether they stand as a value says.
pub(super) fn stand(machine: &Machine, value: &str) -> bool {
    let Some(threads) = threads(machine) else {
        return false;
    };
    match value.strip_prefix(WITHIN).map(str::parse::<CpuList>) {
        Some(Ok(list)) => astray(&threads, &list).is_empty(),
        Some(Err(_)) => false,
        None => Found::parse(value).is_some_and(|found| first(&threads) == Some(found.usual)),
    }
}

/// Moves them.
pub(super) fn write(machine: &Machine, value: &str) -> std::io::Result<()> {
    let unknown = || std::io::Error::other(UNKNOWN);
    let bad = || std::io::Error::other(format!("`{value}` does not say where processes may run"));
    if let Some(list) = value.strip_prefix(WITHIN) {
        let list: CpuList = list.parse().map_err(|_| bad())?;
        for _ in 0..LOOKS {
            let threads = threads(machine).ok_or_else(unknown)?;
            let astray = astray(&threads, &list);
            if astray.is_empty() {
                break;
            }
            // Process 1 is the first: by where it may run a restore tells who was moved.
            all(astray.into_iter().map(|thread| set(machine, thread, &list)))?;
        }
        return Ok(());
    }
    let found = Found::parse(value).ok_or_else(bad)?;
    let mut threads = threads(machine).ok_or_else(unknown)?;
    let moved = first(&threads).ok_or_else(unknown)?;
    // Process 1 is the last, so that a restore that was cut off still knows who was moved.
    threads.reverse();
    all(threads.iter().map(|thread| {
        let own = found.others.get(&(thread.id, thread.started));
        match own {
            Some(own) if *own != thread.allowed => set(machine, thread, own),
            None if thread.allowed == moved && moved != found.usual => {
                set(machine, thread, &found.usual)
            }
            _ => Ok(()),
        }
    }))
}

/// Does all of it, and gives the first refusal.
fn all(steps: impl Iterator<Item = std::io::Result<()>>) -> std::io::Result<()> {
    let mut first = Ok(());
    for step in steps {
        first = first.and(step);
    }
    first
}

impl Found {
    fn words(&self) -> String {
        let others = (self.others.iter())
            .map(|((id, started), allowed)| format!("; {id}@{started} on {allowed}"));
        format!("{}{}", self.usual, others.collect::<String>())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split("; ");
        let usual = parts.next()?.parse().ok()?;
        let other = |part: &str| {
            let (thread, allowed) = part.split_once(" on ")?;
            let (id, started) = thread.split_once('@')?;
            Some((
                (id.parse().ok()?, started.parse().ok()?),
                allowed.parse().ok()?,
            ))
        };
        let others = parts.map(other).collect::<Option<_>>()?;
        Some(Self { usual, others })
    }
}

/// Where process 1 may run.
fn first(threads: &[Thread]) -> Option<CpuList> {
    let first = threads.iter().find(|thread| thread.id == 1)?;
    Some(first.allowed.clone())
}

fn astray<'a>(threads: &'a [Thread], list: &CpuList) -> Vec<&'a Thread> {
    let is_astray = |thread: &&Thread| !list.holds(&thread.allowed);
    threads.iter().filter(is_astray).collect()
}

/// All threads that are not the kernel's, process 1 first; nothing where not all are to be seen.
fn threads(machine: &Machine) -> Option<Vec<Thread>> {
    if machine.link("/proc/self/ns/pid")? != WHOLE_MACHINE {
        return None;
    }
    let own = machine.link("/proc/self")?;
    let mut threads = Vec::new();
    for process in machine.names("/proc", "") {
        let Ok(number) = process.parse::<u32>() else {
            continue;
        };
        // Where the lab runs is told by its campaign.
        if process == own {
            continue;
        }
        let folder = format!("/proc/{process}/task");
        for id in machine.names(&folder, "") {
            let place = format!("{folder}/{id}");
            let read = || thread(machine, number, &id, &place);
            // One that is just ending has files that cannot be read any more.
            let read = read().or_else(read);
            match read {
                Some(Some(thread)) => threads.push(thread),
                Some(None) => {}
                // It has ended, or nobody may know.
                None if machine.is_folder(&place) => return None,
                None => {}
            }
        }
    }
    threads.sort_by_key(|thread| (thread.process, thread.id));
    first(&threads).map(|_| threads)
}

/// A thread; `Some(None)` for the kernel's own.
fn thread(machine: &Machine, process: u32, id: &str, place: &str) -> Option<Option<Thread>> {
    let stat = machine.text(&format!("{place}/stat"))?;
    // Its name is in brackets, and may have some itself.
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let flags: u64 = fields.get(6)?.parse().ok()?;
    if flags & KERNEL_THREAD != 0 {
        return Some(None);
    }
    // A process that has ended and that nobody has waited for runs nowhere.
    if matches!(fields.first(), Some(&("Z" | "X"))) {
        return Some(None);
    }
    let started = fields.get(19)?.parse().ok()?;
    let status = machine.text(&format!("{place}/status"))?;
    let allowed = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    Some(Some(Thread {
        process,
        id: id.parse().ok()?,
        started,
        name: name.to_owned(),
        allowed: allowed.trim().parse().ok()?,
    }))
}

/// Moves one, unless it has ended.
fn set(machine: &Machine, thread: &Thread, list: &CpuList) -> std::io::Result<()> {
    let refused = match machine.set_cpus(thread.id, list) {
        Ok(()) => return Ok(()),
        Err(refused) => refused,
    };
    let place = format!("/proc/{}/task/{}", thread.process, thread.id);
    if !machine.is_folder(&place) {
        return Ok(());
    }
    let Thread { id, name, .. } = thread;
    Err(std::io::Error::other(format!(
        "thread {id} ({name}): {refused}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine of process 1, one of two threads and one of the kernel's.
    fn machine(of_first: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("proc/77/ns");
        std::fs::create_dir_all(&own).unwrap();
        std::os::unix::fs::symlink(WHOLE_MACHINE, own.join("pid")).unwrap();
        std::os::unix::fs::symlink("77", folder.path().join("proc/self")).unwrap();
        for (process, id, name, flags, allowed) in [
            (1, 1, "systemd", 0x0040_0100, of_first),
            (2, 2, "kthreadd", KERNEL_THREAD, "0-3"),
            (30, 30, "a (b) c", 0x0040_0000, "0-1"),
            (30, 31, "worker", 0x0040_0000, "0"),
            // The lab's own may be anywhere.
            (77, 77, "lab", 0, "2-3"),
        ] {
            let place = folder.path().join(format!("proc/{process}/task/{id}"));
            std::fs::create_dir_all(&place).unwrap();
            let stat = format!(
                "{id} ({name}) S 0 1 1 0 -1 {flags} 1 2 3 4 5 6 7 8 20 0 1 0 {}00 9 9\n",
                id + 5
            );
            std::fs::write(place.join("stat"), stat).unwrap();
            let status = format!("Name:\t{name}\nCpus_allowed_list:\t{allowed}\n");
            std::fs::write(place.join("status"), status).unwrap();
        }
        folder
    }

    fn found(folder: &tempfile::TempDir, list: &str) -> (String, bool) {
        let mut wanted = Wanted::nothing();
        wanted.cpus.housekeeping = Some(list.parse().unwrap());
        let finding = audit(&Machine::at(folder.path()), &wanted).unwrap();
        (finding.setting.found().to_owned(), finding.setting.matches)
    }

    #[test]
    fn whoever_may_run_elsewhere_is_named() {
        let inside = machine("0-1");
        assert_eq!(found(&inside, "0-1"), ("0-1".to_owned(), true));
        assert_eq!(
            found(&inside, "0"),
            ("0-1 for process 1 (systemd) and 1 more".to_owned(), false)
        );
        let outside = machine("0-3");
        assert_eq!(
            found(&outside, "0-1"),
            ("0-3 for process 1 (systemd)".to_owned(), false)
        );
        let words = read(&Machine::at(outside.path())).unwrap();
        assert_eq!(words, "0-3; 30@3500 on 0-1; 31@3600 on 0");
        assert_eq!(Found::parse(&words).unwrap().words(), words);
    }

    #[test]
    fn what_cannot_be_seen_is_a_difference() {
        for gone in ["proc/1/task/1/status", "proc/self", "proc/77/ns/pid"] {
            let folder = machine("0-1");
            std::fs::remove_file(folder.path().join(gone)).unwrap();
            assert_eq!(
                found(&folder, "0-1"),
                ("absent".to_owned(), false),
                "{gone}"
            );
        }
        // A container sees its own processes alone.
        let folder = machine("0-1");
        let namespace = folder.path().join("proc/77/ns/pid");
        std::fs::remove_file(&namespace).unwrap();
        std::os::unix::fs::symlink("pid:[4026532201]", &namespace).unwrap();
        assert_eq!(found(&folder, "0-1"), ("absent".to_owned(), false));
    }
}
