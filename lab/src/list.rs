//! `lab list`: what there is.

use std::path::PathBuf;

use crate::{Answer, select};

/// List the frameworks and the experiments.
#[derive(clap::Args)]
#[command(after_help = "Example: lab list --json")]
pub struct Args {
    /// Also a framework from outside of the checkout: its folder, or one that holds several
    #[arg(long, value_name = "DIR")]
    framework_dir: Vec<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let project = select::here()?;
    let frameworks = project.frameworks(&args.framework_dir)?;
    let experiments = project.experiments()?;
    if args.json {
        let frameworks: Vec<_> = frameworks
            .values()
            .map(|f| {
                serde_json::json!({
                    "name": f.name,
                    "title": f.title,
                    "class": f.class.name(),
                    "language": f.language.name(),
                    "engine": f.engine,
                    "router": f.router,
                    "module": f.module,
                    "homepage": f.homepage,
                })
            })
            .collect();
        let list = serde_json::json!({
            "schema": "list/1",
            "frameworks": frameworks,
            "experiments": experiments,
        });
        println!("{}", serde_json::to_string_pretty(&list)?);
        return Ok(Answer::Good);
    }
    println!(
        "{:<12} {:<22} {:<10} {:<10} {:<13} module",
        "framework", "title", "class", "engine", "router"
    );
    for f in frameworks.values() {
        println!(
            "{:<12} {:<22} {:<10} {:<10} {:<13} {}",
            f.name,
            f.title,
            f.class.name(),
            f.engine,
            f.router,
            f.module
        );
    }
    println!();
    println!("experiments: {}", experiments.join(", "));
    Ok(Answer::Good)
}
