//! Which CPUs go to the servers and which to the instrument. Never the same, and never threads of
//! one core where there are two cores.

use std::collections::BTreeMap;

use record::Cpus;

use super::cpu_list::CpuList;
use super::machine::Machine;
use super::profile::Profile;

const ONLINE: &str = "/sys/devices/system/cpu/online";
/// Has a word `cpuN` for each that is online.
const STAT: &str = "/proc/stat";

/// Why the CPUs cannot be shared out.
#[derive(Debug, thiserror::Error)]
pub enum CpuError {
    /// There is only one.
    #[error(
        "this process may use only CPU {0}: server and instrument need one each, so allow the lab two (taskset, cgroup) or use a machine that has them"
    )]
    OnlyOne(usize),
    /// The profile's CPUs are not this machine's.
    #[error(
        "host profile {profile} gives CPUs {wanted} to server and instrument, and this machine has {online}: `lab host audit` says which profile fits, and without --host the lab shares out what is there"
    )]
    NotHere {
        /// The profile.
        profile: String,
        /// What it wants.
        wanted: String,
        /// The CPUs that are online.
        online: String,
    },
    /// The profile is for one of two machines.
    #[error(
        "host profile {0} is for one of two machines: to measure on one, name a profile of role `both`"
    )]
    OnePart(String),
    /// The system does not say.
    #[error("the CPUs that this process may use are unknown: {0}")]
    Unknown(std::io::Error),
}

/// Shares out the CPUs that the lab may use: the lower half of the cores to the servers, the upper
/// half to the instrument. Where there is one core only, its threads are shared out.
///
/// # Errors
/// [`CpuError`].
pub fn share() -> Result<Cpus, CpuError> {
    let allowed = allowed().map_err(CpuError::Unknown)?;
    split(&cores(&Machine::this(), &allowed))
}

/// A CPU of the servers and one of the instrument that are threads of one core, if there are any:
/// what one of them does slows the other.
pub fn sharing_a_core(machine: &Machine, cpus: &Cpus) -> Option<(usize, usize)> {
    let of_core = |cpu| (first_thread(machine, cpu), cpu);
    let instrument: BTreeMap<_, _> = cpus.instrument.iter().copied().map(of_core).collect();
    (cpus.server.iter().copied().map(of_core))
        .find_map(|(core, cpu)| Some((cpu, *instrument.get(&core)?)))
}

/// The CPUs of the machine, ascending; none where it does not say.
pub fn online() -> Vec<usize> {
    let machine = Machine::this();
    let listed = machine.read(ONLINE).and_then(|text| text.parse().ok());
    listed.map_or_else(
        // A build sandbox of Nix has no /sys.
        || in_stat(&machine.read(STAT).unwrap_or_default()),
        |list: CpuList| list.cpus(),
    )
}

fn in_stat(text: &str) -> Vec<usize> {
    text.split_whitespace()
        .filter_map(|word| word.strip_prefix("cpu")?.parse().ok())
        .collect()
}

/// The CPUs that a profile gives to servers and instrument, also where those that the lab may
/// use by default are others: a pinned host keeps everything off the measured ones.
///
/// # Errors
/// [`CpuError`].
pub fn of(profile: &Profile) -> Result<Cpus, CpuError> {
    let cpus = profile.both();
    let cpus = cpus.ok_or_else(|| CpuError::OnePart(profile.name.clone()))?;
    let there = online();
    let wanted = [&cpus.server[..], &cpus.instrument].concat();
    if wanted.iter().all(|cpu| there.contains(cpu)) {
        return Ok(cpus);
    }
    let words = |cpus: &[usize]| {
        let words: Vec<_> = cpus.iter().map(usize::to_string).collect();
        words.join(",")
    };
    Err(CpuError::NotHere {
        profile: profile.name.clone(),
        wanted: words(&wanted),
        online: words(&there),
    })
}

/// The CPUs of each core, ascending by their first.
fn cores(machine: &Machine, cpus: &[usize]) -> Vec<Vec<usize>> {
    let mut cores = BTreeMap::<usize, Vec<usize>>::new();
    for &cpu in cpus {
        cores
            .entry(first_thread(machine, cpu))
            .or_default()
            .push(cpu);
    }
    cores.into_values().collect()
}

/// The lowest CPU of a CPU's core: the CPU itself where the machine does not say.
fn first_thread(machine: &Machine, cpu: usize) -> usize {
    let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    let siblings: Option<CpuList> = machine.read(&path).and_then(|text| text.parse().ok());
    siblings.map_or(cpu, |list| list.cpus()[0])
}

fn split(cores: &[Vec<usize>]) -> Result<Cpus, CpuError> {
    // The threads of the only core have to do for cores.
    let threads: Vec<_> = cores.concat().into_iter().map(|cpu| vec![cpu]).collect();
    let units = if cores.len() < 2 { &threads } else { cores };
    if units.len() < 2 {
        return Err(CpuError::OnlyOne(
            cores.concat().first().copied().unwrap_or(0),
        ));
    }
    let (server, instrument) = units.split_at(units.len() / 2);
    let ascending = |units: &[Vec<usize>]| {
        let mut cpus = units.concat();
        cpus.sort_unstable();
        cpus
    };
    Ok(Cpus {
        server: ascending(server),
        instrument: ascending(instrument),
    })
}

/// The CPUs that this process may use, ascending.
///
/// # Errors
/// What the system says.
pub fn allowed() -> std::io::Result<Vec<usize>> {
    // SAFETY: an all-zero set is valid, and the call writes at most the size given.
    let set = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        set
    };
    Ok((0..libc::CPU_SETSIZE as usize)
        // SAFETY: the index is below the set's size.
        .filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, &set) })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_statistics_name_the_cpus_too() {
        let text = "cpu  7 0 5\ncpu0 3 0 2\ncpu2 4 0 3\nintr 9\n";
        assert_eq!(in_stat(text), [0, 2]);
    }

    #[test]
    fn server_and_instrument_never_share_a_cpu() {
        let machine = Machine::at(std::path::Path::new("/nowhere"));
        let split = |cpus: &[usize]| split(&cores(&machine, cpus));
        let cpus = split(&[0, 1, 4, 5, 6]).unwrap();
        assert_eq!(cpus.server, [0, 1]);
        assert_eq!(cpus.instrument, [4, 5, 6]);
        assert_eq!(sharing_a_core(&machine, &cpus), None);
        let message = split(&[3]).unwrap_err().to_string();
        assert!(message.contains("CPU 3"), "{message}");
    }

    #[test]
    fn threads_of_a_core_go_to_the_same_side() {
        let folder = tempfile::tempdir().unwrap();
        for (cpu, siblings) in [(0, "0,4"), (1, "1,5"), (4, "0,4"), (5, "1,5")] {
            let topology = format!("sys/devices/system/cpu/cpu{cpu}/topology");
            let topology = folder.path().join(topology);
            std::fs::create_dir_all(&topology).unwrap();
            std::fs::write(topology.join("thread_siblings_list"), siblings).unwrap();
        }
        let machine = Machine::at(folder.path());
        let split = |cpus: &[usize]| split(&cores(&machine, cpus)).unwrap();
        let cpus = split(&[0, 1, 4, 5]);
        assert_eq!(
            (&cpus.server[..], &cpus.instrument[..]),
            (&[0, 4][..], &[1, 5][..])
        );
        assert_eq!(sharing_a_core(&machine, &cpus), None);
        let cpus = split(&[1, 5]);
        assert_eq!(
            (&cpus.server[..], &cpus.instrument[..]),
            (&[1][..], &[5][..])
        );
        assert_eq!(sharing_a_core(&machine, &cpus), Some((1, 5)));
    }
}
