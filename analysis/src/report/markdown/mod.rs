//! `report.md`: good to read when rendered, and one fact a line for whoever diffs it.

mod facts;
mod glance;
mod groups;
mod reading;
mod tables;
mod validity;

use super::charts::Chart;
use super::{headline, labels};
use crate::estimate::Analysis;
use crate::text::escape;

/// The whole document.
pub(super) fn document(analysis: &Analysis, charts: &[Chart]) -> String {
    let mut page = Page::default();
    let campaign = &analysis.campaign;
    let id = escape::plain(&campaign.id).replace("--", "- -");
    page.line(&format!(
        "<!-- Rendered by `lab report results/{id}` from raw data alone; edit nothing here. -->"
    ));
    page.heading(1, &escape::markdown(&campaign.design.title));
    for sentence in headline(analysis) {
        page.paragraph(&match sentence.split_once(": ") {
            Some((opening, answer)) => format!(
                "**{}:** {}",
                escape::markdown(opening),
                escape::markdown(answer)
            ),
            None => escape::markdown(&sentence),
        });
    }
    for (label, meaning) in labels(analysis) {
        page.item(&format!("`{label}`: {meaning}."));
    }
    page.item(&format!(
        "Campaign {}, seed {}.",
        escape::code(&campaign.id),
        campaign.seed
    ));
    glance::write(&mut page, analysis);
    tables::write(&mut page, analysis, charts);
    reading::write(&mut page, analysis);
    validity::write(&mut page, analysis);
    facts::write(&mut page, analysis);
    page.text
}

/// Markdown as it grows: blank lines where blocks change, never two.
#[derive(Debug, Default)]
struct Page {
    text: String,
    in_list: bool,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        self.in_list = false;
    }

    fn heading(&mut self, level: usize, text: &str) {
        self.gap();
        self.line(&format!("{} {text}", "#".repeat(level)));
        self.gap();
    }

    fn paragraph(&mut self, text: &str) {
        self.gap();
        self.line(text);
        self.gap();
    }

    fn item(&mut self, text: &str) {
        if !self.in_list {
            self.gap();
            self.in_list = true;
        }
        self.line(&format!("- {text}"));
    }

    /// A table; `right` says which columns hold numbers.
    fn table(&mut self, head: &[String], right: &[bool], rows: &[Vec<String>]) {
        self.gap();
        let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
        self.line(&line(head));
        let rule: Vec<String> = right
            .iter()
            .map(|r| if *r { "---:" } else { "---" }.to_owned())
            .collect();
        self.line(&line(&rule));
        for row in rows {
            self.line(&line(row));
        }
        self.gap();
    }
}
