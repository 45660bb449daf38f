//! Draws from a seeded ChaCha8 stream. Written out here, on the raw words of the stream, so that
//! a new release of `rand` with another way to draw an index cannot change a published report.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of random draws; equal seeds give equal draws on every machine.
///
/// ```
/// use stats::random::Stream;
/// assert_eq!(Stream::new(7).uniform(), Stream::new(7).uniform());
/// ```
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Stream(ChaCha8Rng::seed_from_u64(seed))
    }

    /// An index in 0..n, by multiply and shift (Lemire 2019, without the rejection: the bias is
    /// below n / 2^32). 0 where n is 0.
    pub fn index(&mut self, n: usize) -> usize {
        ((u64::from(self.0.next_u32()) * n as u64) >> 32) as usize
    }

    /// A number in (0, 1): 53 random bits, never 0, never 1.
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// +1 or -1.
    pub fn sign(&mut self) -> f64 {
        if self.0.next_u32() >> 31 == 0 {
            1.0
        } else {
            -1.0
        }
    }

    /// A standard normal draw (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// An exponential draw with the given mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.uniform().ln()
    }

    /// Puts the items into random order (Fisher & Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last + 1);
            items.swap(last, other);
        }
    }
}
