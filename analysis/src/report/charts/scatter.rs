//! A dot a server: how long it takes to start against what it holds in memory.

use plotters::style::Color;
use record::Metric;

use super::canvas::{self, Anchor, FAINT, Frame, GRID, INK, LEFT, RIGHT, TOP};
use super::palette::Palette;
use super::{Chart, Narrow, Style, label, marks, style, value};
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Answer, Answers, Role};
use crate::text::number;

const HEIGHT: i32 = 300;
/// Of more servers than this only those that stand out are named.
const NAMED: usize = 16;
/// Names are at least so far apart.
const APART: i32 = 13;

/// Nothing where one of the two was not measured.
pub(super) fn chart(
    analysis: &Analysis,
    palette: &Palette,
    memory: &Answers,
) -> Option<Result<Chart, AnalysisError>> {
    let startup = analysis.table(Metric::Startup, "startup", "cold")?;
    let servers: Vec<(&Answer, &Answer)> =
        (memory.rows.iter().filter(|row| row.role != Role::Twin))
            .filter_map(|row| Some((startup.same(row)?, row)))
            .collect();
    (servers.len() > 1).then(|| draw(analysis, palette, (startup, memory), &servers))
}

fn draw(
    analysis: &Analysis,
    palette: &Palette,
    (startup, memory_table): (&Answers, &Answers),
    servers: &[(&Answer, &Answer)],
) -> Result<Chart, AnalysisError> {
    let name = "startup-against-memory".to_owned();
    let title = "Startup against memory".to_owned();
    let subtitle = format!(
        "down and to the left is better · across: median ms to the first answer, up: MiB before any load{}",
        marks(analysis)
    );
    let said = |start: &Answer, memory: &Answer| {
        format!(
            "{} ms, {} MiB",
            value(startup, start),
            value(memory_table, memory)
        )
    };
    let described: Vec<String> = (servers.iter())
        .map(|(start, memory)| format!("{}: {}", label(analysis, memory), said(start, memory)))
        .collect();
    let largest = |of: fn(&(&Answer, &Answer)) -> f64| servers.iter().map(of).fold(0.0, f64::max);
    let most = largest(|(_, memory)| memory.estimate) * 1.08;
    let frame = Frame {
        name: &name,
        title: &title,
        subtitle: &subtitle,
        description: &described.join("; "),
        rows: HEIGHT,
        most: largest(|(start, _)| start.estimate),
        axis: "startup, milliseconds",
        legend: palette.legend(servers.iter().map(|(row, _)| row.framework.as_str())),
    };
    let y = |mib: f64| TOP + HEIGHT - (mib / most * f64::from(HEIGHT)).round() as i32;
    let svg = canvas::draw(&frame, |canvas| {
        let step = 10f64.powf((most / 4.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|n| n * step)
            .into_iter()
            .find(|s| most / s <= 6.0);
        let step = step.unwrap_or(most);
        for tick in (0..)
            .map(|i| f64::from(i) * step)
            .take_while(|tick| *tick <= most)
        {
            canvas.line(&[(LEFT, y(tick)), (RIGHT, y(tick))], GRID, 1)?;
            let text = format!(
                "{} MiB",
                number::rounded(tick, step.log10().floor().min(0.0) as i32)
            );
            canvas.text((LEFT - 10, y(tick)), &text, 11, FAINT, Anchor::End)?;
        }
        let mut names: Vec<(i32, i32, String)> = Vec::new();
        for (start, memory) in servers {
            let at = (canvas.x(start.estimate), y(memory.estimate));
            let colour = palette.of(&memory.framework);
            match style(analysis, memory) {
                Style::Solid | Style::Hollow => canvas.dot(at, 5, colour.mix(0.85))?,
                Style::Pale => canvas.ring(at, 5, colour)?,
            }
            let stands_out = memory.estimate > most / 2.0 || start.estimate > frame.most / 2.0;
            if servers.len() <= NAMED || stands_out {
                names.push((at.1, at.0, label(analysis, memory)));
            }
        }
        names.sort();
        let mut least = TOP;
        for (y, x, name) in names {
            let y = y.max(least);
            let (x, anchor) = match x > RIGHT - 40 {
                true => (x - 9, Anchor::End),
                false => (x + 9, Anchor::Start),
            };
            canvas.text((x, y), &name, 11, INK, anchor)?;
            least = y + APART;
        }
        Ok(())
    })?;
    Ok(Chart {
        name,
        title,
        question: memory_table.question.clone(),
        narrow: (servers.iter())
            .map(|(start, memory)| Narrow::text(label(analysis, memory), said(start, memory)))
            .collect(),
        svg,
    })
}
