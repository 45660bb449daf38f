//! `lab diff`: what changed between two campaigns, or between two revisions' reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use analysis::diff::{Diff, write};
use anyhow::{Context, bail};

use crate::{Answer, select};

/// Show what changed between two campaigns: frameworks, versions, binaries, host, results.
///
/// BASE and HEAD are folders (a campaign, a published report, or a tree of these) or git
/// revisions, whose reports/ are compared; BASE..HEAD in one word names two revisions.
/// Results of different campaigns are shown side by side and never called a difference: only
/// what took turns in one campaign can be compared.
#[derive(clap::Args)]
pub struct Args {
    /// What was there: a folder or a git revision, or both sides as BASE..HEAD
    base: String,
    /// What is looked at: a folder or a git revision
    head: Option<String>,
    /// Print as JSON
    #[arg(long, conflicts_with = "benchstat")]
    json: bool,
    /// Print the values of both for benchstat: `benchstat -col campaign FILE`
    #[arg(long)]
    benchstat: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let (base, head) = match (&args.head, args.base.split_once("..")) {
        (Some(head), _) => (args.base.as_str(), head.as_str()),
        (None, Some((base, head))) if !Path::new(&args.base).exists() => (base, head),
        (None, _) => {
            bail!("lab diff needs two sides: `lab diff BASE HEAD` or `lab diff BASE..HEAD`")
        }
    };
    let (base, head) = (Side::open(base)?, Side::open(head)?);
    let places: BTreeSet<&String> = base.campaigns.keys().chain(head.campaigns.keys()).collect();
    let mut diffs = BTreeMap::new();
    for place in places {
        let (base, head) = (base.campaigns.get(place), head.campaigns.get(place));
        let (Some(base), Some(head)) = (base, head) else {
            if !args.json && !args.benchstat {
                let what = if base.is_some() { "is gone" } else { "is new" };
                println!("The report `{place}` {what}.\n");
            }
            continue;
        };
        let (base, head) = (analysis::analyse(base)?, analysis::analyse(head)?);
        if args.benchstat {
            print!("{}", analysis::benchstat::text(&base));
            print!("{}", analysis::benchstat::text(&head));
        }
        diffs.insert(place.as_str(), Diff::between(&base, &head));
    }
    if args.json {
        let json = serde_json::json!({ "schema": "diff/1", "reports": diffs });
        println!("{}", serde_json::to_string_pretty(&json)?);
    } else if !args.benchstat {
        for (place, diff) in &diffs {
            if !place.is_empty() {
                println!("**{place}**\n");
            }
            println!("{}", write(diff));
        }
        if diffs.is_empty() {
            println!("There is no report on both sides.");
        }
    }
    Ok(Answer::Good)
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
        let root = extracted.as_ref().map_or(folder, |e| &e.0);
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
        let git = |args: &[&str]| {
            let mut command = Command::new("git");
            command.current_dir(project.root()).args(args);
            command
        };
        let commit = git(&["rev-parse", "--verify", "--quiet", "--end-of-options"])
            .arg(format!("{revision}^{{commit}}"))
            .output()
            .context("git cannot be run")?;
        if !commit.status.success() {
            bail!("`{revision}` is neither a folder nor a git revision");
        }
        let commit = String::from_utf8_lossy(&commit.stdout).trim().to_owned();
        let name = format!("lab-diff-{}-{commit}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0)
            .with_context(|| format!("cannot create {}", folder.0.display()))?;
        let listed = git(&["ls-tree", &commit, "reports"]).output()?;
        if listed.stdout.is_empty() {
            return Ok(folder);
        }
        let mut archive = git(&["archive", "--format=tar", &commit, "reports"])
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
