//! `lab hosts`: one experiment on several machines.

use std::path::{Path, PathBuf};

use analysis::hosts::Hosts;
use analysis::site;
use anyhow::{anyhow, bail};

use crate::{Answer, there};

/// Join campaigns of one experiment from several machines: what holds on all of them.
///
/// Shown is each ratio machine by machine with its interval, how far machines are apart beside
/// what two copies of one binary made of themselves, whether they differ beyond that, and which
/// differences every machine calls. From five machines on they are joined (random effects), with
/// the interval in which another machine is expected.
#[derive(clap::Args)]
#[command(after_help = "Example: lab hosts results/here results/there")]
pub struct Args {
    /// The campaigns' folders, published reports or trees of such
    #[arg(required = true, value_name = "CAMPAIGN")]
    campaigns: Vec<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let mut found = Vec::new();
    for folder in &args.campaigns {
        for campaign in below(folder)? {
            found.push(analysis::analyse(&campaign)?);
        }
    }
    let hosts = Hosts::of(&found).map_err(|problem| anyhow!("{problem}"))?;
    if args.json {
        let json = serde_json::json!({ "schema": "hosts/1", "hosts": hosts });
        println!("{}", serde_json::to_string_pretty(&json)?);
    } else {
        print!("{}", hosts.markdown());
    }
    Ok(Answer::Good)
}

fn below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        there::holds_a_campaign(folder)?;
    }
    let found: Vec<PathBuf> = (site::published(folder)?.into_iter())
        .map(|p| p.folder)
        .collect();
    if found.is_empty() {
        bail!(
            "{} holds no campaign: there is no campaign.yaml in it or below",
            folder.display()
        );
    }
    Ok(found)
}
