//! What a report says, chapter by chapter.

pub(super) mod answers;
mod before;
mod comparison;
mod disturbed;
mod facts;
mod glance;
mod host;
mod launches;
mod load;
mod reading;
mod steady;
mod tables;
mod validity;
pub(super) mod variants;

use super::Place;
use super::charts::Chart;
use super::document::{Document, Text};
use super::stands::stands_on;
use super::{headline, labels};
use crate::estimate::Analysis;

/// The whole report.
pub(super) fn document<'a>(
    analysis: &Analysis,
    charts: &'a [Chart],
    place: Place<'_>,
) -> Document<'a> {
    let campaign = &analysis.campaign;
    let mut page = Document {
        command: format!("lab report results/{}", campaign.id),
        ..Document::default()
    };
    page.heading(1, &campaign.design.title);
    for sentence in headline(analysis) {
        page.paragraph(match sentence.split_once(": ") {
            Some((opening, answer)) => Text::default()
                .strong(format!("{opening}:"))
                .plain(format!(" {answer}")),
            None => sentence.into(),
        });
    }
    for (label, meaning) in labels(analysis) {
        page.item(Text::default().code(label).plain(format!(": {meaning}.")));
    }
    page.item(format!("Measured {}.", stands_on(analysis)));
    page.item(
        Text::from("Campaign ")
            .code(&campaign.id)
            .plain(format!(", seed {}.", campaign.seed)),
    );
    page.item(links(analysis, place));
    if let Some(look) = facts::stopped(analysis) {
        page.item(format!("{look}."));
    }
    if analysis.kind.has_glance() {
        glance::write(&mut page, analysis);
    }
    if let Place::Published {
        history: Some(history),
    } = place
    {
        before::write(&mut page, analysis, history);
    }
    comparison::write(&mut page, analysis);
    analysis.kind.chapters(&mut page, analysis, charts);
    load::write(&mut page, analysis, charts);
    tables::write(&mut page, analysis, charts);
    variants::write(&mut page, analysis);
    steady::write(&mut page, analysis);
    launches::write(&mut page, analysis);
    reading::write(&mut page, analysis);
    validity::write(&mut page, analysis);
    facts::write(&mut page, analysis);
    page
}

/// Where the data are, how to read it, what came before.
fn links(analysis: &Analysis, place: Place<'_>) -> Text {
    let text = match place {
        Place::Results => Text::from("Data: ")
            .fixed("raw table", "../observations.csv")
            .plain(", ")
            .fixed("campaign", "../campaign.yaml")
            .plain(", ")
            .fixed("histograms", "../histograms"),
        Place::Below => Text::from("Data: ")
            .fixed("raw table", "../../observations.csv")
            .plain(", ")
            .fixed("campaign", "../../campaign.yaml")
            .plain(", ")
            .fixed("histograms", "../../histograms"),
        Place::Published { .. } => Text::from("Data: ")
            .fixed("raw table", "observations.csv")
            .plain(", ")
            .fixed("campaign", "campaign.yaml")
            .plain(", ")
            .fixed("histograms", "histograms"),
    };
    let text = text
        .plain(", ")
        .fixed("summary.json", "summary.json")
        .plain(". Method: ");
    let (words, place_in_page) = analysis.kind.how_to_read();
    let text = text.fixed(words, place_in_page);
    match place {
        Place::Published { history: Some(_) } => text
            .plain(". Before: ")
            .fixed("history", "history.html")
            .plain("."),
        _ => text.plain("."),
    }
}
