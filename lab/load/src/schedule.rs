//! When the requests of an open loop are due: one global schedule, fixed by rate and seed before
//! the run and independent of connections and answers. Threads take turns on it.

use crate::spec::Arrival;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sys::clock::SECOND;

/// One thread's share of the schedule, as nanoseconds since its start.
#[derive(Debug)]
pub struct Schedule {
    kind: Kind,
    /// Index of the thread and number of threads: it takes arrivals `thread`, `thread + of`, ...
    next: u64,
    of: u64,
}

#[derive(Debug)]
enum Kind {
    Constant {
        gap: f64,
    },
    Poisson {
        gap: f64,
        rng: Box<ChaCha8Rng>,
        drawn: u64,
        at: f64,
    },
}

impl Schedule {
    /// The share of `thread` (of `of`), or nothing for a closed loop.
    pub fn new(arrival: Arrival, seed: u64, thread: usize, of: usize) -> Option<Self> {
        let gap = SECOND as f64 / arrival.rate()?;
        let kind = match arrival {
            Arrival::Poisson { .. } => {
                // A stream of its own, so that arrivals and field values are independent.
                let mut rng = Box::new(ChaCha8Rng::seed_from_u64(seed));
                rng.set_stream(1);
                Kind::Poisson {
                    gap,
                    rng,
                    drawn: 0,
                    at: 0.0,
                }
            }
            _ => Kind::Constant { gap },
        };
        Some(Self {
            kind,
            next: thread as u64,
            of: of as u64,
        })
    }

    /// The next due time.
    #[inline]
    pub fn next(&mut self) -> u64 {
        let index = self.next;
        self.next += self.of;
        match &mut self.kind {
            // Multiplied, not added up: no error accumulates.
            Kind::Constant { gap } => (index as f64 * *gap) as u64,
            Kind::Poisson {
                gap,
                rng,
                drawn,
                at,
            } => {
                while *drawn <= index {
                    *at -= (1.0 - rng.random::<f64>()).ln() * *gap;
                    *drawn += 1;
                }
                *at as u64
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_arrivals_are_equally_far_apart_without_drift() {
        let mut schedule = Schedule::new(Arrival::Constant { rate: 3.0 }, 0, 0, 1).unwrap();
        let times: Vec<u64> = (0..3_000_001).map(|_| schedule.next()).collect();
        assert_eq!(times[3], SECOND);
        assert_eq!(times[3_000_000], 1_000_000 * SECOND);
    }

    #[test]
    fn poisson_arrivals_are_seeded_and_shared_out_without_loss() {
        let draw = |thread, of, seed, n| {
            let mut s = Schedule::new(Arrival::Poisson { rate: 1000.0 }, seed, thread, of).unwrap();
            (0..n).map(|_| s.next()).collect::<Vec<_>>()
        };
        let whole = draw(0, 1, 7, 20_000);
        let mut shares = [draw(0, 2, 7, 10_000), draw(1, 2, 7, 10_000)].concat();
        shares.sort_unstable();
        assert_eq!(whole, shares);
        assert_ne!(whole, draw(0, 1, 8, 20_000));
        let mean = *whole.last().unwrap() as f64 / 20_000.0;
        // The mean of 20,000 exponential gaps lies within 4 % (5.6 standard errors).
        assert!((mean / 1e6 - 1.0).abs() < 0.04, "{mean}");
    }
}
