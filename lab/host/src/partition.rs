//! A partition of CPUs: what is measured has them alone, by the kernel's own word.
//!
//! Of a partition's CPUs (a cpuset of cgroup v2 whose `cpuset.cpus.partition` is `root`) no process
//! outside of it may use any, and none is moved there by the scheduler, which still balances inside of
//! it: what `isolcpus` takes away. The lab goes in before it measures, and whatever it starts with it
//! (Documentation/admin-guide/cgroup-v2.rst of the kernel).

use super::audit::{Finding, Knob, Target, finding};
use super::cpu_list::CpuList;
use super::machine::Machine;
use super::profile::{Profile, Wanted};

const MOUNTS: &str = "/proc/self/mountinfo";
/// The group's name below the root of all.
const NAME: &str = "lab-measured";
const NONE: &str = "none";
/// None either, and cgroups without the controller.
const OFF: &str = "none, cpusets off";
const UNKNOWN: &str = "there is no cgroup v2 with cpusets here: cpus.housekeeping alone, or systemd's CPUAffinity, keeps others away";

/// Why the lab cannot go where it is to measure.
#[derive(Debug, thiserror::Error)]
#[error(
    "profile {profile} has the measured CPUs in a partition, and the lab cannot go into it ({source}): `lab host apply {profile}` makes it, and only root may enter"
)]
pub struct NoEntry {
    /// The profile.
    profile: String,
    /// The system's words.
    source: std::io::Error,
}

/// Goes into the partition, where the profile wants one, with all threads.
///
/// # Errors
/// [`NoEntry`].
pub fn enter(machine: &Machine, profile: Option<&Profile>) -> Result<(), NoEntry> {
    let Some(profile) = profile.filter(|p| p.wanted.cpus.partition) else {
        return Ok(());
    };
    let refused = |source| NoEntry {
        profile: profile.name.clone(),
        source,
    };
    let root = root(machine).ok_or_else(|| refused(std::io::Error::other(UNKNOWN)))?;
    let own = std::process::id().to_string();
    (machine.write(&format!("{root}/{NAME}/cgroup.procs"), &own)).map_err(refused)
}

/// Whether it is there, and holds.
pub(super) fn audit(machine: &Machine, wanted: &Wanted) -> Option<Finding> {
    let cpus = &wanted.cpus;
    if !cpus.partition {
        return None;
    }
    let lists = [&cpus.server, &cpus.instrument];
    let all: Vec<String> = (lists.into_iter().flatten())
        .map(ToString::to_string)
        .collect();
    // As the kernel writes them.
    let all: Option<CpuList> = all.join(",").parse().ok();
    let wanted = format!("{} root", all?);
    let found = read(machine);
    let absent = found.is_none().then_some(UNKNOWN);
    let equal = |wanted: &str, found: &str| wanted == found;
    let mut finding = finding(
        "cpus.partition",
        Some(wanted.clone()),
        found.clone(),
        equal,
        absent,
    );
    finding.knobs.extend(found.map(|found| Knob {
        target: Target::Partition,
        found,
        wanted: Some(wanted),
    }));
    Some(finding)
}

/// `2-15 root`, its CPUs and its kind, as the kernel has it; nothing where there can be none.
pub(super) fn read(machine: &Machine) -> Option<String> {
    let root = root(machine)?;
    let folder = format!("{root}/{NAME}");
    if machine.is_folder(&folder) {
        let cpus = machine.read(&format!("{folder}/cpuset.cpus"));
        let kind = machine.read(&format!("{folder}/cpuset.cpus.partition"));
        return Some(match (cpus, kind) {
            (Some(cpus), Some(kind)) => format!("{cpus} {kind}"),
            // Whoever manages the cgroups took the controller away, and the partition with it.
            _ => OFF.to_owned(),
        });
    }
    let enabled = machine.read(&format!("{root}/cgroup.subtree_control"))?;
    Some(match enabled.split(' ').any(|word| word == "cpuset") {
        true => NONE.to_owned(),
        false => OFF.to_owned(),
    })
}

/// Makes it as a value says, or takes it away.
pub(super) fn write(machine: &Machine, value: &str) -> std::io::Result<()> {
    let root = root(machine).ok_or_else(|| std::io::Error::other(UNKNOWN))?;
    let file = |name: &str| format!("{root}/{NAME}/{name}");
    let control = format!("{root}/cgroup.subtree_control");
    if value == NONE || value == OFF {
        let folder = format!("{root}/{NAME}");
        if machine.is_folder(&folder) {
            let inside = machine.read(&file("cgroup.procs")).unwrap_or_default();
            for process in inside.split_whitespace() {
                machine.write(&format!("{root}/cgroup.procs"), process)?;
            }
            machine.remove_folder(&folder)?;
        }
        return match value {
            OFF => machine.write(&control, "-cpuset"),
            _ => Ok(()),
        };
    }
    let (cpus, kind) = value.split_once(' ').unwrap_or((value, "member"));
    let enabled = machine.read(&control).unwrap_or_default();
    if !enabled.split(' ').any(|word| word == "cpuset") {
        machine.write(&control, "+cpuset")?;
    }
    machine.make_folder(&format!("{root}/{NAME}"))?;
    machine.write(&file("cpuset.cpus"), cpus)?;
    // What the kernel says behind the word is why it does not hold.
    let kind = kind.split(' ').next().unwrap_or(kind);
    machine.write(&file("cpuset.cpus.partition"), kind)
}

/// Where the root of all groups is mounted, if cpusets are its to give.
fn root(machine: &Machine) -> Option<String> {
    let mounts = machine.text(MOUNTS)?;
    let point = mounts.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let mut fields = before.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        (root == "/" && after.split(' ').next() == Some("cgroup2")).then(|| point.to_owned())
    })?;
    let controllers = machine.read(&format!("{point}/cgroup.controllers"))?;
    let has = controllers.split(' ').any(|word| word == "cpuset");
    has.then_some(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root of groups with these files.
    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Machine) {
        let folder = tempfile::tempdir().unwrap();
        let mount = "30 23 0:26 / /cg rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
        for (path, text) in [("proc/self/mountinfo", mount)].iter().chain(files) {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let machine = Machine::at(folder.path());
        (folder, machine)
    }

    fn found(machine: &Machine) -> (String, bool) {
        let mut wanted = Wanted::nothing();
        wanted.cpus.partition = true;
        wanted.cpus.server = Some("2".parse().unwrap());
        wanted.cpus.instrument = Some("1,3".parse().unwrap());
        let setting = audit(machine, &wanted).unwrap().setting;
        (setting.found().to_owned(), setting.matches)
    }

    const ON: [(&str, &str); 2] = [
        ("cg/cgroup.controllers", "cpuset cpu io\n"),
        ("cg/cgroup.subtree_control", "cpuset cpu\n"),
    ];
    const MADE: [(&str, &str); 3] = [
        ("cg/lab-measured/cgroup.procs", ""),
        ("cg/lab-measured/cpuset.cpus", "1-3\n"),
        ("cg/lab-measured/cpuset.cpus.partition", "root\n"),
    ];

    #[test]
    fn only_a_partition_that_holds_matches() {
        let (folder, machine) = machine(&[&ON[..], &MADE].concat());
        assert_eq!(found(&machine), ("1-3 root".to_owned(), true));
        let kind = "/cg/lab-measured/cpuset.cpus.partition";
        let broken = "root invalid (Cpu list in cpuset.cpus not exclusive)";
        machine.write(kind, broken).unwrap();
        assert_eq!(found(&machine), (format!("1-3 {broken}"), false));
        // Put back as it was found, by the word that the kernel takes.
        write(&machine, &format!("1 {broken}")).unwrap();
        assert_eq!(read(&machine).unwrap(), "1 root");
        std::fs::remove_file(folder.path().join(&kind[1..])).unwrap();
        assert_eq!(found(&machine), (OFF.to_owned(), false));
    }

    #[test]
    fn none_is_none_and_cgroups_without_cpusets_are_unknown() {
        let (_folder, without) = machine(&ON);
        assert_eq!(found(&without), (NONE.to_owned(), false));
        let off = [ON[0], ("cg/cgroup.subtree_control", "cpu\n")];
        let (_folder, off) = machine(&off);
        assert_eq!(found(&off), (OFF.to_owned(), false));
        let (_folder, other) = machine(&[("cg/cgroup.controllers", "cpu io\n")]);
        assert_eq!(found(&other), ("absent".to_owned(), false));
    }
}
