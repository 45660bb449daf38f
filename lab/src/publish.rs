//! `lab report --publish`: a campaign's raw tables and its report, where others find them.

use std::fs;
use std::path::{Path, PathBuf};

use analysis::diff::{self, Diff};
use analysis::history::History;
use analysis::report::Place;
use analysis::{Analysis, AnalysisError};
use anyhow::{Context, bail};
use record::{CampaignDir, CampaignFile, FindingKind, Status};

use crate::bench::{DIRTY, UNKNOWN};

/// The host's name for campaigns of hosts that were not shown to match a profile.
const UNPINNED: &str = "unpinned";

/// Copies a campaign to its place below `reports` and says what changed against what was
/// there. The folder holds what it takes to render it again, histograms included, and remembers
/// what the campaigns before it said.
pub fn publish(
    campaign: &Path,
    analysis: &Analysis,
    reports: &Path,
    unpinned: bool,
) -> anyhow::Result<()> {
    let host = host(&analysis.campaign, unpinned)?;
    // Single values can be missing where a machine could not tell them; the report says it.
    let short = (analysis.completeness.iter()).find(|f| f.kind != FindingKind::Values);
    if let Some(finding) = short {
        bail!(
            "campaign {} is not whole: {finding}, so it is not published",
            analysis.campaign.id
        );
    }
    let experiment = analysis::text::escape::file_name(&analysis.campaign.design.experiment);
    let folder = reports.join(host).join(&experiment);
    let before = folder.exists().then(|| analysis::analyse(&folder));
    let changed = match &before {
        Some(before) => against(before, analysis),
        None => "Nothing was there before.".to_owned(),
    };
    let history = history(&folder, before.and_then(Result::ok).as_ref(), analysis)?;
    let place = Place::Published {
        history: Some(&history).filter(|history| !history.points.is_empty()),
    };
    let mut rendered = analysis::report::render_in(analysis, place)?;
    let title = &analysis.campaign.design.title;
    // Of an experiment that compares nothing there is nothing to follow.
    if !history.points.is_empty() {
        rendered
            .files
            .extend(history.render(title, &analysis.engines())?.files);
    }
    let fresh = folder.with_file_name(format!("{experiment}.new"));
    if fresh.exists() {
        remove(&fresh)?;
    }
    let (from, to) = (CampaignDir::new(campaign), CampaignDir::new(&fresh));
    fs::create_dir_all(&fresh).with_context(|| format!("cannot create {}", fresh.display()))?;
    copy(&from.campaign_file(), &to.campaign_file())?;
    copy(&from.observations(), &to.observations())?;
    if from.histograms().exists() {
        copy_folder(&from.histograms(), &to.histograms())?;
    }
    analysis::report::write(&rendered, &fresh)?;
    if folder.exists() {
        remove(&folder)?;
    }
    fs::rename(&fresh, &folder).with_context(|| format!("cannot write {}", folder.display()))?;
    println!("Published to {}. {changed}", folder.display());
    // A flake sees only what git knows.
    println!("To commit it: git add {}", folder.display());
    Ok(())
}

/// The folder of the campaign's host, if the campaign may be published at all.
fn host(campaign: &CampaignFile, unpinned: bool) -> anyhow::Result<String> {
    let id = &campaign.id;
    if campaign.status != Status::Complete {
        let ended = match campaign.status {
            Status::Running => "is still running or was cut off",
            Status::Interrupted => "was interrupted",
            Status::Failed | Status::Complete => "failed",
        };
        bail!("campaign {id} {ended}, so it is not published: only whole campaigns are");
    }
    if campaign.quick {
        bail!(
            "campaign {id} is a quick one, a smoke test without verdicts, so it is not published"
        );
    }
    if campaign.lab.revision == UNKNOWN {
        bail!(
            "campaign {id} was measured by a lab of an unknown revision, which nobody else could measure with, so it is not published"
        );
    }
    if campaign.lab.revision.ends_with(DIRTY) {
        bail!(
            "campaign {id} was measured with uncommitted changes ({}), which nobody else has, so it is not published: commit them and measure again",
            campaign.lab.revision
        );
    }
    match (campaign.pinned, campaign.host.get("profile")) {
        (true, Some(profile)) => Ok(analysis::text::escape::file_name(profile)),
        (true, None) => {
            bail!("campaign {id} is pinned and names no host profile to publish it under")
        }
        (false, _) if unpinned => Ok(UNPINNED.to_owned()),
        (false, _) => {
            let hosts = [
                campaign.audit.as_ref(),
                campaign.server_host.as_ref().map(|host| &host.audit),
            ];
            let objections = hosts.into_iter().flatten().map(|audit| audit.objections());
            let objections: Vec<String> = objections.flatten().collect();
            let why = match objections.as_slice() {
                [] => "its host was not shown to match a profile".to_owned(),
                objections => objections.join("; "),
            };
            bail!(
                "campaign {id} is unpinned: {why}; --unpinned publishes it as an example, under reports/{UNPINNED}"
            )
        }
    }
}

/// What the published folder remembers, with the campaign that was there and the new one.
fn history(
    folder: &Path,
    before: Option<&Analysis>,
    analysis: &Analysis,
) -> anyhow::Result<History> {
    let mut history = match (History::of_folder(folder)?, before) {
        (Some(history), _) => history,
        // Published by a lab that kept no history.
        (None, Some(before)) => {
            let mut history = History::default();
            history.add(before);
            history
        }
        (None, None) => History::default(),
    };
    history.add(analysis);
    Ok(history)
}

/// What the new campaign changes, in a line.
fn against(before: &Result<Analysis, AnalysisError>, head: &Analysis) -> String {
    match before {
        Ok(base) => format!(
            "Against what was there ({}): {}",
            base.campaign.id,
            diff::summary(&Diff::between(base, head))
        ),
        Err(error) => format!("What was there cannot be compared: {error}."),
    }
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()
        .with_context(|| format!("cannot read {}", from.display()))?;
    paths.sort();
    for path in paths {
        let to = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &to)?;
        } else {
            copy(&path, &to)?;
        }
    }
    Ok(())
}
