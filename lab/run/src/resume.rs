//! Going on with a campaign that was broken off: what has to be as it was, and what is not
//! done again.

use std::collections::BTreeSet;

use plan::Schedule;
use record::course::Resume;
use record::{CampaignFile, HostAudit, Repair, Stage, Status};

use super::cast::{Cast, Member};
use super::event::Event;
use super::{CampaignError, Request, now, prepare};

/// The group that is complete once all servers are built and checked.
pub(super) const BUILT: &str = "build";

/// Facts about the machine that a campaign cannot outlive.
const LASTING: [&str; 4] = ["kernel", "cpu", "cpus", "architecture"];

/// Why a campaign cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// There is nothing left to do.
    #[error("campaign {0} is complete, there is nothing to resume; `lab report` reads it")]
    Complete(String),
    /// It does not say with which program it was measured.
    #[error(
        "campaign {0} was measured by a lab that did not record what resuming needs: measure again"
    )]
    Unknown(String),
    /// Something is not as it was.
    #[error(
        "campaign {id} cannot be resumed, its halves could not be compared: {what}; undo that, or measure again"
    )]
    Changed {
        /// The campaign.
        id: String,
        /// What changed, from what to what.
        what: String,
    },
}

/// Compares the campaign with what it would be if it were started now.
pub(super) fn allowed(then: &CampaignFile, now: &CampaignFile) -> Result<(), ResumeError> {
    if then.status == Status::Complete {
        return Err(ResumeError::Complete(then.id.clone()));
    }
    if then.course.program.is_empty() {
        return Err(ResumeError::Unknown(then.id.clone()));
    }
    match difference(then, now) {
        Some(what) => Err(changed(then, what)),
        None => Ok(()),
    }
}

/// The first thing that is not as it was.
fn difference(then: &CampaignFile, now: &CampaignFile) -> Option<String> {
    let was = |what: &str, then: &dyn std::fmt::Display, now: &dyn std::fmt::Display| {
        format!("{what} was {then} and is {now}")
    };
    if then.course.program != now.course.program {
        return Some(was(
            "the SHA-256 of the lab's program",
            &then.course.program,
            &now.course.program,
        ));
    }
    for name in LASTING {
        let fact = |file: &CampaignFile| file.host.get(name).cloned().unwrap_or_default();
        if fact(then) != fact(now) {
            return Some(was(&format!("the host's {name}"), &fact(then), &fact(now)));
        }
    }
    if then.cpus != now.cpus {
        let said =
            |file: &CampaignFile| format!("{:?} and {:?}", file.cpus.server, file.cpus.instrument);
        return Some(was(
            "the CPUs of server and instrument",
            &said(then),
            &said(now),
        ));
    }
    let elsewhere = |file: &CampaignFile| {
        let host = file.server_host.as_ref();
        host.map_or_else(|| "this machine".to_owned(), |h| h.destination.clone())
    };
    if elsewhere(then) != elsewhere(now) {
        let (then, now) = (elsewhere(then), elsewhere(now));
        return Some(was("the servers' machine", &then, &now));
    }
    if let (Some(then), Some(now)) = (&then.server_host, &now.server_host) {
        for name in LASTING {
            let fact =
                |host: &record::ServerHost| host.facts.get(name).cloned().unwrap_or_default();
            if fact(then) != fact(now) {
                return Some(was(
                    &format!("the server host's {name}"),
                    &fact(then),
                    &fact(now),
                ));
            }
        }
        let changed = record::audit::differences(&then.audit.before, &now.audit.before);
        if let Some(first) = changed.first() {
            return Some(format!("the server host's {first}"));
        }
    }
    if let (Some(then), Some(now)) = (&then.audit, &now.audit) {
        if then.profile != now.profile {
            let said = |audit: &HostAudit| audit.profile.clone().unwrap_or_else(|| "none".into());
            return Some(was("the host profile", &said(then), &said(now)));
        }
        if let Some(first) = record::audit::differences(&then.before, &now.before).first() {
            return Some(format!("the host's {first}"));
        }
    }
    let design = |file: &CampaignFile| {
        [
            serde_json::to_value(&file.design).unwrap_or_default(),
            serde_json::to_value(&file.method).unwrap_or_default(),
        ]
    };
    for (before, after) in design(then).iter().zip(design(now)) {
        for (name, value) in before.as_object().into_iter().flatten() {
            let now = after.get(name).unwrap_or(&serde_json::Value::Null);
            if value != now {
                return Some(was(&format!("the experiment's {name}"), value, now));
            }
        }
    }
    None
}

fn changed(then: &CampaignFile, what: String) -> ResumeError {
    ResumeError::Changed {
        id: then.id.clone(),
        what,
    }
}

/// Builds and checks those who are still in, and holds them to what they were.
pub(super) async fn prepare_again(
    request: &Request,
    file: &CampaignFile,
    dir: &record::CampaignDir,
    progress: &mut dyn super::Progress,
) -> Result<Cast, CampaignError> {
    let in_it: Vec<_> = (file.frameworks.iter())
        .filter(|f| f.excluded.is_none())
        .collect();
    let mut frameworks = Vec::new();
    for then in &in_it {
        frameworks.push(request.frameworks.get(&then.name).ok_or_else(|| {
            changed(
                file,
                format!("framework {} is not there any more", then.name),
            )
        })?);
    }
    let go = prepare::toolchain(request).await;
    let mut results = prepare::build_line_up(go, &frameworks, request, dir, progress).await;
    let mut built = Vec::new();
    for (then, framework) in in_it.iter().zip(frameworks) {
        let result = results.remove(&then.name);
        let binary = result
            .expect("every framework was built or has its reason")
            .map_err(|e| changed(file, format!("{} {e}", then.name)))?;
        if binary.sha256 != then.sha256 {
            let what = format!(
                "the SHA-256 of {}'s server was {} and is {}",
                then.name, then.sha256, binary.sha256
            );
            return Err(changed(file, what).into());
        }
        built.push((framework.clone(), binary));
    }
    progress.event(Event::Checking {
        servers: built.len(),
    });
    let mut cast = Cast::default();
    for (framework, binary, report) in prepare::check_all(built, dir).await {
        if let Some((name, failure)) = report.failed.first() {
            let what = format!(
                "{} does not hold the contract any more: {name}: {failure}",
                framework.name
            );
            return Err(changed(file, what).into());
        }
        cast.admit(Member {
            framework,
            binary,
            layouts: Vec::new(),
            json_body: report.json_body,
        });
    }
    Ok(cast)
}

/// The frameworks from which the plan was drawn: those that were built and checked, also
/// where they had to leave later.
pub(super) fn lineup(file: &CampaignFile) -> Vec<String> {
    let never: BTreeSet<_> = (file.notes.iter())
        .filter(|note| matches!(note.stage, Stage::Build | Stage::Check))
        .map(|note| &note.framework)
        .collect();
    (file.frameworks.iter())
        .filter(|f| !never.contains(&f.name))
        .map(|f| f.name.clone())
        .collect()
}

/// What the campaign file says of this resume.
pub(super) fn entry(found: &Repair, schedule: &Schedule) -> Resume {
    let ended = |group: &str| found.groups.iter().any(|g| g == group);
    let open = (schedule.launches.iter())
        .find(|launch| ended(&launch.idle_group()) && !ended(&launch.memory_group()));
    Resume {
        at: now(),
        after: found.groups.last().cloned().unwrap_or_default(),
        launch: open.map(|launch| launch.number),
        cut_from_table: found.cut_from_table,
        cut_from_histograms: found.cut_from_histograms,
    }
}
