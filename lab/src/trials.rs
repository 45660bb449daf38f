//! `lab trials`: comparisons whose answer is known, with seeds declared before they run.

mod counted;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use analysis::trials::{self, DuetLaunch, Tried};
use anyhow::{Context, bail};
use catalog::Framework;
use plan::trial::{Trial, TrialDesign};
use plan::{Project, project};
use record::{Campaign, Status};

use crate::select::{self, Selected};
use crate::{Answer, bench};

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

const COLUMNS: &str = "try,seed,campaign,what,pairs,ratio,low,high,level,truth,found,holds,seconds";

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
            if let TrialDesign::Counted { .. } = trial.design {
                match counted::one(&project, &trial, &framework, number, &place)? {
                    Ok(one) => table.put(number, &one.row, &[one.tried], one.starts)?,
                    Err(answer) => return Ok(answer),
                }
                continue;
            }
            let campaign = match one(&project, &trial, &framework, number, &place)? {
                Ok(campaign) => campaign,
                Err(answer) => return Ok(answer),
            };
            table.add(&trial, number, &campaign)?;
        }
    }
    Ok(table.tally(&trial))
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
        seed: trial.seed + u64::from(number) - 1,
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

/// A text as it is committed, whichever way a checkout ends its lines.
fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The table of a trial: what is committed of it.
struct Table {
    launches: Launches,
    path: PathBuf,
    head: String,
    rows: Vec<String>,
}

impl Table {
    /// Opens the table, a new one where there is none. One of another declaration is refused:
    /// tries of two designs do not add up.
    fn open(folder: &Path, trial: &Trial, declared: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(declared)
            .with_context(|| format!("cannot read {}", declared.display()))?;
        let sha256 = builder::sha256_of(unix(&text).as_bytes());
        let path = folder.join(format!("{}.csv", trial.name));
        let head = format!(
            "# {}: {}\n# declared by {} with SHA-256 {sha256}\n{COLUMNS}\n",
            trial.name,
            trial.title,
            declared.file_name().unwrap_or_default().to_string_lossy()
        );
        let rows = match fs::read_to_string(&path) {
            Ok(text) => match unix(&text).strip_prefix(&head) {
                Some(rows) => rows.lines().map(str::to_owned).collect(),
                None => bail!(
                    "{} is the table of another declaration than {}: move one of the two away",
                    path.display(),
                    declared.display()
                ),
            },
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
        };
        let (what, columns) = match trial.design {
            TrialDesign::Counted { .. } => ("starts", counted::COLUMNS),
            _ => ("launches", LAUNCH_COLUMNS),
        };
        let file = folder.join(format!("{}.{what}.csv", trial.name));
        let launches = Launches::open(file, columns, &rows)?;
        Ok(Self {
            launches,
            path,
            head,
            rows,
        })
    }

    fn holds(&self, number: u32) -> bool {
        let number = format!("{number},");
        self.rows.iter().any(|row| row.starts_with(&number))
    }

    /// Adds all comparisons of a try, whatever came of them, in one write.
    fn add(&mut self, trial: &Trial, number: u32, campaign: &Path) -> anyhow::Result<()> {
        let file = Campaign::open(campaign)?.file;
        let found = tried(trial, campaign)?;
        if found.is_empty() {
            bail!(
                "try {number} has nothing to compare: see {}",
                campaign.display()
            );
        }
        let row = Try {
            seed: file.seed,
            id: file.id.clone(),
            seconds: run::lasted(&file).map(|d| d.as_secs_f64()),
        };
        let launches = trials::launches(campaign)?;
        self.put(number, &row, &found, launch_rows(number, &launches))
    }

    /// Adds the comparisons of a try, and the rows that they were computed from.
    fn put(
        &mut self,
        number: u32,
        of: &Try,
        found: &[Tried],
        behind: Vec<String>,
    ) -> anyhow::Result<()> {
        for one in found {
            let number_of =
                |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.6}"));
            let [low, high, level] = one.interval.map_or([None; 3], |i| i.map(Some));
            let row = [
                number.to_string(),
                of.seed.to_string(),
                of.id.clone(),
                one.what.clone(),
                one.n.to_string(),
                format!("{:.6}", one.ratio),
                number_of(low),
                number_of(high),
                level.map_or_else(String::new, |l| l.to_string()),
                number_of(one.truth),
                one.found.to_string(),
                one.holds().map_or_else(String::new, |h| h.to_string()),
                of.seconds.map_or_else(String::new, |s| format!("{s:.0}")),
            ];
            self.rows.push(row.join(","));
            println!("{}", row.join(" "));
        }
        self.launches.rows.extend(behind);
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let text = format!("{}{}\n", self.head, self.rows.join("\n"));
        // First what the new rows were computed from: rows without it would never get it.
        self.launches.write(&self.head)?;
        record::writer::replace(&self.path, text.as_bytes())?;
        Ok(())
    }

    /// Says what all tries together show, and whether that is what was demanded.
    fn tally(&self, trial: &Trial) -> Answer {
        let field = |row: &str, name: &str| {
            let place = COLUMNS.split(',').position(|c| c == name);
            let value = row.split(',').nth(place.unwrap_or(usize::MAX));
            value.unwrap_or_default().to_owned()
        };
        let count = |name: &str| {
            self.rows
                .iter()
                .filter(|r| field(r, name) == "true")
                .count()
        };
        let (found, holds) = (count("found"), count("holds"));
        let mut times: BTreeMap<String, f64> = BTreeMap::new();
        for row in &self.rows {
            let seconds = field(row, "seconds").parse().unwrap_or(f64::NAN);
            times.insert(field(row, "try"), seconds);
        }
        let most = times.values().copied().fold(0.0, f64::max);
        let (tries, all) = (times.len(), self.rows.len());
        println!(
            "{}: {tries} of {} tries, {all} comparisons, {found} found a difference, the truth was inside in {holds}; {:.0} s in all, {most:.0} s at most",
            trial.name,
            trial.tries,
            times.values().fold(0.0, |sum, s| sum + s)
        );
        let demand = &trial.demand;
        let mut met = tries == trial.tries as usize;
        let mut ask = |what: String, good: bool| {
            println!("  {what}: {}", if good { "met" } else { "not met" });
            met &= good;
        };
        if let Some(least) = demand.found {
            ask(
                format!("found in at least {least}"),
                found >= least as usize,
            );
        }
        if let Some(least) = demand.holds {
            ask(
                format!("truth inside in at least {least}"),
                holds >= least as usize,
            );
        }
        if let Some(seconds) = demand.seconds {
            ask(format!("at most {seconds:.0} s a try"), most <= seconds);
        }
        if demand.binomial {
            for metric in ["throughput", "cpu_per_request", "instructions"] {
                let mine = || {
                    self.rows
                        .iter()
                        .filter(|r| field(r, "what").starts_with(metric))
                };
                let size = mine()
                    .find_map(|r| field(r, "level").parse::<f64>().ok())
                    .map(|level| 1.0 - level);
                let Some(size) = size else { continue };
                let rejected = mine().filter(|r| field(r, "found") == "true").count();
                let tests = mine().count();
                let most = stats::rejections::most(tests as u64, size, 0.95).unwrap_or(0);
                ask(
                    format!("{metric}: {rejected} of {tests} told apart, at most {most}"),
                    rejected as u64 <= most,
                );
                let statistics: Vec<(f64, f64)> = mine()
                    .filter_map(|r| statistic(|name| field(r, name)))
                    .collect();
                if let Some(found) = stats::calibration::calibration(&statistics) {
                    println!(
                        "  {metric}: t statistics {:.2} times as spread as they should be (usual for {}: {:.2} to {:.2}), Kolmogorov-Smirnov p {:.2}",
                        found.spread, found.n, found.usual.low, found.usual.high, found.p
                    );
                }
            }
        }
        match met {
            true => Answer::Good,
            false => Answer::BadNews,
        }
    }
}

/// What a row says of its try.
struct Try {
    seed: u64,
    /// The campaign, or what stands for it.
    id: String,
    seconds: Option<f64>,
}

fn launch_rows(number: u32, launches: &[DuetLaunch]) -> Vec<String> {
    let row = |one: &DuetLaunch| {
        let first = if one.base_first { "base" } else { "other" };
        let DuetLaunch {
            launch,
            base,
            other,
            ..
        } = one;
        format!("{number},{launch},{first},{base:.6},{other:.6}")
    };
    launches.iter().map(row).collect()
}

/// The launches of two servers behind the rows of a trial, so that anyone can compute them again.
struct Launches {
    path: PathBuf,
    columns: &'static str,
    rows: Vec<String>,
}

const LAUNCH_COLUMNS: &str = "try,launch,first,base_us,other_us";

impl Launches {
    /// Opens the table of those tries that stand in the trial's own: what a try wrote before it
    /// was broken off goes.
    fn open(path: PathBuf, columns: &'static str, tries: &[String]) -> anyhow::Result<Self> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
        };
        let number = |row: &str| row.split(',').next().unwrap_or_default().to_owned();
        let known: BTreeSet<String> = tries.iter().map(|row| number(row)).collect();
        let rows = (text.lines())
            .filter(|row| known.contains(&number(row)))
            .map(str::to_owned)
            .collect();
        Ok(Self {
            path,
            columns,
            rows,
        })
    }

    /// Writes them; a trial without such launches has no such file.
    fn write(&self, head: &str) -> anyhow::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let comments: String = (head.lines().filter(|line| line.starts_with('#')))
            .map(|line| format!("{line}\n"))
            .collect();
        let text = format!("{comments}{}\n{}\n", self.columns, self.rows.join("\n"));
        record::writer::replace(&self.path, text.as_bytes())?;
        Ok(())
    }
}

/// The t statistic of a comparison, read off its interval, with its degrees of freedom. Where
/// launches made these fewer than pairs, it is the one that is as far beyond its limit.
fn statistic(field: impl Fn(&str) -> String) -> Option<(f64, f64)> {
    let number = |name| field(name).parse::<f64>().ok();
    // Instructions are of two samples of so many starts, all else of so many pairs.
    let samples = if field("what").starts_with("instructions") {
        2.0
    } else {
        1.0
    };
    let df = samples * (number("pairs")? - 1.0);
    let half = (number("high")?.ln() - number("low")?.ln()) / 2.0;
    let factor = stats::student::factor(number("level")?, df)?;
    let t = number("ratio")?.ln() / half * factor;
    t.is_finite().then_some((t, df))
}

fn tried(trial: &Trial, campaign: &Path) -> anyhow::Result<Vec<Tried>> {
    if let TrialDesign::Article { apart_percent, .. } = trial.design {
        let tried = trials::article(campaign, apart_percent / 100.0)?;
        return Ok(tried.into_iter().collect());
    }
    let analysis = analysis::analyse(campaign)?;
    Ok(match trial.design {
        TrialDesign::Copies { .. } => trials::copies(&analysis),
        TrialDesign::Duet { .. } => trials::duet(&analysis).into_iter().collect(),
        TrialDesign::Identical { .. } => trials::identical(&analysis).into_iter().collect(),
        TrialDesign::Counted { .. } => Vec::new(),
        TrialDesign::Interleaved { .. } | TrialDesign::Article { .. } => {
            let tried = trials::interleaved(&analysis, stats::stopping::LEVEL);
            tried.into_iter().collect()
        }
    })
}
