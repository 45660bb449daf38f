//! What watchers make of servers that say whatever a test wants.

use std::net::SocketAddr;
use std::time::Duration;

use server::launcher::Later;
use server::memory::MemoryReader;
use server::runtime::Reading;
use server::watched::{CpuSeen, Watched};
use server::{Fault, ServerError};

use super::*;

/// A server that is none.
#[derive(Debug, Clone, Default)]
struct Fake {
    /// The process that it is said to be.
    pid: Option<u32>,
    /// What it has burnt at the beginning and at the end, in ns.
    spun: Option<(f64, f64)>,
    /// How it ended.
    ended: Option<String>,
    /// What is wrong with its runtime behind the load.
    changed: Option<String>,
    /// What its runtime says behind the load.
    read: Option<Reading>,
    /// The CPU time that it uses.
    used: Option<Duration>,
    /// Whether its machine does not answer.
    unseen: bool,
}

struct FakeUse(Option<Duration>);

impl Watched for FakeUse {
    fn end(self: Box<Self>) -> Result<CpuSeen, ServerError> {
        Ok(CpuSeen {
            used: self.0,
            waited: Some(0.25),
            there: None,
        })
    }
}

impl Launched for Fake {
    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 80))
    }

    fn pid(&self) -> Option<u32> {
        self.pid
    }

    fn reading_since(&mut self, _earlier: Option<Reading>) -> Result<Option<Reading>, String> {
        self.changed.clone().map_or(Ok(self.read), Err)
    }

    fn spun(&mut self) -> Option<f64> {
        Some(self.spun?.0)
    }

    fn spun_since(&mut self, earlier: Option<f64>) -> Option<f64> {
        Some(self.spun?.1 - earlier?)
    }

    fn ended(&mut self) -> Option<String> {
        self.ended.clone()
    }

    fn last_words(&self) -> Option<String> {
        None
    }

    fn pause(&mut self) {}

    fn resume(&mut self) {}

    fn watch(&self) -> Result<Box<dyn Watched>, ServerError> {
        match self.unseen {
            false => Ok(Box::new(FakeUse(self.used))),
            true => Err(Fault::Other("is out of sight".to_owned()).into()),
        }
    }

    fn resident(&self, _reader: &mut MemoryReader) -> Option<u64> {
        None
    }

    fn stop(self: Box<Self>) -> Later<'static, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// What a watcher sees of two servers, of which the second is the one in question.
fn seen(watcher: &dyn Watcher, second: Fake) -> Result<Vec<Seen>, Lost> {
    let (mut first, mut second) = (Fake::default(), second);
    let mut servers: [&mut dyn Launched; 2] = [&mut first, &mut second];
    let watching = watcher.begin(&mut servers)?;
    let mut seen = vec![Seen::default(); 2];
    watching.end(&mut servers, &mut [None, None], &mut seen)?;
    Ok(seen)
}

#[test]
fn what_was_burnt_before_the_load_is_none_of_its() {
    let burns = Fake {
        spun: Some((1_000.0, 8_801_000.0)),
        ..Fake::default()
    };
    let seen = seen(&Spin, burns).unwrap();
    assert_eq!(seen[0].per_request, []);
    assert_eq!(seen[1].per_request, [(Metric::SpinPerRequest, 8_800.0)]);
}

#[test]
fn a_runtime_that_was_changed_is_told_unless_its_server_is_gone() {
    let changed = Fake {
        changed: Some("set GOGC to 400".to_owned()),
        ..Fake::default()
    };
    let lost = seen(&Runtime, changed.clone()).unwrap_err();
    assert_eq!(lost.which, 1);
    assert_eq!(lost.error.to_string(), "set GOGC to 400");
    assert!(lost.error.is_the_servers());
    let gone = Fake {
        ended: Some("exited with status 2".to_owned()),
        ..changed
    };
    seen(&Runtime, gone).unwrap();
}

#[test]
fn a_heap_that_is_large_behind_the_load_is_seen_with_its_size() {
    let holds = |mib: u64| {
        let answer = serde_json::json!({
            "heap_live_bytes": mib << 20, "heap_goal_bytes": mib << 21, "allocated_bytes": 0,
            "gc_cycles": 0, "gc_forced": 0, "gomaxprocs": 1,
        });
        let server = Fake {
            read: Some(Reading::of(answer).unwrap()),
            ..Fake::default()
        };
        seen(&Runtime, server).unwrap().remove(1).large_heap
    };
    assert_eq!(holds(8), None);
    assert_eq!(holds(64), Some(64 << 20));
}

#[test]
fn foreign_time_is_not_made_up_where_a_servers_own_is_not_known() {
    let known = seen(&Machine, Fake::default()).unwrap();
    for seen in &known {
        assert_eq!(seen.surroundings.foreign, Duration::ZERO);
        assert_eq!(seen.waited, Some(0.25));
    }
    let unseen = Fake {
        unseen: true,
        ..Fake::default()
    };
    let lost = seen(&Machine, unseen).unwrap_err();
    assert_eq!(lost.which, 1);
}

#[test]
fn instructions_are_counted_where_the_processor_does_and_of_nobody_elsewhere() {
    let this = Fake {
        pid: Some(std::process::id()),
        ..Fake::default()
    };
    let gone = Fake {
        ended: Some("exited with status 2".to_owned()),
        ..this.clone()
    };
    let nothing = |seen: &[Seen]| seen.iter().all(|seen| seen.per_request.is_empty());
    assert!(nothing(&seen(&Instructions, Fake::default()).unwrap()));
    assert!(nothing(&seen(&Instructions, gone).unwrap()));
    let counted = seen(&Instructions, this).unwrap();
    assert_eq!(counted[0].per_request, [], "no process of this machine");
    let words = of_this_machine();
    if words.starts_with("not counted") {
        assert_eq!(counted[1].per_request, []);
        eprintln!("SKIPPED the processor's counter: {words}");
        return;
    }
    let [(Metric::InstructionsPerRequest, instructions)] = counted[1].per_request[..] else {
        panic!("{:?}", counted[1].per_request);
    };
    assert!(instructions > 0.0, "{instructions}");
}
