//! `report.html`: one page that needs nothing else, neither a network nor its script.
//!
//! The charts stand in it as SVG, style and script too; a policy in its head forbids the
//! browser to load anything. Without the script the tables are as the report sorted them.

mod table;
mod trend;

use std::collections::BTreeSet;

use plotters::style::RGBColor;

use super::charts::Chart;
use super::charts::palette::of_engine;
use super::document::{Block, Document, Span, Text};
use crate::text::escape;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("sort.js");
const ASKED: &str = include_str!("matrix.js");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The whole page.
pub(crate) fn render(document: &Document<'_>) -> String {
    let first = document.blocks.iter().position(is_chapter);
    let (opening, chapters) = document
        .blocks
        .split_at(first.unwrap_or(document.blocks.len()));
    let chapters: Vec<&[Block<'_>]> = chapters.chunk_by(|_, next| !is_chapter(next)).collect();
    let mut ids = Ids::default();
    let names: Vec<String> = chapters
        .iter()
        .map(|chapter| ids.of(title(chapter), ""))
        .collect();
    let mut out = head(document);
    out.push_str("<header>\n");
    blocks(&mut out, opening, "top", &mut ids);
    out.push_str("</header>\n");
    contents(&mut out, &chapters, &names);
    out.push_str("<main>\n");
    for (chapter, id) in chapters.iter().zip(&names) {
        out += &format!("<section aria-labelledby=\"{id}\">\n");
        blocks(&mut out, chapter, id, &mut ids);
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n");
    out += &format!(
        "<footer><p>Rendered by <code>{}</code> from raw data alone.</p></footer>\n",
        escape::html(&document.command)
    );
    let asked = (document.blocks.iter()).any(|block| matches!(block, Block::Matrix(..)));
    let asked = if asked { ASKED } else { "" };
    out += &format!("<script>\n{SCRIPT}{asked}</script>\n</body>\n</html>\n");
    out
}

/// The names of the page's places, none of them twice.
#[derive(Default)]
struct Ids(BTreeSet<String>);

impl Ids {
    /// From a heading's words, behind those of its chapter.
    fn of(&mut self, title: &str, chapter: &str) -> String {
        let mut name = chapter.to_owned();
        for word in title
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|w| !w.is_empty())
        {
            if !name.is_empty() {
                name.push('-');
            }
            name += &word.to_ascii_lowercase();
        }
        // A name of digits alone, or none, could not be told from others.
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.insert_str(0, "at-");
        }
        let mut unique = name.clone();
        for n in 2.. {
            if self.0.insert(unique.clone()) {
                break;
            }
            unique = format!("{name}-{n}");
        }
        unique
    }
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

fn contents(out: &mut String, chapters: &[&[Block<'_>]], names: &[String]) {
    out.push_str("<nav aria-label=\"Chapters\">\n<ul>\n");
    for (chapter, id) in chapters.iter().zip(names) {
        *out += &format!(
            "<li><a href=\"#{id}\">{}</a></li>\n",
            escape::html(title(chapter))
        );
    }
    out.push_str("</ul>\n</nav>\n");
}

/// Blocks in their order; the first heading gets the id, those below it one that extends it.
fn blocks(out: &mut String, blocks: &[Block<'_>], id: &str, ids: &mut Ids) {
    for (i, block) in blocks.iter().enumerate() {
        match block {
            Block::Heading(level, title) => {
                let id = match i {
                    0 => id.to_owned(),
                    _ => ids.of(title, id),
                };
                let title = escape::html(title);
                *out += &format!(
                    "<h{level} id=\"{id}\">{title}<a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to {title}\">#</a></h{level}>\n"
                );
            }
            Block::Paragraph(text) => *out += &format!("<p>{}</p>\n", inline(text)),
            Block::List(items) => {
                out.push_str("<ul>\n");
                for item in items {
                    *out += &format!("<li>{}</li>\n", inline(item));
                }
                out.push_str("</ul>\n");
            }
            Block::Table(found) => table::write(out, found, &[]),
            Block::Matrix(found, matrix) => {
                out.push_str("<div id=\"matrix\">\n");
                table::write(out, found, &matrix.servers);
                out.push_str("</div>\n");
                // Inside of a script only `<` could end it.
                *out += &format!(
                    "<script type=\"application/json\" id=\"matrix-data\">{}</script>\n",
                    matrix.json.replace('<', "\\u003c")
                );
            }
            // The picture carries its own title and description, escaped where it was drawn.
            Block::Chart(chart) => {
                *out += &format!(
                    "<figure class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{}\">\n{}{}</figure>\n",
                    escape::html(&chart.title),
                    chart.svg,
                    narrow(chart)
                );
            }
        }
    }
}

/// The chart's numbers as a list, for pages that are too narrow for the picture.
fn narrow(chart: &Chart) -> String {
    if chart.narrow.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "<div class=\"narrow\">\n<p>{}</p>\n<ul>\n",
        escape::html(&chart.title)
    );
    for line in &chart.narrow {
        let bar = line.bar.map_or_else(String::new, |(share, colour)| {
            format!(
                "<i style=\"width:{:.1}%;background:{}\"></i>",
                100.0 * share,
                hex(colour)
            )
        });
        out += &format!(
            "<li><b>{}</b> <span>{}</span>{bar}</li>\n",
            escape::html(&line.label),
            escape::html(&line.text)
        );
    }
    out + "</ul>\n</div>\n"
}

fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

fn inline(text: &Text) -> String {
    let spans = text.0.iter().map(|span| match span {
        Span::Plain(text) => escape::html(text),
        Span::Engine(text) => format!(
            "<span class=\"engine\" style=\"--c:{}\">{}</span>",
            hex(of_engine(text)),
            escape::html(text)
        ),
        Span::Fixed(text, href) => format!("<a href=\"{href}\">{}</a>", escape::html(text)),
        Span::Code(text) => format!("<code>{}</code>", escape::html(text)),
        Span::Range(text) => format!(" <span class=\"range\">({})</span>", escape::html(text)),
        Span::Trend(course) => trend::draw(course),
        Span::Strong(text) => format!("<strong>{}</strong>", escape::html(text)),
        Span::Link(text, href) => format!(
            "<a href=\"{}\">{}</a>",
            escape::path(href),
            escape::html(text)
        ),
        Span::Beside(text, href) => format!(
            "<a href=\"../{}\">{}</a>",
            escape::path(href),
            escape::html(text)
        ),
    });
    spans.collect()
}
