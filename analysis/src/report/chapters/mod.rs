//! What a report says, chapter by chapter.

mod answers;
mod article;
mod comparison;
mod disturbed;
mod facts;
mod glance;
mod host;
mod launches;
mod reading;
pub(super) mod soak;
mod steady;
mod tables;
mod validity;
pub(super) mod variants;

use super::charts::Chart;
use super::document::{Document, Text};
use super::{headline, labels};
use crate::estimate::Analysis;

/// The whole report.
pub(super) fn document<'a>(analysis: &Analysis, charts: &'a [Chart]) -> Document<'a> {
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
    page.item(
        Text::from("Campaign ")
            .code(&campaign.id)
            .plain(format!(", seed {}.", campaign.seed)),
    );
    if let Some(look) = facts::stopped(analysis) {
        page.item(format!("{look}."));
    }
    comparison::write(&mut page, analysis);
    soak::write(&mut page, analysis, charts);
    if analysis.is_article() {
        article::write(&mut page, analysis, charts);
    } else if analysis.soak.is_none() {
        glance::write(&mut page, analysis);
    }
    tables::write(&mut page, analysis, charts);
    variants::write(&mut page, analysis);
    steady::write(&mut page, analysis);
    launches::write(&mut page, analysis);
    reading::write(&mut page, analysis);
    validity::write(&mut page, analysis);
    facts::write(&mut page, analysis);
    page
}
