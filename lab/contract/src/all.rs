//! Many servers held to the contract, some at a time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use builder::Binary;
use catalog::Framework;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::check::{CheckReport, check};

/// How many servers are checked at a time: half of a check is waiting, for a date to move on or
/// a server to stop.
const AT_A_TIME: usize = 4;

/// Checks servers, with what each had to say kept in `log`; gives the reports to `take` in the
/// order of the servers, each as soon as those before it are there.
pub async fn check_all(
    servers: Vec<(Framework, Binary)>,
    log: impl Fn(&Framework) -> PathBuf,
    mut take: impl FnMut(Framework, Binary, CheckReport),
) {
    let gate = Arc::new(Semaphore::new(AT_A_TIME));
    let mut tasks = JoinSet::new();
    for (place, (framework, binary)) in servers.into_iter().enumerate() {
        let log = log(&framework);
        let gate = Arc::clone(&gate);
        tasks.spawn(async move {
            let _turn = gate.acquire_owned().await;
            let report = check(&framework, &binary, &log).await;
            (place, (framework, binary, report))
        });
    }
    let mut early = BTreeMap::new();
    let mut next = 0;
    while let Some(ended) = tasks.join_next().await {
        let (place, checked) = ended.expect("a check does not panic");
        early.insert(place, checked);
        while let Some((framework, binary, report)) = early.remove(&next) {
            take(framework, binary, report);
            next += 1;
        }
    }
}
