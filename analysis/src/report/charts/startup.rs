//! Every cold start as a dot, the median as a line, its interval as a band.

use plotters::style::Color;

use super::canvas::{self, Anchor, FAINT, Frame, INK, LEFT, RIGHT, TOP};
use super::palette::Palette;
use super::{Chart, Style, first_control, label, marks, narrow_bars, step, style, value};
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Answers, Role};
use crate::frames::{Key, Series};
use crate::text::number;

const ROW: i32 = 34;
/// Dots that fall on each other are moved by so many pixels in turn.
const SHIFTS: [i32; 5] = [0, -6, 6, -3, 3];

pub(super) fn chart(
    analysis: &Analysis,
    palette: &Palette,
    table: &Answers,
) -> Result<Chart, AnalysisError> {
    let name = "startup".to_owned();
    let title = "Startup: from exec to the first right answer, milliseconds".to_owned();
    let subtitle = format!(
        "less is better · a dot is one cold start, the line their median, the band its {} interval{}",
        number::share(analysis.level),
        marks(analysis)
    );
    let starts: Vec<Vec<f64>> = table
        .rows
        .iter()
        .map(|row| {
            let mut copies = vec![row.variant.as_str()];
            if row.role == Role::Baseline {
                copies.push(&analysis.campaign.design.twin);
            }
            copies
                .into_iter()
                .filter_map(|variant| {
                    analysis.observed.get(&Key {
                        scenario: table.question.scenario.clone(),
                        mode: table.question.mode.clone(),
                        metric: table.question.metric,
                        framework: row.framework.clone(),
                        variant: variant.to_owned(),
                    })
                })
                .flat_map(Series::values)
                .collect()
        })
        .collect();
    let described: Vec<String> = table
        .rows
        .iter()
        .map(|r| format!("{}: median {}", label(analysis, r), value(table, r)))
        .collect();
    let frame = Frame {
        name: &name,
        title: &title,
        subtitle: &subtitle,
        description: &described.join("; "),
        rows: table.rows.len() as i32 * ROW,
        most: starts.iter().flatten().copied().fold(0.0, f64::max),
        axis: "milliseconds",
        legend: palette.legend(table.rows.iter().map(|r| r.framework.as_str())),
    };
    let svg = canvas::draw(&frame, |canvas| {
        let control = first_control(analysis, &table.rows);
        for (i, (row, starts)) in table.rows.iter().zip(&starts).enumerate() {
            let top = TOP + i as i32 * ROW;
            let middle = top + ROW / 2;
            if control == Some(i) {
                canvas.separator(top)?;
            }
            let colour = palette.of(&row.framework);
            if let Some(interval) = &row.interval {
                let band = [
                    (canvas.x(interval.low), middle - 12),
                    (
                        canvas.x(interval.high).max(canvas.x(interval.low) + 1),
                        middle + 12,
                    ),
                ];
                canvas.rectangle(band, colour.mix(0.25))?;
            }
            let strength = if style(analysis, row) == Style::Solid {
                0.85
            } else {
                0.4
            };
            for (start, shift) in starts.iter().zip(SHIFTS.into_iter().cycle()) {
                canvas.dot((canvas.x(*start), middle + shift), 3, colour.mix(strength))?;
            }
            let x = canvas.x(row.estimate);
            canvas.line(&[(x, middle - 13), (x, middle + 13)], INK, 2)?;
            let name = label(analysis, row);
            canvas.text((LEFT - 10, middle), &name, 13, INK, Anchor::End)?;
            let median = format!("{} ms", value(table, row));
            canvas.text((RIGHT + 84, middle), &median, 13, INK, Anchor::End)?;
            if let Some(p95) = row.p95 {
                let p95 = format!("p95 {} ms", number::rounded(p95, step(table, row)));
                canvas.text((RIGHT + 96, middle), &p95, 12, FAINT, Anchor::Start)?;
            }
        }
        Ok(())
    })?;
    let narrow = (table.rows.iter()).map(|row| (row, format!("{} ms", value(table, row))));
    let narrow = narrow_bars(analysis, palette, frame.most, narrow);
    Ok(Chart {
        name,
        title,
        question: table.question.clone(),
        narrow,
        svg,
    })
}
