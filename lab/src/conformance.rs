//! `lab conformance`: what servers do where the contract leaves them free.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use builder::Binary;
use catalog::Framework;
use contract::conformance::{Examined, examine, table};
use plan::project;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::{Answer, select};

/// How many servers are examined at a time: most of it is waiting for what does not come.
const AT_A_TIME: usize = 8;
const COMMAND: &str = "lab conformance";

/// Write down what servers do where the contract leaves them free.
///
/// Asks each server over raw sockets: how its router reads paths and methods, how large a
/// request's head may be, how many bytes its answers have, how it keeps connections, and which
/// requests it believes that it should refuse (request smuggling). Writes README.md and
/// conformance.json. There is no timing in either, so the same servers give the same bytes.
#[derive(clap::Args)]
#[command(after_help = "Example: lab conformance")]
pub struct Args {
    /// The frameworks; all where none is named
    frameworks: Vec<String>,
    /// Also a framework from outside of the checkout: its folder, or one that holds several
    #[arg(long, value_name = "DIR")]
    framework_dir: Vec<PathBuf>,
    /// Where the two files are written
    #[arg(long, default_value = "reports/conformance", value_name = "DIR")]
    out: PathBuf,
    /// Print the JSON instead of writing files
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let project = select::here()?;
    let all = project.frameworks(&args.framework_dir)?;
    let chosen = project::pick(&all, &args.frameworks)?;
    crate::build::announce();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let logs = project.build_folder().join("conformance");
    std::fs::create_dir_all(&logs).with_context(|| format!("cannot create {}", logs.display()))?;
    let (examined, toolchain, good) = runtime.block_on(async {
        let (built, all_built) = build_all(&project, &chosen, &logs).await;
        let toolchain = built.first().map(|(_, binary)| binary.toolchain.clone());
        let count = built.len();
        let examined = examine_all(built, &logs).await;
        let good = all_built && examined.len() == count;
        (examined, toolchain.unwrap_or_default(), good)
    });
    let json = table::json(&examined, &toolchain);
    if args.json {
        print!("{json}");
    } else {
        std::fs::create_dir_all(&args.out)
            .with_context(|| format!("cannot create {}", args.out.display()))?;
        let command = match args.frameworks.is_empty() {
            true => COMMAND.to_owned(),
            false => format!("{COMMAND} {}", args.frameworks.join(" ")),
        };
        let page = table::markdown(&examined, &toolchain, &command);
        for (name, text) in [("conformance.json", json), ("README.md", page)] {
            let file = args.out.join(name);
            std::fs::write(&file, text)
                .with_context(|| format!("cannot write {}", file.display()))?;
            println!("{}", file.display());
        }
    }
    Ok(if good { Answer::Good } else { Answer::BadNews })
}

/// Builds the servers one after the other; what does not build is told and left out.
async fn build_all(
    project: &::plan::Project,
    chosen: &BTreeMap<String, Framework>,
    logs: &Path,
) -> (Vec<(Framework, Binary)>, bool) {
    let (mut built, mut good) = (Vec::new(), true);
    for (i, framework) in chosen.values().enumerate() {
        eprintln!(
            "building {} ({} of {})",
            framework.name,
            i + 1,
            chosen.len()
        );
        let log = logs.join(format!("{}.build.txt", framework.name));
        match builder::build(framework, &project.build_folder(), &log).await {
            Ok(binary) => built.push((framework.clone(), binary)),
            Err(e) => {
                eprintln!("lab: {} {e}", framework.name);
                good = false;
            }
        }
    }
    (built, good)
}

/// Examines a few servers at a time; one that cannot be examined is told and left out.
async fn examine_all(built: Vec<(Framework, Binary)>, logs: &Path) -> BTreeMap<String, Examined> {
    let gate = Arc::new(Semaphore::new(AT_A_TIME));
    let mut tasks = JoinSet::new();
    for (framework, binary) in built {
        let gate = Arc::clone(&gate);
        let log = logs.join(format!("{}.stderr.txt", framework.name));
        tasks.spawn(async move {
            let _turn = gate.acquire_owned().await;
            let _ = std::fs::remove_file(&log);
            let facts = examine(&framework, &binary, &log).await;
            (framework, binary, facts)
        });
    }
    let count = tasks.len();
    let mut all = BTreeMap::new();
    let mut done = 0;
    while let Some(Ok((framework, binary, facts))) = tasks.join_next().await {
        done += 1;
        eprintln!("examined {} ({done} of {count})", framework.name);
        match facts {
            Ok(facts) => {
                all.insert(framework.name.clone(), record(&framework, &binary, facts));
            }
            Err(e) => eprintln!("lab: {} {e}", framework.name),
        }
    }
    all
}

fn record(framework: &Framework, binary: &Binary, facts: contract::conformance::Facts) -> Examined {
    let version = binary.modules.get(&framework.module);
    Examined {
        title: framework.title.clone(),
        class: framework.class.name(),
        engine: framework.engine.clone(),
        engine_version: record::engine_module(&framework.engine)
            .and_then(|module| binary.modules.get(module))
            .cloned(),
        module: framework.module.clone(),
        version: version.unwrap_or(&binary.toolchain).clone(),
        departs: framework.departs.iter().map(|d| d.name()).collect(),
        facts,
    }
}
