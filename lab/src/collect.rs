//! `lab collect`: one campaign of several repetitions.

use std::path::PathBuf;

use record::{Campaign, collect};

use crate::{Answer, report};

/// Make one campaign of several repetitions of it.
///
/// A repetition is what `lab bench --seed S --repetition N` measured, for instance in a
/// derivation of the flake's hydraJobs that a pinned host built. Its launches become launches of
/// their own. Refused, with the difference named, where lab, binaries, experiment, seed, kernel
/// or host are not the same in all.
#[derive(clap::Args)]
pub struct Args {
    /// The repetitions: the folder of each, or one where `latest` points at it
    #[arg(required = true, value_name = "RESULT")]
    results: Vec<PathBuf>,
    /// Where the campaign is kept
    #[arg(long, default_value = "results", value_name = "DIR")]
    out: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let campaigns = (args.results.iter())
        .map(|folder| {
            let latest = folder.join("latest");
            let below = latest.exists() && !folder.join("campaign.yaml").exists();
            Campaign::open(if below { &latest } else { folder })
        })
        .collect::<Result<Vec<_>, _>>()?;
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
