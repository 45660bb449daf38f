//! A line a server: how latency grows with the share of requests, both on logarithmic axes.

use plotters::style::Color;

use super::canvas::{self, Anchor, Canvas, Drawn, FAINT, Frame, GRID, INK, LEFT, RIGHT, TOP};
use super::palette::Palette;
use super::{Chart, Narrow, marks, shortened};
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Curve, Quantile, Table};
use crate::text::{escape, number};

const HEIGHT: i32 = 320;
/// Names at the ends of lines are at least so far apart.
const APART: i32 = 14;
/// The shares that the axis names.
const NAMED: [(f64, &str); 7] = [
    (0.1, "10 %"),
    (0.5, "50 %"),
    (0.9, "90 %"),
    (0.99, "99 %"),
    (0.999, "99.9 %"),
    (0.9999, "99.99 %"),
    (0.99999, ""),
];

/// The scales of a chart.
struct Scales {
    least: f64,
    most: f64,
    furthest: f64,
}

impl Scales {
    /// So many nines are a step to the right.
    fn x(&self, share: f64) -> i32 {
        let nines = |share: f64| -(1.0 - share).log10();
        let part = (nines(share) - nines(0.1)) / (nines(self.furthest) - nines(0.1));
        LEFT + (part * f64::from(RIGHT - LEFT)).round() as i32
    }

    fn y(&self, us: f64) -> i32 {
        let part = (us / self.least).ln() / (self.most / self.least).ln();
        TOP + HEIGHT - (part.clamp(0.0, 1.0) * f64::from(HEIGHT)).round() as i32
    }
}

pub(super) fn chart(
    analysis: &Analysis,
    palette: &Palette,
    table: &Table,
) -> Result<Chart, AnalysisError> {
    let question = &table.question;
    let (scenario, mode) = (
        escape::plain(&question.scenario),
        escape::plain(&question.mode),
    );
    let name = escape::file_name(&format!("latency-{scenario}-{mode}"));
    let title = format!("Latency by share of requests, µs: {scenario}, {mode}");
    let lines: Vec<&Curve> = table
        .curves
        .iter()
        .filter(|curve| curve.copy == 0)
        .collect();
    let copy = |n: u8| table.curves.iter().find(|curve| curve.copy == n);
    let band = copy(1).zip(copy(2));
    let subtitle = format!(
        "less is better · shares as nines, latency on a logarithmic scale{}{}",
        match band {
            Some(_) => " · grey: between two copies of the baseline (A/A)",
            None => "",
        },
        marks(analysis)
    );
    let points = || table.curves.iter().flat_map(|curve| &curve.points);
    let scales = Scales {
        least: points().map(|p| p.us).fold(f64::MAX, f64::min) / 1.1,
        most: points().map(|p| p.us).fold(0.0, f64::max) * 1.1,
        furthest: points().map(|p| p.share).fold(0.5, f64::max),
    };
    let described: Vec<String> = (lines.iter())
        .map(|curve| format!("{}: {}", label(analysis, curve), words(curve)))
        .collect();
    let frame = Frame {
        name: &name,
        title: &title,
        subtitle: &subtitle,
        description: &described.join("; "),
        rows: HEIGHT,
        most: 1.0,
        axis: "",
        legend: palette.legend(lines.iter().map(|c| c.framework.as_str())),
    };
    let svg = canvas::draw(&frame, |canvas| {
        if let Some((one, other)) = band {
            let there = one
                .points
                .iter()
                .map(|p| (scales.x(p.share), scales.y(p.us)));
            let back = other
                .points
                .iter()
                .rev()
                .map(|p| (scales.x(p.share), scales.y(p.us)));
            canvas.area(there.chain(back).collect(), GRID.mix(1.0))?;
        }
        axes(canvas, &scales)?;
        for curve in &lines {
            let at = |p: &Quantile| (scales.x(p.share), scales.y(p.us));
            let colour = palette.of(&curve.framework);
            let path: Vec<(i32, i32)> = curve.points.iter().map(at).collect();
            canvas.line(&path, colour, 2)?;
            for point in curve.points.iter().filter(|p| p.at_least) {
                canvas.ring(at(point), 4, colour)?;
            }
        }
        names(canvas, analysis, &lines, &scales)
    })?;
    Ok(Chart {
        name,
        title,
        question: question.clone(),
        narrow: (lines.iter())
            .map(|curve| Narrow::text(label(analysis, curve), words(curve)))
            .collect(),
        svg,
    })
}

fn axes(canvas: &Canvas<'_>, scales: &Scales) -> Drawn {
    let bottom = TOP + HEIGHT;
    for (share, name) in NAMED
        .into_iter()
        .filter(|(share, _)| *share <= scales.furthest)
    {
        let x = scales.x(share);
        canvas.line(&[(x, TOP), (x, bottom)], GRID, 1)?;
        canvas.text((x, bottom + 14), name, 11, FAINT, Anchor::Middle)?;
    }
    let middle = ((LEFT + RIGHT) / 2, bottom + 33);
    canvas.text(
        middle,
        "of requests took at most",
        12,
        FAINT,
        Anchor::Middle,
    )?;
    let first = scales.least.log10().floor() as i32;
    for decade in first..=scales.most.log10().ceil() as i32 {
        for step in [1.0, 2.0, 5.0] {
            let us = step * 10f64.powi(decade);
            if us >= scales.least && us <= scales.most {
                let y = scales.y(us);
                canvas.line(&[(LEFT, y), (RIGHT, y)], GRID, 1)?;
                canvas.text(
                    (LEFT - 10, y),
                    &number::value(us, None),
                    11,
                    FAINT,
                    Anchor::End,
                )?;
            }
        }
    }
    Ok(())
}

/// At the lines' ends, moved down where they would cover each other.
fn names(canvas: &Canvas<'_>, analysis: &Analysis, lines: &[&Curve], scales: &Scales) -> Drawn {
    let mut ends: Vec<(i32, String)> = (lines.iter())
        .filter_map(|curve| Some((scales.y(curve.points.last()?.us), label(analysis, curve))))
        .collect();
    ends.sort();
    let mut least = TOP - 2;
    for (y, name) in ends {
        let y = y.max(least);
        // What has no room is told in the description and the table.
        if y > TOP + HEIGHT + 30 {
            break;
        }
        canvas.text((RIGHT + 8, y), &name, 12, INK, Anchor::Start)?;
        least = y + APART;
    }
    Ok(())
}

fn label(analysis: &Analysis, curve: &Curve) -> String {
    shortened(
        &escape::plain(&analysis.server(&curve.framework, &curve.variant)),
        26,
    )
}

/// `50 % 58.7, 99 % 305 µs`.
fn words(curve: &Curve) -> String {
    let told: Vec<String> = (curve.points.iter())
        .filter_map(|point| {
            let (_, name) = NAMED.iter().find(|(share, _)| *share == point.share)?;
            let sign = if point.at_least { "≥ " } else { "" };
            Some(format!("{name} {sign}{}", number::value(point.us, None)))
        })
        .collect();
    format!("{} µs", told.join(", "))
}
