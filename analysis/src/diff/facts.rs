//! Everything about two campaigns that is not a measured value, line by line.

use std::collections::BTreeMap;

use record::CampaignFile;
use serde::Serialize;

use crate::text::number;

/// A reading of the moment, which differs between any two campaigns.
const READINGS: [&str; 5] = [
    "load-average-before",
    "temperature-after",
    "temperature-before",
    "thermal-throttling-after",
    "thermal-throttling-before",
];
/// How the toolchain was chosen and kept apart, which makes no other binary; `go` says which it is.
const CHOICE: [&str; 2] = ["GOENV", "GOTOOLCHAIN"];
/// So many digits of a binary's SHA-256 are enough to tell two apart.
const DIGITS: usize = 12;

/// What a fact is about, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What was asked, how often and for how long.
    Protocol,
    /// What built the servers.
    Toolchain,
    /// The framework's own version.
    Version,
    /// Who took part.
    Framework,
    /// Why one was not measured.
    Exclusion,
    /// The machine.
    Host,
    /// The program that measured.
    Lab,
    /// A module linked into a server.
    Module,
    /// What was executed.
    Binary,
}

impl Kind {
    /// The kind in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Framework => "framework",
            Self::Version => "version",
            Self::Exclusion => "exclusion",
            Self::Binary => "binary",
            Self::Module => "module",
            Self::Toolchain => "toolchain",
            Self::Host => "host",
            Self::Protocol => "protocol",
            Self::Lab => "lab",
        }
    }
}

/// One fact that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is about.
    pub kind: Kind,
    /// Its name: a framework, a host setting.
    pub name: String,
    /// What it was; nothing where it was not there.
    pub base: Option<String>,
    /// What it is; nothing where it is gone.
    pub head: Option<String>,
}

type Facts = BTreeMap<(Kind, String), String>;

/// The facts that differ, in the order of their kinds and names.
pub(super) fn changes(base: &CampaignFile, head: &CampaignFile) -> Vec<Change> {
    let (base, head) = (facts(base), facts(head));
    let mut keys: Vec<&(Kind, String)> = base.keys().chain(head.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .filter(|key| base.get(*key) != head.get(*key))
        .map(|key| Change {
            kind: key.0,
            name: key.1.clone(),
            base: base.get(key).cloned(),
            head: head.get(key).cloned(),
        })
        .collect()
}

fn facts(campaign: &CampaignFile) -> Facts {
    let mut facts = Facts::new();
    let mut add = |kind, name: &str, value: String| facts.insert((kind, name.to_owned()), value);
    for f in &campaign.frameworks {
        add(Kind::Framework, &f.name, f.class.name().to_owned());
        add(Kind::Version, &f.name, f.version.clone());
        let sha256 = f.sha256.chars().take(DIGITS).collect();
        add(Kind::Binary, &f.name, sha256);
        if let Some(why) = &f.excluded {
            add(Kind::Exclusion, &f.name, why.clone());
        }
        for (module, version) in &f.modules {
            add(
                Kind::Module,
                &format!("{}: {module}", f.name),
                version.clone(),
            );
        }
    }
    for (name, value) in &campaign.toolchains {
        if !CHOICE.contains(&name.as_str()) {
            add(Kind::Toolchain, name, value.clone());
        }
    }
    for (name, value) in &campaign.host {
        if !READINGS.contains(&name.as_str()) {
            add(Kind::Host, name, value.clone());
        }
    }
    let design = &campaign.design;
    for (name, value) in [
        ("experiment", design.experiment.clone()),
        ("baseline", design.baseline.clone()),
        ("launches", design.launches.to_string()),
        ("blocks", design.blocks.to_string()),
        ("lead-in ms", design.lead_in_ms.to_string()),
        ("window ms", design.window_ms.to_string()),
        ("starts", design.starts.to_string()),
        ("quick", campaign.quick.to_string()),
        ("pinned", campaign.pinned.to_string()),
    ] {
        add(Kind::Protocol, name, value);
    }
    for scenario in &design.scenarios {
        add(
            Kind::Protocol,
            &format!("scenario {}", scenario.name),
            scenario.title.clone(),
        );
    }
    for mode in &design.modes {
        let rate = mode
            .rate
            .map(|r| format!(", {r} requests/s"))
            .unwrap_or_default();
        let share = mode
            .share
            .map(|s| format!(", {} of each capacity", number::share(s)))
            .unwrap_or_default();
        let spin = mode
            .spin_ms
            .map(|ms| format!(", spinning {ms} ms"))
            .unwrap_or_default();
        let value = format!("{} connections{rate}{share}{spin}", mode.connections);
        add(Kind::Protocol, &format!("mode {}", mode.name), value);
    }
    add(Kind::Lab, "revision", campaign.lab.revision.clone());
    facts
}
