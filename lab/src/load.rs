//! `lab load`: the instrument by itself.

use std::process::ExitCode;
use std::time::Duration;

use host::Machine;
use host::quota::{Groups, Quota, Throttling};
pub use instrument::cli::Args;

/// Runs the instrument, and says afterwards where a CPU quota held it and the server up: in the
/// result that shows as a machine that stands still now and then, which has many causes.
pub fn run(args: &Args) -> ExitCode {
    let groups = Groups::of(&Machine::this());
    let before = groups.throttling();
    let code = instrument::cli::run(args);
    if let Some(note) = note(groups.quota(), groups.throttling().since(before)) {
        eprintln!("{note}");
    }
    code
}

fn note(quota: Option<Quota>, stopped: Throttling) -> Option<String> {
    let quota = quota.filter(|_| stopped.time > Duration::ZERO)?;
    Some(format!(
        "lab load: the CPU quota of this control group ({quota}) was used up in {} periods and all in it stood still for {:.3} s: what was measured is the quota. Run it without one, or with one that leaves room for both sides",
        stopped.periods,
        stopped.time.as_secs_f64()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_named_where_it_held_the_run_up_and_only_there() {
        let quota = || {
            Some(Quota {
                cpus: 1.0,
                file: "/sys/fs/cgroup/cpu.max".to_owned(),
            })
        };
        let stopped = Throttling {
            periods: 3,
            time: Duration::from_millis(120),
        };
        let said = note(quota(), stopped).unwrap();
        assert!(
            said.contains("1 CPU by /sys/fs/cgroup/cpu.max") && said.contains("3 periods"),
            "{said}"
        );
        assert_eq!(note(quota(), Throttling::default()), None);
        assert_eq!(note(None, stopped), None);
    }
}
