//! Who has used the CPUs, and who waited for them.

use std::time::Duration;

use crate::clock::ProcessCpu;
use crate::usage::Usage;

/// What the kernel says of all CPUs.
const STAT: &str = "/proc/stat";

/// CPU time of the whole machine since boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MachineLoad {
    /// Time in which a CPU worked, of all CPUs together.
    pub busy: Duration,
    /// Time that the hypervisor gave to somebody else.
    pub stolen: Duration,
}

impl MachineLoad {
    /// Reads it; zero where the system does not say. The resolution is one clock tick,
    /// usually 10 ms.
    pub fn now() -> Self {
        let stat = std::fs::read_to_string(STAT).unwrap_or_default();
        // SAFETY: sysconf takes no pointers.
        let ticks_per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as u32;
        Self::parse(&stat, ticks_per_second).unwrap_or_default()
    }

    fn parse(stat: &str, ticks_per_second: u32) -> Option<Self> {
        let [user, nice, system, _, _, irq, softirq, steal] = ticks(stat, "cpu")?;
        let time = |ticks: u64| Duration::from_secs(ticks) / ticks_per_second;
        Some(Self {
            busy: time(user + nice + system + irq + softirq),
            stolen: time(steal),
        })
    }

    /// What came on top since an earlier reading.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            busy: self.busy.saturating_sub(earlier.busy),
            stolen: self.stolen.saturating_sub(earlier.stolen),
        }
    }
}

/// Clock ticks that the hypervisor took from one CPU since boot; 0 where the kernel does not say.
pub fn stolen_ticks(cpu: usize) -> u64 {
    let stat = std::fs::read_to_string(STAT).unwrap_or_default();
    stolen(&stat, cpu)
}

fn stolen(stat: &str, cpu: usize) -> u64 {
    ticks(stat, &format!("cpu{cpu}")).map_or(0, |[.., steal]| steal)
}

/// The first numbers of a line of the statistics: user nice system idle iowait irq softirq steal.
fn ticks(stat: &str, name: &str) -> Option<[u64; 8]> {
    let mut words = stat
        .lines()
        .map(str::split_whitespace)
        .find_map(|mut words| (words.next()? == name).then_some(words))?;
    let mut ticks = [0; 8];
    for tick in &mut ticks {
        *tick = words.next()?.parse().ok()?;
    }
    Some(ticks)
}

/// CPU time that a process has used, all its threads together.
pub fn process_cpu(pid: i32) -> Option<Duration> {
    let clock = ProcessCpu::of(u32::try_from(pid).ok()?)?;
    clock.read().map(Duration::from_nanos)
}

/// For how long the threads of a process were ready to run and had no CPU, all together; nothing where
/// the kernel does not say (it has to be built with `SCHED_INFO`, as all distributions' are).
///
/// Time in which the process slept is not in it: it tells a server that hangs from one that is kept
/// from working.
pub fn waited_for_cpu(pid: i32) -> Option<Duration> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let mut waits = threads.flatten().filter_map(|thread| {
        // On a CPU, waiting for one (both in ns), how often.
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    });
    let first: u64 = waits.next()?;
    Some(Duration::from_nanos(first + waits.sum::<u64>()))
}

/// CPU time of the lab itself and of those children that it has waited for.
pub fn own_cpu() -> Duration {
    [libc::RUSAGE_SELF, libc::RUSAGE_CHILDREN]
        .into_iter()
        .map(|who| Usage::of(who).cpu)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_read() {
        let stat = "cpu  100 10 50 1000 5 1 2 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        let load = MachineLoad::parse(stat, 100).unwrap();
        assert_eq!(load.busy, Duration::from_millis(1630));
        assert_eq!(load.stolen, Duration::from_millis(70));
        assert_eq!(MachineLoad::parse("cpu  1 2\n", 100), None);
    }

    #[test]
    fn steal_is_the_cpus_own() {
        let stat =
            "cpu  1 2 3 4 5 6 7 30 0 0\ncpu1 1 2 3 4 5 6 7 10 0 0\ncpu10 1 2 3 4 5 6 7 20 0 0\n";
        assert_eq!(
            (stolen(stat, 1), stolen(stat, 10), stolen(stat, 2)),
            (10, 20, 0)
        );
    }

    #[test]
    fn who_sleeps_does_not_wait_for_a_cpu() {
        let mut sleeper = std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap();
        let pid = sleeper.id() as i32;
        // Until it has been loaded and sleeps, which takes its time where others have the CPU.
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        let (mut before, mut after);
        loop {
            before = waited_for_cpu(pid);
            std::thread::sleep(Duration::from_millis(300));
            after = waited_for_cpu(pid);
            if before == after || std::time::Instant::now() > deadline {
                break;
            }
        }
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        assert_eq!(after.unwrap(), before.unwrap());
        assert_eq!(waited_for_cpu(i32::MAX), None);
    }

    #[test]
    fn our_own_cpu_clock_runs() {
        let pid = std::process::id() as i32;
        let before = process_cpu(pid).unwrap();
        let mut x = 1u64;
        for i in 0..2_000_000u64 {
            x = std::hint::black_box(x.wrapping_mul(i | 1));
        }
        assert!(process_cpu(pid).unwrap() > before);
    }

    /// `sh` that burns CPU time until it had its share of it.
    fn burn() -> std::process::Child {
        let script = "while :; do set -- $(cat /proc/$$/stat); [ ${14} -ge 5 ] && exit; done";
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script]).spawn().unwrap()
    }

    #[test]
    fn the_labs_own_time_is_also_that_of_children_it_has_waited_for() {
        let before = own_cpu();
        let mut child = burn();
        let pid = child.id();
        child.wait().unwrap();
        assert!(own_cpu() - before >= Duration::from_millis(50), "{pid}");
    }

    #[test]
    fn the_machine_is_busy_by_what_a_process_burns() {
        let pid = std::process::id() as i32;
        let (machine, process) = (MachineLoad::now(), process_cpu(pid).unwrap());
        let mut x = 1u64;
        while process_cpu(pid).unwrap() - process < Duration::from_millis(300) {
            x = std::hint::black_box(x.wrapping_mul(3));
        }
        // Ticks are rounded, and sampled; others can only add to it.
        let busy = MachineLoad::now().since(machine).busy;
        assert!(busy >= Duration::from_millis(200), "{busy:?}");
    }
}
