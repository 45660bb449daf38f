//! A strip a server: p99 by interval over the time that the connections stay open.

use plotters::style::Color;
use record::Metric;

use super::estimate::{Soak, Watched};
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Bound, Question};
use crate::report::charts::canvas::{self, Anchor, FAINT, Frame, GRID, INK, LEFT, RIGHT, TOP};
use crate::report::charts::palette::Palette;
use crate::report::charts::{Chart, Narrow, marks, shortened};
use crate::text::{escape, number};

/// A strip's height, and what of it the line may use.
const ROW: i32 = 46;
const LINE: i32 = 36;

/// One for each scenario and mode.
pub(super) fn all(
    analysis: &Analysis,
    palette: &Palette,
    soak: &Soak,
) -> Result<Vec<Chart>, AnalysisError> {
    let design = &analysis.campaign.design;
    let mut charts = Vec::new();
    for scenario in &design.scenarios {
        for mode in &design.modes {
            let servers: Vec<&Watched> = (soak.servers.iter())
                .filter(|s| (&s.scenario, &s.mode) == (&scenario.name, &mode.name))
                .collect();
            if !servers.is_empty() {
                let question = Question {
                    scenario: scenario.name.clone(),
                    mode: mode.name.clone(),
                    metric: Metric::Connections,
                };
                charts.push(chart(analysis, palette, soak, &servers, question)?);
            }
        }
    }
    Ok(charts)
}

fn chart(
    analysis: &Analysis,
    palette: &Palette,
    soak: &Soak,
    servers: &[&Watched],
    question: Question,
) -> Result<Chart, AnalysisError> {
    let name = format!("p99-by-interval-{}-{}", question.scenario, question.mode);
    let title = format!("p99 by interval: {}, µs", question.scenario);
    let courses: Vec<Vec<(f64, f64)>> = (servers.iter())
        .map(|s| s.course(Metric::LatencyP99, soak.interval))
        .collect();
    let all = || courses.iter().flatten().map(|(_, p99)| *p99);
    let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(1.0, f64::max));
    let bounded = (servers.iter()).any(|s| s.lower_bounds(Metric::LatencyP99).contains(&true));
    let rings = match bounded {
        true => " · a ring: at least so long, as requests failed",
        false => "",
    };
    let subtitle = format!(
        "less is better · one logarithmic scale from {} to {} µs in every strip{rings}{}",
        number::value(low.min(high), None),
        number::value(high, None),
        marks(analysis)
    );
    let described: Vec<String> = servers
        .iter()
        .map(|server| format!("{}: {}", label(analysis, server), words(server)))
        .collect();
    let minutes = servers.iter().map(|s| s.intervals.len()).max().unwrap_or(0) as f64;
    let frame = Frame {
        name: &name,
        title: &title,
        subtitle: &subtitle,
        description: &described.join("; "),
        rows: servers.len() as i32 * ROW,
        most: minutes * soak.interval,
        axis: "minutes since the end of the warm-up",
        legend: palette.legend(servers.iter().map(|s| s.framework.as_str())),
    };
    // A flat line in the middle where all values are one.
    let scale = (high / low).ln();
    let height = |p99: f64| {
        let share = if scale > 0.0 {
            (p99 / low).ln() / scale
        } else {
            0.5
        };
        (share * f64::from(LINE)).round() as i32
    };
    let svg = canvas::draw(&frame, |canvas| {
        for (i, (server, course)) in servers.iter().zip(&courses).enumerate() {
            let top = TOP + i as i32 * ROW;
            let bottom = top + (ROW + LINE) / 2;
            let name = label(analysis, server);
            canvas.line(&[(LEFT, top + ROW), (RIGHT, top + ROW)], GRID, 1)?;
            canvas.text((LEFT - 10, top + ROW / 2), &name, 13, INK, Anchor::End)?;
            let points: Vec<(i32, i32)> = (course.iter())
                .map(|(t, p99)| (canvas.x(*t), bottom - height(*p99)))
                .collect();
            let colour = palette.of(&server.framework);
            canvas.line(&points, colour, 2)?;
            let bounds = server.lower_bounds(Metric::LatencyP99);
            for (point, is_bound) in points.iter().zip(bounds) {
                match is_bound {
                    true => canvas.ring(*point, 4, colour)?,
                    false => canvas.dot(*point, 2, colour.mix(1.0))?,
                }
            }
            let words = words(server);
            canvas.text((RIGHT + 8, top + ROW / 2), &words, 11, FAINT, Anchor::Start)?;
        }
        Ok(())
    })?;
    let narrow = servers
        .iter()
        .map(|server| Narrow::text(label(analysis, server), words(server)));
    Ok(Chart {
        name,
        title,
        question,
        narrow: narrow.collect(),
        svg,
    })
}

fn label(analysis: &Analysis, server: &Watched) -> String {
    let title = escape::plain(analysis.title(&server.framework));
    match server.variant.as_str() {
        "" => shortened(&title, 26),
        _ => format!("{}, 2nd copy (A/A)", shortened(&title, 12)),
    }
}

/// The median and the range.
fn words(server: &Watched) -> String {
    let values: Vec<f64> = (server.course(Metric::LatencyP99, 1.0).iter())
        .map(|(_, p99)| *p99)
        .collect();
    let shown = |p: f64| {
        let value = stats::summary::quantile(&values, p);
        value.map_or_else(|| "–".to_owned(), |v| number::value(v, None))
    };
    let sign = match server.median_is_at_least(Metric::LatencyP99) {
        true => Bound::AtLeast.sign(),
        false => "",
    };
    format!(
        "median {sign}{} ({}–{})",
        shown(0.5),
        shown(0.0),
        shown(1.0)
    )
}
