//! Little's law as a check of the books: the area under "requests in the system", added up as
//! they come and go, must equal the sum of the times that they spent there. A request that
//! dropped out of either account breaks it.

/// Sums over the measured part.
#[derive(Clone, Debug)]
pub struct Flow {
    start: u64,
    end: u64,
    last: u64,
    inside: u64,
    /// Request-nanoseconds under the curve.
    area: u128,
    /// Request-nanoseconds that finished requests, cut to the measured part, spent.
    spent: u128,
    left: u64,
}

impl Flow {
    pub fn new(start: u64, end: u64) -> Self {
        Self {
            start,
            end,
            last: start,
            inside: 0,
            area: 0,
            spent: 0,
            left: 0,
        }
    }

    /// The measured part ends at `end`, which is not yet past.
    pub fn cut_short(&mut self, end: u64) {
        self.end = end;
    }

    /// Requests in the system now.
    pub fn inside(&self) -> u64 {
        self.inside
    }

    /// The overlap of `from..to` with the measured part.
    #[inline]
    fn overlap(&self, from: u64, to: u64) -> u64 {
        to.min(self.end).saturating_sub(from.max(self.start))
    }

    #[inline]
    fn advance(&mut self, now: u64) {
        self.area += u128::from(self.inside) * u128::from(self.overlap(self.last, now));
        self.last = now;
    }

    /// A request due at `due` is taken notice of at `now`.
    #[inline]
    pub fn enter(&mut self, due: u64, now: u64) {
        self.advance(now);
        self.area += u128::from(self.overlap(due, now));
        self.inside += 1;
    }

    /// A request due at `due` has ended at `now`.
    #[inline]
    pub fn leave(&mut self, due: u64, now: u64) {
        self.advance(now);
        self.inside -= 1;
        self.spent += u128::from(self.overlap(due, now));
        self.left += u64::from(now >= self.start && now < self.end);
    }

    pub fn merge(&mut self, other: &Self) {
        self.area += other.area;
        self.spent += other.spent;
        self.left += other.left;
    }

    /// Area, time spent, and requests that left inside the measured part.
    pub fn sums(&self) -> (u128, u128, u64) {
        (self.area, self.spent, self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::Flow;

    #[test]
    fn the_books_balance_and_a_lost_request_shows() {
        let mut flow = Flow::new(100, 200);
        flow.enter(50, 60);
        flow.enter(120, 125);
        flow.leave(50, 150);
        flow.leave(120, 160);
        flow.enter(190, 190);
        flow.leave(190, 260);
        assert_eq!(flow.sums(), (50 + 40 + 10, 100, 2));
        flow.enter(150, 300);
        assert_ne!(flow.sums().0, flow.sums().1);
    }
}
