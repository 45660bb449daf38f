//! A line a server: what latency or CPU time do as the load comes near to what it can answer.

use plotters::style::Color;

use super::canvas::{self, Anchor, FAINT, Frame, GRID, LEFT, RIGHT, TOP};
use super::log::Up;
use super::palette::Palette;
use super::{Chart, Narrow, label, marks};
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Answer, Answers, Role};
use crate::text::{escape, number};

const HEIGHT: i32 = 320;
/// Lines are moved apart by so much, so that their intervals do not cover each other.
const BESIDE: i32 = 4;

/// One server at all shares at which it has an answer.
struct Line<'a> {
    /// The share, and the answer there.
    points: Vec<(f64, &'a Answer)>,
}

impl Line<'_> {
    fn row(&self) -> &Answer {
        self.points[0].1
    }
}

/// The chart of one metric and scenario from its tables by growing share, of which there has to be
/// one.
pub(super) fn chart(
    analysis: &Analysis,
    palette: &Palette,
    tables: &[(f64, &Answers)],
) -> Result<Chart, AnalysisError> {
    let question = &tables[0].1.question;
    let scenario = escape::plain(&question.scenario);
    let called = question.metric.words();
    let (prefix, what) = (called.short.to_lowercase(), called.name);
    let name = escape::file_name(&format!("{prefix}-against-load-{scenario}"));
    let title = format!("{what} against load, µs: {scenario}");
    let subtitle = format!(
        "less is better · across: share of what the server itself answers at saturation · an upright line is a {} interval · hollow: the baseline's second copy{}",
        number::share(analysis.level),
        marks(analysis)
    );
    let lines = lines(tables);
    let all = || lines.iter().flat_map(|line| &line.points);
    let ends = all().flat_map(|(_, row)| {
        let interval = row.interval.filter(|i| i.low > 0.0);
        [
            Some(row.estimate),
            interval.map(|i| i.low),
            interval.map(|i| i.high),
        ]
    });
    let up = Up::around(ends.flatten(), HEIGHT);
    let described: Vec<String> = (lines.iter())
        .map(|line| format!("{}: {}", label(analysis, line.row()), words(line)))
        .collect();
    let frame = Frame {
        name: &name,
        title: &title,
        subtitle: &subtitle,
        description: &described.join("; "),
        rows: HEIGHT,
        most: 1.0,
        axis: "",
        legend: palette.legend(lines.iter().map(|line| line.row().framework.as_str())),
    };
    let least = tables[0].0;
    let across = |share: f64| {
        // Half a step of room on the left, so that the first points stand beside the axis.
        let (from, to) = (least - 0.05, 1.0);
        LEFT + ((share - from) / (to - from) * f64::from(RIGHT - LEFT)).round() as i32
    };
    let svg = canvas::draw(&frame, |canvas| {
        let bottom = TOP + HEIGHT;
        for (share, _) in tables {
            let x = across(*share);
            canvas.line(&[(x, TOP), (x, bottom)], GRID, 1)?;
            let text = number::share(*share);
            canvas.text((x, bottom + 14), &text, 11, FAINT, Anchor::Middle)?;
        }
        let middle = ((LEFT + RIGHT) / 2, bottom + 33);
        let axis = "of the server's own requests/s at saturation";
        canvas.text(middle, axis, 12, FAINT, Anchor::Middle)?;
        up.draw(canvas)?;
        let mut ends = Vec::new();
        for (i, line) in lines.iter().enumerate() {
            let aside = (2 * i as i32 - (lines.len() as i32 - 1)) * BESIDE / 2;
            let colour = palette.of(&line.row().framework);
            let at = |(share, row): &(f64, &Answer)| (across(*share) + aside, up.y(row.estimate));
            let twin = line.row().role == Role::Twin;
            if !twin {
                let path: Vec<(i32, i32)> = line.points.iter().map(at).collect();
                canvas.line(&path, colour, 2)?;
                if let Some(last) = path.last() {
                    ends.push((last.1, label(analysis, line.row())));
                }
            }
            for point in &line.points {
                let (x, y) = at(point);
                if let Some(interval) = point.1.interval.filter(|_| !twin) {
                    canvas.line(
                        &[(x, up.y(interval.low)), (x, up.y(interval.high))],
                        colour,
                        1,
                    )?;
                }
                match twin {
                    true => canvas.ring((x, y), 3, colour)?,
                    false => canvas.dot((x, y), 3, colour.mix(1.0))?,
                }
            }
        }
        up.names(canvas, ends)
    })?;
    Ok(Chart {
        name,
        title,
        question: question.clone(),
        narrow: (lines.iter())
            .map(|line| Narrow::text(label(analysis, line.row()), words(line)))
            .collect(),
        svg,
    })
}

/// Servers in the order of the first table that has them, with all that is known of each.
fn lines<'a>(tables: &[(f64, &'a Answers)]) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    for (share, table) in tables {
        for row in &table.rows {
            let server = |row: &Answer| (row.framework.clone(), row.variant.clone());
            match lines.iter_mut().find(|l| server(l.row()) == server(row)) {
                Some(line) => line.points.push((*share, row)),
                None => lines.push(Line {
                    points: vec![(*share, row)],
                }),
            }
        }
    }
    lines
}

/// `30 % 61.2, 90 % 305 µs`.
fn words(line: &Line<'_>) -> String {
    let told: Vec<String> = (line.points.iter())
        .map(|(share, row)| {
            let value = number::value(row.estimate, row.interval.as_ref());
            format!("{} {}{value}", number::share(*share), row.bound.sign())
        })
        .collect();
    format!("{} µs", told.join(", "))
}
