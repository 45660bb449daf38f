//! Sets a machine to a profile as far as a running system can be, and puts back what was found.

use std::path::Path;

use super::audit::{self, Knob, Target};
use super::journal::{Entry, Journal, JournalError, Store};
use super::leftovers;
use super::machine::Machine;
use super::profile::Profile;

/// What came of one value.
#[derive(Debug)]
pub struct Change {
    /// What was to be turned.
    pub target: Target,
    /// How it stood.
    pub from: String,
    /// How it was to stand.
    pub to: String,
    /// Why it does not, if it does not.
    pub failed: Option<String>,
}

/// What came of an apply.
#[derive(Debug, Default)]
pub struct Applied {
    /// The values that did not match, in the order in which they were turned.
    pub changes: Vec<Change>,
    /// The settings that do not match and cannot be set on a running system, with the reason.
    pub fixed: Vec<(String, String)>,
    /// The settings that a running system sets, and this one has not or cannot be asked for, with
    /// the reason.
    pub missing: Vec<(String, String)>,
}

/// What came of a restore.
#[derive(Debug, Default)]
pub struct Restored {
    /// The values that were not as they were found, in the order in which they were turned.
    pub changes: Vec<Change>,
    /// How many values stood already as they were found.
    pub untouched: usize,
    /// Whether the machine was started anew since the journal was begun.
    pub restarted: bool,
}

/// What a running system sets, beside sysctls and units: where it cannot, that is no matter of a
/// restart.
const RUNNING: [&str; 10] = [
    "boost",
    "cpus.housekeeping",
    "cpus.partition",
    "frequency",
    "governor",
    "irqs",
    "irqs-default",
    "smt",
    "transparent-hugepages",
    "workqueues",
];
/// How often the machine is looked at: what one value changes, such as the limits of the others, is
/// seen after it was set.
const LOOKS: u32 = 3;

/// Sets what can be set. What is found of all that the profile speaks of reaches the disk
/// before the first value is changed; values that an earlier apply noted are kept, and what an earlier
/// profile has set and this one does not speak of is put back. `step` is told between any two steps.
///
/// # Errors
/// [`JournalError`]; nothing was changed then, or nothing that the journal does not hold.
pub fn apply(
    machine: &Machine,
    profile: &Profile,
    state: &Path,
    step: &mut dyn FnMut(),
) -> Result<Applied, JournalError> {
    let store = Store::open(state)?;
    step();
    let mut journal = (store.read()?).unwrap_or_else(|| Journal::new(machine.boot()));
    if journal.profiles.last() != Some(&profile.name) {
        journal.profiles.push(profile.name.clone());
    }
    let mut applied = Applied::default();
    let mut findings = audit::read(machine, Some(profile));
    for look in 0..LOOKS {
        let news: Vec<(Knob, String)> = (findings.iter().flat_map(|f| f.knobs.clone()))
            .filter_map(|knob| Some((knob.clone(), knob.wanted?)))
            .collect();
        let noted = journal.entries.len();
        for (knob, wanted) in &news {
            if differs(machine, knob, wanted) {
                for along in leftovers::coupled(machine, &knob.target) {
                    if let Some(found) = along.read(machine) {
                        journal.note(&along, &found);
                    }
                }
            }
            journal.note(&knob.target, &knob.found);
        }
        step();
        if look == 0 || journal.entries.len() > noted {
            store.write(&journal, step)?;
        }
        if look == 0 {
            let left = leftovers::of_others(machine, &findings, &journal);
            applied.changes = put_back(machine, &left, step).changes;
        }
        let mut is_same = true;
        for (knob, wanted) in news.into_iter().filter(|(k, w)| differs(machine, k, w)) {
            let before = (applied.changes.iter()).position(|c| c.target == knob.target);
            match before.map(|i| &mut applied.changes[i]) {
                // Something that was set later has undone it.
                Some(change) if change.to == wanted => {
                    let why = || format!("it was set and is {} again", knob.found);
                    change.failed.get_or_insert_with(why);
                }
                earlier => {
                    step();
                    is_same = false;
                    let mut change = turn(machine, &knob.target, &knob.found, &wanted);
                    match earlier {
                        None => applied.changes.push(change),
                        Some(earlier) => {
                            change.from = std::mem::take(&mut earlier.from);
                            *earlier = change;
                        }
                    }
                }
            }
        }
        findings = audit::read(machine, Some(profile));
        if is_same {
            break;
        }
    }
    step();
    for finding in findings.iter().filter(|f| !f.setting.matches) {
        if let Some(why) = &finding.setting.fixed {
            let name = finding.setting.name.clone();
            let wanted = &profile.wanted;
            let is_running = wanted.sysctl.contains_key(&name)
                || wanted.quiet.units.contains(&name)
                || RUNNING.contains(&name.as_str());
            let list = match is_running {
                true => &mut applied.missing,
                false => &mut applied.fixed,
            };
            list.push((name, why.clone()));
        }
    }
    Ok(applied)
}

/// Puts back what the journal holds, last set first, and removes it when all is back; what
/// cannot be put back stays in the journal. Nothing where there is no journal.
///
/// # Errors
/// [`JournalError`].
pub fn restore(
    machine: &Machine,
    state: &Path,
    step: &mut dyn FnMut(),
) -> Result<Option<Restored>, JournalError> {
    let store = Store::open(state)?;
    step();
    let Some(mut journal) = store.read()? else {
        return Ok(None);
    };
    let Back {
        changes,
        untouched,
        left,
    } = put_back(machine, &journal.entries, step);
    let restored = Restored {
        changes,
        untouched,
        restarted: journal.boot != machine.boot(),
    };
    step();
    if left.is_empty() {
        store.remove()?;
    } else {
        journal.entries = left;
        store.write(&journal, step)?;
    }
    step();
    Ok(Some(restored))
}

/// What came of putting back.
struct Back {
    changes: Vec<Change>,
    untouched: usize,
    /// What is not back, in the journal's order.
    left: Vec<Entry>,
}

/// Puts entries back, the last one first.
fn put_back(machine: &Machine, entries: &[Entry], step: &mut dyn FnMut()) -> Back {
    let mut back = Back {
        changes: Vec::new(),
        untouched: 0,
        left: Vec::new(),
    };
    // Of a pair of which one is 0 because the other is not, the kernel takes only the other.
    let is_zero = |entry: &Entry| entry.found == "0";
    let follows = |entry: &&Entry| {
        let partner = leftovers::partner(&entry.target);
        let partner = partner.and_then(|p| entries.iter().find(|e| e.target == p));
        is_zero(entry) && partner.is_some_and(|partner| !is_zero(partner))
    };
    let (last, first): (Vec<&Entry>, Vec<&Entry>) = entries.iter().rev().partition(follows);
    for entry in first.into_iter().chain(last) {
        step();
        if entry.target.stands(machine, &entry.found) {
            back.untouched += 1;
            continue;
        }
        let stands = entry.target.read(machine);
        let stands = stands.unwrap_or_else(|| "absent".to_owned());
        let change = turn(machine, &entry.target, &stands, &entry.found);
        if change.failed.is_some() {
            back.left.push(entry.clone());
        }
        back.changes.push(change);
    }
    back.left
        .sort_by_key(|left| entries.iter().position(|e| e.target == left.target));
    back
}

/// Whether a thing is to be turned: it was found otherwise, and is not as wanted in other words.
fn differs(machine: &Machine, knob: &Knob, wanted: &str) -> bool {
    knob.found != wanted && !knob.target.stands(machine, wanted)
}

/// Turns one thing and looks whether it stands as it should.
fn turn(machine: &Machine, target: &Target, from: &str, to: &str) -> Change {
    let failed = match target.write(machine, to) {
        Err(e) => Some(e.to_string()),
        Ok(()) if target.stands(machine, to) => None,
        Ok(()) => {
            let now = target.read(machine);
            Some(format!(
                "it was written and reads {}",
                now.as_deref().unwrap_or("absent")
            ))
        }
    };
    Change {
        target: target.clone(),
        from: from.to_owned(),
        to: to.to_owned(),
        failed,
    }
}
