//! A logarithmic axis up the side, and names at the ends of the lines that it measures.

use super::canvas::{Anchor, Canvas, Drawn, FAINT, GRID, INK, LEFT, RIGHT, TOP};
use crate::text::number;

/// Names at the ends of lines are at least so far apart.
const APART: i32 = 14;

/// The axis: the values at its ends, and its height in pixels.
pub(super) struct Up {
    pub least: f64,
    pub most: f64,
    pub height: i32,
}

impl Up {
    /// With a little room around all values.
    pub(super) fn around(values: impl Iterator<Item = f64>, height: i32) -> Self {
        let (least, most) = values.fold((f64::MAX, 0.0), |(least, most): (f64, f64), value| {
            (least.min(value), most.max(value))
        });
        Self {
            least: least / 1.1,
            most: most * 1.1,
            height,
        }
    }

    /// The pixel of a value.
    pub(super) fn y(&self, value: f64) -> i32 {
        let part = (value / self.least).ln() / (self.most / self.least).ln();
        TOP + self.height - (part.clamp(0.0, 1.0) * f64::from(self.height)).round() as i32
    }

    /// Draws lines at 1, 2 and 5 of each decade.
    pub(super) fn draw(&self, canvas: &Canvas<'_>) -> Drawn {
        let first = self.least.log10().floor() as i32;
        for decade in first..=self.most.log10().ceil() as i32 {
            for step in [1.0, 2.0, 5.0] {
                let value = step * 10f64.powi(decade);
                if value >= self.least && value <= self.most {
                    let y = self.y(value);
                    canvas.line(&[(LEFT, y), (RIGHT, y)], GRID, 1)?;
                    let text = number::value(value, None);
                    canvas.text((LEFT - 10, y), &text, 11, FAINT, Anchor::End)?;
                }
            }
        }
        Ok(())
    }

    /// Writes names where lines end, moved down where they would cover each other.
    pub(super) fn names(&self, canvas: &Canvas<'_>, mut ends: Vec<(i32, String)>) -> Drawn {
        ends.sort();
        let mut least = TOP - 2;
        for (y, name) in ends {
            let y = y.max(least);
            // What has no room is told in the description and the table.
            if y > TOP + self.height + 30 {
                break;
            }
            canvas.text((RIGHT + 8, y), &name, 12, INK, Anchor::Start)?;
            least = y + APART;
        }
        Ok(())
    }
}
