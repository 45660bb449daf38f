//! Real-time priority, while a round lasts. On a machine with as many CPUs as the round has sides
//! every daemon and kernel thread must take its time from one of them, a millisecond and more at
//! once; that is enough to decide a p99. What is asked is how the instrument measures while it
//! runs, so where the kernel allows it nobody else does.

use serde::{Deserialize, Serialize};

/// Longest round at real-time priority, seconds. Linux takes such threads off their CPU once they
/// have had it for 0.95 s of a second (`sched_rt_runtime_us`), and a round is more than its load.
const LONGEST: f64 = 0.7;

/// How a round's processes stand against all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// `SCHED_FIFO`: no ordinary process runs while they want to.
    RealTime,
    /// Nice -20: others run seldom.
    Nice,
    /// As everybody else: more was not allowed.
    #[default]
    Ordinary,
}

impl Priority {
    /// The most that this process is allowed for a round of so many seconds.
    pub fn for_round(seconds: f64) -> Self {
        let most = if seconds <= LONGEST {
            Self::RealTime
        } else {
            Self::Nice
        };
        let before = Standing::now();
        let allowed = most.take();
        before.restore();
        if allowed { most } else { Self::Ordinary }
    }

    /// Gives it to the calling thread and to what that starts from now on; false where it is not
    /// allowed. Makes system calls only.
    pub fn take(self) -> bool {
        // SAFETY: no pointers but to a parameter that is valid for the call.
        unsafe {
            match self {
                Self::RealTime => {
                    let first = libc::sched_param { sched_priority: 1 };
                    libc::sched_setscheduler(0, libc::SCHED_FIFO, &first) == 0
                }
                Self::Nice => libc::setpriority(libc::PRIO_PROCESS, 0, -20) == 0,
                Self::Ordinary => true,
            }
        }
    }

    /// Gives it to the calling thread until the guard is dropped.
    pub fn hold(self) -> Standing {
        let before = Standing::now();
        self.take();
        before
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::RealTime => "real-time priority",
            Self::Nice => "nice -20",
            Self::Ordinary => "ordinary priority",
        }
    }
}

/// A thread's policy, priority and niceness; restored when dropped.
pub struct Standing {
    policy: libc::c_int,
    param: libc::sched_param,
    nice: libc::c_int,
}

impl Standing {
    fn now() -> Self {
        let mut param = libc::sched_param { sched_priority: 0 };
        // SAFETY: `param` is valid for the call to fill in.
        unsafe {
            libc::sched_getparam(0, &mut param);
            Self {
                policy: libc::sched_getscheduler(0),
                param,
                nice: libc::getpriority(libc::PRIO_PROCESS, 0),
            }
        }
    }

    fn restore(&self) {
        // SAFETY: `param` is valid for the call.
        unsafe {
            libc::sched_setscheduler(0, self.policy, &self.param);
            libc::setpriority(libc::PRIO_PROCESS, 0, self.nice);
        }
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.restore();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_ends_with_its_guard() {
        let state = || {
            let now = Standing::now();
            (now.policy, now.nice)
        };
        let before = state();
        for seconds in [0.1, 10.0] {
            let most = Priority::for_round(seconds);
            assert_eq!(state(), before);
            let held = most.hold();
            match most {
                Priority::RealTime => assert_eq!(state().0, libc::SCHED_FIFO),
                Priority::Nice => assert_eq!(state().1, -20),
                Priority::Ordinary => assert_eq!(state(), before),
            }
            drop(held);
            assert_eq!(state(), before);
        }
    }
}
