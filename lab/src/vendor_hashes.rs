//! `lab vendor-hashes`: what a Nix build pins the Go modules by.

use std::path::PathBuf;

use anyhow::Context;
use builder::vendor::{self, VendorError};
use catalog::Framework;
use catalog::framework::Language;
use plan::project;

use crate::{Answer, select};

/// Write the hashes by which the flake pins what the servers are built from.
///
/// Vendors each framework's modules into a temporary folder and keeps the hash in its file
/// `vendor-hash`. To be given after a go.mod or go.sum changed; a change to the kit changes no
/// hash. Needs Go and its module cache or the network, and no Nix.
#[derive(clap::Args)]
#[command(after_help = "Example: lab vendor-hashes --check")]
pub struct Args {
    /// The frameworks, with their variants; all where none is named
    frameworks: Vec<String>,
    /// Write nothing; name the hashes that are not what they should be, with exit status 1
    #[arg(long)]
    check: bool,
    /// Hash the folders DIR/NAME, vendored before and without the kit, instead of asking Go
    #[arg(long, value_name = "DIR")]
    vendored: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let project = select::here()?;
    let all = project.frameworks(&[])?;
    // A variant has what its framework asks for.
    let mut chosen = project::with_variants(project::pick(&all, &args.frameworks)?);
    // Cargo's lock file has the hash of each package in it, and Nix reads them there.
    chosen.retain(|_, framework| framework.language == Language::Go);
    let scratch = Scratch::create()?;
    let (mut good, mut changed) = (true, 0);
    for framework in chosen.values() {
        let found = match &args.vendored {
            Some(folder) => {
                resolved(folder.join(&framework.name)).and_then(|folder| vendor::hash_of(&folder))
            }
            None => vendor::hash(framework, &scratch.0),
        };
        let kept = vendor::kept(framework);
        match (found, kept) {
            (Err(error), _) | (_, Err(error)) => {
                println!("FAILED  {} {error}", framework.name);
                good = false;
            }
            (Ok(found), Ok(kept)) if kept.as_ref() == Some(&found) => {}
            (Ok(found), Ok(kept)) => {
                changed += 1;
                good &= !args.check;
                tell(framework, &found, kept.as_deref(), args.check);
                if !args.check {
                    vendor::keep(framework, &found)?;
                }
            }
        }
    }
    println!(
        "{} frameworks and variants, {changed} hashes {}",
        chosen.len(),
        if args.check { "differ" } else { "written" }
    );
    Ok(if good { Answer::Good } else { Answer::BadNews })
}

/// The folder itself where a link is given: an archive of the link would say nothing.
fn resolved(folder: PathBuf) -> Result<PathBuf, VendorError> {
    folder.canonicalize().map_err(|source| VendorError::Io {
        what: format!("cannot find {}", folder.display()),
        source,
    })
}

fn tell(framework: &Framework, found: &str, kept: Option<&str>, check: bool) {
    let place = vendor::place(framework);
    let (place, name) = (place.display(), &framework.name);
    match (check, kept) {
        (false, _) => println!("{place} is now {found}"),
        (true, Some(kept)) => println!(
            "{place} says {kept}, and what {name}'s go.mod asks for has {found}; `lab vendor-hashes {name}` writes it"
        ),
        (true, None) => println!("{place} is missing; `lab vendor-hashes {name}` writes it"),
    }
}

/// A folder for what is vendored, gone when this is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn create() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("lab-vendor-{}", std::process::id()));
        std::fs::create_dir(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left in the system's temporary folder does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
