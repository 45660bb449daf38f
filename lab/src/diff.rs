//! `lab diff`: what changed between two campaigns, or between two revisions' reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use analysis::Analysis;
use analysis::diff::{Diff, Versions, write};
use anyhow::{Context, bail};
use builder::git;
use record::Campaign;

use crate::percentage::percentage;
use crate::{Answer, select};

/// Show what changed between two campaigns, or between two revisions' reports.
///
/// Shown are frameworks, versions, binaries, host and results.
///
/// BASE and HEAD are folders (a campaign, a published report, or a tree of these) or git
/// revisions, whose reports/ are compared; BASE..HEAD in one word names two revisions.
/// Results of different campaigns are shown side by side and never called a difference: only
/// what took turns in one campaign can be compared.
///
/// That is what `lab bench --compare` measures. One such campaign alone is compared with itself,
/// its new version with its base; those that HEAD added are shown in the same way. With
/// --threshold the exit status is 1 if one of them has a significant regression of that size.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  lab diff main..HEAD\n  lab diff results/latest --threshold 2%"
)]
pub struct Args {
    /// What was there: a folder or a git revision, or both sides as BASE..HEAD; alone, the folder
    /// of a campaign that compared two versions
    base: String,
    /// What is looked at: a folder or a git revision
    head: Option<String>,
    /// Exit status 1 on a regression beyond noise of this relative size or more, such as 2%
    #[arg(long, value_name = "PERCENT", value_parser = percentage)]
    threshold: Option<f64>,
    /// Print as JSON
    #[arg(long, conflicts_with = "benchstat")]
    json: bool,
    /// Print the values of both for benchstat: `benchstat -col campaign FILE`; of one campaign
    /// that compared versions `benchstat -col /framework FILE`
    #[arg(long)]
    benchstat: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let (base, head) = match (&args.head, args.base.split_once("..")) {
        (Some(head), _) => (args.base.as_str(), head.as_str()),
        (None, Some((base, head))) if !Path::new(&args.base).exists() => (base, head),
        (None, _) => return alone(args),
    };
    let compared = Compared::between(&Side::open(base)?, &Side::open(head)?, args.threshold)?;
    if args.threshold.is_some() && compared.versions.is_empty() {
        // Without this the gate would stand open unnoticed.
        let unjudged = compared.diffs.values().filter(|(diff, _)| !diff.is_empty());
        if let Some((diff, _)) = unjudged.into_iter().next() {
            bail!(
                "--threshold has nothing to judge: {}; measure both versions in one campaign (`lab bench --compare`)",
                diff.not_comparable
                    .as_deref()
                    .unwrap_or("no campaign compared two versions")
            );
        }
    }
    if args.benchstat {
        for (_, text) in compared.diffs.values() {
            print!("{text}");
        }
    } else if args.json {
        let diffs: BTreeMap<_, _> = (compared.diffs.iter())
            .map(|(place, (diff, _))| (place, diff))
            .collect();
        let json = serde_json::json!({
            "schema": "diff/1",
            "reports": diffs,
            "versions": compared.versions,
        });
        println!("{}", serde_json::to_string_pretty(&json)?);
    } else {
        compared.print();
    }
    Ok(answer(compared.versions.values()))
}

/// One campaign that compared two versions.
fn alone(args: &Args) -> anyhow::Result<Answer> {
    let folder = Path::new(&args.base);
    if !folder.is_dir() {
        bail!(
            "`{}` is no folder; lab diff takes two sides, `lab diff BASE HEAD` or `lab diff BASE..HEAD`, or the folder of one campaign that compared two versions",
            args.base
        );
    }
    let analysis = analysis::analyse(folder)?;
    let Some(versions) = Versions::of(&analysis, args.threshold) else {
        bail!(
            "campaign {} did not compare two versions, as `lab bench --compare` does: lab diff needs a second side, `lab diff BASE HEAD`",
            analysis.campaign.id
        );
    };
    if args.benchstat {
        print!("{}", analysis::benchstat::text(&analysis));
    } else if args.json {
        let json = serde_json::json!({ "schema": "versions/1", "versions": versions });
        println!("{}", serde_json::to_string_pretty(&json)?);
    } else {
        print!("{}", versions.markdown());
    }
    Ok(answer(std::iter::once(&versions)))
}

fn answer<'a>(mut versions: impl Iterator<Item = &'a Versions>) -> Answer {
    match versions.any(Versions::is_regression) {
        true => Answer::BadNews,
        false => Answer::Good,
    }
}

/// Everything that two sides differ in.
struct Compared {
    /// Reports that one side only has, as sentences.
    alone: Vec<String>,
    /// Those that both have, and their values for benchstat.
    diffs: BTreeMap<String, (Diff, String)>,
    /// What campaigns of HEAD, that BASE does not have, say of two versions.
    versions: BTreeMap<String, Versions>,
}

impl Compared {
    fn between(base: &Side, head: &Side, threshold: Option<f64>) -> anyhow::Result<Self> {
        let mut compared = Self {
            alone: Vec::new(),
            diffs: BTreeMap::new(),
            versions: BTreeMap::new(),
        };
        let moved = moved(base, head)?;
        for (to, from) in &moved {
            (compared.alone).push(format!("The report `{from}` is `{to}` now."));
        }
        let places: BTreeSet<&String> = (base.campaigns.keys())
            .filter(|place| !moved.values().any(|from| from == *place))
            .chain(head.campaigns.keys())
            .collect();
        for place in places {
            let open = |side: &Side, place: &str| {
                let folder = side.campaigns.get(place);
                folder.map(|folder| analysis::analyse(folder)).transpose()
            };
            // What stood here and is elsewhere now is not what stands here now.
            let was = match moved.get(place) {
                Some(from) => Some(from),
                None => Some(place).filter(|place| !moved.values().any(|from| from == *place)),
            };
            let base = was.map(|was| open(base, was)).transpose()?.flatten();
            let head = open(head, place)?;
            let id = |side: &Option<Analysis>| side.as_ref().map(|a| a.campaign.id.clone());
            if id(&base) != id(&head)
                && let Some(head) = &head
                && let Some(versions) = Versions::of(head, threshold)
            {
                compared.versions.insert(place.clone(), versions);
            }
            match (base, head) {
                (Some(base), Some(head)) => {
                    let asked = |a: &Analysis| a.campaign.design.experiment.clone();
                    if asked(&base) != asked(&head) {
                        bail!(
                            "{} is of experiment `{}` and {} of `{}`: what was asked is not the same, so nothing can be set side by side; name two campaigns of one experiment",
                            base.campaign.id,
                            asked(&base),
                            head.campaign.id,
                            asked(&head)
                        );
                    }
                    let text = [&base, &head].map(analysis::benchstat::text).concat();
                    let diff = Diff::between(&base, &head);
                    compared.diffs.insert(place.clone(), (diff, text));
                }
                (base, _) => {
                    let what = if base.is_some() { "is gone" } else { "is new" };
                    compared.alone.push(format!("The report `{place}` {what}."));
                }
            }
        }
        Ok(compared)
    }

    fn print(&self) {
        for (place, versions) in &self.versions {
            titled(place, &versions.markdown());
        }
        for sentence in &self.alone {
            println!("{sentence}\n");
        }
        for (place, (diff, _)) in &self.diffs {
            titled(place, &write(diff));
        }
        if self.diffs.is_empty() {
            println!("There is no report on both sides.");
        }
    }
}

fn titled(place: &str, text: &str) {
    if !place.is_empty() {
        println!("**{place}**\n");
    }
    println!("{text}");
}

/// Reports that lie in another place, each new place with the one before: there is the same campaign.
fn moved(base: &Side, head: &Side) -> anyhow::Result<BTreeMap<String, String>> {
    let ids = |side: &Side| -> anyhow::Result<BTreeSet<(String, String)>> {
        let all = side
            .campaigns
            .iter()
            .map(|(place, folder)| -> anyhow::Result<_> {
                let id = Campaign::open(folder)?.file.id;
                Ok((id, place.clone()))
            });
        all.collect()
    };
    // Two campaigns, each named by its folder, have no places to have moved between.
    if [base, head]
        .iter()
        .any(|side| side.campaigns.contains_key(""))
    {
        return Ok(BTreeMap::new());
    }
    let (before, now) = (ids(base)?, ids(head)?);
    let gone: BTreeMap<&String, &String> =
        before.difference(&now).map(|(id, at)| (id, at)).collect();
    let moved = (now.difference(&before))
        .filter_map(|(id, to)| Some((to.clone(), (*gone.get(id)?).clone())));
    Ok(moved.collect())
}

/// One side's campaigns by their place below it; a single one has the empty place.
struct Side {
    campaigns: BTreeMap<String, PathBuf>,
    /// Where a revision's files lie while they are read.
    _extracted: Option<Extracted>,
}

impl Side {
    fn open(word: &str) -> anyhow::Result<Self> {
        let folder = Path::new(word);
        let extracted = match folder.is_dir() {
            true => None,
            false => Some(Extracted::reports_of(word)?),
        };
        // As a folder `reports` would be given, so that both are told by the same places.
        let reports = extracted.as_ref().map(|e| e.0.join("reports"));
        let root = reports.as_deref().unwrap_or(folder);
        let campaigns: BTreeMap<String, PathBuf> = analysis::site::published(root)?
            .into_iter()
            .map(|report| (report.place, report.folder))
            .collect();
        // A revision may well have no reports; a folder without any is a slip.
        if campaigns.is_empty() && extracted.is_none() {
            bail!("{word} holds no campaign: there is no campaign.yaml in it or below");
        }
        Ok(Self {
            campaigns,
            _extracted: extracted,
        })
    }
}

/// A revision's reports in a folder that goes away with it.
struct Extracted(PathBuf);

impl Extracted {
    fn reports_of(revision: &str) -> anyhow::Result<Self> {
        let project = select::here()?;
        let commit = git::commit(project.root(), revision).with_context(|| {
            format!("`{revision}` is no folder here, and as a revision it cannot be looked up")
        })?;
        let Some(commit) = commit else {
            bail!("`{revision}` is neither a folder nor a git revision");
        };
        let name = format!("lab-diff-{}-{commit}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        std::fs::create_dir_all(folder.0.join("reports"))
            .with_context(|| format!("cannot create {}", folder.0.display()))?;
        if git::ask(project.root(), &["ls-tree", &commit, "reports"])?.is_empty() {
            return Ok(folder);
        }
        let mut archive = git::command(project.root())
            .args(["archive", "--format=tar", &commit, "reports"])
            .stdout(Stdio::piped())
            .spawn()
            .context("git cannot be run")?;
        let tar = Command::new("tar")
            .arg("-x")
            .arg("-C")
            .arg(&folder.0)
            .stdin(archive.stdout.take().map_or_else(Stdio::null, Stdio::from))
            .status()
            .context("tar cannot be run")?;
        if !archive.wait()?.success() || !tar.success() {
            bail!("the reports of `{revision}` cannot be read from git");
        }
        Ok(folder)
    }
}

impl Drop for Extracted {
    fn drop(&mut self) {
        // What cannot be removed from a temporary folder is the system's to clear.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
