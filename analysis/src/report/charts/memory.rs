//! Three bars a server: memory before, under and after load.

use plotters::style::Color;
use record::Metric;

use super::canvas::{self, Anchor, FAINT, Frame, INK, LEFT, TOP};
use super::palette::Palette;
use super::{Chart, Style, first_control, label, marks, style};
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Row, Table};
use crate::text::number;

const BAR: i32 = 13;
const ROW: i32 = 3 * BAR + 12;
/// The readings and how strong their colour is.
const READINGS: [(&str, f64); 3] = [("idle", 0.35), ("load", 0.95), ("after", 0.6)];

pub(super) fn chart(
    analysis: &Analysis,
    palette: &Palette,
    table: &Table,
) -> Result<Chart, AnalysisError> {
    let name = "memory".to_owned();
    let title = "Memory: resident set size, MiB".to_owned();
    let subtitle = format!(
        "less is better · from above: idle before any load, under load, after it · lines are 95 % intervals{}",
        marks(analysis)
    );
    let readings = |row: &Row| -> Vec<(&str, f64, Row)> {
        READINGS
            .iter()
            .filter_map(|(mode, strength)| {
                let table = analysis.table(Metric::Rss, "memory", mode)?;
                let same = |r: &&Row| r.framework == row.framework && r.variant == row.variant;
                Some((*mode, *strength, table.rows.iter().find(same)?.clone()))
            })
            .collect()
    };
    let all: Vec<(&Row, Vec<(&str, f64, Row)>)> =
        table.rows.iter().map(|r| (r, readings(r))).collect();
    let described: Vec<String> = all
        .iter()
        .map(|(row, readings)| {
            let values: Vec<String> = readings
                .iter()
                .map(|(mode, _, r)| {
                    format!("{mode} {}", number::value(r.estimate, r.interval.as_ref()))
                })
                .collect();
            format!("{}: {}", label(analysis, row), values.join(", "))
        })
        .collect();
    let most = all
        .iter()
        .flat_map(|(_, readings)| readings)
        .map(|(_, _, r)| r.interval.map_or(r.estimate, |i| i.high.max(r.estimate)))
        .fold(0.0, f64::max);
    let frame = Frame {
        name: &name,
        title: &title,
        subtitle: &subtitle,
        description: &described.join("; "),
        rows: table.rows.len() as i32 * ROW,
        most,
        axis: "MiB",
    };
    let svg = canvas::draw(&frame, |canvas| {
        let control = first_control(analysis, &table.rows);
        for (i, (row, readings)) in all.iter().enumerate() {
            let top = TOP + i as i32 * ROW;
            if control == Some(i) {
                canvas.separator(top)?;
            }
            let name = label(analysis, row);
            canvas.text((LEFT - 10, top + ROW / 2), &name, 13, INK, Anchor::End)?;
            let colour = palette.of(&row.framework);
            for (j, (mode, strength, reading)) in readings.iter().enumerate() {
                let bar = top + 6 + j as i32 * BAR;
                let corners = [(LEFT, bar + 1), (canvas.x(reading.estimate), bar + BAR - 1)];
                match style(analysis, row) {
                    Style::Solid => canvas.rectangle(corners, colour.mix(*strength))?,
                    _ => {
                        canvas.rectangle(corners, colour.mix(strength / 3.0))?;
                        canvas.outline(corners, colour)?;
                    }
                }
                let mut end = canvas.x(reading.estimate);
                if let Some(i) = &reading.interval {
                    let middle = bar + BAR / 2;
                    let (low, high) = (canvas.x(i.low), canvas.x(i.high));
                    canvas.line(&[(low, middle), (high, middle)], INK, 1)?;
                    end = end.max(high);
                }
                let value = number::value(reading.estimate, reading.interval.as_ref());
                let text = format!("{mode} {value}");
                canvas.text((end + 8, bar + BAR / 2), &text, 11, FAINT, Anchor::Start)?;
            }
        }
        Ok(())
    })?;
    Ok(Chart {
        name,
        title,
        question: table.question.clone(),
        svg,
    })
}
