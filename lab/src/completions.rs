//! `lab completions`: the command's words for a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{Answer, Cli};

/// Print what a shell needs to complete the words of this command.
#[derive(clap::Args)]
#[command(
    after_help = "Example: lab completions bash > ~/.local/share/bash-completion/completions/lab"
)]
pub struct Args {
    /// The shell
    shell: Shell,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let mut words = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "lab", &mut words);
    print!("{}", String::from_utf8_lossy(&words));
    Ok(Answer::Good)
}
