//! A table: readable as it stands, and with what the script sorts it by.

use super::inline;
use crate::report::document::{Cell, Column, Table};
use crate::text::{escape, number};

/// Writes a table in a box that scrolls by itself where the page is narrow; its rows with their
/// servers' names, where they have such.
pub(super) fn write(out: &mut String, table: &Table, names: &[String]) {
    let mut names = names.iter();
    let caption = escape::html(&table.caption);
    *out += &format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\">\n<table>\n<caption>{caption}</caption>\n<thead>\n<tr>"
    );
    for column in &table.columns {
        *out += &format!(
            "<th scope=\"col\"{}>{}</th>",
            class(column),
            escape::html(&column.title)
        );
    }
    out.push_str("</tr>\n</thead>\n");
    for group in &table.groups {
        out.push_str("<tbody>\n");
        if !group.title.is_empty() {
            *out += &format!(
                "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n",
                table.columns.len(),
                escape::html(&group.title)
            );
        }
        for cells in &group.rows {
            match names.next() {
                Some(name) => *out += &format!("<tr data-server=\"{}\">", escape::html(name)),
                None => out.push_str("<tr>"),
            }
            for (i, (column, cell)) in table.columns.iter().zip(cells).enumerate() {
                *out += &field(column, cell, i == 0);
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody>\n");
    }
    out.push_str("</table>\n</div>\n");
}

/// One field; the first of a row is its head.
fn field(column: &Column, cell: &Cell, first: bool) -> String {
    let (open, close) = match first {
        true => ("th scope=\"row\"", "th"),
        false => ("td", "td"),
    };
    let sort = cell
        .sort
        .and_then(|value| number::significant(value, 6))
        .map(|value| format!(" data-sort=\"{value:e}\""))
        .unwrap_or_default();
    format!(
        "<{open}{}{sort}>{}</{close}>",
        class(column),
        inline(&cell.text)
    )
}

fn class(column: &Column) -> &'static str {
    match column.numeric {
        true => " class=\"n\"",
        false => "",
    }
}
