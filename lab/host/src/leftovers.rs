//! What an applied profile leaves behind: files that the kernel changes along with others, and the
//! settings of a profile that was applied before the one in question.

use super::audit::{CPUS, Finding, Knob, POLICIES, Target, finding};
use super::journal::{self, Entry, Journal};
use super::machine::Machine;

const NAME: &str = "leftovers";
/// Pairs of which the kernel sets one to 0 when the other is set.
const PAIRS: [(&str, &str); 3] = [
    (
        "/proc/sys/vm/dirty_background_bytes",
        "/proc/sys/vm/dirty_background_ratio",
    ),
    ("/proc/sys/vm/dirty_bytes", "/proc/sys/vm/dirty_ratio"),
    (
        "/proc/sys/vm/overcommit_kbytes",
        "/proc/sys/vm/overcommit_ratio",
    ),
];

/// The other of a pair.
pub(super) fn partner(target: &Target) -> Option<Target> {
    let Target::File(path) = target else {
        return None;
    };
    let other = PAIRS.iter().find_map(|(a, b)| match path {
        path if path == a => Some(b),
        path if path == b => Some(a),
        _ => None,
    })?;
    Some(Target::File((*other).to_owned()))
}

/// What the kernel changes by itself when a target is turned.
pub(super) fn coupled(machine: &Machine, target: &Target) -> Vec<Target> {
    let Target::File(path) = target else {
        return Vec::new();
    };
    let in_policy = |policy: &str, name: &str| Target::File(format!("{POLICIES}/{policy}/{name}"));
    if path.starts_with(CPUS) && (path.ends_with("/boost") || path.ends_with("/no_turbo")) {
        // The limits go with the highest frequency that there is.
        let policies = machine.names(POLICIES, "policy");
        return (policies.iter())
            .flat_map(|policy| {
                ["scaling_max_freq", "scaling_min_freq"].map(|name| in_policy(policy, name))
            })
            .collect();
    }
    if let Some(folder) = path.strip_suffix("/scaling_governor") {
        let preference = format!("{folder}/energy_performance_preference");
        return vec![Target::File(preference)];
    }
    partner(target).into_iter().collect()
}

/// Whether a profile that was applied before has set what this one does not speak of. Only the
/// journal's own place is looked at, not another that `--state` named.
pub(super) fn audit(machine: &Machine, findings: &[Finding]) -> Finding {
    let place = format!("{}/{}", journal::STATE, journal::NAME);
    let mut left = Vec::new();
    let found = match machine.text(&place).map(|text| Journal::parse(&text)) {
        Some(Ok(journal)) => {
            left = of_others(machine, findings, &journal);
            Some(words(&left))
        }
        None if machine.is_missing(&place) => Some("none".to_owned()),
        Some(Err(_)) | None => None,
    };
    let unread = "the journal of an earlier `lab host apply` cannot be read";
    let fixed = found.is_none().then_some(unread);
    let wanted = Some("none".to_owned());
    let mut finding = finding(NAME, wanted, found, |wanted, found| wanted == found, fixed);
    // What they are to be is what the journal holds, which apply reads itself.
    finding.knobs.extend(left.into_iter().filter_map(|entry| {
        Some(Knob {
            found: entry.target.read(machine)?,
            target: entry.target,
            wanted: None,
        })
    }));
    finding
}

fn words(left: &[Entry]) -> String {
    match left {
        [] => "none".to_owned(),
        [first] => first.target.to_string(),
        [first, more @ ..] => format!("{} and {} more", first.target, more.len()),
    }
}

/// What the journal holds that these findings do not speak of, and that is not as it was found. What
/// is not there now, as the governor of a CPU that is off, is nobody's; nor is anything after a restart,
/// which undoes what was applied.
pub(super) fn of_others(machine: &Machine, findings: &[Finding], journal: &Journal) -> Vec<Entry> {
    if journal.boot != machine.boot() {
        return Vec::new();
    }
    let spoken_of = spoken_of(machine, findings);
    (journal.entries.iter())
        .filter(|entry| !spoken_of.contains(&entry.target))
        .filter(|entry| entry.target.read(machine).is_some())
        .filter(|entry| !entry.target.stands(machine, &entry.found))
        .cloned()
        .collect()
}

/// What a profile's findings set, and what goes along with it.
fn spoken_of(machine: &Machine, findings: &[Finding]) -> Vec<Target> {
    let knobs = findings.iter().flat_map(|finding| &finding.knobs);
    let wanted = knobs.filter(|knob| knob.wanted.is_some());
    wanted
        .flat_map(|knob| {
            let mut all = coupled(machine, &knob.target);
            all.push(knob.target.clone());
            all
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_changes_along_is_known_from_both_sides() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(&POLICIES[1..]).join("policy0")).unwrap();
        let machine = Machine::at(folder.path());
        let file = |path: &str| Target::File(path.to_owned());
        for (a, b) in PAIRS {
            assert_eq!(coupled(&machine, &file(a)), [file(b)]);
            assert_eq!(coupled(&machine, &file(b)), [file(a)]);
        }
        let policy = format!("{POLICIES}/policy0");
        let limits =
            ["scaling_max_freq", "scaling_min_freq"].map(|n| file(&format!("{policy}/{n}")));
        assert_eq!(
            coupled(&machine, &file(&format!("{CPUS}/cpufreq/boost"))),
            limits
        );
        assert_eq!(
            coupled(&machine, &file(&format!("{policy}/scaling_governor"))),
            [file(&format!("{policy}/energy_performance_preference"))]
        );
        assert!(coupled(&machine, &file("/proc/sys/vm/swappiness")).is_empty());
        assert!(coupled(&machine, &Target::Processes).is_empty());
    }
}
