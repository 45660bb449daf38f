//! Deliberate errors in what makes numbers, made one after the other in a copy of the checkout:
//! a test has to find each of them.
//!
//! ```text
//! mutation   the committed list -> checked entries, each a text that stands once in the checkout
//! scratch    the copy, in which a text is replaced and put back
//! trial      the test that has to fail -> a verdict
//! ```
//!
//! Ends with 0 where every mutation was killed, 1 where one was not, 2 for a wrong call or list.

mod mutation;
mod scratch;
mod trial;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Parser;

use mutation::Mutation;
use scratch::Scratch;
use trial::Verdict;

/// Make each deliberate error of lab/mutations/list in a copy of the checkout, one after the
/// other, and see a test find it.
#[derive(Parser)]
struct Args {
    /// Only the mutations of these names, or in files whose path begins like this
    only: Vec<String>,
    /// Only those from this one on, in the order of --list
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// Print the list and run nothing
    #[arg(long)]
    list: bool,
    /// Where the copy and what is compiled from it are kept between two runs
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("mutations: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> anyhow::Result<bool> {
    let root = mutation::checkout()?;
    let all = mutation::load(&root)?;
    let chosen = choose(&all, &args.only, args.from.as_deref())?;
    if args.list {
        for mutation in &chosen {
            println!(
                "{:34} {:42} {}",
                mutation.name, mutation.file, mutation.falsifies
            );
        }
        println!("{} mutations", chosen.len());
        return Ok(true);
    }
    for mutation in &chosen {
        mutation.stands_once(&root)?;
    }
    let cache = match &args.cache {
        Some(folder) => folder.clone(),
        None => default_cache()?,
    };
    let scratch = Scratch::copy(&root, &cache)?;
    sound(&scratch, &chosen)?;
    kill(&scratch, &chosen)
}

/// The mutations that were asked for, in the order of the list.
fn choose<'a>(
    all: &'a [Mutation],
    only: &[String],
    from: Option<&str>,
) -> anyhow::Result<Vec<&'a Mutation>> {
    let meant = |m: &Mutation, word: &String| m.name == *word || m.file.starts_with(word);
    if let Some(word) = only.iter().find(|w| !all.iter().any(|m| meant(m, w))) {
        bail!("there is no mutation `{word}` and none in a file of that name; --list shows all");
    }
    let begin = match from {
        None => 0,
        Some(name) => all
            .iter()
            .position(|m| m.name == name)
            .with_context(|| format!("there is no mutation `{name}`; --list shows all"))?,
    };
    let chosen = all[begin..].iter();
    let chosen = chosen.filter(|m| only.is_empty() || only.iter().any(|w| meant(m, w)));
    Ok(chosen.collect())
}

fn default_cache() -> anyhow::Result<PathBuf> {
    let caches = match std::env::var_os("XDG_CACHE_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set: name --cache")?)
            .join(".cache"),
    };
    Ok(caches.join("lab-mutations"))
}

/// A test that fails anyhow kills nothing: all pass before anything is changed.
fn sound(scratch: &Scratch, chosen: &[&Mutation]) -> anyhow::Result<()> {
    let tests: BTreeSet<&str> = chosen.iter().map(|m| m.test.as_str()).collect();
    for (i, test) in tests.iter().enumerate() {
        eprintln!("[{}/{}] unchanged: cargo test {test}", i + 1, tests.len());
        match trial::run(scratch, test)? {
            Verdict::Survived => {}
            other => bail!("`cargo test {test}` without any mutation: {other}"),
        }
    }
    Ok(())
}

fn kill(scratch: &Scratch, chosen: &[&Mutation]) -> anyhow::Result<bool> {
    let mut killed = 0;
    println!("{:34} {:>5}  verdict", "mutation", "s");
    for mutation in chosen {
        let begun = Instant::now();
        let verdict = {
            let _changed = scratch.with(mutation)?;
            trial::run(scratch, &mutation.test)?
        };
        let seconds = begun.elapsed().as_secs();
        println!("{:34} {seconds:>5}  {}", mutation.name, verdict);
        match verdict {
            Verdict::Killed(_) | Verdict::Hung(_) => killed += 1,
            Verdict::Survived => println!(
                "    nothing noticed that {}: {}",
                mutation.falsifies, mutation.file
            ),
            Verdict::NotCompiled(_) | Verdict::Unclear(_) => {}
        }
    }
    println!(
        "{} mutations: {killed} killed, {} not",
        chosen.len(),
        chosen.len() - killed
    );
    Ok(killed == chosen.len())
}
