//! `lab new`: a folder for a framework that is not in the line-up yet.

use builder::scaffold::Scaffold;

use crate::{Answer, select};

/// Make the folder of a new framework, to be filled in.
///
/// Writes frameworks/NAME with framework.yaml, a server that compiles and answers 501 where
/// something is still to be written, the contract's test, and the module pinned with its go.sum.
/// Then it says what to do next. Needs `go`, and the network or a module proxy.
#[derive(clap::Args)]
#[command(after_help = "Example: lab new mine --module github.com/me/mine@v1.0.0")]
pub struct Args {
    /// The folder's name, by which everything refers to the framework: a-z, 0-9 and -
    name: String,
    /// The Go module it is about, at its newest version or at the one that is named
    #[arg(long, value_name = "PATH[@VERSION]")]
    module: String,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let project = select::here()?;
    let scaffold = Scaffold::new(&args.name, &args.module)?;
    let made = scaffold.make(&project.root().join("frameworks"))?;
    let folder = format!("frameworks/{}", args.name);
    println!(
        "{folder} is made, with {} {}.",
        args.module.split('@').next().unwrap_or_default(),
        made.version
    );
    println!();
    println!(
        "1. {folder}/app/app.go: put the framework's own router in the place of the ServeMux,"
    );
    println!("   and write the handlers that answer 501, as its documentation would.");
    println!(
        "2. {folder}/framework.yaml: title, engine, router, head and wrong_method as it has them;"
    );
    println!("   each setting that is not its default goes into settings, with its reason.");
    println!("3. (cd {folder} && go mod tidy && go test ./...)   the contract, in process");
    println!(
        "4. lab check {}                          until it says ok",
        args.name
    );
    println!("5. lab bench --quick --frameworks nethttp,{}", args.name);
    println!(
        "6. lab vendor-hashes {}                  now, and after every change to its go.mod",
        args.name
    );
    println!();
    println!(
        "The contract, the departures and the rule for its engine's version: frameworks/README.md"
    );
    Ok(Answer::Good)
}
