//! `lab bench`: build, check, measure, report.

use std::path::PathBuf;

use anyhow::Context;
use record::{LabRecord, Status};
use run::campaign::{self, Instrument, Request};
use run::plan::Project;

use crate::select::{self, Selection};
use crate::{Answer, progress, report, signal};

/// Build, check and measure the frameworks, and write a report.
///
/// Every server is held to the contract first; one that fails is named and left out. Then
/// come cold starts, and launches of all servers with short windows of load in random
/// order, the baseline twice in each block. Everything is kept in results/<campaign>, which
/// results/latest points at; the report is in its folder `report`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Where campaigns are kept
    #[arg(long, default_value = "results", value_name = "DIR")]
    out: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let project = select::here()?;
    let selected = args.selection.resolve(&project)?;
    let request = Request {
        experiment: selected.experiment,
        quick: args.selection.quick,
        frameworks: selected.frameworks,
        seed: selected.seed,
        results: args.out.clone(),
        build_folder: project.build_folder(),
        command: std::env::args().skip(1).collect(),
        instrument: Instrument {
            program: std::env::current_exe().context("the lab's own program cannot be found")?,
            args: ["load", "--spec", "-"].map(str::to_owned).to_vec(),
        },
        lab: LabRecord {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            revision: revision(&project),
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let mut progress = progress::Stderr::new();
    let ended = runtime.block_on(campaign::run(&request, &mut progress, signal::arrives()));
    drop(progress);
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => {
            eprintln!("lab: {error}");
            return Ok(Answer::BadNews);
        }
    };
    if ended.status == Status::Interrupted {
        eprintln!(
            "Interrupted. All servers are stopped; the whole blocks up to here are in {} (`lab report` reads them).",
            ended.dir.path().display()
        );
        return Ok(Answer::BadNews);
    }
    report::write(ended.dir.path(), report::Show::Table)?;
    Ok(match ended.excluded {
        0 => Answer::Good,
        _ => Answer::BadNews,
    })
}

/// The checkout's revision, `unknown` where git does not say.
fn revision(project: &Project) -> String {
    let git = |args: &[&str]| {
        let output = std::process::Command::new("git")
            .current_dir(project.root())
            .args(args)
            .output()
            .ok()
            .filter(|o| o.status.success())?;
        String::from_utf8(output.stdout).ok()
    };
    let Some(head) = git(&["rev-parse", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let clean = git(&["status", "--porcelain"]).is_some_and(|s| s.is_empty());
    format!("{}{}", head.trim(), if clean { "" } else { "-dirty" })
}
