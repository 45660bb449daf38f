//! `report.html`: one page that needs nothing else, neither a network nor its script.
//!
//! The charts stand in it as SVG, style and script too; a policy in its head forbids the
//! browser to load anything. Without the script the tables are as the report sorted them.

mod table;

use super::document::{Block, Document, Span, Text};
use crate::text::escape;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("sort.js");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The whole page.
pub(crate) fn render(document: &Document<'_>) -> String {
    let first = document.blocks.iter().position(is_chapter);
    let (opening, chapters) = document
        .blocks
        .split_at(first.unwrap_or(document.blocks.len()));
    let chapters: Vec<&[Block<'_>]> = chapters.chunk_by(|_, next| !is_chapter(next)).collect();
    let mut out = head(document);
    out.push_str("<header>\n");
    blocks(&mut out, opening, "c0");
    out.push_str("</header>\n");
    contents(&mut out, &chapters);
    out.push_str("<main>\n");
    for (i, chapter) in chapters.iter().enumerate() {
        let id = format!("c{}", i + 1);
        out += &format!("<section aria-labelledby=\"{id}\">\n");
        blocks(&mut out, chapter, &id);
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n");
    out += &format!(
        "<footer><p>Rendered by <code>{}</code> from raw data alone.</p></footer>\n",
        escape::html(&document.command)
    );
    out += &format!("<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

/// Chapters are what begins with a heading of the second level.
fn is_chapter(block: &Block<'_>) -> bool {
    matches!(block, Block::Heading(2, _))
}

fn title<'a>(blocks: &'a [Block<'_>]) -> &'a str {
    match blocks.first() {
        Some(Block::Heading(_, title)) => title,
        _ => "Report",
    }
}

fn head(document: &Document<'_>) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n<link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        escape::html(title(&document.blocks))
    )
}

fn contents(out: &mut String, chapters: &[&[Block<'_>]]) {
    out.push_str("<nav aria-label=\"Chapters\">\n<ul>\n");
    for (i, chapter) in chapters.iter().enumerate() {
        *out += &format!(
            "<li><a href=\"#c{}\">{}</a></li>\n",
            i + 1,
            escape::html(title(chapter))
        );
    }
    out.push_str("</ul>\n</nav>\n");
}

/// Blocks in their order; the first heading gets the id, those below it one that extends it.
fn blocks(out: &mut String, blocks: &[Block<'_>], id: &str) {
    for (i, block) in blocks.iter().enumerate() {
        match block {
            Block::Heading(level, title) => {
                let id = match i {
                    0 => id.to_owned(),
                    _ => format!("{id}-{i}"),
                };
                *out += &format!("<h{level} id=\"{id}\">{}</h{level}>\n", escape::html(title));
            }
            Block::Paragraph(text) => *out += &format!("<p>{}</p>\n", inline(text)),
            Block::List(items) => {
                out.push_str("<ul>\n");
                for item in items {
                    *out += &format!("<li>{}</li>\n", inline(item));
                }
                out.push_str("</ul>\n");
            }
            Block::Table(found) => table::write(out, found),
            // The picture carries its own title and description, escaped where it was drawn.
            Block::Chart(chart) => {
                *out += &format!(
                    "<figure class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{}\">\n{}</figure>\n",
                    escape::html(&chart.title),
                    chart.svg
                );
            }
        }
    }
}

fn inline(text: &Text) -> String {
    let spans = text.0.iter().map(|span| match span {
        Span::Plain(text) => escape::html(text),
        Span::Code(text) => format!("<code>{}</code>", escape::html(text)),
        Span::Range(text) => format!(" <span class=\"range\">({})</span>", escape::html(text)),
        Span::Strong(text) => format!("<strong>{}</strong>", escape::html(text)),
        Span::Link(text, href) => format!(
            "<a href=\"{}\">{}</a>",
            escape::path(href),
            escape::html(text)
        ),
    });
    spans.collect()
}
