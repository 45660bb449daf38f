//! One frequency: the least that a core may run at is the most.

use super::audit::{Finding, Knob, NO_CPUFREQ, POLICIES, Target, finding};
use super::machine::Machine;
use super::profile::Wanted;

/// Whether every policy leaves its cores no choice, where the profile wants that.
///
/// The most stays what it is: governor and boost decide it, and are set before.
pub(super) fn audit(machine: &Machine, wanted: &Wanted) -> Option<Finding> {
    if !wanted.power.steady {
        return None;
    }
    let policies: Vec<(Knob, String)> = (machine.names(POLICIES, "policy").into_iter())
        .filter_map(|policy| {
            let file = |name: &str| Target::File(format!("{POLICIES}/{policy}/{name}"));
            let target = file("scaling_min_freq");
            let most = file("scaling_max_freq").read(machine)?;
            let knob = Knob {
                found: target.read(machine)?,
                wanted: Some(most.clone()),
                target,
            };
            Some((knob, most))
        })
        .collect();
    let is_steady = policies.iter().all(|(knob, most)| knob.found == *most);
    let mut found: Vec<String> = (policies.iter())
        .map(|(knob, most)| match knob.found == *most {
            true => format!("{most} kHz"),
            false => format!("{} to {most} kHz", knob.found),
        })
        .collect();
    found.sort();
    found.dedup();
    let found = (!found.is_empty()).then(|| found.join(" and "));
    let fixed = found.is_none().then_some(NO_CPUFREQ);
    let wanted = Some("min = max".to_owned());
    let mut finding = finding("frequency", wanted, found, |_, _| is_steady, fixed);
    finding.knobs = policies.into_iter().map(|(knob, _)| knob).collect();
    Some(finding)
}
