//! `report.md`: good to read when rendered, and one fact a line for whoever diffs it.

use super::document::{Block, Document, Span, Step, Table, Text, Trend};
use crate::text::escape;

/// The whole document.
pub(crate) fn render(document: &Document<'_>) -> String {
    let command = escape::plain(&document.command).replace("--", "- -");
    let mut out =
        format!("<!-- Rendered by `{command}` from raw data alone; edit nothing here. -->\n");
    for block in &document.blocks {
        out.push('\n');
        match block {
            Block::Heading(level, title) => {
                line(
                    &mut out,
                    &format!("{} {}", "#".repeat(*level), escape::markdown(title)),
                );
            }
            Block::Paragraph(text) => line(&mut out, &inline(text)),
            Block::List(items) => {
                for item in items {
                    line(&mut out, &format!("- {}", inline(item)));
                }
            }
            Block::Table(found) | Block::Matrix(found, _) => table(&mut out, found),
            Block::Chart(chart) => line(
                &mut out,
                &format!(
                    "![{}](charts/{}.svg)",
                    escape::markdown(&chart.title),
                    chart.name
                ),
            ),
        }
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn table(out: &mut String, table: &Table) {
    let mut row = |cells: &[String]| line(out, &format!("| {} |", cells.join(" | ")));
    let heads: Vec<String> = table
        .columns
        .iter()
        .map(|c| escape::markdown(&c.title))
        .collect();
    row(&heads);
    let rule: Vec<String> = table
        .columns
        .iter()
        .map(|c| if c.numeric { "---:" } else { "---" }.to_owned())
        .collect();
    row(&rule);
    for group in &table.groups {
        if !group.title.is_empty() {
            let mut separator = vec![String::new(); heads.len()];
            separator[0] = format!("*{}*", escape::markdown(&group.title));
            row(&separator);
        }
        for cells in &group.rows {
            let cells: Vec<String> = cells
                .iter()
                .map(|c| inline(&c.text).trim().to_owned())
                .collect();
            row(&cells);
        }
    }
}

fn inline(text: &Text) -> String {
    let spans = text.0.iter().map(|span| match span {
        Span::Plain(text) => escape::markdown(text),
        Span::Code(text) => escape::code(text),
        Span::Engine(text) => escape::markdown(text),
        // A page that stands here as Markdown, too.
        Span::Fixed(text, href) => format!(
            "[{}]({})",
            escape::markdown(text),
            href.replace("history.html", "history.md")
        ),
        Span::Range(text) => format!(" ({})", escape::markdown(text)),
        Span::Trend(trend) => blocks(trend),
        Span::Strong(text) => format!("**{}**", escape::markdown(text)),
        Span::Link(text, href) => {
            format!("[{}]({})", escape::markdown(text), escape::path(href))
        }
        Span::Beside(text, href) => {
            format!("[{}](../{})", escape::markdown(text), escape::path(href))
        }
    });
    spans.collect()
}

/// A course in letters, with a space where it does not go on.
fn blocks(trend: &Trend) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let mut out = String::new();
    for (i, step) in trend.0.iter().enumerate() {
        if i > 0 && !step.joined {
            out.push(' ');
        }
        let height = usize::from(step.height.min(Step::TOP)) * (HEIGHTS.len() - 1);
        out.push(HEIGHTS[height / usize::from(Step::TOP)]);
    }
    out
}
