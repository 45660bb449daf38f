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
    /// Of requests that are in no account of answers.
    lost: Lost,
    gone: Gone,
}

/// Places whose connection is gone: how many now, since when, and the place-nanoseconds of the
/// measured part before that.
#[derive(Clone, Copy, Debug, Default)]
struct Gone {
    places: u64,
    since: u64,
    area: u128,
}

/// Requests that were in the system and came to nothing: their number, the request-nanoseconds of
/// the measured part that they took, and how many of them left inside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    pub count: u64,
    pub spent: u128,
    pub left: u64,
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
            lost: Lost::default(),
            gone: Gone::default(),
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
    fn is_inside(&self, at: u64) -> bool {
        at >= self.start && at < self.end
    }

    /// All entries are made at the latest reading of the clock; an older one would be counted
    /// twice.
    #[inline]
    fn advance(&mut self, now: u64) {
        debug_assert!(now >= self.last || now < self.start, "the books go forward");
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
        self.left += u64::from(self.is_inside(now));
    }

    /// A request that has left (see [`Flow::leave`]) was not answered, or in no account.
    pub fn lose(&mut self, due: u64, now: u64) {
        let spent = self.overlap(due, now);
        self.lost.count += u64::from(spent > 0);
        self.lost.spent += u128::from(spent);
        self.lost.left += u64::from(self.is_inside(now));
    }

    /// From `now` on, `places` have lost their connection and no request is on the way to get them
    /// a new one.
    pub fn gone(&mut self, places: u64, now: u64) {
        self.gone.area +=
            u128::from(self.gone.places) * u128::from(self.overlap(self.gone.since, now));
        (self.gone.places, self.gone.since) = (places, now);
    }

    /// In `from..to`, which is the latest that has passed, nobody could open a connection again:
    /// the instrument did not run.
    pub fn excuse(&mut self, from: u64, to: u64) {
        self.gone(self.gone.places, from.max(self.gone.since));
        self.gone.since = to;
    }

    pub fn merge(&mut self, other: &Self) {
        self.area += other.area;
        self.spent += other.spent;
        self.left += other.left;
        self.lost.count += other.lost.count;
        self.lost.spent += other.lost.spent;
        self.lost.left += other.lost.left;
        self.gone.area += other.gone_area();
    }

    fn gone_area(&self) -> u128 {
        let open =
            u128::from(self.gone.places) * u128::from(self.overlap(self.gone.since, self.end));
        self.gone.area + open
    }

    /// Area, time spent, and requests that left inside the measured part.
    pub fn sums(&self) -> (u128, u128, u64) {
        (self.area, self.spent, self.left)
    }

    /// The share of `places` that could have been at work all the time and were not: held by
    /// requests that came to nothing for longer than an answered one takes, or without a
    /// connection. A failure that comes as fast as an answer leaves its place to the next request,
    /// and costs nothing here; nor does the time between an answer and the next request on its
    /// connection, which is the instrument's. The mean time of an answered request is by Little's
    /// law.
    pub fn lost_share(&self, places: u64) -> f64 {
        let whole = places as f64 * (self.end - self.start) as f64;
        let answered = self.left.saturating_sub(self.lost.left);
        let usual = if answered == 0 {
            0.0
        } else {
            (self.spent - self.lost.spent) as f64 / answered as f64
        };
        let held = (self.lost.spent as f64 - self.lost.count as f64 * usual).max(0.0);
        ((held + self.gone_area() as f64) / whole).min(1.0)
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

    #[test]
    fn places_held_for_nothing_and_empty_ones_are_lost_and_quick_failures_are_not() {
        let mut flow = Flow::new(1000, 2000);
        // Four places. One hangs all through, one answers every 10 until it hangs at 1500, one
        // loses its connection at 1200 for good, and one fails at every second request as fast as
        // it answers.
        flow.gone(1, 1200);
        flow.enter(900, 900);
        for due in (1000..1500).step_by(10) {
            flow.enter(due, due);
            flow.leave(due, due + 10);
        }
        flow.enter(1500, 1500);
        flow.leave(900, 2500);
        flow.lose(900, 2500);
        flow.leave(1500, 2600);
        flow.lose(1500, 2600);
        let mut quick = Flow::new(1000, 2000);
        for due in (1000..2000).step_by(10) {
            quick.enter(due, due);
            quick.leave(due, due + 10);
            if due % 20 == 0 {
                quick.lose(due, due + 10);
            }
        }
        assert_eq!(quick.lost_share(1), 0.0);
        flow.merge(&quick);
        let share = flow.lost_share(4);
        assert!((share - 2.3 / 4.0).abs() < 0.01, "{share}");
    }

    #[test]
    fn a_place_is_empty_only_while_its_connection_is_gone_and_the_instrument_runs() {
        // One place, of which the instrument takes half of the time between answer and request.
        let mut flow = Flow::new(1000, 2000);
        for due in (1000..2000).step_by(20) {
            flow.enter(due, due);
            flow.leave(due, due + 10);
        }
        assert_eq!(flow.lost_share(1), 0.0);
        // Gone from before the measured part until 1300, of which the instrument slept 100; and
        // from 1900 on.
        flow.gone(1, 900);
        flow.excuse(1150, 1250);
        flow.gone(0, 1300);
        flow.excuse(1400, 1500);
        flow.gone(1, 1900);
        assert_eq!(flow.lost_share(1), 0.3);
        flow.gone(0, 2500);
        assert_eq!(flow.lost_share(1), 0.3);
    }
}
