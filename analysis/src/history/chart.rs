//! One small line a framework: its ratio over the campaigns, and where its level changed.

use std::collections::{BTreeMap, BTreeSet};

use plotters::style::Color;
use record::Metric;

use super::page::{day, signed, what};
use super::point::{Limit, Point};
use super::series::Line;
use crate::error::AnalysisError;
use crate::estimate::Question;
use crate::report::charts::canvas::{
    self, Anchor, Canvas, Drawn, FAINT, Frame, GRID, INK, LEFT, RIGHT, TOP,
};
use crate::report::charts::palette::Palette;
use crate::report::charts::{Chart, Narrow};
use crate::text::{escape, number};

const ROW: i32 = 34;
/// How far a point may lie above or below the middle of its row.
const HALF: f64 = 12.0;
/// What a row is high at least (log units), so that mere noise looks small.
const LEAST_SPAN: f64 = 0.03;

/// The lines of one question.
pub(super) fn draw(
    lines: &[Line],
    engines: &BTreeMap<String, String>,
) -> Result<Chart, AnalysisError> {
    let first = &lines[0];
    let (scenario, mode) = (escape::plain(&first.scenario), escape::plain(&first.mode));
    let name = escape::file_name(&format!("history-{}-{scenario}-{mode}", first.metric));
    let title = title(first);
    let campaigns: BTreeSet<(&str, &str)> = (lines.iter())
        .flat_map(|line| &line.points)
        .map(|p| (p.started.as_str(), p.campaign.as_str()))
        .collect();
    let campaigns: Vec<(&str, &str)> = campaigns.into_iter().collect();
    let span = lines.iter().map(Line::reach).fold(LEAST_SPAN, f64::max);
    let cut = lines.iter().any(|line| {
        let mean = line.mean_ln();
        let ends = line.points.iter().flat_map(|p| [p.low, p.high]).flatten();
        { ends }.any(|end| beyond(end, mean, span))
    });
    let cut = if cut {
        " · an arrow: the interval reaches further"
    } else {
        ""
    };
    let parted = lines
        .iter()
        .any(|line| !line.is_joined(0, line.points.len() - 1));
    let parted = if parted {
        " · no line between campaigns that were measured in different ways"
    } else {
        ""
    };
    let subtitle = format!(
        "each row around its own mean, a row is {} high · a dot is a campaign, hollow where limited{cut}{parted}",
        number::share((2.0 * span).exp_m1())
    );
    let palette = Palette::of_engines(engines);
    let described: Vec<String> = lines.iter().map(words).collect();
    let frame = Frame {
        name: &name,
        title: &title,
        subtitle: &subtitle,
        description: &described.join("; "),
        rows: lines.len() as i32 * ROW,
        most: 1.0,
        axis: "",
        legend: palette.legend(lines.iter().map(|l| l.framework.as_str())),
    };
    let svg = canvas::draw(&frame, |canvas| {
        for (i, line) in lines.iter().enumerate() {
            let middle = TOP + i as i32 * ROW + ROW / 2;
            row(canvas, line, &campaigns, middle, span, &palette)?;
        }
        let bottom = TOP + frame.rows + 14;
        let ends = [campaigns.first(), campaigns.last()];
        let anchors = [(LEFT, Anchor::Start), (RIGHT, Anchor::End)];
        let shown = if campaigns.len() > 1 { 2 } else { 1 };
        for (end, (x, anchor)) in ends.into_iter().flatten().zip(anchors).take(shown) {
            let day: String = end.0.chars().take(10).collect();
            canvas.text((x, bottom), &day, 11, FAINT, anchor)?;
        }
        Ok(())
    })?;
    Ok(Chart {
        name,
        title,
        question: Question {
            scenario: first.scenario.clone(),
            mode: first.mode.clone(),
            metric: Metric::named(&first.metric).unwrap_or(Metric::ALL[0]),
        },
        narrow: lines.iter().map(narrow).collect(),
        svg,
    })
}

/// Whether a ratio lies further from the mean than a row is high.
fn beyond(ratio: f64, mean: f64, span: f64) -> bool {
    (ratio.ln() - mean).abs() > span * 1.0001
}

/// What a question's chart and chapter are called.
pub(super) fn title(line: &Line) -> String {
    format!(
        "{}, times {}: {}, {}",
        capital(what(&line.metric)),
        escape::plain(&line.baseline),
        escape::plain(&line.scenario),
        escape::plain(&line.mode)
    )
}

fn row(
    canvas: &Canvas<'_>,
    line: &Line,
    campaigns: &[(&str, &str)],
    middle: i32,
    span: f64,
    palette: &Palette,
) -> Drawn {
    let colour = palette.of(&line.framework);
    let mean = line.mean_ln();
    let x = |point: &Point| {
        let at = campaigns
            .iter()
            .position(|c| *c == (point.started.as_str(), point.campaign.as_str()))
            .unwrap_or(0);
        let steps = campaigns.len().max(2) as i32 - 1;
        LEFT + 6 + at as i32 * (RIGHT - LEFT - 12) / steps
    };
    let y = |ratio: f64| {
        let share = ((ratio.ln() - mean) / span).clamp(-1.0, 1.0);
        middle - (share * HALF).round() as i32
    };
    canvas.line(&[(LEFT, middle), (RIGHT, middle)], GRID, 1)?;
    let name = shortened(&escape::plain(&line.framework));
    canvas.text((LEFT - 10, middle), &name, 13, INK, Anchor::End)?;
    for change in &line.changes {
        let at = x(&line.points[change.at]) - 3;
        canvas.line(
            &[(at, middle - ROW / 2 + 2), (at, middle + ROW / 2 - 2)],
            INK,
            2,
        )?;
    }
    let path: Vec<(i32, i32)> = line.points.iter().map(|p| (x(p), y(p.ratio))).collect();
    for end in 1..path.len() {
        if line.is_joined(end - 1, end) {
            canvas.line(&path[end - 1..=end], colour, 1)?;
        }
    }
    for (point, at) in line.points.iter().zip(&path) {
        if let (Some(low), Some(high)) = (point.low, point.high) {
            canvas.line(&[(at.0, y(low)), (at.0, y(high))], colour, 1)?;
            // Where an end lies beyond the row, the line ends in an open angle.
            for (end, out) in [(low, 1), (high, -1)] {
                if beyond(end, mean, span) {
                    let tip = y(end) + 3 * out;
                    let angle = [
                        (at.0 - 3, tip - 3 * out),
                        (at.0, tip),
                        (at.0 + 3, tip - 3 * out),
                    ];
                    canvas.line(&angle, colour, 1)?;
                }
            }
        }
        match point.bound {
            Limit::Exact => canvas.dot(*at, 3, colour.mix(1.0))?,
            Limit::Limited => canvas.ring(*at, 3, colour)?,
        }
    }
    let last = &line.points[line.points.len() - 1];
    let text = number::rounded(last.ratio, -2);
    canvas.text((RIGHT + 84, middle), &text, 13, INK, Anchor::End)?;
    match line.changes.last() {
        Some(change) => {
            let since = day(&line.points[change.at]);
            let text = format!("{} {since}", signed(change.relative()));
            canvas.text((RIGHT + 96, middle), &text, 12, FAINT, Anchor::Start)
        }
        None => Ok(()),
    }
}

/// A line where the page is narrow: its last ratio, and its last change.
fn narrow(line: &Line) -> Narrow {
    let last = &line.points[line.points.len() - 1];
    let change = line.changes.last().map(|change| {
        let since = day(&line.points[change.at]);
        format!(", {} since {since}", signed(change.relative()))
    });
    let text = format!(
        "{}{}",
        number::rounded(last.ratio, -2),
        change.unwrap_or_default()
    );
    Narrow::text(escape::plain(&line.framework), text)
}

/// A line's numbers for those who cannot see it.
fn words(line: &Line) -> String {
    let ratios: Vec<String> = (line.points.iter())
        .map(|p| number::rounded(p.ratio, -2))
        .collect();
    let changes: Vec<String> = (line.changes.iter())
        .map(|c| format!(", {} on {}", signed(c.relative()), day(&line.points[c.at])))
        .collect();
    format!(
        "{} {}{}",
        escape::plain(&line.framework),
        ratios.join(" "),
        changes.concat()
    )
}

/// Short enough for its area.
fn shortened(name: &str) -> String {
    const MOST: usize = 26;
    match name.chars().count() > MOST {
        true => name.chars().take(MOST - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
