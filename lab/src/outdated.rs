//! `lab outdated`: what is newer than what the frameworks' folders pin.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use builder::outdated::{self, Newest, Row};
use catalog::Framework;
use plan::project;

use crate::{Answer, select};

/// How many folders are asked for at a time: most of it is waiting for the module proxy.
const AT_A_TIME: usize = 8;

/// Show what is newer than the versions that the frameworks' folders pin.
///
/// Asks the module proxy, by `go list -m -u`, for each framework and variant: its own module,
/// its engine's, and what else its go.mod names directly. A newer major version has another path
/// and is not found so. Changes nothing. What to do about it, and which version of an engine
/// belongs to a framework, is in frameworks/README.md. Exit status 0 whether or not something
/// is newer; 3 where nothing could be found out.
#[derive(clap::Args)]
#[command(after_help = "Example: lab outdated gin")]
pub struct Args {
    /// The frameworks; all where none is named
    frameworks: Vec<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let project = select::here()?;
    let chosen = project::pick(&project.frameworks(&[])?, &args.frameworks)?;
    let chosen = project::with_variants(chosen);
    let (rows, failed) = ask(&chosen);
    let rows = outdated::joined(rows);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&json(&rows, &failed))?);
    } else {
        print(&rows, &failed);
    }
    let told = rows.iter().any(|r| !matches!(r.newest, Newest::Untold(_)));
    Ok(match told || rows.is_empty() && failed.is_empty() {
        true => Answer::Good,
        false => Answer::Undecided,
    })
}

/// The rows of all folders, and why some have none.
fn ask(frameworks: &BTreeMap<String, Framework>) -> (Vec<Row>, BTreeMap<String, String>) {
    let waiting = Mutex::new(frameworks.values());
    let found = Mutex::new((Vec::new(), BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(framework) = lock(&waiting).next() {
                    let rows = outdated::of(framework);
                    let mut found = lock(&found);
                    match rows {
                        Ok(rows) => found.0.extend(rows),
                        Err(why) => {
                            found.1.insert(framework.name.clone(), why);
                        }
                    }
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn print(rows: &[Row], failed: &BTreeMap<String, String>) {
    let by = |row: &Row| row.by.iter().cloned().collect::<Vec<_>>().join(", ");
    let (mut newer, mut untold) = (0, 0);
    for row in rows {
        let pinned = format!("{} {}", row.pinned.module, row.pinned.version);
        match &row.newest {
            Newest::This => {}
            Newest::Other(version) => {
                newer += 1;
                println!("newer    {pinned} -> {version} ({})", by(row));
            }
            Newest::Untold(why) => {
                untold += 1;
                println!("untold   {pinned} ({}): {why}", by(row));
            }
        }
        if let Some(warning) = &row.warning {
            println!("warning  {pinned} ({}) is {warning}", by(row));
        }
    }
    for (name, why) in failed {
        println!("FAILED   {name}: {why}");
    }
    println!(
        "{} modules at their versions: {newer} have a newer one, of {untold} the module proxy does not tell",
        rows.len()
    );
}

fn json(rows: &[Row], failed: &BTreeMap<String, String>) -> serde_json::Value {
    let modules: Vec<_> = rows
        .iter()
        .map(|row| {
            let (newest, untold) = match &row.newest {
                Newest::This => (Some(&row.pinned.version), None),
                Newest::Other(version) => (Some(version), None),
                Newest::Untold(why) => (None, Some(why)),
            };
            serde_json::json!({
                "module": row.pinned.module,
                "version": row.pinned.version,
                "newest": newest,
                "untold": untold,
                "warning": row.warning,
                "by": row.by,
            })
        })
        .collect();
    serde_json::json!({ "schema": "outdated/1", "modules": modules, "failed": failed })
}
