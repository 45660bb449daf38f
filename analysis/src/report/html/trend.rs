//! A course as a small picture in a line of text.

use crate::report::document::{Step, Trend};

/// From one value to the next, pixels.
const APART: usize = 7;
/// Room around the line.
const EDGE: usize = 3;
/// So much of [`Step::TOP`] is a pixel.
const PIXEL: u8 = 5;

/// The picture; what it shows stands in words behind it.
pub(super) fn draw(trend: &Trend) -> String {
    let at = |(i, step): (usize, &Step)| {
        let up = usize::from((Step::TOP - step.height.min(Step::TOP)) / PIXEL);
        (EDGE + i * APART, EDGE + up)
    };
    let width = 2 * EDGE + trend.0.len().saturating_sub(1) * APART;
    let height = 2 * EDGE + usize::from(Step::TOP / PIXEL);
    let mut path = String::new();
    let mut dots = String::new();
    let last = trend.0.len().saturating_sub(1);
    for (i, step) in trend.0.iter().enumerate() {
        let (x, y) = at((i, step));
        let joined = i > 0 && step.joined;
        path += &format!("{}{x} {y}", if joined { "L" } else { "M" });
        let alone = !joined && trend.0.get(i + 1).is_none_or(|next| !next.joined);
        if i == last || alone {
            let radius = if i == last { "2.5" } else { "1.5" };
            dots += &format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>");
        }
    }
    format!(
        "<svg class=\"trend\" width=\"{width}\" height=\"{height}\" aria-hidden=\"true\"><path d=\"{path}\"/>{dots}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_where_its_course_does_and_stays_within_its_picture() {
        let step = |height, joined| Step { height, joined };
        let drawn = draw(&Trend(vec![
            step(0, false),
            step(Step::TOP, true),
            step(35, false),
        ]));
        assert!(drawn.contains("<path d=\"M3 17L10 3M17 10\"/>"), "{drawn}");
        assert!(drawn.contains("width=\"20\" height=\"20\""), "{drawn}");
        // The last value has a dot, and nothing else as the other two are a line.
        assert_eq!(drawn.matches("<circle").count(), 1);
    }
}
