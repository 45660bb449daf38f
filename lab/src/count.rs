//! `lab count`: instructions a request, of two versions or of a line-up.

mod beside;
mod instrument;
mod line_up;
pub mod prepare;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ::count::verdict::What;
use ::count::{CountError, Means, Measured, Protocol, Role, Subjects, Verdict, words};
use analysis::instructions::Flame;
use anyhow::Context;
use catalog::Scenario;
use catalog::framework::Feature;
use instructions::{Emulator, Profile, Unavailable};
use plan::Project;

use crate::compare::Compare;
use crate::percentage::percentage;
use crate::select::Selection;
use crate::{Answer, NotNow, select, signal};
use prepare::{Version, prepare};

/// Count the instructions that a server executes for a request, in user space.
///
/// A time is disturbed by whatever else the machine does; a number of executed instructions is not.
/// So this tells two versions apart on a machine that others use, without root and without a
/// pinned host, in about a minute. The servers run under QEMU's user-mode emulator with a plugin
/// that counts; nothing of it is a time.
///
/// With --compare, two versions of one framework: instructions of each, their ratio with its interval,
/// the functions that moved; in the same run the base against itself (A/A) and a loop of known size
/// that has to be found. Without, one number for each framework.
///
/// What it does not show: the kernel's work, caches, branches that were guessed wrongly, waiting. A
/// verdict on instructions is none on time.
///
/// Exit status: 0 it was counted; 1 the new version needs more than --threshold allows; 2 the call or
/// its input is wrong; 3 it cannot be told here and now: no emulator, a server or the emulator died,
/// the control was not found, the base differs from itself; 130 Ctrl-C.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  lab count --compare HEAD~1 --frameworks gin\n  lab count --compare gin --replace github.com/gin-gonic/gin@v1.10.0\n  lab count --compare HEAD --frameworks gin --threshold 0.5% --markdown comment.md\n  lab count --frameworks gin,echo,fiber --scenario plaintext\n  lab count --frameworks gin --flame gin.svg\n  lab count --read results/instructions --beside results/latest/summary.json"
)]
pub struct Args {
    /// Compare two versions of one framework: a git revision (with --frameworks NAME: the framework's
    /// folder at that revision against the working tree), or a framework's name (with --replace)
    #[arg(long, value_name = "REV|NAME")]
    compare: Option<String>,
    /// With --compare NAME, the same framework with one of its modules replaced: by a working copy
    /// (MODULE=FOLDER) or by another version (MODULE@VERSION, MODULE=OTHER@VERSION)
    #[arg(long, value_name = "MODULE=FOLDER", requires = "compare")]
    replace: Option<String>,
    /// The frameworks, separated by commas; all where none is named and nothing is compared
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    frameworks: Vec<String>,
    /// Also a framework from outside of the checkout: its folder, or one that holds several
    #[arg(long, value_name = "DIR")]
    framework_dir: Vec<PathBuf>,
    /// What is asked: plaintext, json or params
    #[arg(long, default_value = "json", value_name = "NAME")]
    scenario: Scenario,
    /// How often every start is made; its interval is computed from starts
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100))]
    rounds: Option<u32>,
    /// Two rounds of short batches: a smoke test, too few to judge by
    #[arg(long, conflicts_with = "rounds")]
    quick: bool,
    /// Connections that ask, of which half rest at any time: more where a server has nothing to do too often
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(4..=1024))]
    connections: Option<u32>,
    /// Leave the starts with the collector out: half of the time
    #[arg(long)]
    no_collector: bool,
    /// Exit status 1 where the new version certainly needs so much more, such as 0.5%
    #[arg(long, value_name = "PERCENT", value_parser = percentage, allow_negative_numbers = true)]
    threshold: Option<f64>,
    /// Count by the processor's own counter instead of the emulator, where this machine has one: at the
    /// server's own speed, without functions
    #[arg(long, conflicts_with_all = ["folded", "flame", "instrument"])]
    pmu: bool,
    /// The seed of all orders; drawn from the clock where absent, and told
    #[arg(long)]
    seed: Option<u64>,
    /// Also write what was found as Markdown into this file, for a pull request's comment
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Also write the instructions by part, package and function into this file, as lines that tools
    /// for flame graphs read; of the new version where two are compared
    #[arg(long, value_name = "FILE")]
    folded: Option<PathBuf>,
    /// Also draw the same as a flame graph into this file, as SVG
    #[arg(long, value_name = "FILE")]
    flame: Option<PathBuf>,
    /// Compare the instrument of this program, `lab load`, with that of another `lab`: instructions for
    /// a request that it asks
    #[arg(long, value_name = "LAB", conflicts_with_all = ["compare", "frameworks", "csv", "folded", "flame", "quick"])]
    instrument: Option<PathBuf>,
    /// Also write the table of a line-up into this file, as CSV
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    csv: Option<PathBuf>,
    /// Count nothing: render the page of such tables, SCENARIO.csv in this folder, in it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["compare", "instrument", "frameworks", "csv", "folded", "flame", "json", "markdown"])]
    read: Option<PathBuf>,
    /// With --read, set a campaign's CPU times beside: its summary.json
    #[arg(long, value_name = "SUMMARY", requires = "read")]
    beside: Option<PathBuf>,
    /// Where the page of a line-up goes, of `lab bench instructions`
    #[arg(skip)]
    page: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Connections of a line-up: the fastest servers answer what 64 have asked while the lab waits for a CPU
/// once, and all are asked alike.
const LINE_UPS: u32 = 256;

/// The experiment of this name counts a line-up, by this verb's means.
pub const INSTRUCTIONS: &str = "instructions";

impl Args {
    /// What `lab bench --compare .. --count` asks for.
    pub fn compared(
        (compare, replace): (&str, Option<&str>),
        words: &Selection,
        json: bool,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            compare: Some(compare.to_owned()),
            replace: replace.map(str::to_owned),
            ..Self::line_up(words, json)?
        })
    }

    /// What `lab bench instructions` asks for; its tables go into a folder `instructions` of `out`.
    pub fn kept(words: &Selection, json: bool, out: &Path) -> anyhow::Result<Self> {
        let folder = out.join(analysis::instructions::FOLDER);
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let args = Self::line_up(words, json)?;
        Ok(Self {
            csv: Some(folder.join(format!("{}.csv", args.scenario.name()))),
            page: Some(folder),
            connections: Some(LINE_UPS),
            ..args
        })
    }

    fn line_up(words: &Selection, json: bool) -> anyhow::Result<Self> {
        Ok(Self {
            compare: None,
            replace: None,
            frameworks: words.frameworks.clone(),
            framework_dir: words.framework_dir.clone(),
            scenario: words.one_scenario()?,
            rounds: None,
            connections: None,
            quick: words.quick,
            no_collector: false,
            threshold: None,
            pmu: false,
            seed: words.seed,
            markdown: None,
            folded: None,
            flame: None,
            instrument: None,
            csv: None,
            read: None,
            beside: None,
            page: None,
            json,
        })
    }
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    if let Some(folder) = &args.read {
        return beside::run(folder, args.beside.as_deref());
    }
    let project = select::here()?;
    let counter = match args.pmu {
        true => Counter::pmu()?,
        false => Counter::find(&project)?,
    };
    match (&args.compare, &args.instrument) {
        (Some(what), _) => compare(args, &project, &counter, what),
        (None, Some(other)) => instrument::run(args, &counter, other),
        (None, None) => line_up::run(args, &project, &counter),
    }
}

/// What counts, and when to stop.
pub struct Counter {
    means: Means,
    stop: Arc<AtomicBool>,
}

impl Counter {
    /// The emulator.
    pub fn find(project: &Project) -> anyhow::Result<Self> {
        let folder = project.root().join("target/instructions");
        let emulator = Emulator::find(&folder).map_err(|e| match e {
            Unavailable::Io { .. } | Unavailable::Compile(_) => anyhow::Error::from(e),
            _ => NotNow(e.to_string()).into(),
        })?;
        Self::by(Means::Emulator(emulator))
    }

    /// The processor's own counter.
    fn pmu() -> anyhow::Result<Self> {
        Self::by(Means::pmu().map_err(|e| NotNow(e.to_string()))?)
    }

    fn by(means: Means) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the runtime cannot be started")?;
        // Ends with the process.
        std::thread::spawn(move || {
            runtime.block_on(signal::arrives());
            told.store(true, Ordering::Relaxed);
        });
        Ok(Self { means, stop })
    }

    /// The emulator, for what nothing else can count.
    pub fn emulator(&self) -> anyhow::Result<&Emulator> {
        match &self.means {
            Means::Emulator(emulator) => Ok(emulator),
            Means::Pmu => Err(NotNow("this is counted by the emulator only".to_owned()).into()),
        }
    }

    /// Whether the user wants it to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Name and version of what counts.
    pub fn name(&self) -> &str {
        self.means.name()
    }

    /// Makes all starts; the answer where there is no number.
    pub fn starts(
        &self,
        protocol: &Protocol,
        subjects: &Subjects,
        scenario: Scenario,
        seed: u64,
    ) -> anyhow::Result<Result<Vec<Measured>, Answer>> {
        let scratch = std::env::temp_dir().join(format!("lab-count-{}", std::process::id()));
        let (done, of) = (AtomicUsize::new(0), protocol.starts(seed).len());
        let each = |_: usize, measured: &Measured| {
            let number = done.fetch_add(1, Ordering::Relaxed) + 1;
            crate::progress::note(&format!(
                "start {number}/{of}: {} {}",
                measured.role.name(),
                words::thousands(measured.instructions)
            ));
        };
        let stop = || self.stop.load(Ordering::Relaxed);
        let all = ::count::run(
            &::count::run::Plan {
                means: &self.means,
                protocol,
                subjects,
                scenario,
                seed,
                folder: &scratch,
            },
            &each,
            &stop,
        );
        let _ = fs::remove_dir_all(&scratch);
        match all {
            Ok(all) => Ok(Ok(all)),
            Err(CountError::CutShort) => {
                eprintln!("cut short: nothing was counted to the end");
                Ok(Err(Answer::CutShort))
            }
            Err(e @ CountError::Wrong { .. }) => Err(e.into()),
            Err(e) => Err(NotNow(e.to_string()).into()),
        }
    }
}

/// The protocol that the words ask for, of these roles.
fn protocol(args: &Args) -> Protocol {
    let mut protocol = Protocol::default();
    if args.quick {
        protocol.rounds = 2;
        (protocol.warm_up, protocol.requests, protocol.collecting) = (500, 1_000, 1_000);
    }
    if let Some(rounds) = args.rounds {
        protocol.rounds = rounds;
    }
    if let Some(connections) = args.connections {
        protocol.connections = connections as usize;
        protocol.resting = protocol.connections / 2;
    }
    match args.no_collector {
        true => protocol.without(&[Role::BaseCollecting, Role::NewCollecting]),
        false => protocol,
    }
}

fn compare(
    args: &Args,
    project: &Project,
    counter: &Counter,
    what: &str,
) -> anyhow::Result<Answer> {
    let versions = Compare::of(what, args.replace.as_deref());
    let (base, new) = versions.versions(project, &args.framework_dir, &args.frameworks)?;
    let base = prepare(project, &base.framework, &base.is)?;
    let new = prepare(project, &new.framework, &new.is)?;
    let mut protocol = protocol(args);
    if !new.framework.supports.contains(&Feature::Spin) {
        protocol = protocol.without(&[Role::Reference, Role::Control]);
    }
    let seed = args.seed.unwrap_or_else(select::seed_of_now);
    let subjects = Subjects {
        base: base.subject.clone(),
        new: new.subject.clone(),
    };
    let starts = match counter.starts(&protocol, &subjects, args.scenario, seed)? {
        Ok(starts) => starts,
        Err(answer) => return Ok(answer),
    };
    let what = What {
        framework: new.framework.name.clone(),
        scenario: args.scenario.name().to_owned(),
        base_is: base.is.clone(),
        new_is: new.is.clone(),
        counter: counter.name().to_owned(),
        seed,
        same_code: base.has_the_code_of(&new),
    };
    let verdict =
        Verdict::of(what, protocol, starts, &new.packages).map_err(|e| NotNow(e.to_string()))?;
    if let Some(file) = &args.markdown {
        write(file, &words::markdown(&verdict))?;
    }
    let profile = ::count::verdict::profile(&verdict.starts, Role::New);
    written(args, profile.as_ref(), &new)?;
    let doubts = verdict.doubts();
    if args.json {
        println!("{}", serde_json::to_string_pretty(&verdict)?);
    } else {
        print!("{}", words::markdown(&verdict));
    }
    if !doubts.is_empty() {
        eprintln!("not to be used: {}", doubts.join("; "));
        return Ok(Answer::Undecided);
    }
    let limit = args.threshold.map(|share| 1.0 + share);
    match limit.is_some_and(|limit| verdict.code.low > limit) {
        true => Ok(Answer::BadNews),
        false => Ok(Answer::Good),
    }
}

/// The profile of a version as lines and as a picture, where they are wanted.
fn written(args: &Args, profile: Option<&Profile>, version: &Version) -> anyhow::Result<()> {
    if args.folded.is_none() && args.flame.is_none() {
        return Ok(());
    }
    let name = &version.framework.name;
    let profile = profile.with_context(|| {
        format!("the functions of {name} are not known, as it came built or is not in Go: neither --folded nor --flame can be had of it")
    })?;
    let folded = version.packages.folded(&profile.functions);
    if let Some(file) = &args.folded {
        write(file, &folded)?;
    }
    if let Some(file) = &args.flame {
        let foot = format!("{name} ({}), {}", version.is, args.scenario.name());
        let flame = Flame::read(&foot, &folded).map_err(anyhow::Error::msg)?;
        write(file, &flame.svg())?;
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
