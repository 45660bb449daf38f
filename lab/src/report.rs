//! `lab report`: the report of a campaign, from its raw data alone.

use std::path::{Path, PathBuf};

use analysis::report::Place;
use analysis::{Analysis, Keep};
use anyhow::Context;

use crate::{Answer, publish, select, there};

/// Write the report of a campaign again, from its raw data.
///
/// The same raw data gives the same bytes. The report is written to the campaign's folder
/// `report`: report.md, report.html, charts/*.svg and summary.json.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  lab report\n  lab report --against gin\n  lab report results/latest --publish --unpinned"
)]
pub struct Args {
    /// The campaign's folder
    #[arg(default_value = "results/latest")]
    campaign: PathBuf,
    /// Only from blocks that no neighbour disturbed, whatever came of them (by default every
    /// planned block counts once, disturbed or not); written to report/undisturbed
    #[arg(long)]
    undisturbed: bool,
    /// All ratios to this framework instead of the campaign's baseline, as if it had been declared;
    /// written to report/against-NAME
    #[arg(long, value_name = "NAME", conflicts_with = "undisturbed")]
    against: Option<String>,
    /// Also publish it: copy raw tables and report to reports/<host>/<experiment>, and say what
    /// changed against what was there
    #[arg(long, conflicts_with_all = ["undisturbed", "against"])]
    publish: bool,
    /// Publish also a campaign of a host that does not match a profile, under `unpinned`
    #[arg(long, requires = "publish")]
    unpinned: bool,
    /// Publish below this folder instead of the checkout's `reports`
    #[arg(long, requires = "publish", value_name = "DIR")]
    to: Option<PathBuf>,
    /// Print summary.json instead of the table
    #[arg(long)]
    json: bool,
}

/// What to print of a report that was written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// The short table.
    Table,
    /// `summary.json`.
    Summary,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    there::holds_a_campaign(&args.campaign)?;
    let show = if args.json {
        Show::Summary
    } else {
        Show::Table
    };
    let keep = if args.undisturbed {
        Keep::Undisturbed
    } else {
        Keep::LastAttempts
    };
    let analysis = write_kept(&args.campaign, keep, args.against.as_deref(), show)?;
    if args.publish {
        let reports = match &args.to {
            Some(folder) => folder.clone(),
            None => select::here()?.root().join("reports"),
        };
        publish::publish(&args.campaign, &analysis, &reports, args.unpinned)?;
    }
    Ok(Answer::Good)
}

/// Renders a campaign's report into its folder and prints what is asked for.
pub fn write(campaign: &Path, show: Show) -> anyhow::Result<()> {
    write_kept(campaign, Keep::LastAttempts, None, show).map(drop)
}

fn write_kept(
    campaign: &Path,
    keep: Keep,
    against: Option<&str>,
    show: Show,
) -> anyhow::Result<Analysis> {
    let analysis = analysis::analyse_against(campaign, keep, against)?;
    let mut folder = record::CampaignDir::new(campaign).report();
    if keep == Keep::Undisturbed {
        folder.push("undisturbed");
    }
    if let Some(against) = &analysis.against {
        folder.push(format!(
            "against-{}",
            analysis::text::escape::file_name(against)
        ));
    }
    let place = match folder == record::CampaignDir::new(campaign).report() {
        true => Place::Results,
        false => Place::Below,
    };
    let rendered = analysis::report::render_in(&analysis, place)?;
    analysis::report::write(&rendered, &folder)?;
    if place == Place::Results {
        link_summary(campaign)?;
    }
    match show {
        Show::Table => {
            println!("{}", analysis::terminal::table(&analysis));
            println!(
                "The whole report: {} (for a browser; report.md is the same as text)",
                folder.join("report.html").display()
            );
        }
        Show::Summary => {
            if let Some(bytes) = rendered.files.get("summary.json") {
                print!("{}", String::from_utf8_lossy(bytes));
            }
        }
    }
    Ok(analysis)
}

/// Where programs look for it: `summary.json` in the campaign's own folder leads to the report's.
fn link_summary(campaign: &Path) -> anyhow::Result<()> {
    let link = campaign.join("summary.json");
    if link.symlink_metadata().is_ok() {
        return Ok(());
    }
    std::os::unix::fs::symlink("report/summary.json", &link)
        .with_context(|| format!("cannot create {}", link.display()))
}
