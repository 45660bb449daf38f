//! Sets a machine to a profile as far as a running system can be, and puts back what was found.

use std::path::Path;

use super::audit::{self, Target};
use super::journal::{Entry, Journal, JournalError, Store};
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

/// Sets what can be set. What is found of all that the profile speaks of reaches the disk
/// before the first value is changed; values that an earlier apply noted are kept. `step` is
/// told between any two steps.
///
/// # Errors
/// [`JournalError`]; nothing was changed then.
pub fn apply(
    machine: &Machine,
    profile: &Profile,
    state: &Path,
    step: &mut dyn FnMut(),
) -> Result<Applied, JournalError> {
    let store = Store::open(state)?;
    step();
    let mut journal = (store.read()?).unwrap_or_else(|| Journal::new(machine.boot()));
    let findings = audit::read(machine, Some(profile));
    let knobs: Vec<_> = (findings.iter())
        .flat_map(|f| &f.knobs)
        .filter_map(|knob| Some((knob, knob.wanted.clone()?)))
        .collect();
    for (knob, _) in &knobs {
        journal.note(&knob.target, &knob.found);
    }
    if journal.profiles.last() != Some(&profile.name) {
        journal.profiles.push(profile.name.clone());
    }
    step();
    store.write(&journal, step)?;
    let mut applied = Applied::default();
    for (knob, wanted) in knobs.into_iter().filter(|(k, w)| k.found != *w) {
        step();
        applied
            .changes
            .push(turn(machine, &knob.target, &knob.found, &wanted));
    }
    step();
    for finding in findings.iter().filter(|f| !f.setting.matches) {
        if let Some(why) = &finding.setting.fixed {
            let name = finding.setting.name.clone();
            let wanted = &profile.wanted;
            let is_running =
                wanted.sysctl.contains_key(&name) || wanted.quiet.units.contains(&name);
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
    let mut restored = Restored {
        restarted: journal.boot != machine.boot(),
        ..Restored::default()
    };
    let mut left: Vec<Entry> = Vec::new();
    for entry in journal.entries.iter().rev() {
        step();
        let stands = entry.target.read(machine);
        if stands.as_ref() == Some(&entry.found) {
            restored.untouched += 1;
            continue;
        }
        let stands = stands.unwrap_or_else(|| "absent".to_owned());
        let change = turn(machine, &entry.target, &stands, &entry.found);
        if change.failed.is_some() {
            left.insert(0, entry.clone());
        }
        restored.changes.push(change);
    }
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

/// Turns one thing and looks whether it stands as it should.
fn turn(machine: &Machine, target: &Target, from: &str, to: &str) -> Change {
    let failed = match target.write(machine, to) {
        Err(e) => Some(e.to_string()),
        Ok(()) => match target.read(machine) {
            Some(now) if now == to => None,
            now => Some(format!(
                "it was written and reads {}",
                now.as_deref().unwrap_or("absent")
            )),
        },
    };
    Change {
        target: target.clone(),
        from: from.to_owned(),
        to: to.to_owned(),
        failed,
    }
}
