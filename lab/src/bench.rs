//! `lab bench`: build, check, measure, report.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use builder::git;
use plan::Project;
use plan::kinds::selfcheck::SELFCHECK;
use record::{Campaign, LabRecord, Status};
use run::{CampaignError, Ended, Far, Instrument, Request};
use server::remote::Destination;
use server::remote::link::Ssh;

use crate::compare::Compare;
use crate::select::{self, Selected, Selection};
use crate::{
    Answer, NotNow, build, count, host, progress, report, results, selfcheck, signal, there,
};

/// The revision of a lab that git does not tell.
pub const UNKNOWN: &str = "unknown";
/// What can be done with a campaign that came to no end.
const OFFER: &str = "`lab report` reads what was measured, `lab bench --resume` goes on; both take the campaign's folder.";
/// What a revision ends in that is not all that was measured: there were uncommitted changes.
pub const DIRTY: &str = "-dirty";

/// Build, check and measure the frameworks, and write a report.
///
/// Every server is held to the contract first; one that fails is named and left out. Then
/// come cold starts, and launches of all servers with short windows of load in random
/// order, the baseline twice in each block. Everything is kept in results/<campaign>, which
/// results/latest points at; the report is in its folder `report`.
///
/// `lab bench selfcheck` asks instead whether this machine is fit to judge: copies of one server
/// must not be told apart, and a known extra work must be found. It takes about three minutes;
/// exit status 1 says that the machine is not fit.
///
/// `lab bench instructions` counts the instructions of a request for the whole line-up, as `lab count`
/// does, and keeps its tables in results/instructions.
///
/// Exit status: 0 all was measured; 1 a framework failed and was left out; 2 the call or its input
/// is wrong; 3 it cannot be told on this machine now: what the lab itself needs (the disk is full,
/// the servers' machine is gone) does not work, from the beginning or on the way, or nothing could
/// be measured of a server by no fault of its own; 130 Ctrl-C.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  lab bench\n  lab bench --quick --frameworks gin,echo\n  lab bench --compare HEAD~1 --frameworks gin\n  lab bench --compare HEAD~1 --frameworks gin --count"
)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Record this as the revision that the lab and the servers were built from: for a lab that
    /// was not built in the checkout, and so cannot ask git
    #[arg(long, value_name = "REVISION")]
    revision: Option<String>,
    #[command(flatten)]
    compare: Compare,
    /// Where campaigns are kept
    #[arg(long, default_value = "results", value_name = "DIR")]
    out: PathBuf,
    /// The host profile that this machine should match: a name from hosts/, or a .toml file
    ///
    /// Servers and instrument run on the profile's CPUs. The machine is audited before and
    /// after; the campaign calls itself pinned only if it matched both times, and the report
    /// says why where it does not. `lab host apply PROFILE` sets the machine.
    #[arg(long, value_name = "PROFILE")]
    host: Option<String>,
    /// Run the servers on another machine, and offer the load from this one: ssh://user@host
    ///
    /// The lab copies itself and the servers there (to ~/.cache/lab-agent, by their hash) with
    /// the system's OpenSSH, which must get in without a password. Servers listen on the address
    /// at which ssh reached that machine, so keep strangers off that network; they are checked
    /// against the contract here first. None survives the connection.
    #[arg(long, value_name = "URL")]
    server_host: Option<Destination>,
    /// The host profile that the servers' machine should match; --host is this machine's then
    #[arg(long, value_name = "PROFILE", requires = "server_host")]
    server_profile: Option<String>,
    /// Give ssh this configuration file instead of the user's
    #[arg(long, value_name = "FILE", requires = "server_host")]
    ssh_config: Option<PathBuf>,
    /// Go on with a campaign that was broken off (by kill -9, a power cut, Ctrl-C), after
    /// its last whole block: the folder of the campaign, or the latest one
    ///
    /// Everything else is as the campaign was started; it is refused where a server's binary,
    /// the experiment, the lab, the kernel, the CPUs or the host's audit are not what they were.
    #[arg(
        long,
        value_name = "CAMPAIGN",
        conflicts_with_all = ["experiment", "quick", "precise", "frameworks", "scenarios", "framework_dir", "frameworks_from", "host", "seed", "repetition", "revision", "server_host"]
    )]
    resume: Option<Option<PathBuf>>,
    /// Print summary.json (of selfcheck: what it found) instead of the table
    #[arg(long)]
    json: bool,
}

impl Args {
    /// The campaign to go on with, if one is asked for.
    fn broken_off(&self) -> Option<PathBuf> {
        let named = self.resume.as_ref()?;
        Some(named.clone().unwrap_or_else(|| self.out.join("latest")))
    }

    /// Refuses what counting instructions would not heed.
    fn is_of_a_count(&self, beside: Option<&'static str>) -> anyhow::Result<()> {
        let given = [
            (self.revision.is_some(), "--revision"),
            (self.host.is_some(), "--host"),
            (self.server_host.is_some(), "--server-host"),
        ];
        let words: Vec<_> = (given.into_iter())
            .filter_map(|(is_given, word)| is_given.then_some(word))
            .chain(self.selection.for_campaigns())
            .chain(beside)
            .collect();
        if !words.is_empty() {
            bail!(
                "instructions are counted by no campaign, which is all that heeds {}: leave that away",
                words.join(", ")
            );
        }
        Ok(())
    }
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let selection = &args.selection;
    let is_named = !["headline", count::INSTRUCTIONS].contains(&selection.name());
    if let Some(versions) = args.compare.counted() {
        args.is_of_a_count(is_named.then_some("an experiment's name"))?;
        return count::run(&count::Args::compared(versions, selection, args.json)?);
    }
    if selection.name() == count::INSTRUCTIONS && !args.compare.is_wanted() {
        args.is_of_a_count(None)?;
        return count::run(&count::Args::kept(selection, args.json, &args.out)?);
    }
    match args.broken_off() {
        None => {
            let words = words()?;
            carry_out(args, &request(args, words)?, None)
        }
        Some(folder) => {
            there::holds_a_campaign(&folder)?;
            let then = Campaign::open(&folder)?.file;
            let Some(first) = crate::bench_words(&then.command) else {
                bail!(
                    "campaign {} was started by `lab {}`, which is no `lab bench` that this lab knows: it can be read (`lab report`) but not resumed",
                    then.id,
                    then.command.join(" ")
                );
            };
            let mut request = request(&first, then.command)?;
            request.seed = then.seed;
            carry_out(args, &request, Some(&folder))
        }
    }
}

/// The words of the command line, which the campaign records: a later `--resume` is given by them.
fn words() -> anyhow::Result<Vec<String>> {
    let said = std::env::args_os().skip(1);
    said.map(|word| {
        word.into_string().map_err(|word| {
            anyhow!(
                "the word `{}` is not UTF-8, and a campaign's file keeps the words that it was started by: give the folder another name, or a link to it",
                word.display()
            )
        })
    })
    .collect()
}

/// What the words ask for.
fn request(args: &Args, words: Vec<String>) -> anyhow::Result<Request> {
    let project = select::here()?;
    let selected = if args.compare.is_wanted() {
        args.compare.resolve(&project, &args.selection)?
    } else if args.selection.name() == SELFCHECK {
        selfcheck::resolve(&project, &args.selection)?
    } else {
        args.selection.resolve(&project)?
    };
    let revision = args.revision.as_deref();
    let mut request = assemble(&project, selected, &args.out, words, revision)?;
    results::holds_folders(&args.out)?;
    request.quick = args.selection.quick;
    request.host = args.host.as_deref().map(host::find).transpose()?;
    request.far = far(args)?;
    Ok(request)
}

/// The request of a full campaign on the host as it is; git is asked for the revision where the
/// user named none.
pub fn assemble(
    project: &Project,
    selected: Selected,
    results: &Path,
    words: Vec<String>,
    named: Option<&str>,
) -> anyhow::Result<Request> {
    Ok(Request {
        experiment: selected.experiment,
        quick: false,
        frameworks: selected.frameworks,
        seed: selected.seed,
        repetition: selected.repetition,
        results: results.to_owned(),
        build_folder: project.build_folder(),
        command: words,
        instrument: Instrument {
            program: std::env::current_exe().context("the lab's own program cannot be found")?,
            args: ["load", "--spec", "-"].map(str::to_owned).to_vec(),
        },
        lab: LabRecord {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            revision: named.map_or_else(|| revision(project), str::to_owned),
        },
        host: None,
        far: None,
    })
}

/// The servers' machine, if it is another one.
fn far(args: &Args) -> anyhow::Result<Option<Far>> {
    let Some(destination) = &args.server_host else {
        return Ok(None);
    };
    Ok(Some(Far {
        ssh: Ssh {
            destination: destination.clone(),
            config: args.ssh_config.clone(),
        },
        profile: args.server_profile.as_deref().map(host::find).transpose()?,
    }))
}

/// Measures; the answer where it came to no end, which has been told then.
///
/// What fails before the campaign has a folder is the call's or its input's fault, an error.
pub fn measure(request: &Request, resume: Option<&Path>) -> anyhow::Result<Result<Ended, Answer>> {
    if request.frameworks.values().any(|f| f.prebuilt.is_none()) {
        build::announce();
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let mut progress = progress::Stderr::new();
    let stop = signal::arrives;
    let ended = match resume {
        None => runtime.block_on(run::run(request, &mut progress, stop())),
        Some(folder) => runtime.block_on(run::resume(request, folder, &mut progress, stop())),
    };
    let begun = progress.begun();
    drop(progress);
    let ended = match ended {
        Ok(ended) => ended,
        Err(CampaignError::Preflight(trouble)) => return Err(NotNow(trouble.to_string()).into()),
        // That something is not as it was is found out on the way, too, before anything is measured.
        Err(error @ CampaignError::Resume(_)) => return Err(error.into()),
        Err(error) if !begun => return Err(error.into()),
        // The servers' own doing, and nothing that another try would mend.
        Err(
            error @ (CampaignError::NobodyLeft(_)
            | CampaignError::OneVersion { .. }
            | CampaignError::Changed { .. }),
        ) => {
            eprintln!("lab: {error}");
            return Ok(Err(Answer::BadNews));
        }
        // A full disk, a machine that is gone, an instrument that stops: as before the beginning it
        // says nothing of any server.
        Err(error) => return Err(NotNow(format!("{error}\n{OFFER}")).into()),
    };
    if ended.status == Status::Interrupted {
        eprintln!(
            "Interrupted. All servers are stopped; the whole blocks up to here are in {}.",
            ended.dir.path().display()
        );
        eprintln!("{OFFER}");
        return Ok(Err(Answer::CutShort));
    }
    Ok(Ok(ended))
}

/// Measures and reports.
fn carry_out(args: &Args, request: &Request, resume: Option<&Path>) -> anyhow::Result<Answer> {
    let ended = match measure(request, resume)? {
        Ok(ended) => ended,
        Err(answer) => return Ok(answer),
    };
    if request.experiment.name == SELFCHECK {
        return selfcheck::judge(ended.dir.path(), args.json);
    }
    let show = match args.json {
        true => report::Show::Summary,
        false => report::Show::Table,
    };
    report::write(ended.dir.path(), show)?;
    for place in &ended.unmeasured {
        eprintln!(
            "lab: no window of {place} could be measured, by no fault of the server's (see the report's flags): measure again on a quieter machine"
        );
    }
    Ok(match (ended.excluded, ended.unmeasured.is_empty()) {
        (0, true) => Answer::Good,
        (0, false) => Answer::Undecided,
        _ => Answer::BadNews,
    })
}

/// The checkout's revision; `unknown` where git does not say, which is told.
fn revision(project: &Project) -> String {
    let git = |words: &[&str]| git::ask(project.root(), words);
    match git(&["rev-parse", "HEAD"]) {
        Ok(head) => {
            let clean = git(&["status", "--porcelain"]).is_ok_and(|s| s.is_empty());
            format!("{}{}", head.trim(), if clean { "" } else { DIRTY })
        }
        Err(why) => {
            eprintln!(
                "The revision of the lab and the servers is unknown, so this campaign cannot be published ({why}); --revision names it"
            );
            UNKNOWN.to_owned()
        }
    }
}
