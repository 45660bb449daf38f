//! Three bars a server: memory before, under and after load.

use plotters::style::{Color, RGBColor};
use record::Metric;

use super::canvas::{self, Anchor, Canvas, Drawn, FAINT, Frame, INK, LEFT, TOP};
use super::palette::Palette;
use super::{Chart, Style, first_control, label, marks, narrow_bars, style, value};
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Answer, Answers};
use crate::text::number;

const BAR: i32 = 13;
const ROW: i32 = 3 * BAR + 12;
/// The readings and how strong their colour is.
const READINGS: [(&str, f64); 3] = [("idle", 0.35), ("load", 0.95), ("after", 0.6)];

pub(super) fn chart(
    analysis: &Analysis,
    palette: &Palette,
    table: &Answers,
) -> Result<Chart, AnalysisError> {
    let name = "memory".to_owned();
    let title = "Memory: resident set size, MiB".to_owned();
    let subtitle = format!(
        "less is better · from above: idle before any load, under load, after it · lines are {} intervals{}",
        number::share(analysis.level),
        marks(analysis)
    );
    let servers: Vec<(&Answer, Vec<Bar<'_>>)> = table
        .rows
        .iter()
        .map(|row| (row, bars(analysis, row)))
        .collect();
    let described: Vec<String> = servers
        .iter()
        .map(|(row, readings)| {
            let values: Vec<String> = readings.iter().map(Bar::words).collect();
            format!("{}: {}", label(analysis, row), values.join(", "))
        })
        .collect();
    let most = servers
        .iter()
        .flat_map(|(_, readings)| readings)
        .map(|r| {
            r.row
                .interval
                .map_or(r.row.estimate, |i| i.high.max(r.row.estimate))
        })
        .fold(0.0, f64::max);
    let frame = Frame {
        name: &name,
        title: &title,
        subtitle: &subtitle,
        description: &described.join("; "),
        rows: table.rows.len() as i32 * ROW,
        most,
        axis: "MiB",
        legend: palette.legend(table.rows.iter().map(|r| r.framework.as_str())),
    };
    let svg = canvas::draw(&frame, |canvas| {
        let control = first_control(analysis, &table.rows);
        for (i, (row, readings)) in servers.iter().enumerate() {
            let top = TOP + i as i32 * ROW;
            if control == Some(i) {
                canvas.separator(top)?;
            }
            let name = label(analysis, row);
            canvas.text((LEFT - 10, top + ROW / 2), &name, 13, INK, Anchor::End)?;
            let colour = palette.of(&row.framework);
            for (j, reading) in readings.iter().enumerate() {
                let bar = top + 6 + j as i32 * BAR;
                reading.draw(canvas, bar, colour, style(analysis, row))?;
            }
        }
        Ok(())
    })?;
    let narrow = servers.iter().map(|(row, readings)| {
        let words: Vec<String> = readings.iter().map(Bar::words).collect();
        (*row, format!("{} MiB", words.join(", ")))
    });
    let narrow = narrow_bars(analysis, palette, frame.most, narrow);
    Ok(Chart {
        name,
        title,
        question: table.question.clone(),
        narrow,
        svg,
    })
}

/// One of a server's three bars.
struct Bar<'a> {
    mode: &'static str,
    strength: f64,
    row: &'a Answer,
    /// Its value, as it is written.
    value: String,
}

fn bars<'a>(analysis: &'a Analysis, server: &Answer) -> Vec<Bar<'a>> {
    READINGS
        .iter()
        .filter_map(|(mode, strength)| {
            let table = analysis.table(Metric::Rss, "memory", mode)?;
            let row = table
                .rows
                .iter()
                .find(|r| r.framework == server.framework && r.variant == server.variant)?;
            Some(Bar {
                mode,
                strength: *strength,
                row,
                value: value(table, row),
            })
        })
        .collect()
}

impl Bar<'_> {
    fn words(&self) -> String {
        format!("{} {}", self.mode, self.value)
    }

    fn draw(&self, canvas: &Canvas<'_>, top: i32, colour: RGBColor, style: Style) -> Drawn {
        let mut end = canvas.x(self.row.estimate);
        let corners = [(LEFT, top + 1), (end, top + BAR - 1)];
        if style == Style::Solid {
            canvas.rectangle(corners, colour.mix(self.strength))?;
        } else {
            canvas.rectangle(corners, colour.mix(self.strength / 3.0))?;
            canvas.outline(corners, colour)?;
        }
        let middle = top + BAR / 2;
        if let Some(interval) = &self.row.interval {
            let (low, high) = (canvas.x(interval.low), canvas.x(interval.high));
            canvas.line(&[(low, middle), (high, middle)], INK, 1)?;
            end = end.max(high);
        }
        canvas.text((end + 8, middle), &self.words(), 11, FAINT, Anchor::Start)
    }
}
