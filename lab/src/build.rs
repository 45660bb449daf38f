//! `lab build`: the servers, without measuring them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Once;
use std::time::Instant;

use anyhow::Context;
use builder::{LineUp, Step, Toolchain, go};
use catalog::Framework;
use plan::estimate::spoken;
use plan::{Project, project};

use crate::{Answer, select};

/// Build servers, those that have changed.
///
/// A server is kept under what it is made of (sources, go.mod, go.sum, the kit, toolchain,
/// flags), in target/servers; `bench` and `check` take it from there. As many are compiled at a
/// time as there are CPUs.
#[derive(clap::Args)]
#[command(after_help = "Example: lab build gin echo")]
pub struct Args {
    /// The frameworks; all where none is named
    frameworks: Vec<String>,
    /// Also a framework from outside of the checkout: its folder, or one that holds several
    #[arg(long, value_name = "DIR")]
    framework_dir: Vec<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let project = select::here()?;
    let all = project.frameworks(&args.framework_dir)?;
    let chosen = project::pick(&all, &args.frameworks)?;
    let begun = Instant::now();
    let (servers, compiled) = line_up(&project, &chosen)?;
    let good = servers.values().all(Result::is_ok);
    if args.json {
        let rows: Vec<_> = servers
            .iter()
            .map(|(name, built)| match built {
                Ok(binary) => serde_json::json!({
                    "framework": name,
                    "compiled": compiled.contains(name),
                    "path": binary.path.display().to_string(),
                    "sha256": binary.sha256,
                    "bytes": binary.bytes,
                    "toolchain": binary.toolchain,
                }),
                Err(e) => serde_json::json!({ "framework": name, "problem": e.to_string() }),
            })
            .collect();
        let all = serde_json::json!({ "schema": "build/1", "good": good, "frameworks": rows });
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        for (name, built) in &servers {
            match built {
                Ok(binary) => println!(
                    "{:<10}  {name} ({:.1} MiB)",
                    if compiled.contains(name) {
                        "built"
                    } else {
                        "unchanged"
                    },
                    binary.bytes as f64 / f64::from(1 << 20)
                ),
                Err(e) => println!("FAILED      {name} {e}"),
            }
        }
        let failed = servers.values().filter(|built| built.is_err()).count();
        let and_failed = match failed {
            0 => String::new(),
            n => format!(", {n} failed,"),
        };
        println!(
            "{} of {} compiled{and_failed} in {}",
            compiled.len(),
            servers.len(),
            spoken(begun.elapsed())
        );
    }
    Ok(if good { Answer::Good } else { Answer::BadNews })
}

/// Says once what a user would not expect of the builds to come. Settles which Go makes them, before
/// anything else waits: fetching it may take a while, and Ctrl-C ends that.
pub fn announce() {
    static TOLD: Once = Once::new();
    if go::is_installed() {
        TOLD.call_once(told);
    }
}

fn told() {
    let withheld = go::withheld();
    if !withheld.is_empty() {
        eprintln!(
            "Set here and kept from the builds, so that everybody builds the same: {}",
            withheld.join(", ")
        );
    }
    if !go::is_here() {
        eprintln!(
            "Servers are built with Go {}, which is not the one on PATH: `go` fetches it, once",
            go::PINNED
        );
    }
    if let Some(why) = &go::choice().why_not {
        eprintln!(
            "Go {} cannot be had ({why}): servers are built with the Go on PATH, which is another toolchain",
            go::PINNED
        );
    }
}

/// Builds frameworks; gives the servers, and the names of those that were compiled.
pub fn line_up(
    project: &Project,
    frameworks: &BTreeMap<String, Framework>,
) -> anyhow::Result<(LineUp, BTreeSet<String>)> {
    announce();
    let folder = project.build_folder();
    let logs = folder.join("logs");
    std::fs::create_dir_all(&logs).with_context(|| format!("cannot create {}", logs.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let mut compiled = BTreeSet::new();
    let servers = runtime.block_on(async {
        let toolchain = Toolchain::find(&folder).await?;
        let frameworks: Vec<_> = frameworks.values().collect();
        let log = |framework: &Framework| logs.join(format!("{}.txt", framework.name));
        let on = |step: Step<'_>| {
            if let Step::Compiling {
                framework,
                number,
                of,
            } = step
            {
                eprintln!("building {number}/{of}: {framework}");
                compiled.insert(framework.to_owned());
            }
        };
        Ok::<_, builder::BuildError>(
            builder::build_all(&frameworks, &folder, &toolchain, log, on).await,
        )
    });
    let servers = servers.map_err(|e| anyhow::anyhow!("the servers {e}"))?;
    compiled.retain(|name| servers.get(name).is_some_and(Result::is_ok));
    Ok((servers, compiled))
}
