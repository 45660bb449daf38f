//! The host audit: which settings a host should have, which it had, and whether a campaign on
//! it may call itself pinned.

use serde::{Deserialize, Serialize};

/// What a campaign knows of its host's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostAudit {
    /// The profile that was asked for.
    #[serde(default)]
    pub profile: Option<String>,
    /// The settings when the campaign began.
    #[serde(default)]
    pub before: Vec<Setting>,
    /// The settings when it ended; nothing while it runs, or when it was cut off.
    #[serde(default)]
    pub after: Option<Vec<Setting>>,
}

/// One setting of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Its name: `net.core.somaxconn`, `governor`.
    pub name: String,
    /// What the profile wants; nothing where it says nothing, or where there is no profile.
    #[serde(default)]
    pub wanted: Option<String>,
    /// What was found; nothing where this machine does not have it.
    #[serde(default)]
    pub found: Option<String>,
    /// Whether what was found is what is wanted; true where nothing is.
    pub matches: bool,
    /// Why it cannot be set here, if it cannot.
    #[serde(default)]
    pub fixed: Option<String>,
}

impl Setting {
    /// What was found, in a word.
    pub fn found(&self) -> &str {
        self.found.as_deref().unwrap_or("absent")
    }
}

impl HostAudit {
    /// Why a campaign on this host may not call itself pinned, a sentence each; none: it may.
    pub fn objections(&self) -> Vec<String> {
        let Some(profile) = &self.profile else {
            return vec!["no host profile was asked for (`lab bench --host PROFILE`)".to_owned()];
        };
        let mut objections: Vec<String> = differing(profile, &self.before, "before").collect();
        match &self.after {
            None => objections.push("the host was not audited after the campaign".to_owned()),
            Some(after) => {
                let changed = differences(&self.before, after);
                objections.extend(
                    changed
                        .into_iter()
                        .map(|c| format!("{c} after the campaign")),
                );
                // What differs alike before and after was said once.
                let more = differing(profile, after, "after").filter(|_| objections.is_empty());
                let more: Vec<String> = more.collect();
                objections.extend(more);
            }
        }
        objections
    }
}

fn differing<'a>(
    profile: &'a str,
    settings: &'a [Setting],
    when: &'a str,
) -> impl Iterator<Item = String> + 'a {
    (settings.iter()).filter(|s| !s.matches).map(move |s| {
        format!(
            "{} was {} {when} the campaign, and profile {profile} wants {}",
            s.name,
            s.found(),
            s.wanted.as_deref().unwrap_or("nothing")
        )
    })
}

/// What differs between two audits of a host: "swappiness was 1 and is 60".
pub fn differences(then: &[Setting], now: &[Setting]) -> Vec<String> {
    let find = |name: &str, settings: &[Setting]| -> Option<Setting> {
        settings.iter().find(|s| s.name == name).cloned()
    };
    let mut names: Vec<&str> = (then.iter().chain(now)).map(|s| s.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut differences = Vec::new();
    for name in names {
        let (before, after) = (find(name, then), find(name, now));
        let (Some(before), Some(after)) = (&before, &after) else {
            let word = if before.is_some() {
                "no longer"
            } else {
                "only now"
            };
            differences.push(format!("{name} is {word} part of the audit"));
            continue;
        };
        if before.found != after.found {
            differences.push(format!(
                "{name} was {} and is {}",
                before.found(),
                after.found()
            ));
        }
        if before.wanted != after.wanted {
            let wanted = |s: &Setting| s.wanted.clone().unwrap_or_else(|| "anything".to_owned());
            differences.push(format!(
                "{name} was to be {} and is to be {}",
                wanted(before),
                wanted(after)
            ));
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(name: &str, wanted: &str, found: &str) -> Setting {
        Setting {
            name: name.to_owned(),
            wanted: Some(wanted.to_owned()),
            found: Some(found.to_owned()),
            matches: wanted == found,
            fixed: None,
        }
    }

    fn audit(before: &[Setting], after: Option<&[Setting]>) -> HostAudit {
        HostAudit {
            profile: Some("p".to_owned()),
            before: before.to_vec(),
            after: after.map(<[Setting]>::to_vec),
        }
    }

    #[test]
    fn only_a_match_before_and_after_is_pinned() {
        let good = [setting("a", "1", "1"), setting("b", "2", "2")];
        let bad = [setting("a", "1", "1"), setting("b", "2", "3")];
        assert_eq!(audit(&good, Some(&good)).objections(), [""; 0]);
        assert_eq!(
            audit(&bad, Some(&bad)).objections(),
            ["b was 3 before the campaign, and profile p wants 2"]
        );
        assert_eq!(
            audit(&good, Some(&bad)).objections(),
            ["b was 2 and is 3 after the campaign"]
        );
        assert_eq!(
            audit(&good, None).objections(),
            ["the host was not audited after the campaign"]
        );
        assert_eq!(HostAudit::default().objections().len(), 1);
    }

    #[test]
    fn a_difference_is_named_whatever_differs() {
        let then = [setting("a", "1", "1"), setting("gone", "1", "1")];
        let now = [setting("a", "2", "1"), setting("new", "1", "1")];
        assert_eq!(
            differences(&then, &now),
            [
                "a was to be 1 and is to be 2",
                "gone is no longer part of the audit",
                "new is only now part of the audit"
            ]
        );
    }
}
