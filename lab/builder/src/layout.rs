//! Builds of one program that differ in nothing but where the linker put its functions.
//!
//! Which cache lines and predictor entries two functions share is decided by their addresses, and
//! so by code that neither of them runs: adding a function elsewhere moves all that come behind
//! it. The effect is part of a file and not of a program, and no number of launches of one file
//! averages it out (Mytkowicz et al., "Producing wrong data without doing anything obviously
//! wrong!", ASPLOS 2009). A comparison therefore links each version many times over, in orders
//! drawn at random, and runs another one in every launch (Curtsinger and Berger, "Stabilizer",
//! ASPLOS 2013).

use std::path::{Path, PathBuf};

use catalog::Framework;
use catalog::framework::Language;
use sha2::{Digest, Sha256};
use sys::stderr;
use tokio::task::JoinSet;

use super::{BuildError, GO_FLAGS, go, run};

/// Links a framework's server in `count` orders of functions, drawn from `seed`, into `folder`;
/// what is compiled is the same as for the server itself, so only the linker runs. Gives the
/// files in the order of their numbers.
///
/// # Errors
/// [`BuildError`]. The linker's output is in `log`.
pub async fn layouts(
    framework: &Framework,
    folder: &Path,
    count: usize,
    seed: u64,
    log: &Path,
) -> Result<Vec<PathBuf>, BuildError> {
    if framework.language != Language::Go {
        let why = "only Go's linker puts functions in an order that is drawn";
        return Err(BuildError::io("there are no other layouts of it")(why));
    }
    let folder = folder.join(&framework.name);
    std::fs::create_dir_all(&folder)
        .map_err(BuildError::io("the folder for layouts cannot be created"))?;
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let files: Vec<_> = (0..count).map(|n| folder.join(format!("{n:04}"))).collect();
    let mut running = JoinSet::new();
    for (number, file) in files.iter().enumerate() {
        if running.len() >= at_once
            && let Some(ended) = running.join_next().await
        {
            ended.expect("a build does not panic")?;
        }
        let mut command = go::command(&framework.folder);
        command.arg("build").args(&GO_FLAGS[..GO_FLAGS.len() - 1]);
        let order = order(seed, &framework.name, number);
        command
            .arg(format!("{} -randlayout={order}", super::LINK))
            .arg("-o")
            .arg(file)
            .arg(".");
        let log = log.to_owned();
        running.spawn(async move {
            let output = run(command).await?;
            if output.status.success() {
                return Ok(());
            }
            let text = [output.stdout, output.stderr].concat();
            std::fs::write(&log, &text)
                .map_err(BuildError::io("the build's output cannot be kept"))?;
            Err(BuildError::Failed {
                log,
                last: stderr::said_by_go(&String::from_utf8_lossy(&text)),
            })
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("a build does not panic")?;
    }
    Ok(files)
}

/// The number that the linker draws an order from: never 0, which would be its own order.
fn order(seed: u64, name: &str, number: usize) -> u32 {
    let hash = Sha256::digest(format!("{seed} {name} {number}"));
    (u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]) >> 1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_of_every_campaign_is_another() {
        let orders = [(1, "gin", 0), (1, "gin", 1), (1, "chi", 0), (2, "gin", 0)];
        let mut drawn: Vec<_> = orders.map(|(s, n, i)| order(s, n, i)).into();
        assert_eq!(drawn[0], order(1, "gin", 0));
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), orders.len());
    }
}
