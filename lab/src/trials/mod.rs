//! `lab trials`: comparisons whose answer is known, with seeds declared before they run.

mod counted;
mod launches;
mod table;
mod tally;

use std::path::{Path, PathBuf};

use analysis::trials::{self, Tried};
use anyhow::{Context, bail};
use catalog::Framework;
use plan::trial::{Trial, TrialDesign};
use plan::{Project, project};
use record::{Campaign, Status};

use crate::select::{self, Selected};
use crate::{Answer, bench};
use table::{Table, Try};

/// Try the lab itself on comparisons whose answer is known.
///
/// A trial is a file in lab/trials: what one try is, how many there are, and the seed of each,
/// all declared before anything is run. Every try is reported, whatever came of it, as lines of
/// one table, which is committed. A trial that was broken off goes on where it was; tries that
/// stand in the table are not run again. Exit status 1 says that the trial's demand is not met.
#[derive(clap::Args)]
#[command(after_help = "Example: lab trials aa")]
pub struct Args {
    /// The trial: a name from lab/trials, or the path of a .yaml file
    trial: String,
    /// Only the first so many tries (by default all that the file declares)
    #[arg(long, value_name = "N")]
    tries: Option<u32>,
    /// Run nothing: say what the table holds
    #[arg(long, conflicts_with = "tries")]
    tally: bool,
    /// Where the campaigns of the tries are kept
    #[arg(long, default_value = "results/trials", value_name = "DIR")]
    out: PathBuf,
    /// Where the table is kept (by default reports/trials of the checkout)
    #[arg(long, value_name = "DIR")]
    table: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let project = select::here()?;
    let path = match args.trial.ends_with(".yaml") {
        true => PathBuf::from(&args.trial),
        false => {
            let folder = project.root().join("lab/trials");
            folder.join(format!("{}.yaml", args.trial))
        }
    };
    let trial = Trial::load(&path)?;
    let folder = match &args.table {
        Some(folder) => folder.clone(),
        None => project.root().join("reports/trials"),
    };
    let mut table = Table::open(&folder, &trial, &path)?;
    if !args.tally {
        let all = project.frameworks(&[])?;
        let mut picked = project::pick(&all, std::slice::from_ref(&trial.framework))?;
        let framework = picked
            .remove(&trial.framework)
            .context("a framework that was picked is there")?;
        for number in 1..=args.tries.unwrap_or(trial.tries).min(trial.tries) {
            if table.holds(number) {
                continue;
            }
            eprintln!("{}: try {number} of {}", trial.name, trial.tries);
            let place = args.out.join(&trial.name).join(format!("{number:03}"));
            if let TrialDesign::Counted(_) = trial.design {
                match counted::one(&project, &trial, &framework, number, &place)? {
                    Ok(one) => table.add(number, &one.row, &[one.tried], one.starts)?,
                    Err(answer) => return Ok(answer),
                }
                continue;
            }
            let campaign = match one(&project, &trial, &framework, number, &place)? {
                Ok(campaign) => campaign,
                Err(answer) => return Ok(answer),
            };
            let found = tried(&trial, &campaign)?;
            if found.is_empty() {
                bail!(
                    "try {number} has nothing to compare: see {}",
                    campaign.display()
                );
            }
            let file = Campaign::open(&campaign)?.file;
            let row = Try {
                seed: file.seed,
                id: file.id.clone(),
                seconds: run::lasted(&file).map(|d| d.as_secs_f64()),
            };
            let behind = launches::of_a_duet(number, &trials::launches(&campaign)?);
            table.add(number, &row, &found, behind)?;
        }
    }
    Ok(match tally::tell(&trial, table.rows()) {
        true => Answer::Good,
        false => Answer::BadNews,
    })
}

/// Runs one try, or what is left of it; the answer where it came to no end.
fn one(
    project: &Project,
    trial: &Trial,
    framework: &Framework,
    number: u32,
    place: &Path,
) -> anyhow::Result<Result<PathBuf, Answer>> {
    let latest = place.join("latest");
    let broken_off = match Campaign::open(&latest) {
        Ok(found) if found.file.status == Status::Complete => return Ok(Ok(latest)),
        Ok(_) => Some(latest.as_path()),
        Err(_) => None,
    };
    let selected = Selected {
        experiment: trial.experiment(),
        frameworks: trial.frameworks(framework, number, &place.join("version"))?,
        seed: trial.seed_of(number),
        repetition: None,
    };
    let words = ["trials", &trial.name].map(str::to_owned).to_vec();
    let request = bench::assemble(project, selected, place, words, None)?;
    let ended = match bench::measure(&request, broken_off)? {
        Ok(ended) => ended,
        Err(answer) => return Ok(Err(answer)),
    };
    if ended.excluded > 0 {
        bail!(
            "try {number} lost a server (see {}): mend that and run the trial again",
            ended.dir.campaign_file().display()
        );
    }
    if let Some(place) = ended.unmeasured.first() {
        bail!(
            "try {number} could not measure {place} (see {}): run the trial again on a quieter machine",
            ended.dir.campaign_file().display()
        );
    }
    Ok(Ok(ended.dir.path().to_owned()))
}

/// What came of a try, by the analysis that its design is for.
fn tried(trial: &Trial, campaign: &Path) -> anyhow::Result<Vec<Tried>> {
    if let TrialDesign::Article(design) = &trial.design {
        let tried = trials::article(campaign, design.apart_percent / 100.0)?;
        return Ok(tried.into_iter().collect());
    }
    let analysis = analysis::analyse(campaign)?;
    Ok(match trial.design {
        TrialDesign::Copies(_) => trials::copies(&analysis),
        TrialDesign::Duet(_) => trials::duet(&analysis).into_iter().collect(),
        TrialDesign::Identical(_) => trials::identical(&analysis).into_iter().collect(),
        TrialDesign::Counted(_) => Vec::new(),
        TrialDesign::Interleaved(_) | TrialDesign::Article(_) => {
            let tried = trials::interleaved(&analysis, stats::stopping::LEVEL);
            tried.into_iter().collect()
        }
    })
}
