//! What a server could change for the time of the load only.

use std::pin::pin;
use std::time::Duration;

use server::Server;

use super::check::Failure;
use super::growth::{self, POOL};
use super::process;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// Of the paths that are asked for: none that another step asks for.
const SEED: u64 = 1 << 32;

/// Its threads are as they were given again and again while it is asked for more than it can answer.
pub async fn threads(server: &Server) -> Result<(), Failure> {
    let mut load = pin!(growth::ask(server, SEED, POOL));
    let mut found = Ok(());
    loop {
        tokio::select! {
            asked = &mut load => return asked.map(drop).and(found),
            () = tokio::time::sleep(PAUSE) => {
                found = found.and_then(|()| process::as_started(server.threads_are_as_given()));
            }
        }
    }
}
