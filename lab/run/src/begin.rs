//! What a campaign says of itself when it begins: its name, its time, its machine.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use host::awake::Awake;
use host::quota::{self, Groups};
use host::{Machine, audit, facts, heat};
use load::Pacing;
use record::{CalibrationRecord, CampaignFile, Course, HostAudit, Status};

use super::site::Site;
use super::{CampaignError, Request, watch};

/// The campaign file as it stands before anything is built.
pub(super) fn campaign_file(
    request: &Request,
    cpus: record::Cpus,
    site: &dyn Site,
) -> Result<CampaignFile, CampaignError> {
    let started = now();
    let compact: String = started
        .chars()
        .filter(|c| c.is_ascii_digit())
        .take(14)
        .collect();
    let (day, time) = compact.split_at(8);
    Ok(CampaignFile {
        schema: record::campaign::SCHEMA.to_owned(),
        id: format!(
            "{}-{day}-{time}-{:08x}",
            request.experiment.name, request.seed as u32
        ),
        status: Status::Running,
        started,
        finished: None,
        command: request.command.clone(),
        seed: request.seed,
        quick: request.quick,
        // Only the audit at the end may say otherwise.
        pinned: false,
        lab: request.lab.clone(),
        design: (request.experiment).design(request.quick, servers(request), Pacing::SPIN.0),
        method: request.experiment.method(request.quick),
        host: host_facts(request, &cpus, site),
        audit: Some(HostAudit {
            profile: request.host.as_ref().map(|p| p.name.clone()),
            before: audit::settings(&Machine::this(), request.host.as_ref()),
            after: None,
        }),
        server_host: site.record()?,
        toolchains: BTreeMap::new(),
        cpus,
        frameworks: Vec::new(),
        notes: Vec::new(),
        course: Course {
            program: request.instrument.sha256()?,
            repetition: request.repetition,
            ..Course::default()
        },
        calibration: CalibrationRecord::last(&request.results)?,
    })
}

/// Facts about the machine, and what the profile makes the lab do on it.
fn host_facts(request: &Request, cpus: &record::Cpus, site: &dyn Site) -> BTreeMap<String, String> {
    let mut facts = facts::read();
    facts.extend(Groups::of(&Machine::this()).facts(quota::used(cpus)));
    facts.extend(heat::facts(&Machine::this(), "before"));
    let shared = site.shared_core(cpus);
    facts.extend(shared.map(|words| (record::SHARED_CORE.to_owned(), words)));
    facts.extend(site.profile().map(|name| ("profile".to_owned(), name)));
    if request.experiment.duet.is_some() {
        let words = Awake::hold().words().to_owned();
        facts.insert("cpus-in-duets".to_owned(), words);
    }
    // Of servers on another machine nothing is counted, whatever this one can do.
    if request.far.is_none() {
        facts.insert(watch::FACT.to_owned(), watch::of_this_machine());
    }
    for (name, value) in request.environment() {
        facts.insert(name.to_lowercase(), value);
    }
    facts
}

/// The servers that are planned for: all frameworks and the baseline's twin.
fn servers(request: &Request) -> u32 {
    let twin = request
        .frameworks
        .contains_key(&request.experiment.baseline);
    request.frameworks.len() as u32 + u32::from(twin)
}

/// The time in UTC, RFC 3339, to the second.
pub fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

/// How long a campaign took from its start to its end, building and breaks included.
pub fn lasted(file: &CampaignFile) -> Option<Duration> {
    let at = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let (began, ended) = (at(&file.started)?, at(file.finished.as_ref()?)?);
    Duration::try_from(ended.duration_since(began)).ok()
}

/// The campaign's start on the clock that does not jump, also where another process saw it.
pub(super) fn epoch(started: &str) -> Instant {
    let begun = Instant::now();
    let ago = started
        .parse()
        .map(|started| jiff::Timestamp::now().duration_since(started))
        .ok()
        .and_then(|ago| Duration::try_from(ago).ok())
        .unwrap_or_default();
    begun.checked_sub(ago).unwrap_or(begun)
}
