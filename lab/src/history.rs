//! `lab history`: the published campaigns of a host, one after the other.

use std::collections::BTreeMap;
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
    for published in site::published(&reports)? {
        let host = published.place.split('/').next().unwrap_or_default();
        if args.host.as_deref().is_some_and(|wanted| wanted != host) {
            continue;
        }
        if let Some(history) = History::of_folder(&published.folder)? {
            let title = Campaign::open(&published.folder)?.file.design.title;
            found.insert(published.place, (title, history));
        }
    }
    if found.is_empty() {
        let whose = args.host.as_ref().map(|host| format!(" of {host}"));
        bail!(
            "{} holds no history{}: `lab report --publish` begins one",
            reports.display(),
            whose.unwrap_or_default()
        );
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
