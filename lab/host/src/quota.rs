//! CPU quotas: how much CPU time the control groups (cgroups) of this process may use, as containers
//! and service managers set it, and how often that was used up.
//!
//! A group that has used up its quota stands still until the next period, servers, instrument and lab
//! alike: rates fall and tails grow, and nothing in them tells why. Quotas hold for a group and all
//! below it, so every group from the process's own up to the root of the mount counts. What lies above
//! that root (a container sees only its own part) cannot be read from inside.
//!
//! cgroup v2: `cpu.max`, and `nr_throttled` and `throttled_usec` in `cpu.stat`; v1: `cpu.cfs_quota_us`,
//! `cpu.cfs_period_us`, and `nr_throttled` and `throttled_time` (ns) in `cpu.stat`
//! (Documentation/admin-guide/cgroup-v2.rst, Documentation/scheduler/sched-bwc.rst of the kernel).

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use record::{Cpus, SHORT_QUOTA};

use super::machine::Machine;

const OWN: &str = "/proc/self/cgroup";
const MOUNTS: &str = "/proc/self/mountinfo";
/// The name of the fact that says what was found.
const FACT: &str = "cpu-quota";

/// The control groups that this process's CPU time is counted in.
#[derive(Debug, Clone)]
pub struct Groups {
    machine: Machine,
    groups: Vec<Group>,
    hidden: bool,
}

/// One of them, by its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    folder: String,
    version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

/// What a group may use.
#[derive(Debug, Clone, PartialEq)]
pub struct Quota {
    /// CPU time in a period over the period's length: 1.5 is one and a half CPUs.
    pub cpus: f64,
    /// The file that says so.
    pub file: String,
}

/// How often quotas were used up, and for how long the groups stood still, since the groups were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Throttling {
    /// Periods in which a group was stopped, of all groups together.
    pub periods: u64,
    /// For how long, of all groups and CPUs together.
    pub time: Duration,
}

impl Throttling {
    /// What came on top since an earlier reading.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            periods: self.periods.saturating_sub(earlier.periods),
            time: self.time.saturating_sub(earlier.time),
        }
    }
}

impl Groups {
    /// The groups of this process; none where the system has no control groups or does not show them.
    pub fn of(machine: &Machine) -> Self {
        let own = machine.text(OWN).unwrap_or_default();
        let mounts = machine.text(MOUNTS).unwrap_or_default();
        let mut groups = Vec::new();
        let memberships = memberships(&own);
        let is_member = !memberships.is_empty();
        for (version, path) in memberships {
            for mount in mounts
                .lines()
                .filter_map(|line| Mount::parse(line, version))
            {
                for folder in mount.path_of(machine, &path) {
                    let group = Group { folder, version };
                    if !groups.contains(&group) {
                        groups.push(group);
                    }
                }
            }
        }
        Self {
            machine: machine.clone(),
            hidden: is_member && groups.is_empty(),
            groups,
        }
    }

    /// Whether there are groups of which nothing is to be seen, as their file system is not mounted.
    pub fn are_hidden(&self) -> bool {
        self.hidden
    }

    /// The smallest quota on the way up; nothing where no group has one.
    pub fn quota(&self) -> Option<Quota> {
        let quotas = self.groups.iter().filter_map(|g| g.quota(&self.machine));
        quotas.min_by(|a, b| a.cpus.total_cmp(&b.cpus))
    }

    /// How often and how long the groups have stood still.
    pub fn throttling(&self) -> Throttling {
        let mut sum = Throttling::default();
        for group in &self.groups {
            let one = group.throttling(&self.machine);
            sum.periods += one.periods;
            sum.time += one.time;
        }
        sum
    }

    /// What a campaign keeps of it, by the facts' names; `cpus` are how many CPUs it measures on.
    pub fn facts(&self, cpus: usize) -> BTreeMap<String, String> {
        let quota = self.quota();
        let words = match &quota {
            Some(quota) => quota.to_string(),
            None if self.hidden => "unknown, as no cgroup file system is mounted".to_owned(),
            None => "none".to_owned(),
        };
        let short = quota.filter(|quota| quota.is_short_of(cpus)).map(|quota| {
            let words = format!("{quota}, where {cpus} CPUs are measured on");
            (SHORT_QUOTA.to_owned(), words)
        });
        std::iter::once((FACT.to_owned(), words))
            .chain(short)
            .collect()
    }
}

/// How many CPUs a campaign uses.
pub fn used(cpus: &Cpus) -> usize {
    cpus.server.len() + cpus.instrument.len()
}

impl Quota {
    /// Whether so many CPUs cannot all be busy.
    pub fn is_short_of(&self, cpus: usize) -> bool {
        self.cpus < cpus as f64
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `{}` of an f64 is the shortest text that reads back the same.
        let rounded = (self.cpus * 1000.0).round() / 1000.0;
        let noun = if rounded == 1.0 { "CPU" } else { "CPUs" };
        write!(f, "{rounded} {noun} by {}", self.file)
    }
}

impl Group {
    fn quota(&self, machine: &Machine) -> Option<Quota> {
        let file = |name: &str| format!("{}/{name}", self.folder);
        let (file, quota, period) = match self.version {
            Version::V2 => {
                let file = file("cpu.max");
                let text = machine.read(&file)?;
                let (quota, period) = text.split_once(' ')?;
                (file, quota.to_owned(), period.to_owned())
            }
            Version::V1 => {
                let period = machine.read(&file("cpu.cfs_period_us"))?;
                let file = file("cpu.cfs_quota_us");
                let quota = machine.read(&file)?;
                (file, quota, period)
            }
        };
        // `max` and -1 are no quota.
        let (quota, period) = (quota.parse::<u64>().ok()?, period.parse::<u64>().ok()?);
        (period > 0).then(|| Quota {
            cpus: quota as f64 / period as f64,
            file,
        })
    }

    fn throttling(&self, machine: &Machine) -> Throttling {
        let text = machine.read(&format!("{}/cpu.stat", self.folder));
        let words: Vec<&str> = text.iter().flat_map(|t| t.split(' ')).collect();
        let of = |name: &str| -> Option<u64> {
            let pair = words.chunks_exact(2).find(|pair| pair[0] == name)?;
            pair[1].parse().ok()
        };
        let time = match self.version {
            Version::V2 => of("throttled_usec").map(Duration::from_micros),
            Version::V1 => of("throttled_time").map(Duration::from_nanos),
        };
        Throttling {
            periods: of("nr_throttled").unwrap_or(0),
            time: time.unwrap_or_default(),
        }
    }
}

/// The lines of /proc/self/cgroup that bear on CPU time: `0::/path` (v2), `4:cpu,cpuacct:/path` (v1).
fn memberships(own: &str) -> Vec<(Version, String)> {
    (own.lines())
        .filter_map(|line| {
            let (number, rest) = line.split_once(':')?;
            let (controllers, path) = rest.split_once(':')?;
            let version = match (number, controllers) {
                ("0", "") => Version::V2,
                _ if controllers.split(',').any(|c| c == "cpu") => Version::V1,
                _ => return None,
            };
            Some((version, path.to_owned()))
        })
        .collect()
}

/// A place where a hierarchy of groups is mounted.
struct Mount {
    /// Which of the hierarchy's groups lies there.
    root: String,
    point: String,
}

impl Mount {
    /// Reads a line of /proc/self/mountinfo: `id parent dev root point options [tags] - type source super`.
    fn parse(line: &str, version: Version) -> Option<Self> {
        let (before, after) = line.split_once(" - ")?;
        let [_, _, _, root, point, ..] = before.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        let mut after = after.split(' ');
        let kind = after.next()?;
        let options = after.nth(1).unwrap_or_default();
        let fits = match version {
            Version::V2 => kind == "cgroup2",
            Version::V1 => kind == "cgroup" && options.split(',').any(|o| o == "cpu"),
        };
        fits.then(|| Self {
            root: unescaped(root),
            point: unescaped(point),
        })
    }

    /// The folders of a group and of all above it that are to be seen, from the group's own upwards.
    fn path_of(&self, machine: &Machine, group: &str) -> Vec<String> {
        let root = self.root.trim_end_matches('/');
        let below = group
            .strip_prefix(root)
            .filter(|b| b.is_empty() || b.starts_with('/'));
        // A container may name its group as the host does and see only its own part of the tree: then
        // the mount's root is the group.
        let below = below.unwrap_or_default().trim_matches('/');
        let mut folders = Vec::new();
        let mut rest = below;
        loop {
            let folder = match rest {
                "" => self.point.clone(),
                _ => format!("{}/{rest}", self.point.trim_end_matches('/')),
            };
            if !rest.split('/').any(|part| part == "..") && machine.is_folder(&folder) {
                folders.push(folder);
            }
            if rest.is_empty() {
                return folders;
            }
            rest = rest.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
}

/// A path of /proc/self/mountinfo, which writes blanks and backslashes as three octal digits.
fn unescaped(text: &str) -> String {
    let plain = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    plain.iter().fold(text.to_owned(), |text, (code, sign)| {
        text.replace(code, sign)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// A machine of which only these files are there.
    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Groups) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let groups = Groups::of(&Machine::at(folder.path()));
        (folder, groups)
    }

    const V2: &str =
        "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
    const V1: &str = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
                      32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
                      33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n";

    #[test]
    fn the_smallest_quota_on_the_way_up_counts() {
        let (_folder, groups) = machine(&[
            ("proc/self/cgroup", "0::/a.slice/b.scope\n"),
            ("proc/self/mountinfo", V2),
            ("sys/fs/cgroup/cpu.stat", "usage_usec 9\n"),
            ("sys/fs/cgroup/a.slice/cpu.max", "150000 100000\n"),
            (
                "sys/fs/cgroup/a.slice/cpu.stat",
                "usage_usec 70\nnr_periods 9\nnr_throttled 4\nthrottled_usec 2500\n",
            ),
            ("sys/fs/cgroup/a.slice/b.scope/cpu.max", "max 100000\n"),
            (
                "sys/fs/cgroup/a.slice/b.scope/cpu.stat",
                "nr_throttled 1\nthrottled_usec 500\n",
            ),
            ("sys/fs/cgroup/a.slice/other/cpu.max", "1000 100000\n"),
        ]);
        let quota = groups.quota().unwrap();
        assert_eq!(quota.cpus, 1.5);
        assert_eq!(
            quota.to_string(),
            "1.5 CPUs by /sys/fs/cgroup/a.slice/cpu.max"
        );
        assert_eq!(
            groups.throttling(),
            Throttling {
                periods: 5,
                time: Duration::from_micros(3000)
            }
        );
        assert!(quota.is_short_of(2) && !quota.is_short_of(1));
        let facts = groups.facts(2);
        assert_eq!(facts[FACT], "1.5 CPUs by /sys/fs/cgroup/a.slice/cpu.max");
        assert!(facts[SHORT_QUOTA].ends_with("cpu.max, where 2 CPUs are measured on"));
        assert!(!groups.facts(1).contains_key(SHORT_QUOTA));
    }

    #[test]
    fn version_one_has_other_files_and_another_unit() {
        let (_folder, groups) = machine(&[
            (
                "proc/self/cgroup",
                "3:cpuset:/x\n2:cpu,cpuacct:/docker/1\n0::/\n",
            ),
            ("proc/self/mountinfo", V1),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
            (
                "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us",
                "50000\n",
            ),
            (
                "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_period_us",
                "100000\n",
            ),
            (
                "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.stat",
                "nr_periods 341\nnr_throttled 319\nthrottled_time 7000000\n",
            ),
        ]);
        let quota = groups.quota().unwrap();
        assert_eq!(quota.cpus, 0.5);
        assert!(quota.file.ends_with("docker/1/cpu.cfs_quota_us"), "{quota}");
        let throttled = groups.throttling();
        assert_eq!((throttled.periods, throttled.time.as_millis()), (319, 7));
        let later = Throttling {
            periods: 320,
            ..throttled
        };
        assert_eq!(later.since(throttled).periods, 1);
    }

    #[test]
    fn a_container_that_sees_its_own_part_of_the_tree_only() {
        // Its group is the mount's root, by the host's name or by none.
        for (own, root) in [
            ("0::/", "/"),
            ("0::/docker/7", "/"),
            ("0::/docker/7", "/docker/7"),
            ("0::/../elsewhere", "/"),
        ] {
            let mounts = format!("30 23 0:26 {root} /sys/fs/cgroup ro - cgroup2 cgroup ro\n");
            let (_folder, groups) = machine(&[
                ("proc/self/cgroup", own),
                ("proc/self/mountinfo", &mounts),
                ("sys/fs/cgroup/cpu.max", "200000 100000\n"),
                ("sys/fs/elsewhere/cpu.max", "1 100000\n"),
            ]);
            assert_eq!(groups.quota().unwrap().cpus, 2.0, "{own} {root}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_unknown_and_not_none() {
        let (_folder, groups) = machine(&[("proc/self/cgroup", "0::/\n")]);
        assert_eq!(groups.quota(), None);
        assert!(groups.facts(2)[FACT].starts_with("unknown"));
        let (_folder, groups) = machine(&[
            ("proc/self/cgroup", "0::/\n"),
            ("proc/self/mountinfo", V2),
            ("sys/fs/cgroup/cpu.stat", "usage_usec 9\n"),
        ]);
        assert_eq!(groups.facts(2)[FACT], "none");
        assert_eq!(groups.throttling(), Throttling::default());
    }

    /// A group of the kernel's own, where this machine lets tests make one.
    struct Real {
        folder: std::path::PathBuf,
    }

    impl Real {
        fn new(quota: u32) -> Option<Self> {
            let name = format!("lab-quota-{}", std::process::id());
            let folder = Path::new("/sys/fs/cgroup/cpu").join(name);
            if std::fs::create_dir(&folder).is_ok() {
                let real = Self { folder };
                let file = real.folder.join("cpu.cfs_quota_us");
                return std::fs::write(file, quota.to_string())
                    .is_ok()
                    .then_some(real);
            }
            let name = format!("lab-quota-{}", std::process::id());
            let folder = Path::new("/sys/fs/cgroup").join(name);
            std::fs::create_dir(&folder).ok()?;
            let real = Self { folder };
            let file = real.folder.join("cpu.max");
            std::fs::write(file, format!("{quota} 100000"))
                .is_ok()
                .then_some(real)
        }
    }

    impl Drop for Real {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir(&self.folder);
        }
    }

    /// The kernel itself throttles a busy process, and it is seen; skipped where no group can be made.
    #[test]
    fn a_real_group_that_uses_up_its_quota_is_seen() {
        let Some(real) = Real::new(20_000) else {
            eprintln!(
                "skipped: a_real_group_that_uses_up_its_quota_is_seen: no cgroup can be made here"
            );
            return;
        };
        let mut busy = std::process::Command::new("sh")
            .args(["-c", "read go; while :; do :; done"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let joined = std::fs::write(real.folder.join("cgroup.procs"), busy.id().to_string());
        let version = match real.folder.join("cpu.max").exists() {
            true => Version::V2,
            false => Version::V1,
        };
        let group = Group {
            folder: real.folder.display().to_string(),
            version,
        };
        let machine = Machine::this();
        let quota = group.quota(&machine);
        let before = group.throttling(&machine);
        drop(
            busy.stdin
                .take()
                .map(|mut stdin| std::io::Write::write_all(&mut stdin, b"\n")),
        );
        let mut seen = Throttling::default();
        for _ in 0..300 {
            std::thread::sleep(Duration::from_millis(100));
            seen = group.throttling(&machine).since(before);
            if seen.periods > 0 && seen.time > Duration::ZERO {
                break;
            }
        }
        busy.kill().unwrap();
        busy.wait().unwrap();
        joined.unwrap();
        assert_eq!(quota.unwrap().cpus, 0.2);
        assert!(seen.periods > 0 && seen.time > Duration::ZERO, "{seen:?}");
    }
}
