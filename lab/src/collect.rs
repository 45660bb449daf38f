//! `lab collect`: one campaign of several repetitions.

use std::path::PathBuf;

use anyhow::bail;
use record::{Campaign, collect};

use crate::bench::UNKNOWN;
use crate::{Answer, report};

/// Make one campaign of several repetitions of it.
///
/// A repetition is what `lab bench --seed S --repetition N` measured, for instance in a
/// derivation of the flake's hydraJobs that a pinned host built. Its launches become launches of
/// their own. Refused, with the difference named, where lab, binaries, experiment, seed, kernel
/// or host are not the same in all.
#[derive(clap::Args)]
#[command(after_help = "Example: lab collect runs/1 runs/2 runs/3")]
pub struct Args {
    /// The repetitions: the folder of each, or one where `latest` points at it
    #[arg(required = true, value_name = "RESULT")]
    results: Vec<PathBuf>,
    /// Where the campaign is kept
    #[arg(long, default_value = "results", value_name = "DIR")]
    out: PathBuf,
    /// Record this as the revision that lab and servers were built from, for repetitions that do
    /// not know it: the runs of the flake's hydraJobs, which are of what is measured and not of a
    /// commit. `nix run .#collect` says it, once it is clear that they are
    #[arg(long, value_name = "REVISION")]
    revision: Option<String>,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let mut campaigns = (args.results.iter())
        .map(|folder| {
            let latest = folder.join("latest");
            let below = latest.exists() && !folder.join("campaign.yaml").exists();
            Campaign::open(if below { &latest } else { folder })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(revision) = &args.revision {
        name(&mut campaigns, revision)?;
    }
    // For people: nothing is started by these words again.
    let words = std::env::args_os().skip(1);
    let command = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let dir = collect(&campaigns, &args.out, command)?;
    report::write(dir.path(), report::Show::Table)?;
    let excluded = Campaign::open(dir.path())?
        .file
        .frameworks
        .iter()
        .any(|f| f.excluded.is_some());
    Ok(if excluded {
        Answer::BadNews
    } else {
        Answer::Good
    })
}

/// Says what the repetitions were built from, of those that do not know.
fn name(campaigns: &mut [Campaign], revision: &str) -> anyhow::Result<()> {
    for file in campaigns.iter_mut().map(|campaign| &mut campaign.file) {
        let known = &mut file.lab.revision;
        if known == UNKNOWN {
            revision.clone_into(known);
        } else if known != revision {
            bail!(
                "campaign {} is of revision {known}, and --revision says {revision}: leave it out, or collect repetitions of that revision",
                file.id
            );
        }
    }
    Ok(())
}
