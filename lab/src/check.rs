//! `lab check`: holds servers to the contract.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use builder::BuildError;
use catalog::Framework;
use contract::{self, CheckReport, Failure};
use plan::{Project, project};
use run::preflight;
use sys::stderr;

use crate::{Answer, NotNow, select};

/// Hold servers to the contract: routes, answers, concurrency, stop.
///
/// Builds each server, starts it, asks for everything that the contract promises, and
/// starts it again with extra routes, middlewares and busy work where it supports them.
/// Also looks for what no answer shows: memory that grows with each path, a source that does more
/// than its class allows, an executable that was built from something else, processes beside the
/// server's, a collector that was changed. A failure names the framework, the request, what was expected and what came.
#[derive(clap::Args)]
#[command(after_help = "Example: lab check gin")]
pub struct Args {
    /// The frameworks; all where none is named
    frameworks: Vec<String>,
    /// Also a framework from outside of the checkout: its folder, or one that holds several
    #[arg(long, value_name = "DIR")]
    framework_dir: Vec<PathBuf>,
    /// Check the servers of a folder where they are already built, DIR/NAME/bin/NAME beside
    /// DIR/NAME/framework.yaml, instead of building those of the checkout
    #[arg(long, value_name = "DIR")]
    frameworks_from: Option<PathBuf>,
    /// Their variants too
    #[arg(long)]
    variants: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let project = select::here()?;
    let mut all = match &args.frameworks_from {
        Some(folder) => Project::frameworks_prebuilt(folder)?,
        None => project.frameworks(&[])?,
    };
    all.extend(project.frameworks_outside(&args.framework_dir)?);
    let mut chosen = project::pick(&all, &args.frameworks)?;
    if args.variants {
        chosen = project::with_variants(chosen);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let logs = project.build_folder().join("check");
    runtime
        .block_on(preflight::means(chosen.values(), &project.build_folder()))
        .map_err(|trouble| NotNow(trouble.to_string()))?;
    std::fs::create_dir_all(&logs).with_context(|| format!("cannot create {}", logs.display()))?;
    // Side by side; what cannot be built says so below, one by one. Servers that came built
    // have nothing to be built from.
    let mut to_build = chosen.clone();
    to_build.retain(|_, framework| framework.prebuilt.is_none());
    if !to_build.is_empty() {
        crate::build::line_up(&project, &to_build)?;
    }
    let mut told = Told {
        good: true,
        unknown: false,
        json: args.json.then(Vec::new),
    };
    runtime.block_on(async {
        let (mut built, mut unbuilt) = (Vec::new(), BTreeMap::new());
        for framework in chosen.values() {
            let log = logs.join(format!("{}.build.txt", framework.name));
            match builder::build(framework, &project.build_folder(), &log).await {
                Ok(binary) => built.push((framework.clone(), binary)),
                Err(error) => {
                    unbuilt.insert(framework.name.clone(), error);
                }
            }
        }
        let log = |framework: &Framework| logs.join(format!("{}.stderr.txt", framework.name));
        contract::check_all(built, log, |framework, _, report| {
            let later = unbuilt.split_off(&framework.name);
            let before = std::mem::replace(&mut unbuilt, later);
            before
                .into_iter()
                .for_each(|(name, e)| told.tell(&name, &Err(e)));
            told.tell(&framework.name, &Ok(report));
        })
        .await;
        unbuilt
            .into_iter()
            .for_each(|(name, e)| told.tell(&name, &Err(e)));
    });
    if let Some(reports) = told.json {
        let all = serde_json::json!({ "schema": "check/1", "good": told.good && !told.unknown, "frameworks": reports });
        println!("{}", serde_json::to_string_pretty(&all)?);
    }
    Ok(match (told.good, told.unknown) {
        (false, _) => Answer::BadNews,
        (true, true) => Answer::Undecided,
        (true, false) => Answer::Good,
    })
}

/// What was found so far; printed as it comes unless it is to be JSON.
struct Told {
    good: bool,
    /// Trouble of the machine's kept some server from being judged.
    unknown: bool,
    json: Option<Vec<serde_json::Value>>,
}

impl Told {
    fn tell(&mut self, name: &str, result: &Result<CheckReport, BuildError>) {
        self.good &= matches!(result, Ok(report) if report.failed.is_empty());
        self.unknown |= matches!(result, Ok(report) if report.trouble.is_some());
        match &mut self.json {
            Some(reports) => reports.push(as_json(name, result)),
            None => print(name, result),
        }
    }
}

fn print(name: &str, result: &Result<CheckReport, BuildError>) {
    match result {
        Err(error) => {
            println!("FAILED  {name} {error}");
            if let Some(last) = last_line(error) {
                println!("        last line: {last}");
            }
        }
        Ok(report) => {
            for (check, failure) in &report.warned {
                println!("WARNING {name} {check}: {failure}");
            }
            if report.is_ok() {
                println!("ok      {name} ({} checks)", report.passed.len());
            }
            for (check, failure) in &report.failed {
                println!("FAILED  {name} {check}: {failure}");
            }
            if let Some(trouble) = &report.trouble {
                println!("UNKNOWN {name} {trouble}");
            }
        }
    }
}

fn last_line(error: &BuildError) -> Option<String> {
    match error {
        BuildError::Failed { last, log } => last.clone().or_else(|| stderr::last_line(log)),
        _ => None,
    }
}

fn as_json(name: &str, result: &Result<CheckReport, BuildError>) -> serde_json::Value {
    let all = |failures: &[(&str, Failure)]| -> Vec<serde_json::Value> {
        let one = |(check, f): &(&str, Failure)| {
            serde_json::json!({
                "check": check,
                "request": f.request,
                "expected": f.expected,
                "got": f.got,
            })
        };
        failures.iter().map(one).collect()
    };
    let (passed, failed, warned) = match result {
        Err(error) => {
            let failure = serde_json::json!({ "check": "build", "problem": error.to_string() });
            (Vec::new(), vec![failure], Vec::new())
        }
        Ok(report) => (
            report.passed.clone(),
            all(&report.failed),
            all(&report.warned),
        ),
    };
    let trouble = result
        .as_ref()
        .ok()
        .and_then(|report| report.trouble.clone());
    serde_json::json!({
        "framework": name, "passed": passed, "failed": failed, "warned": warned, "trouble": trouble,
    })
}
