//! Why a setting matters to a measurement, in a line.

/// The reasons, by the setting's name.
const REASONS: &[(&str, &str)] = &[
    (
        "boost",
        "a core's speed must not depend on temperature and on what other cores do",
    ),
    (
        "cpu-quota",
        "who has used it up stands still until the next period, servers and instrument alike",
    ),
    ("cpus", "a rate holds for so many CPUs"),
    (
        "cpus.housekeeping",
        "whoever else may run on a measured CPU will",
    ),
    (
        "cpus.instrument",
        "the instrument needs CPUs that no server uses",
    ),
    (
        "cpus.partition",
        "the kernel itself keeps everybody else off the measured CPUs",
    ),
    ("cpus.server", "the servers need CPUs that nobody else uses"),
    (
        "frequency",
        "a core that may choose its frequency does other work per second",
    ),
    (
        "governor",
        "a core that changes its frequency does other work per second",
    ),
    (
        "irqs",
        "interrupts on a measured CPU are charged to whoever runs there",
    ),
    (
        "irqs-default",
        "where the interrupts go that are asked for from now on",
    ),
    ("isolated", "no other process is scheduled there"),
    (
        "kernel.nmi_watchdog",
        "it interrupts every CPU and takes a hardware counter",
    ),
    (
        "kernel.numa_balancing",
        "it unmaps pages to see who touches them",
    ),
    (
        "leftovers",
        "what another profile has set is still so, and this one does not speak of it",
    ),
    (
        "net.core.netdev_max_backlog",
        "packets beyond it are dropped before TCP sees them",
    ),
    (
        "net.core.somaxconn",
        "Go takes its listen backlog from it: a burst beyond it waits for a retransmission",
    ),
    (
        "net.ipv4.ip_local_port_range",
        "connections that are opened one a request run out of ports",
    ),
    (
        "net.ipv4.tcp_max_syn_backlog",
        "a burst of connections beyond it is dropped",
    ),
    (
        "net.ipv4.tcp_tw_reuse",
        "connections that are opened one a request run out of ports",
    ),
    ("nofile", "every connection is an open file, on both sides"),
    ("smt", "two threads of a core share its units"),
    (
        "temperature",
        "a warm machine does less work per second than a cool one",
    ),
    (
        "thermal-throttling",
        "a core that was slowed for its heat did less work, without a word",
    ),
    (
        "tickless",
        "the timer interrupts what is measured some hundred times a second",
    ),
    (
        "tickless-rcu",
        "RCU callbacks run on the CPU that is measured",
    ),
    (
        "transparent-hugepages",
        "they change page faults and memory readings",
    ),
    (
        "virtual-machine",
        "a hypervisor takes time without telling and hides frequencies",
    ),
    (
        "vm.stat_interval",
        "the kernel wakes up on every CPU to count pages",
    ),
    (
        "vm.swappiness",
        "a server's pages on a disk are no server's speed",
    ),
    (
        "wake-up",
        "waking a CPU is charged to whoever asks something of it",
    ),
    (
        "workqueues",
        "the kernel's deferred work takes CPU time from whoever runs there",
    ),
];

/// Why a setting matters.
pub(super) fn why(setting: &str) -> &'static str {
    let known = REASONS.iter().find(|(name, _)| *name == setting);
    known.map_or_else(|| general(setting), |(_, why)| why)
}

fn general(setting: &str) -> &'static str {
    if setting.ends_with(".timer") || setting.ends_with(".service") {
        "it wakes up by itself and works on the measured CPUs"
    } else if setting.starts_with("parameter ") {
        "the profile asks for it on the kernel's command line"
    } else {
        "the profile asks for it"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_has_no_name_twice() {
        assert!(REASONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
