//! `lab host`: is this machine set as a profile says, set it, put back what was found.

use std::path::PathBuf;

use anyhow::{Context, bail};
use host::audit::{self, Finding};
use host::journal::STATE;
use host::{Machine, Profile, apply, profile};

use crate::{Answer, select};

/// Compare this machine with a host profile, set it, put back what was found.
///
/// Profiles are the files of hosts/; hosts/README.md says what is in them.
#[derive(clap::Args)]
#[command(after_help = "Example: lab host audit")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
    /// Take a folder for the machine's root
    #[arg(
        long,
        global = true,
        hide = true,
        default_value = "/",
        value_name = "DIR"
    )]
    root: PathBuf,
}

#[derive(clap::Subcommand)]
enum Verb {
    Audit(Audit),
    Apply(Apply),
    Restore(Restore),
}

/// Compare this machine with a profile, a line a setting: wanted, found, why it matters.
///
/// Exit status: 0 all match, 1 something differs, 2 the call is wrong. Without a profile it
/// shows what this machine is and which profile fits best; the exit status is 0 then.
#[derive(clap::Args)]
#[command(after_help = "Example: lab host audit")]
struct Audit {
    /// A name from hosts/, or the path of a .toml file
    profile: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Set this machine to a profile, as far as a running system can be (as root).
///
/// What is found is written to a journal first, and is on the disk before anything is changed:
/// `lab host restore` puts it back, whatever happened in between. Applied twice, the first
/// journal's values are kept. A value that cannot be set is named and the rest goes on; the
/// exit status is 1 then.
#[derive(clap::Args)]
#[command(after_help = "Example: sudo lab host apply two-core-vm")]
struct Apply {
    /// A name from hosts/, or the path of a .toml file
    profile: String,
    #[command(flatten)]
    state: State,
}

/// Put back what `lab host apply` found (as root).
///
/// Works after a crash or a restart of the machine too. A value that cannot be put back is
/// named and stays in the journal; the exit status is 1 then.
#[derive(clap::Args)]
#[command(after_help = "Example: sudo lab host restore")]
struct Restore {
    #[command(flatten)]
    state: State,
}

#[derive(clap::Args)]
struct State {
    /// The folder of the journal
    #[arg(long = "state", default_value = STATE, value_name = "DIR")]
    folder: PathBuf,
    /// Die by SIGKILL at the Nth step, as a power cut would
    #[arg(long, hide = true, value_name = "N")]
    kill_at: Option<u32>,
}

impl State {
    /// What is told of each step: nothing, but where a test wants the process to die.
    fn step(&self) -> impl FnMut() + use<> {
        let mut left = self.kill_at;
        move || {
            left = left.map(|n| n.saturating_sub(1));
            if left == Some(0) {
                ::host::die();
            }
        }
    }
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let machine = Machine::at(&args.root);
    match &args.verb {
        Verb::Audit(Audit {
            profile: None,
            json,
        }) => survey(&machine, *json),
        Verb::Audit(Audit {
            profile: Some(name),
            json,
        }) => {
            let profile = find(name)?;
            compare(&machine, &profile, *json)
        }
        Verb::Apply(args) => apply(&machine, args),
        Verb::Restore(args) => restore(&machine, args),
    }
}

/// A profile by its name, or by the path of its file, for which no checkout is needed.
pub fn find(name: &str) -> anyhow::Result<Profile> {
    let folder = match name.ends_with(".toml") {
        true => PathBuf::new(),
        false => select::here()?.root().join(profile::FOLDER),
    };
    Ok(Profile::find(&folder, name)?)
}

fn compare(machine: &Machine, profile: &Profile, json: bool) -> anyhow::Result<Answer> {
    let findings = audit::read(machine, Some(profile));
    let differ = differing(&findings);
    if json {
        let audit = serde_json::json!({
            "schema": "host-audit/1",
            "profile": profile.name,
            "title": profile.wanted.title,
            "matches": differ == 0,
            "settings": settings(&findings),
        });
        println!("{}", serde_json::to_string_pretty(&audit)?);
    } else {
        println!("{}: {}", profile.name, profile.wanted.title);
        println!();
        print(&findings);
        println!();
        let asked = findings.iter().filter(|f| f.setting.wanted.is_some());
        let asked = asked.count();
        match differ {
            0 => println!("All {asked} settings match."),
            n => {
                let settable = findings.iter().filter(|f| is_settable(f)).count();
                println!(
                    "{n} of {asked} settings differ; `lab host apply {}`, as root, can set {settable} of them.",
                    profile.name
                );
            }
        }
    }
    Ok(match differ {
        0 => Answer::Good,
        _ => Answer::BadNews,
    })
}

/// What this machine is, and how far it is from each profile.
fn survey(machine: &Machine, json: bool) -> anyhow::Result<Answer> {
    // Outside of a checkout there are no profiles, and the machine is what it is.
    let folder = select::here()
        .ok()
        .map(|project| project.root().join(profile::FOLDER));
    let mut profiles = Vec::new();
    let names = folder.as_deref().map(Profile::names).transpose()?;
    for (folder, name) in folder
        .iter()
        .flat_map(|f| names.iter().flatten().map(move |n| (f, n)))
    {
        let profile = Profile::find(folder, name)?;
        let findings = audit::read(machine, Some(&profile));
        // What cannot be set here weighs first: a profile for another kind of machine never fits.
        let differ = differing(&findings);
        let settable = findings.iter().filter(|f| is_settable(f)).count();
        profiles.push((differ - settable, differ, profile));
    }
    profiles.sort_by(|a, b| (a.0, a.1, &a.2.name).cmp(&(b.0, b.1, &b.2.name)));
    let findings = audit::read(machine, None);
    if json {
        let listed: Vec<_> = profiles
            .iter()
            .map(|(fixed, differ, profile)| {
                serde_json::json!({
                    "name": profile.name,
                    "title": profile.wanted.title,
                    "differ": differ,
                    "cannot_be_set": fixed,
                })
            })
            .collect();
        let survey = serde_json::json!({
            "schema": "host-survey/1",
            "profiles": listed,
            "settings": settings(&findings),
        });
        println!("{}", serde_json::to_string_pretty(&survey)?);
        return Ok(Answer::Good);
    }
    print(&findings);
    println!();
    println!("Profiles, the one that fits best first:");
    for (fixed, differ, profile) in &profiles {
        let how = match (differ, fixed) {
            (0, _) => "this machine matches".to_owned(),
            (n, 0) => format!("{n} settings differ, `lab host apply` sets all of them"),
            (n, fixed) => format!("{n} settings differ, {fixed} of them cannot be set here"),
        };
        println!("  {:<16} {how}", profile.name);
    }
    Ok(Answer::Good)
}

fn differing(findings: &[Finding]) -> usize {
    findings.iter().filter(|f| !f.setting.matches).count()
}

/// Whether it differs and can be set on a running system.
fn is_settable(finding: &Finding) -> bool {
    !finding.setting.matches && !finding.knobs.is_empty()
}

fn settings(findings: &[Finding]) -> Vec<serde_json::Value> {
    let one = |f: &Finding| {
        serde_json::json!({
            "name": f.setting.name,
            "wanted": f.setting.wanted,
            "found": f.setting.found,
            "matches": f.setting.matches,
            "cannot_be_set": f.setting.fixed,
            "why": f.why,
        })
    };
    findings.iter().map(one).collect()
}

fn print(findings: &[Finding]) {
    let longest = |cell: fn(&Finding) -> usize, heading: &str| {
        let cells = findings.iter().map(cell);
        cells.max().unwrap_or(0).max(heading.len())
    };
    let name = longest(|f| f.setting.name.len(), "setting");
    let wanted = longest(|f| wanted(f).len(), "wanted");
    let found = longest(|f| f.setting.found().len(), "found");
    println!(
        "{:<name$}  {:<wanted$}  {:<found$}  {:<7}  why it matters",
        "setting", "wanted", "found", ""
    );
    for finding in findings {
        let setting = &finding.setting;
        let verdict = match (&setting.wanted, setting.matches) {
            (None, _) => "",
            (Some(_), true) => "match",
            (Some(_), false) => "differs",
        };
        let fixed = match &setting.fixed {
            Some(why) => format!("; cannot be set here: {why}"),
            None => String::new(),
        };
        println!(
            "{:<name$}  {:<wanted$}  {:<found$}  {verdict:<7}  {}{fixed}",
            setting.name,
            self::wanted(finding),
            setting.found(),
            finding.why
        );
    }
}

fn wanted(finding: &Finding) -> &str {
    finding.setting.wanted.as_deref().unwrap_or("-")
}

fn apply(machine: &Machine, args: &Apply) -> anyhow::Result<Answer> {
    let profile = find(&args.profile)?;
    let applied = apply::apply(
        machine,
        &profile,
        &args.state.folder,
        &mut args.state.step(),
    )
    .context("nothing was set")?;
    let failed = tell(&applied.changes) + applied.missing.len();
    for (name, why) in &applied.missing {
        println!("NOT SET     {name}: {why}");
    }
    for (name, why) in &applied.fixed {
        println!("left alone  {name}: {why}");
    }
    if failed == 0 && applied.changes.is_empty() {
        println!("Nothing to set.");
    }
    println!(
        "What was found is in {}; `lab host restore` puts it back.",
        args.state.folder.display()
    );
    Ok(match failed {
        0 => Answer::Good,
        _ => Answer::BadNews,
    })
}

fn restore(machine: &Machine, args: &Restore) -> anyhow::Result<Answer> {
    let folder = &args.state.folder;
    let restored = apply::restore(machine, folder, &mut args.state.step())?;
    let Some(restored) = restored else {
        bail!(
            "there is nothing to restore: {} holds no journal of a `lab host apply`",
            folder.display()
        );
    };
    let failed = tell(&restored.changes);
    if restored.restarted {
        println!("The machine was started anew since then; the values are those from before.");
    }
    println!(
        "{} values put back, {} were as they had been found.",
        restored.changes.len() - failed,
        restored.untouched
    );
    if failed > 0 {
        println!("What could not be put back stays in the journal: try again as root.");
        return Ok(Answer::BadNews);
    }
    Ok(Answer::Good)
}

/// Prints a line a change; gives how many failed.
fn tell(changes: &[apply::Change]) -> usize {
    for change in changes {
        let (from, to) = (short(&change.from), short(&change.to));
        match &change.failed {
            None => println!("set         {}: {from} -> {to}", change.target),
            Some(why) => println!("NOT SET     {}: {from} -> {to}: {why}", change.target),
        }
    }
    changes.iter().filter(|c| c.failed.is_some()).count()
}

/// A value for people: the journal says of each thread that has CPUs of its own which these are.
fn short(value: &str) -> String {
    const MOST: usize = 3;
    let parts: Vec<&str> = value.split("; ").collect();
    match parts.len().checked_sub(MOST) {
        None | Some(0) => value.to_owned(),
        Some(more) => format!("{}; {more} more", parts[..MOST].join("; ")),
    }
}
