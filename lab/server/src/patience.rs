//! How long to wait for a server, counted in time that it could have used.
//!
//! On a busy machine a server that does what it should may take ten times as long, and a limit in
//! wall-clock time would blame it for its neighbours. So the time in which its threads, or the
//! lab's own that waits for it, were ready to run and did not get a CPU is not counted: the
//! kernel keeps it in `schedstat`. A server that does nothing is never ready to run, and gets
//! no longer than on an idle machine.

use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::Fault;

/// Nobody waits longer than so many times the limit, whatever the machine does.
const MOST: u32 = 6;
/// How often to look at least, once the limit is reached on the wall clock.
const LOOK: Duration = Duration::from_millis(20);

/// A limit on what is waited for.
#[derive(Debug)]
pub struct Patience {
    pid: i32,
    within: Duration,
    begun: Instant,
    starved: Duration,
}

impl Patience {
    /// Begins to wait for a process.
    pub fn with(pid: i32, within: Duration) -> Self {
        Self {
            pid,
            within,
            begun: Instant::now(),
            starved: starved(pid),
        }
    }

    /// Whether the process had its time.
    pub fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    /// What is left of its time, if it gets a CPU all the while.
    fn left(&self) -> Duration {
        let elapsed = self.begun.elapsed();
        if elapsed < self.within {
            return self.within - elapsed;
        }
        let starved = starved(self.pid).saturating_sub(self.starved);
        left(self.within, elapsed, starved)
    }

    /// Why the process cannot be judged by a limit that it did not keep: nobody waits for ever, and it never
    /// had the time that it was given.
    pub fn kept(&self) -> Option<Fault> {
        let (elapsed, starved) = (
            self.begun.elapsed(),
            starved(self.pid).saturating_sub(self.starved),
        );
        was_kept(self.within, elapsed, starved).then(|| Fault::Kept {
            kept: starved.min(elapsed),
            of: elapsed,
        })
    }

    /// What a future comes to; nothing when the process had its time before.
    pub async fn wait<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        loop {
            let left = self.left();
            if left.is_zero() {
                return None;
            }
            if let Ok(done) = timeout(left.max(LOOK), &mut future).await {
                return Some(done);
            }
        }
    }
}

fn left(within: Duration, elapsed: Duration, starved: Duration) -> Duration {
    let counted = elapsed.saturating_sub(starved);
    let left = within.saturating_sub(counted);
    left.min((within * MOST).saturating_sub(elapsed))
}

fn was_kept(within: Duration, elapsed: Duration, starved: Duration) -> bool {
    elapsed >= within * MOST && elapsed.saturating_sub(starved) < within
}

/// How long the threads of a process and the calling one were ready to run and did not; nothing
/// of that where the kernel does not say.
fn starved(pid: i32) -> Duration {
    let of = |schedstat: std::path::PathBuf| {
        let text = std::fs::read_to_string(schedstat).ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    };
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"));
    let theirs = threads.into_iter().flatten().flatten();
    let theirs: u64 = theirs.filter_map(|t| of(t.path().join("schedstat"))).sum();
    let own = of("/proc/thread-self/schedstat".into()).unwrap_or(0);
    Duration::from_nanos(theirs + own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_without_a_cpu_does_not_count_up_to_a_limit() {
        let s = Duration::from_secs;
        assert_eq!(left(s(5), s(5), s(0)), s(0));
        assert_eq!(left(s(5), s(7), s(4)), s(2));
        assert_eq!(left(s(5), s(20), s(15)), s(0));
        // Several threads can wait at once.
        assert_eq!(left(s(5), s(20), s(60)), s(5));
        assert_eq!(left(s(5), s(30), s(100)), s(0));
    }

    #[test]
    fn who_never_had_its_time_is_not_to_blame() {
        let s = Duration::from_secs;
        assert!(was_kept(s(5), s(30), s(26)));
        assert!(was_kept(s(5), s(30), s(100)));
        assert!(!was_kept(s(5), s(30), s(25)), "it had its time");
        assert!(!was_kept(s(5), s(5), s(0)), "asleep, its time is up");
        assert!(!was_kept(s(5), s(20), s(16)), "it is still waited for");
        let kept = Fault::Kept {
            kept: s(26),
            of: s(30),
        };
        assert!(!kept.is_the_servers());
        assert!(kept.to_string().contains("26 of 30 s"), "{kept}");
    }

    #[tokio::test]
    async fn who_does_nothing_gets_no_longer_and_who_is_done_is_not_waited_for() {
        let mut child = std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap();
        let pid = child.id() as i32;
        // So long that nothing between these two lines uses it up.
        let patience = Patience::with(pid, Duration::from_secs(60));
        assert_eq!(patience.wait(async { 7 }).await, Some(7));
        let patience = Patience::with(pid, Duration::from_millis(30));
        let never = patience.wait(std::future::pending::<()>()).await;
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(never, None);
        assert!(patience.is_over());
    }
}
