//! Facts about the machine that a reader needs to judge a number.

use std::collections::BTreeMap;
use std::fs;

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// Files that hold one fact each, by the fact's name. One that is not there is `absent`.
const FILES: &[(&str, &str)] = &[
    ("aslr", "/proc/sys/kernel/randomize_va_space"),
    ("boost", "/sys/devices/system/cpu/cpufreq/boost"),
    (
        "clocksource",
        "/sys/devices/system/clocksource/clocksource0/current_clocksource",
    ),
    (
        "congestion-control",
        "/proc/sys/net/ipv4/tcp_congestion_control",
    ),
    (
        "governor",
        "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
    ),
    (
        "ip-local-port-range",
        "/proc/sys/net/ipv4/ip_local_port_range",
    ),
    ("no-turbo", "/sys/devices/system/cpu/intel_pstate/no_turbo"),
    ("smt", "/sys/devices/system/cpu/smt/control"),
    ("somaxconn", "/proc/sys/net/core/somaxconn"),
    ("swappiness", "/proc/sys/vm/swappiness"),
    ("tcp-tw-reuse", "/proc/sys/net/ipv4/tcp_tw_reuse"),
    (
        "transparent-hugepages",
        "/sys/kernel/mm/transparent_hugepage/enabled",
    ),
];

/// The kernel parameters that bear on a measurement; the rest of the command line is the
/// machine's own affair.
const KERNEL_PARAMETERS: &[&str] = &[
    "amd_pstate",
    "clocksource",
    "cpufreq.default_governor",
    "idle",
    "intel_idle.max_cstate",
    "intel_pstate",
    "irqaffinity",
    "isolcpus",
    "mitigations",
    "nohz_full",
    "nosmt",
    "preempt",
    "processor.max_cstate",
    "rcu_nocbs",
    "transparent_hugepage",
    "tsc",
];

/// Reads the facts.
pub fn read() -> BTreeMap<String, String> {
    let system = System::new_with_specifics(
        RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram().with_swap()),
    );
    let mut facts = BTreeMap::new();
    let mut fact = |name: &str, value: String| {
        facts.insert(name.to_owned(), value);
    };
    if let Ok(system) = &system {
        let cpu = system.cpus().first().map_or("", |c| c.brand());
        fact("cpu", cpu.trim().to_owned());
        fact("cpus", system.cpus().len().to_string());
        let mib = |bytes: u64| format!("{} MiB", bytes >> 20);
        fact("memory", mib(system.total_memory()));
        fact("swap", mib(system.total_swap()));
    }
    let or_unknown =
        |value: Result<String, sysinfo::Error>| value.unwrap_or_else(|_| "unknown".to_owned());
    fact("kernel", or_unknown(System::kernel_version()));
    fact("os", or_unknown(System::long_os_version()));
    fact("architecture", std::env::consts::ARCH.to_owned());
    fact("virtual-machine", hypervisor().to_owned());
    fact("load-average-before", first_words("/proc/loadavg", 3));
    let command_line = fs::read_to_string("/proc/cmdline").unwrap_or_default();
    fact("kernel-parameters", kernel_parameters(&command_line));
    for (name, path) in FILES {
        fact(name, first_words(path, usize::MAX));
    }
    facts
}

fn hypervisor() -> &'static str {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = cpuinfo.lines().find(|l| l.starts_with("flags"));
    match flags {
        Some(flags) if flags.split_whitespace().any(|f| f == "hypervisor") => "yes",
        Some(_) => "no",
        None => "unknown",
    }
}

fn kernel_parameters(command_line: &str) -> String {
    let name = |word: &str| word.split('=').next().unwrap_or_default().to_owned();
    let found: Vec<_> = command_line
        .split_whitespace()
        .filter(|word| KERNEL_PARAMETERS.contains(&name(word).as_str()))
        .collect();
    match found[..] {
        [] => "none that bears on a measurement".to_owned(),
        _ => found.join(" "),
    }
}

fn first_words(path: &str, count: usize) -> String {
    match fs::read_to_string(path) {
        Ok(text) => text
            .split_whitespace()
            .take(count)
            .collect::<Vec<_>>()
            .join(" "),
        Err(_) => "absent".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_parameters_that_matter_are_kept() {
        let line = "root=/dev/sda1 quiet mitigations=off isolcpus=2,3 nosmt";
        assert_eq!(
            kernel_parameters(line),
            "mitigations=off isolcpus=2,3 nosmt"
        );
    }
}
