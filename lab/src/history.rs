//! `lab history`: the published campaigns of a host, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use analysis::history::History;
use analysis::site;
use anyhow::bail;
use record::Campaign;

use crate::{Answer, select};

/// Show the published campaigns as series, and where the level of one changed.
///
/// One series for each framework, scenario and metric: the ratio to the baseline of the same
/// campaign, which is the one figure that may be followed over campaigns. `lab report --publish`
/// adds each campaign; the pages with charts are beside the published report, history.html.
#[derive(clap::Args)]
#[command(after_help = "Example: lab history unpinned")]
pub struct Args {
    /// Only this host: a folder below the published reports
    host: Option<String>,
    /// The published reports; the checkout's `reports` where absent
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let reports = match &args.from {
        Some(folder) => folder.clone(),
        None => select::here()?.root().join("reports"),
    };
    let mut found = BTreeMap::new();
    let mut hosts = BTreeSet::new();
    for published in site::published(&reports)? {
        let host = published.place.split('/').next().unwrap_or_default();
        hosts.insert(host.to_owned());
        if args.host.as_deref().is_some_and(|wanted| wanted != host) {
            continue;
        }
        let history = History::of_folder(&published.folder)?;
        if let Some(history) = history.filter(|history| !history.points.is_empty()) {
            let title = Campaign::open(&published.folder)?.file.design.title;
            found.insert(published.place, (title, history));
        }
    }
    if found.is_empty() {
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        match &args.host {
            Some(host) if !hosts.contains(&host.as_str()) && !hosts.is_empty() => bail!(
                "{}: {}",
                reports.display(),
                analysis::text::unknown("host", host, &hosts)
            ),
            _ => bail!(
                "{} holds no history: `lab report --publish` begins one",
                reports.display()
            ),
        }
    }
    if args.json {
        let all: BTreeMap<&str, _> = found
            .iter()
            .map(|(place, (_, history))| (place.as_str(), history.lines()))
            .collect();
        let json = serde_json::json!({ "schema": "history/1", "reports": all });
        println!("{}", serde_json::to_string_pretty(&json)?);
        return Ok(Answer::Good);
    }
    for (place, (title, history)) in &found {
        println!("**{place}**\n\n{}", history.text(title));
    }
    Ok(Answer::Good)
}
