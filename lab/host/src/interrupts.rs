//! Which CPUs take the interrupts, and which the kernel's own deferred work.
//!
//! What the kernel's command line asks for is not what is: drivers spread their interrupts as they
//! start, and irqbalance moves them on. So the audit reads where each of them really goes.

use super::audit::{Finding, Knob, Target, finding};
use super::cpu_list::CpuList;
use super::machine::Machine;
use super::profile::Wanted;

const FOLDER: &str = "/proc/irq";
/// Where interrupts go that are asked for from now on.
const DEFAULT: &str = "/proc/irq/default_smp_affinity";
/// Where work queues run that are bound to no CPU.
const WORK: &str = "/sys/devices/virtual/workqueue/cpumask";

/// An interrupt that somebody handles.
struct Interrupt {
    number: String,
    handler: String,
    /// The CPUs that really take it; nothing where that is not known.
    on: Option<CpuList>,
}

/// Interrupts and work queues, where the profile speaks of them.
pub(super) fn audit(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let kernel = &wanted.kernel;
    let mut findings = Vec::new();
    if let Some(list) = &kernel.irqs {
        findings.push(taken(machine, list));
        let absent = "this kernel does not say where interrupts go";
        findings.push(mask("irqs-default", DEFAULT, machine, list, absent));
    }
    if let Some(list) = &kernel.workqueues {
        let absent = "this kernel does not say where work queues run";
        findings.push(mask("workqueues", WORK, machine, list, absent));
    }
    findings
}

/// Where the interrupts go that are there.
fn taken(machine: &Machine, list: &CpuList) -> Finding {
    let all = interrupts(machine);
    let astray: Vec<&Interrupt> = (all.iter())
        .filter(|one| one.on.as_ref().is_none_or(|on| !list.holds(on)))
        .collect();
    let is_known = !all.is_empty() && all.iter().all(|one| one.on.is_some());
    let said = match astray.as_slice() {
        // In one way of writing, to whichever of these CPUs the kernel moves them.
        [] => list.to_string(),
        [first, more @ ..] => {
            let Interrupt {
                number, handler, ..
            } = first;
            let on = first.on.as_ref().map(ToString::to_string);
            let more = match more.len() {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            format!("{} for {number} ({handler}){more}", on.unwrap_or_default())
        }
    };
    let unknown = "it cannot be read where each interrupt goes";
    let is_good = astray.is_empty();
    let mut finding = finding(
        "irqs",
        Some(list.to_string()),
        is_known.then_some(said),
        |_, _| is_good,
        (!is_known).then_some(unknown),
    );
    // Those that are where they should be are noted, and not turned.
    for one in &all {
        let is_astray = one.on.as_ref().is_none_or(|on| !list.holds(on));
        let target = Target::File(format!("{FOLDER}/{}/smp_affinity_list", one.number));
        finding.knobs.extend(target.read(machine).map(|found| Knob {
            target,
            wanted: Some(match is_astray {
                true => list.to_string(),
                false => found.clone(),
            }),
            found,
        }));
    }
    finding
}

/// All interrupts that have a handler; the others never come.
fn interrupts(machine: &Machine) -> Vec<Interrupt> {
    let one = |number: String| {
        number.parse::<u32>().ok()?;
        let folder = format!("{FOLDER}/{number}");
        let inside = machine.names(&folder, "");
        let handler = (inside.into_iter()).find(|n| machine.is_folder(&format!("{folder}/{n}")))?;
        let list = |file: &str| machine.read(&format!("{folder}/{file}"))?.parse().ok();
        // One that has not been started yet goes nowhere so far, and to any of those that it may.
        let on = list("effective_affinity_list").or_else(|| list("smp_affinity_list"));
        Some(Interrupt {
            number,
            handler,
            on,
        })
    };
    let mut all: Vec<_> = (machine.names(FOLDER, "").into_iter())
        .filter_map(one)
        .collect();
    all.sort_by_key(|one| one.number.parse::<u32>().unwrap_or_default());
    all
}

/// A file with a mask of CPUs, which are to be some of the list's.
fn mask(name: &str, path: &str, machine: &Machine, list: &CpuList, absent: &str) -> Finding {
    let target = Target::Mask(path.to_owned());
    let found = target.read(machine);
    let fixed = found.is_none().then_some(absent);
    let inside = |_: &str, found: &str| found.parse().is_ok_and(|found| list.holds(&found));
    let wanted = list.to_string();
    let mut finding = finding(name, Some(wanted.clone()), found.clone(), inside, fixed);
    let is_good = finding.setting.matches;
    finding.knobs.extend(found.map(|found| Knob {
        target,
        wanted: Some(if is_good { found.clone() } else { wanted }),
        found,
    }));
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn found(folder: &tempfile::TempDir) -> Vec<(String, bool)> {
        let mut wanted = Wanted::nothing();
        wanted.kernel.irqs = Some("0-1".parse().unwrap());
        wanted.kernel.workqueues = Some("0-1".parse().unwrap());
        let findings = audit(&Machine::at(folder.path()), &wanted);
        (findings.iter())
            .map(|f| (f.setting.found().to_owned(), f.setting.matches))
            .collect()
    }

    const GOOD: [(&str, &str); 7] = [
        // Nobody handles it, so it does not come.
        ("proc/irq/3/effective_affinity_list", "0-15\n"),
        ("proc/irq/9/acpi/x", ""),
        ("proc/irq/9/effective_affinity_list", "1\n"),
        ("proc/irq/9/smp_affinity_list", "0-15\n"),
        ("proc/irq/default_smp_affinity", "0003\n"),
        ("proc/irq/24/nvme0q1/x", ""),
        ("sys/devices/virtual/workqueue/cpumask", "0001\n"),
    ];

    #[test]
    fn one_interrupt_on_a_measured_cpu_is_enough() {
        let line = "proc/irq/24/effective_affinity_list";
        let good = machine(&[&GOOD[..], &[(line, "0\n")]].concat());
        let all = ["0-1", "0-1", "0"].map(|words| (words.to_owned(), true));
        assert_eq!(found(&good), all);
        let bad = machine(&[&GOOD[..], &[(line, "8\n")]].concat());
        assert_eq!(found(&bad)[0], ("8 for 24 (nvme0q1)".to_owned(), false));
        // What the kernel does not tell of one is not made up.
        let dark = machine(&GOOD);
        assert_eq!(found(&dark)[0], ("absent".to_owned(), false));
        // One that was not started goes where it may.
        let may = machine(&[&GOOD[..], &[("proc/irq/24/smp_affinity_list", "0-15\n")]].concat());
        assert_eq!(found(&may)[0], ("0-15 for 24 (nvme0q1)".to_owned(), false));
    }

    #[test]
    fn a_mask_of_other_cpus_is_a_difference_and_so_is_none() {
        let folder = machine(&[
            ("proc/irq/default_smp_affinity", "ffff\n"),
            ("sys/devices/virtual/workqueue/cpumask", "0000\n"),
        ]);
        let absent = ("absent".to_owned(), false);
        let all = [absent.clone(), ("0-15".to_owned(), false), absent];
        assert_eq!(found(&folder), all);
    }
}
