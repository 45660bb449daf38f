//! `lab agent`: the far side of `lab bench --server-host`, started there by ssh.

use anyhow::Context;

use crate::Answer;

pub fn run() -> anyhow::Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    runtime.block_on(server::remote::agent::serve())?;
    // The thread that reads standard input may wait for a line that never comes.
    std::process::exit(0);
}
