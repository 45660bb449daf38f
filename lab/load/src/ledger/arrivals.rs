//! How evenly requests left: counts in each millisecond of the measured part. The
//! variance over the mean is about 0 for equal gaps, 1 for Poisson arrivals, large for bursts.

use sys::clock::MILLI;

/// Sums over the milliseconds, kept as they pass.
#[derive(Clone, Debug)]
pub struct Arrivals {
    start: u64,
    end: u64,
    bin_end: u64,
    in_bin: u64,
    count: u64,
    squares: u64,
}

impl Arrivals {
    /// For a measured part; the last incomplete millisecond is left out.
    pub fn new(start: u64, end: u64) -> Self {
        let end = end - (end - start) % MILLI;
        Self {
            start,
            end,
            bin_end: start + MILLI,
            in_bin: 0,
            count: 0,
            squares: 0,
        }
    }

    /// The measured part ends at `end`, which is not yet past.
    pub fn cut_short(&mut self, end: u64) {
        self.end = end - (end - self.start) % MILLI;
    }

    /// One more at `at`; times come in order.
    #[inline]
    pub fn note(&mut self, at: u64) {
        if at >= self.bin_end {
            self.squares += self.in_bin * self.in_bin;
            self.in_bin = 0;
            self.bin_end += MILLI * (1 + (at - self.bin_end) / MILLI);
        }
        if at >= self.start && at < self.end {
            self.in_bin += 1;
            self.count += 1;
        }
    }

    /// Milliseconds looked at.
    pub fn bins(&self) -> u64 {
        (self.end - self.start) / MILLI
    }

    /// Adds another thread's arrivals. Their variances add up as those of independent streams,
    /// which is what the threads' shares of a schedule nearly are.
    pub fn merge(&mut self, other: &Self) {
        let bins = self.bins().max(1) as f64;
        let of = |a: &Self| {
            let mean = a.count as f64 / bins;
            (a.squares + a.in_bin * a.in_bin) as f64 / bins - mean * mean
        };
        let variance = of(self) + of(other);
        self.count += other.count;
        let mean = self.count as f64 / bins;
        (self.squares, self.in_bin) = (((variance + mean * mean) * bins).round() as u64, 0);
    }

    /// Variance over mean of the counts per millisecond; nothing without arrivals.
    pub fn dispersion(&self) -> Option<f64> {
        let bins = self.bins() as f64;
        if self.count == 0 || bins < 2.0 {
            return None;
        }
        let mean = self.count as f64 / bins;
        let squares = (self.squares + self.in_bin * self.in_bin) as f64 / bins;
        Some((squares - mean * mean) / mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_arrivals_have_no_dispersion_and_bursts_have_much() {
        let end = 1000 * MILLI;
        let mut even = Arrivals::new(0, end);
        (0..20_000).for_each(|i| even.note(i * 50_000));
        assert!(even.dispersion().unwrap() < 1e-9);
        let mut burst = Arrivals::new(0, end);
        (0..20_000u64).for_each(|i| burst.note(i / 200 * 10 * MILLI));
        // 200 in each tenth millisecond: variance 200^2 * 0.1 * 0.9, mean 20.
        assert!((burst.dispersion().unwrap() - 180.0).abs() < 1e-9);
    }
}
