//! An interval with the claimed number in a line of signs, for a page and for a terminal alike.

use claims::{Band, Expected, Found};

/// Signs in a picture.
const WIDTH: usize = 25;

/// What the signs mean.
pub(super) const LEGEND: &str = "◆ what is claimed, ░ what still counts as that, ● what was found with its interval ├ ┤, ◈ both in one place; the axis is logarithmic where all is greater than 0";

/// The picture; empty where there is nothing to draw.
pub(super) fn picture(expected: &Expected, found: &Found) -> String {
    let (low, high) = found.judged();
    let band = expected.band();
    let claimed = expected.claimed();
    let Some(axis) = Axis::of(&band, claimed, low, found.estimate, high) else {
        return String::new();
    };
    let mut signs = vec!['·'; WIDTH];
    let (from, to) = (axis.place(band.low), axis.place(band.high));
    signs[from..=to].fill('░');
    let (left, right) = (axis.place(low), axis.place(high));
    signs[left..=right].fill('─');
    if right > left {
        signs[left] = '├';
        signs[right] = '┤';
    }
    let (dot, mark) = (axis.place(found.estimate), axis.place(claimed));
    signs[mark] = '◆';
    signs[dot] = if dot == mark { '◈' } else { '●' };
    signs.into_iter().collect()
}

/// From numbers to places in the line.
struct Axis {
    low: f64,
    high: f64,
    log: bool,
}

impl Axis {
    /// With all of it inside, and a sign's width to spare at either end.
    fn of(band: &Band, claimed: f64, low: f64, estimate: f64, high: f64) -> Option<Self> {
        let all = [band.low, band.high, claimed, low, estimate, high];
        let all = all.into_iter().filter(|v| v.is_finite());
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in all {
            least = least.min(value);
            most = most.max(value);
        }
        if !estimate.is_finite() || !least.is_finite() {
            return None;
        }
        let log = least > 0.0;
        if log {
            (least, most) = (least.ln(), most.ln());
        }
        let spare = ((most - least) * 0.06).max(1e-9);
        Some(Self {
            low: least - spare,
            high: most + spare,
            log,
        })
    }

    fn place(&self, value: f64) -> usize {
        let value = match self.log {
            true => value.max(0.0).ln(),
            false => value,
        };
        let share = (value - self.low) / (self.high - self.low);
        // What has no end, or ends at 0 on a logarithmic axis, goes to the picture's own.
        (share.clamp(0.0, 1.0) * (WIDTH - 1) as f64).round() as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claims::expect::Tolerance;

    fn found(low: f64, estimate: f64, high: f64) -> Found {
        Found {
            estimate,
            low,
            high,
            level: Some(0.95),
            floor: None,
            n: 12,
        }
    }

    #[test]
    fn it_shows_where_both_lie() {
        let equal = Expected::Equal(1.155, Tolerance::Share(0.05));
        let drawn = picture(&equal, &found(1.69, 1.77, 1.86));
        assert_eq!(drawn, "·░░◆░░·············├─●─┤·");
        assert_eq!(drawn.chars().count(), WIDTH);
        let none = picture(&Expected::AtMost(0.0, Tolerance::NONE), &Found::exact(0.0));
        assert!(none.contains('◈') && !none.contains('●'), "{none}");
    }

    #[test]
    fn what_has_no_end_is_drawn_to_the_edge() {
        let order = Expected::MoreThan(1.0);
        let drawn = picture(&order, &found(1.5, 2.0, f64::INFINITY));
        assert!(drawn.ends_with('┤'), "{drawn}");
        assert_eq!(picture(&order, &found(f64::NAN, f64::NAN, f64::NAN)), "");
    }
}
