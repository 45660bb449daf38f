//! A line a server: how latency grows with the share of requests, both on logarithmic axes.

use plotters::style::Color;

use super::canvas::{self, Anchor, Canvas, Drawn, FAINT, Frame, GRID, LEFT, RIGHT, TOP};
use super::log::Up;
use super::palette::Palette;
use super::{Chart, Narrow, marks, shortened};
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Answers, Curve, Quantile};
use crate::text::{escape, number};

const HEIGHT: i32 = 320;
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
    up: Up,
    furthest: f64,
}

impl Scales {
    /// So many nines are a step to the right.
    fn x(&self, share: f64) -> i32 {
        let nines = |share: f64| -(1.0 - share).log10();
        let part = (nines(share) - nines(0.1)) / (nines(self.furthest) - nines(0.1));
        LEFT + (part * f64::from(RIGHT - LEFT)).round() as i32
    }
}

pub(super) fn chart(
    analysis: &Analysis,
    palette: &Palette,
    table: &Answers,
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
        up: Up::around(points().map(|p| p.us), HEIGHT),
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
                .map(|p| (scales.x(p.share), scales.up.y(p.us)));
            let back = other
                .points
                .iter()
                .rev()
                .map(|p| (scales.x(p.share), scales.up.y(p.us)));
            canvas.area(there.chain(back).collect(), GRID.mix(1.0))?;
        }
        axes(canvas, &scales)?;
        for curve in &lines {
            let at = |p: &Quantile| (scales.x(p.share), scales.up.y(p.us));
            let colour = palette.of(&curve.framework);
            let path: Vec<(i32, i32)> = curve.points.iter().map(at).collect();
            canvas.line(&path, colour, 2)?;
            for point in curve.points.iter().filter(|p| p.at_least) {
                canvas.ring(at(point), 4, colour)?;
            }
        }
        let ends = lines.iter().filter_map(|curve| {
            let last = curve.points.last()?;
            Some((scales.up.y(last.us), label(analysis, curve)))
        });
        scales.up.names(canvas, ends.collect())
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
    scales.up.draw(canvas)
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
