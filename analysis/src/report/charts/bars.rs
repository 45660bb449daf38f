//! One bar a server, its interval across the bar's end, its numbers beside it.

use plotters::style::{Color, RGBColor};
use record::Metric;

use super::canvas::{self, Anchor, Canvas, Drawn, FAINT, Frame, INK, LEFT, RIGHT, TOP};
use super::palette::Palette;
use super::{Chart, Style, first_control, label, marks, narrow_bars, step, style, value};
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Answer, Answers, Bound, Role, Verdict};
use crate::text::{escape, number};

const ROW: i32 = 28;
const BAR: i32 = 16;

/// One metric at saturation.
pub(super) fn chart(
    analysis: &Analysis,
    palette: &Palette,
    table: &Answers,
    prefix: &str,
    what: &str,
) -> Result<Chart, AnalysisError> {
    let scenario = escape::plain(&table.question.scenario);
    let mode = escape::plain(&table.question.mode);
    let name = escape::file_name(&format!("{prefix}-{scenario}-{mode}"));
    let title = format!("{what}: {scenario}, {mode}");
    let ends = match analysis.is_in_a_row() {
        true => "the median of samples in a row, without an interval".to_owned(),
        false => format!(
            "the line across a bar's end is its {} interval",
            number::share(analysis.level)
        ),
    };
    let better = match table.question.metric.higher_is_better() {
        true => "more is better",
        false => "less is better",
    };
    let subtitle = format!("{better} · {ends}{}", marks(analysis));
    let described: Vec<String> = table
        .rows
        .iter()
        .map(|r| format!("{} {}", label(analysis, r), words(table, r)))
        .collect();
    let most = table
        .rows
        .iter()
        .map(|r| r.interval.map_or(r.estimate, |i| i.high.max(r.estimate)))
        .fold(0.0, f64::max);
    let frame = Frame {
        name: &name,
        title: &title,
        subtitle: &subtitle,
        description: &described.join("; "),
        rows: table.rows.len() as i32 * ROW,
        most,
        axis: what,
        legend: palette.legend(table.rows.iter().map(|r| r.framework.as_str())),
    };
    let svg = canvas::draw(&frame, |canvas| {
        let control = first_control(analysis, &table.rows);
        // Where nothing is paired a column of ratios would only say so in every row.
        let paired = table.rows.iter().any(|row| row.ratio_point().is_some());
        let baseline = table.rows.iter().find(|r| r.role == Role::Baseline);
        for (i, row) in table.rows.iter().enumerate() {
            let top = TOP + i as i32 * ROW;
            if control == Some(i) {
                canvas.separator(top)?;
            }
            let colour = palette.of(&row.framework);
            bar(canvas, row, top, colour, style(analysis, row))?;
            let middle = top + ROW / 2;
            let name = label(analysis, row);
            canvas.text((LEFT - 10, middle), &name, 13, INK, Anchor::End)?;
            let told = format!("{}{}", row.bound.sign(), value(table, row));
            canvas.text((RIGHT + 84, middle), &told, 13, INK, Anchor::End)?;
            if paired {
                let ratio = match row.role {
                    Role::Baseline => "baseline".to_owned(),
                    _ => ratio(row, table.question.metric),
                };
                canvas.text((RIGHT + 96, middle), &ratio, 12, FAINT, Anchor::Start)?;
            }
        }
        let base = super::shortened(&escape::plain(analysis.baseline()), 20);
        if paired {
            let head = (RIGHT + 96, TOP - 8);
            canvas.text(head, &format!("× {base}"), 11, FAINT, Anchor::Start)?;
        }
        let Some(baseline) = baseline else {
            return Ok(());
        };
        let x = canvas.x(baseline.estimate);
        let bottom = TOP + frame.rows;
        for y in (TOP..bottom).step_by(8) {
            canvas.line(&[(x, y), (x, (y + 4).min(bottom))], INK, 1)?;
        }
        Ok(())
    })?;
    let narrow = table.rows.iter().map(|row| {
        let said = match (row.role, row.ratio_point()) {
            (Role::Subject, Some(_)) => format!(" · × {}", ratio(row, table.question.metric)),
            _ => String::new(),
        };
        let text = format!("{}{said}", words(table, row).replace("at least ", "≥ "));
        (row, text)
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

fn bar(canvas: &Canvas<'_>, row: &Answer, top: i32, colour: RGBColor, style: Style) -> Drawn {
    let middle = top + ROW / 2;
    let corners = [
        (LEFT, middle - BAR / 2),
        (canvas.x(row.estimate), middle + BAR / 2),
    ];
    match style {
        Style::Solid => canvas.rectangle(corners, colour.mix(0.85))?,
        Style::Hollow => canvas.outline(corners, colour)?,
        Style::Pale => {
            canvas.rectangle(corners, colour.mix(0.25))?;
            canvas.outline(corners, colour)?;
        }
    }
    if let Some(interval) = &row.interval {
        canvas.whisker(interval.low, interval.high, middle)?;
    }
    if row.bound == Bound::AtLeast {
        let end = row.interval.map_or(row.estimate, |i| i.high);
        canvas.arrow(canvas.x(end), middle)?;
    }
    Ok(())
}

/// The ratio with what may be said of it.
fn ratio(row: &Answer, metric: Metric) -> String {
    if row.ratio_bound == Bound::Unknown && row.role == Role::Subject {
        return row.verdict.word(metric).to_owned();
    }
    let sign = row.ratio_bound.sign();
    let Some(point) = row.ratio_point() else {
        return "no pair".to_owned();
    };
    let word = match row.verdict {
        Verdict::TooFewBlocks | Verdict::NoFloor => "(no verdict)",
        verdict => verdict.word(metric),
    };
    format!("{sign}{} {word}", number::rounded(point, -2))
        .trim()
        .to_owned()
}

fn words(table: &Answers, row: &Answer) -> String {
    let sign = if row.bound == Bound::AtLeast {
        "at least "
    } else {
        ""
    };
    let value = value(table, row);
    let end = |end: f64| number::rounded(end, step(table, row));
    match &row.interval {
        Some(i) => format!("{sign}{value} ({}–{})", end(i.low), end(i.high)),
        None => format!("{sign}{value}"),
    }
}
