//! How the threads of a run agree on its beginning: all of them, or none. A thread that fails,
//! panics or cannot be made at all keeps nobody waiting.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use sys::clock::{self, MILLI};

#[derive(Debug)]
struct State {
    /// Threads that have not come yet.
    missing: usize,
    /// One of them never will.
    failed: bool,
    /// When the load begins, once all are there.
    begin: Option<u64>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    /// The state, whatever became of a thread that held it: each change of it is whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thread's place at the start. Dropped unused, as when the thread panics or cannot be made,
/// it calls the start off for all.
#[derive(Debug)]
pub struct Place {
    shared: Arc<Shared>,
    came: bool,
}

impl Place {
    /// Places for so many threads.
    pub fn for_threads(threads: usize) -> Vec<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                missing: threads,
                failed: false,
                begin: None,
            }),
            changed: Condvar::new(),
        });
        let place = |_| Self {
            shared: shared.clone(),
            came: false,
        };
        (0..threads).map(place).collect()
    }

    /// Waits for the other threads and returns when the load begins; nothing if one of them is
    /// not ready.
    pub fn wait(mut self) -> Option<u64> {
        self.came = true;
        let shared = self.shared.clone();
        let mut state = shared.lock();
        state.missing -= 1;
        if state.missing == 0 && !state.failed {
            state.begin = Some(clock::now() + MILLI);
            shared.changed.notify_all();
        }
        while state.begin.is_none() && !state.failed {
            state = shared
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.begin
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.came {
            self.shared.lock().failed = true;
            self.shared.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn all_begin_at_one_moment() {
        let waiting = |place: Place| std::thread::spawn(move || place.wait());
        let threads: Vec<_> = Place::for_threads(3).into_iter().map(waiting).collect();
        let begins: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        assert!(begins[0].is_some());
        assert_eq!(begins[0], begins[1]);
        assert_eq!(begins[0], begins[2]);
    }

    #[test]
    fn a_thread_that_never_comes_keeps_nobody_waiting() {
        // The second was not made, or panicked, before or after the first came to wait.
        for first_waits in [true, false] {
            let mut places = Place::for_threads(2);
            let second = places.pop().unwrap();
            let first = places.pop().unwrap();
            let begin = if first_waits {
                let waiting = std::thread::spawn(move || first.wait());
                std::thread::sleep(std::time::Duration::from_millis(20));
                drop(second);
                waiting.join().unwrap()
            } else {
                let panicked = std::thread::spawn(move || {
                    let _place = second;
                    std::panic::resume_unwind(Box::new("before the start"));
                });
                assert!(panicked.join().is_err());
                first.wait()
            };
            assert_eq!(begin, None);
        }
    }
}
