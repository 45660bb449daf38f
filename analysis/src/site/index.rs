//! The page that lists the published reports, by host.

use std::collections::BTreeMap;

use record::Class;

use super::published::Published;
use crate::estimate::Analysis;
use crate::report::document::{Cell, Column, Document, RowGroup, Table, Text};
use crate::report::stands::stands_on;
use crate::report::{Rendered, headline, html, labels};
use crate::text::{self, escape};

/// What the page says of one report.
pub(super) struct Entry {
    host: String,
    name: String,
    title: String,
    measured: String,
    marks: String,
    frameworks: usize,
    controls: usize,
    headline: Option<String>,
    stands: String,
    /// What there is to read, and where.
    links: Vec<(&'static str, String)>,
}

impl Entry {
    pub(super) fn new(published: &Published, analysis: &Analysis, rendered: &Rendered) -> Self {
        let campaign = &analysis.campaign;
        let (host, name) = published
            .place
            .rsplit_once('/')
            .unwrap_or(("", &published.place));
        let took_part = |main: bool| {
            let all = campaign.frameworks.iter();
            all.filter(|f| (f.class == Class::Idiomatic) == main && analysis.took_part(&f.name))
                .count()
        };
        let mut links = Vec::new();
        for (word, file) in [
            ("report", "report.html"),
            ("Markdown", "report.md"),
            ("JSON", "summary.json"),
            ("history", "history.html"),
        ] {
            if rendered.files.contains_key(file) {
                links.push((word, published.below(file)));
            }
        }
        links.push(("raw table", published.below("observations.csv")));
        Self {
            host: host.to_owned(),
            name: match name {
                "" => campaign.design.experiment.clone(),
                name => name.to_owned(),
            },
            title: campaign.design.title.clone(),
            // The day; the reports say the second.
            measured: campaign.started.chars().take(10).collect(),
            marks: labels(analysis)
                .iter()
                .map(|(word, _)| *word)
                .collect::<Vec<_>>()
                .join(", "),
            frameworks: took_part(true),
            controls: took_part(false),
            headline: headline(analysis).into_iter().next(),
            stands: stands_on(analysis),
            links,
        }
    }
}

/// The whole page.
pub(super) fn page(entries: &[Entry], beside: &[(&str, &str)]) -> String {
    let mut hosts: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        hosts.entry(&entry.host).or_default().push(entry);
    }
    let mut page = Document {
        command: "lab site".to_owned(),
        ..Document::default()
    };
    page.heading(1, "Published benchmarks of Go web frameworks");
    page.paragraph(format!(
        "{} from {}, each rendered from the raw data beside it. Figures of one report hold for its campaign on its host; compare none across reports.",
        text::count(entries.len(), "report"),
        text::count(hosts.len(), "host"),
    ));
    for (host, entries) in hosts {
        page.heading(2, if host.is_empty() { "Reports" } else { host });
        page.table(table(host, &entries));
        for entry in entries {
            if let Some(answer) = &entry.headline {
                page.paragraph(
                    Text::default()
                        .strong(format!("{}:", entry.title))
                        .plain(format!(" {answer} Measured {}.", entry.stands)),
                );
            }
        }
    }
    if !beside.is_empty() {
        page.heading(2, "Also here");
        for (words, file) in beside {
            page.item(Text::default().link(*words, *file));
        }
    }
    html::render(&page)
}

/// A line a report, as Markdown, with links from the folder above the reports.
pub(super) fn readme(entries: &[Entry]) -> String {
    let mut out = "| report | measured | what it says first |\n| --- | --- | --- |\n".to_owned();
    for entry in entries {
        let report = entry.links.iter().find(|(word, _)| *word == "Markdown");
        let href = report.map_or("", |(_, href)| href.as_str());
        out += &format!(
            "| [{}](reports/{}) | {} | {} |\n",
            escape::markdown(&entry.title),
            escape::path(href),
            escape::markdown(&format!("{}; {}", entry.stands, entry.marks)),
            escape::markdown(entry.headline.as_deref().unwrap_or("–"))
        );
    }
    out
}

fn table(host: &str, entries: &[&Entry]) -> Table {
    let row = |entry: &&Entry| -> Vec<Cell> {
        let mut links = Text::default();
        for (i, (word, href)) in entry.links.iter().enumerate().skip(1) {
            if i > 1 {
                links = links.plain(" · ");
            }
            links = links.link(*word, href);
        }
        vec![
            Text::default().link(&entry.name, &entry.links[0].1).into(),
            entry.title.as_str().into(),
            entry.measured.as_str().into(),
            Cell::number(entry.frameworks.to_string(), Some(entry.frameworks as f64)),
            Cell::number(entry.controls.to_string(), Some(entry.controls as f64)),
            entry.marks.as_str().into(),
            links.into(),
        ]
    };
    Table {
        caption: format!(
            "Reports from {}",
            if host.is_empty() { "here" } else { host }
        ),
        columns: vec![
            Column::text("Experiment"),
            Column::text("What"),
            Column::text("Measured"),
            Column::number("Frameworks"),
            Column::number("Controls"),
            Column::text("Marks"),
            Column::text("Also as"),
        ],
        groups: vec![RowGroup {
            rows: entries.iter().map(row).collect(),
            ..RowGroup::default()
        }],
    }
}
