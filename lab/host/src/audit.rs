//! Reads a machine's settings and holds them against a profile.

use record::audit::Setting;

use super::cpu_list::CpuList;
use super::machine::Machine;
use super::profile::{Profile, Wanted};
use super::quota::Groups;
use super::why::why;
use super::{awake, frequency, heat, interrupts, leftovers, mask, partition, processes};

pub(super) const CPUS: &str = "/sys/devices/system/cpu";
pub(super) const POLICIES: &str = "/sys/devices/system/cpu/cpufreq";
const HUGE_PAGES: &str = "/sys/kernel/mm/transparent_hugepage/enabled";
/// As all CPUs may be busy all the time.
const NO_QUOTA: &str = "none";
pub(super) const NO_CPUFREQ: &str = "the kernel offers no cpufreq, as in most virtual machines";

/// Sysctls that the audit shows also where no profile speaks of them.
const SHOWN: [&str; 3] = [
    "net.core.somaxconn",
    "net.ipv4.tcp_tw_reuse",
    "vm.swappiness",
];

/// One setting as it was found, with what can be done about it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The setting.
    pub setting: Setting,
    /// Why it matters, in a line.
    pub why: &'static str,
    /// What sets it; empty where it cannot be set on a running system.
    pub knobs: Vec<Knob>,
}

/// One thing that can be turned, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knob {
    /// What is turned.
    pub target: Target,
    /// How it stands.
    pub found: String,
    /// How the profile wants it; nothing where it does not care.
    pub wanted: Option<String>,
}

/// What can be turned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A file below /proc/sys or /sys.
    File(String),
    /// A systemd unit, `active` or `inactive`.
    Unit(String),
    /// A file with a mask of CPUs, of which the value is the list.
    Mask(String),
    /// Where all processes may run.
    Processes,
    /// The partition of the measured CPUs.
    Partition,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File(name) | Self::Unit(name) | Self::Mask(name) => name,
            Self::Processes => "all processes",
            Self::Partition => "partition of the measured CPUs",
        })
    }
}

impl Target {
    /// How it stands; nothing where it is not there.
    pub fn read(&self, machine: &Machine) -> Option<String> {
        match self {
            Self::File(path) => machine.read(path).map(|text| chosen(&text)),
            Self::Unit(unit) => machine.unit(unit).map(|state| activity(&state)),
            Self::Mask(path) => Some(mask::parse(&machine.read(path)?)?.to_string()),
            Self::Processes => processes::read(machine),
            Self::Partition => partition::read(machine),
        }
    }

    /// Whether it stands so.
    pub(super) fn stands(&self, machine: &Machine, value: &str) -> bool {
        match self {
            Self::Processes => processes::stand(machine, value),
            _ => self.read(machine).as_deref() == Some(value),
        }
    }

    /// Turns it.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, machine: &Machine, value: &str) -> std::io::Result<()> {
        match self {
            Self::File(path) => machine.write(path, value),
            Self::Unit(unit) => machine.set_unit(unit, value == "active"),
            Self::Mask(path) => {
                let list = value.parse().map_err(std::io::Error::other)?;
                machine.write(path, &mask::write(&list))
            }
            Self::Processes => processes::write(machine, value),
            Self::Partition => partition::write(machine, value),
        }
    }
}

/// Of `always [madvise] never` the word in brackets; any other text as it is.
fn chosen(text: &str) -> String {
    let inside = text
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'));
    inside.map_or_else(|| text.to_owned(), |(word, _)| word.to_owned())
}

/// Whether a unit runs, or may begin to.
fn activity(state: &str) -> String {
    match state {
        "active" | "activating" | "reloading" | "deactivating" => "active",
        _ => "inactive",
    }
    .to_owned()
}

/// Reads all settings, in the order in which they are to be applied. Units first: irqbalance
/// would move the interrupts on. Boost before the governor and the frequencies, whose limits it
/// changes. All of these before SMT, because switching it off takes half of the CPUs away.
pub fn read(machine: &Machine, profile: Option<&Profile>) -> Vec<Finding> {
    let nothing = Wanted::nothing();
    let wanted = profile.map_or(&nothing, |p| &p.wanted);
    let mut findings = nature(machine, wanted);
    findings.push(quota(machine, profile.is_some()));
    findings.extend(units(machine, wanted));
    findings.extend(sysctls(machine, wanted));
    findings.push(huge_pages(machine, wanted));
    findings.push(boost(machine, wanted));
    findings.push(governor(machine, wanted));
    findings.extend(frequency::audit(machine, wanted));
    findings.extend(awake::audit(machine, wanted));
    findings.extend(heat::audit(machine, wanted));
    findings.push(smt(machine, wanted));
    findings.extend(boot(machine, wanted));
    findings.extend(interrupts::audit(machine, wanted));
    findings.extend(processes::audit(machine, wanted));
    // Gone before the processes are put back: while it is there the kernel lets none out.
    findings.extend(partition::audit(machine, wanted));
    findings.push(open_files(wanted));
    if profile.is_some() {
        findings.push(leftovers::audit(machine, &findings));
    }
    findings
}

/// The settings alone, as a campaign keeps them.
pub fn settings(machine: &Machine, profile: Option<&Profile>) -> Vec<Setting> {
    let findings = read(machine, profile);
    findings.into_iter().map(|f| f.setting).collect()
}

/// A finding where `matches` is asked only if something is wanted, and `fixed` kept only where
/// it is news.
pub(super) fn finding(
    name: &str,
    wanted: Option<String>,
    found: Option<String>,
    matches: impl Fn(&str, &str) -> bool,
    fixed: Option<&str>,
) -> Finding {
    let matches = match (&wanted, &found) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wanted), Some(found)) => matches(wanted, found),
    };
    let news = !matches || found.is_none();
    Finding {
        setting: Setting {
            name: name.to_owned(),
            wanted,
            found,
            matches,
            fixed: fixed.filter(|_| news).map(str::to_owned),
        },
        why: why(name),
        knobs: Vec::new(),
    }
}

fn equal(wanted: &str, found: &str) -> bool {
    wanted == found
}

/// A finding about one file, which also sets it.
fn file(
    name: &str,
    path: &str,
    wanted: Option<String>,
    machine: &Machine,
    absent: &str,
) -> Finding {
    let target = Target::File(path.to_owned());
    let found = target.read(machine);
    let fixed = found.is_none().then_some(absent);
    let mut finding = finding(name, wanted.clone(), found.clone(), equal, fixed);
    finding.knobs.extend(found.map(|found| Knob {
        target,
        found,
        wanted,
    }));
    finding
}

/// What the machine is.
fn nature(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let online = machine.read(&format!("{CPUS}/online"));
    let list: Option<CpuList> = online.as_ref().and_then(|text| text.parse().ok());
    let count = list.as_ref().map(|list| list.count().to_string());
    let mut findings = vec![
        finding(
            "virtual-machine",
            wanted.machine.is_virtual.map(|v| yes_no(v).to_owned()),
            hypervisor(machine).map(|v| yes_no(v).to_owned()),
            equal,
            Some("it is the machine's nature"),
        ),
        finding(
            "cpus",
            wanted.machine.cpus.map(|n| n.to_string()),
            count,
            equal,
            Some("it is the number of CPUs online; with SMT off, of cores"),
        ),
    ];
    let holds = |wanted: &str, online: &str| {
        let (wanted, online) = (wanted.parse::<CpuList>(), online.parse::<CpuList>());
        matches!((wanted, online), (Ok(wanted), Ok(online)) if online.holds(&wanted))
    };
    for (name, set) in [
        ("cpus.server", &wanted.cpus.server),
        ("cpus.instrument", &wanted.cpus.instrument),
    ] {
        if let Some(set) = set {
            let fixed = Some("these CPUs are not all online");
            let wanted = Some(set.to_string());
            findings.push(finding(name, wanted, online.clone(), holds, fixed));
        }
    }
    findings
}

/// No profile speaks of it: on a pinned host nothing may take the CPUs away again.
fn quota(machine: &Machine, wanted: bool) -> Finding {
    let groups = Groups::of(machine);
    let online: Option<CpuList> = machine
        .read(&format!("{CPUS}/online"))
        .and_then(|text| text.parse().ok());
    let cpus = online.map_or(usize::MAX, |list| list.count());
    let found = match groups.quota() {
        Some(quota) if quota.is_short_of(cpus) => Some(quota.to_string()),
        _ if groups.are_hidden() => None,
        _ => Some(NO_QUOTA.to_owned()),
    };
    let wanted = wanted.then(|| NO_QUOTA.to_owned());
    finding(
        "cpu-quota",
        wanted,
        found,
        equal,
        Some("whoever runs this container or service sets it, for instance `docker run --cpus`"),
    )
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn hypervisor(machine: &Machine) -> Option<bool> {
    let cpuinfo = machine.read("/proc/cpuinfo")?;
    // Only x86 tells; elsewhere nothing is known.
    cpuinfo
        .contains("flags")
        .then(|| cpuinfo.split(' ').any(|word| word == "hypervisor"))
}

fn sysctls(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let mut names: Vec<&str> = wanted.sysctl.keys().map(String::as_str).collect();
    names.extend(
        SHOWN
            .iter()
            .filter(|name| !wanted.sysctl.contains_key(**name)),
    );
    names.sort_unstable();
    let one = |name: &str| {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        let value = wanted.sysctl.get(name).map(|v| {
            let text = v.to_string();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        });
        file(
            name,
            &path,
            value,
            machine,
            "this kernel has no such setting",
        )
    };
    names.into_iter().map(one).collect()
}

fn huge_pages(machine: &Machine, wanted: &Wanted) -> Finding {
    let value = wanted.memory.transparent_hugepages;
    file(
        "transparent-hugepages",
        HUGE_PAGES,
        value.map(|v| v.name().to_owned()),
        machine,
        "this kernel has no transparent huge pages",
    )
}

/// All policies have to agree: one core that saves power is enough to spoil a comparison.
fn governor(machine: &Machine, wanted: &Wanted) -> Finding {
    let wanted = wanted.power.governor.clone();
    let knobs: Vec<Knob> = (machine.names(POLICIES, "policy").into_iter())
        .filter_map(|policy| {
            let target = Target::File(format!("{POLICIES}/{policy}/scaling_governor"));
            Some(Knob {
                found: target.read(machine)?,
                wanted: wanted.clone(),
                target,
            })
        })
        .collect();
    let mut found: Vec<&str> = knobs.iter().map(|k| k.found.as_str()).collect();
    found.sort_unstable();
    found.dedup();
    let found = (!found.is_empty()).then(|| found.join(" and "));
    let fixed = found.is_none().then_some(NO_CPUFREQ);
    let mut finding = finding("governor", wanted, found, equal, fixed);
    finding.knobs = knobs;
    finding
}

/// Two drivers, two files with opposite senses.
fn boost(machine: &Machine, wanted: &Wanted) -> Finding {
    let word = |on: bool| if on { "on" } else { "off" }.to_owned();
    let digit = |on: bool| if on { "1" } else { "0" }.to_owned();
    let files = [
        (format!("{CPUS}/intel_pstate/no_turbo"), false),
        (format!("{CPUS}/cpufreq/boost"), true),
    ];
    let there = files.into_iter().find_map(|(path, sense)| {
        let found = machine.read(&path)?;
        Some((path, sense, found))
    });
    let on = (there.as_ref()).map(|(_, sense, found)| (found == "1") == *sense);
    let fixed = on.is_none().then_some(NO_CPUFREQ);
    let value = wanted.power.boost;
    let mut finding = finding("boost", value.map(word), on.map(word), equal, fixed);
    finding.knobs.extend(there.map(|(path, sense, found)| Knob {
        target: Target::File(path),
        found,
        wanted: value.map(|on| digit(on == sense)),
    }));
    finding
}

fn smt(machine: &Machine, wanted: &Wanted) -> Finding {
    let word = |on: bool| if on { "on" } else { "off" }.to_owned();
    let control = machine.read(&format!("{CPUS}/smt/control"));
    let settable = matches!(control.as_deref(), Some("on" | "off"));
    // Where it cannot be switched, `control` says why and `active` how it is.
    let found = match settable {
        true => control.clone(),
        false => machine
            .read(&format!("{CPUS}/smt/active"))
            .map(|a| word(a == "1")),
    };
    let value = wanted.power.smt;
    let fixed = (!settable).then_some("this machine's SMT cannot be switched while it runs");
    let mut finding = finding("smt", value.map(word), found, equal, fixed);
    if let Some(found) = control.filter(|_| settable) {
        finding.knobs.push(Knob {
            target: Target::File(format!("{CPUS}/smt/control")),
            found,
            wanted: value.map(word),
        });
    }
    finding
}

/// What only the kernel's command line sets.
fn boot(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let line = machine.read("/proc/cmdline").unwrap_or_default();
    let parameter = |key: &str| {
        let of = |word: &str| match word.split_once('=') {
            Some((name, value)) if name == key => Some(value.to_owned()),
            None if word == key => Some("set".to_owned()),
            _ => None,
        };
        line.split(' ').filter_map(of).next_back()
    };
    let list = |file: &str| {
        let text = machine.read(&format!("{CPUS}/{file}"))?;
        // "(null)" is how kernels without such CPUs write it.
        Some(text).filter(|t| !t.is_empty() && t != "(null)")
    };
    let none = || "none".to_owned();
    let kernel = &wanted.kernel;
    let text = |list: &Option<CpuList>| list.as_ref().map(ToString::to_string);
    let mut findings = vec![
        finding(
            "isolated",
            text(&kernel.isolated),
            Some(list("isolated").unwrap_or_else(none)),
            same_cpus,
            Some("only at boot: the kernel parameter isolcpus=domain,managed_irq,LIST"),
        ),
        finding(
            "tickless",
            text(&kernel.tickless),
            Some(list("nohz_full").unwrap_or_else(none)),
            same_cpus,
            Some("only at boot: the kernel parameter nohz_full=LIST"),
        ),
    ];
    if kernel.tickless.is_some() {
        findings.push(finding(
            "tickless-rcu",
            text(&kernel.tickless),
            Some(parameter("rcu_nocbs").unwrap_or_else(none)),
            same_cpus,
            Some("only at boot: the kernel parameter rcu_nocbs=LIST"),
        ));
    }
    for word in &kernel.parameters {
        let (key, value) = word.split_once('=').unwrap_or((word, "set"));
        findings.push(finding(
            &format!("parameter {key}"),
            Some(value.to_owned()),
            Some(parameter(key).unwrap_or_else(none)),
            equal,
            Some("only at boot, on the kernel's command line"),
        ));
    }
    findings
}

fn same_cpus(wanted: &str, found: &str) -> bool {
    match (wanted.parse::<CpuList>(), found.parse::<CpuList>()) {
        (Ok(wanted), Ok(found)) => wanted == found,
        _ => false,
    }
}

fn open_files(wanted: &Wanted) -> Finding {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is to an rlimit that lives through the call.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } == 0;
    let enough = |wanted: &str, found: &str| match (wanted.parse::<u64>(), found.parse::<u64>()) {
        (Ok(wanted), Ok(found)) => found >= wanted,
        _ => false,
    };
    finding(
        "nofile",
        wanted.limits.nofile.map(|n| n.to_string()),
        known.then(|| limit.rlim_max.to_string()),
        enough,
        Some(
            "it is this session's hard limit: limits.conf(5) or systemd's DefaultLimitNOFILE sets it, from the next login on",
        ),
    )
}

/// A unit that systemd does not know is inactive, and so is every one where no systemd runs.
fn units(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let one = |unit: &String| {
        let target = Target::Unit(unit.clone());
        let found = target.read(machine);
        let inactive = || Some("inactive".to_owned());
        // Without systemd nothing starts a unit; where there is one that does not answer, nobody
        // knows.
        let state = match machine.has_systemd() {
            true => found.clone(),
            false => inactive(),
        };
        let unknown = "systemd cannot be asked: `systemctl` has to be on PATH and to get an answer";
        let mut finding = finding(
            unit,
            inactive(),
            state,
            equal,
            found.is_none().then_some(unknown),
        );
        finding.knobs.extend(found.map(|found| Knob {
            target,
            found,
            wanted: inactive(),
        }));
        finding
    };
    wanted.quiet.units.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// A folder that looks like a machine with cpufreq, SMT and a few settings.
    fn fake() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            (
                "proc/cmdline",
                "root=/dev/x nohz_full=1-3 rcu_nocbs=2,1,3 nosmt\n",
            ),
            ("proc/cpuinfo", "flags\t: fpu sse\n"),
            ("proc/sys/net/core/somaxconn", "4096\n"),
            ("proc/sys/net/ipv4/ip_local_port_range", "1024\t65535\n"),
            ("sys/devices/system/cpu/cpufreq/boost", "1\n"),
            (
                "sys/devices/system/cpu/cpufreq/policy0/scaling_governor",
                "performance\n",
            ),
            (
                "sys/devices/system/cpu/cpufreq/policy1/scaling_governor",
                "powersave\n",
            ),
            ("sys/devices/system/cpu/nohz_full", "1-3\n"),
            ("sys/devices/system/cpu/online", "0-3\n"),
            ("sys/devices/system/cpu/smt/active", "0\n"),
            ("sys/devices/system/cpu/smt/control", "off\n"),
            (
                "sys/kernel/mm/transparent_hugepage/enabled",
                "always [madvise] never\n",
            ),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn profile(text: &str) -> Profile {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        let least = "schema = \"host-profile/1\"\ntitle = \"A host\"\nrole = \"both\"\n[cpus]\nserver = \"2-3\"\ninstrument = \"1\"\n";
        std::fs::write(&path, format!("{least}{text}")).unwrap();
        Profile::load(&path).unwrap()
    }

    #[track_caller]
    fn says(findings: &[Finding], name: &str, found: &str, matches: bool) {
        let finding = findings.iter().find(|f| f.setting.name == name);
        let setting = &finding.unwrap_or_else(|| panic!("no {name}")).setting;
        assert_eq!(
            (setting.found(), setting.matches),
            (found, matches),
            "{name}"
        );
    }

    #[test]
    fn what_a_machine_has_is_held_against_the_profile() {
        let folder = fake();
        let profile = profile(
            "[machine]\ncpus = 4\nvirtual = true\n[sysctl]\n\"net.core.somaxconn\" = 65535\n\"net.ipv4.ip_local_port_range\" = \"1024 65535\"\n\"vm.nothing\" = 1\n[power]\ngovernor = \"performance\"\nboost = false\nsmt = false\n[memory]\ntransparent_hugepages = \"madvise\"\n[kernel]\ntickless = \"1-3\"\nirqs = \"0\"\nparameters = [\"nosmt\", \"idle=poll\"]\n[limits]\nnofile = 1\n[quiet]\nunits = [\"a.timer\"]\n",
        );
        let findings = read(&Machine::at(folder.path()), Some(&profile));
        for (name, found, matches) in [
            ("virtual-machine", "no", false),
            ("cpus", "4", true),
            ("cpus.server", "0-3", true),
            ("net.core.somaxconn", "4096", false),
            ("net.ipv4.ip_local_port_range", "1024 65535", true),
            ("vm.nothing", "absent", false),
            ("governor", "performance and powersave", false),
            ("boost", "on", false),
            ("smt", "off", true),
            ("transparent-hugepages", "madvise", true),
            ("tickless", "1-3", true),
            ("tickless-rcu", "2,1,3", true),
            ("irqs", "absent", false),
            ("isolated", "none", true),
            ("parameter nosmt", "set", true),
            ("parameter idle", "none", false),
            ("a.timer", "inactive", true),
        ] {
            says(&findings, name, found, matches);
        }
        let boost = findings.iter().find(|f| f.setting.name == "boost").unwrap();
        assert_eq!(boost.knobs[0].wanted.as_deref(), Some("0"));
    }

    #[test]
    fn the_other_driver_has_the_opposite_sense() {
        let folder = fake();
        let file = folder
            .path()
            .join("sys/devices/system/cpu/intel_pstate/no_turbo");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "0\n").unwrap();
        let findings = read(
            &Machine::at(folder.path()),
            Some(&profile("[power]\nboost = false\n")),
        );
        says(&findings, "boost", "on", false);
        let boost = findings.iter().find(|f| f.setting.name == "boost").unwrap();
        assert_eq!(boost.knobs[0].wanted.as_deref(), Some("1"));
    }

    #[test]
    fn an_empty_machine_is_absent_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let findings = read(
            &Machine::at(folder.path()),
            Some(&profile("[power]\ngovernor = \"performance\"\n")),
        );
        says(&findings, "governor", "absent", false);
        let governor = findings
            .iter()
            .find(|f| f.setting.name == "governor")
            .unwrap();
        assert_eq!(governor.setting.fixed.as_deref(), Some(NO_CPUFREQ));
        assert!(governor.knobs.is_empty());
    }

    #[test]
    fn without_a_profile_nothing_is_wanted() {
        let findings = read(&Machine::at(Path::new("/")), None);
        assert!(
            findings
                .iter()
                .all(|f| f.setting.matches && f.setting.wanted.is_none())
        );
        assert!(findings.iter().any(|f| f.setting.name == "vm.swappiness"));
    }
}
