//! A dot a server: instructions across, CPU time up.

use plotters::style::Color;

use super::{Beside, Point};
use crate::error::AnalysisError;
use crate::report::charts::canvas::{self, Anchor, FAINT, Frame, GRID, INK, LEFT, RIGHT, TOP};
use crate::text::number;

const HEIGHT: i32 = 360;
/// Who lies so far off the line is named, and who stands at one of its ends.
const NAMED_FROM: f64 = 0.12;
/// Names are at least so far apart.
const APART: i32 = 13;

pub(super) fn draw(beside: &Beside) -> Result<String, AnalysisError> {
    let said = |point: &Point| {
        format!(
            "{}: {} instructions, {} us",
            point.framework,
            number::rounded(point.instructions, 0),
            number::rounded(point.cpu_us, -2)
        )
    };
    let described: Vec<String> = beside.points.iter().map(said).collect();
    let largest = |of: fn(&Point) -> f64| beside.points.iter().map(of).fold(0.0, f64::max);
    let (most, across) = (largest(|p| p.cpu_us) * 1.08, largest(|p| p.instructions));
    let frame = Frame {
        name: "instructions-against-cpu",
        title: "Instructions a request against CPU time per request",
        subtitle: &format!(
            "{} · a dot a server, the line is theirs together · correlation of the logs {:.3}",
            beside.scenario, beside.correlation
        ),
        description: &described.join("; "),
        rows: HEIGHT,
        most: across,
        axis: "instructions a request, user space",
        legend: Vec::new(),
    };
    let y = |us: f64| TOP + HEIGHT - (us / most * f64::from(HEIGHT)).round() as i32;
    canvas::draw(&frame, |canvas| {
        let step = 10f64.powf((most / 4.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * step);
        let step = step.into_iter().find(|s| most / s <= 6.0).unwrap_or(most);
        let ticks = (0..).map(|i| f64::from(i) * step);
        for tick in ticks.take_while(|tick| *tick <= most) {
            canvas.line(&[(LEFT, y(tick)), (RIGHT, y(tick))], GRID, 1)?;
            let text = number::rounded(tick, step.log10().floor().min(0.0) as i32);
            canvas.text(
                (LEFT - 10, y(tick)),
                &format!("{text} us"),
                11,
                FAINT,
                Anchor::End,
            )?;
        }
        let on = |instructions: f64| beside.factor * instructions.powf(beside.exponent);
        let line: Vec<_> = (1..=50)
            .map(|i| across * f64::from(i) / 50.0)
            .map(|n| (canvas.x(n), y(on(n).min(most))))
            .collect();
        canvas.line(&line, FAINT, 1)?;
        let mut names: Vec<(i32, i32, &str)> = Vec::new();
        for point in &beside.points {
            let at = (canvas.x(point.instructions), y(point.cpu_us));
            canvas.dot(at, 4, INK.mix(0.6))?;
            let end = point.instructions >= across || point.cpu_us <= most / 6.0;
            if end || (point.off - 1.0).abs() >= NAMED_FROM {
                names.push((at.1, at.0, &point.framework));
            }
        }
        names.sort_unstable();
        let mut least = TOP;
        for (y, x, name) in names {
            let y = y.max(least);
            let (x, anchor) = match x > RIGHT - 60 {
                true => (x - 8, Anchor::End),
                false => (x + 8, Anchor::Start),
            };
            canvas.text((x, y), name, 11, INK, anchor)?;
            least = y + APART;
        }
        Ok(())
    })
}
