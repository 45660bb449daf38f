//! A few windows in a row on one server after the other: medians of samples, and nothing compared.

mod chapter;

use record::metric::Asked;
use record::{Campaign, CampaignFile, Design, Metric};

use super::Kind;
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Answers, Steadiness, steadiness};
use crate::frames::{self, Observed, Samples};
use crate::report::charts::Chart;
use crate::report::document::Document;
use crate::report::headline;
use crate::text::{escape, number};

/// The samples, window by window.
#[derive(Debug)]
pub(super) struct Article {
    samples: Samples,
}

impl Kind for Article {
    fn read(campaign: &Campaign) -> Result<Self, AnalysisError> {
        let of_load = |metric: &Metric| matches!(metric.about().asked, Asked::Modes(_));
        let sampled: Vec<Metric> = Metric::ALL.into_iter().filter(of_load).collect();
        let samples = frames::samples(&campaign.dir.observations(), &sampled)?;
        Ok(Self { samples })
    }

    fn protocol(&self, design: &Design) -> String {
        format!(
            "Protocol: as articles do it, one server after the other, {} samples of {} ms in a row after a warm-up of {} ms; nothing is paired, so nothing is compared",
            design.blocks, design.window_ms, design.lead_in_ms
        )
    }

    fn is_paired(&self) -> bool {
        false
    }

    fn in_a_row(&self) -> Option<&Samples> {
        Some(&self.samples)
    }

    fn steadiness(&self, file: &CampaignFile, _: &Observed, level: f64) -> Vec<Steadiness> {
        steadiness::in_a_row(file, &self.samples, level)
    }

    fn answers(&self, analysis: &Analysis) -> Vec<String> {
        let versions = headline::versions(analysis).into_iter();
        let own = versions.chain(sentences(analysis));
        own.chain(headline::throttled(analysis)).collect()
    }

    fn how_to_read(&self) -> (&'static str, &'static str) {
        (
            "what an article would print",
            "#what-an-article-would-print",
        )
    }

    fn chapters<'a>(&self, page: &mut Document<'a>, analysis: &Analysis, charts: &'a [Chart]) {
        chapter::write(page, analysis, &self.samples, charts);
    }
}

/// What this protocol gives in place of an answer.
fn sentences(analysis: &Analysis) -> Vec<String> {
    let samples = analysis.campaign.design.blocks;
    let base = escape::plain(analysis.copied());
    let rates = analysis.tables_of(Metric::Throughput);
    let apart = (rates.filter_map(Answers::copies_apart))
        .max_by(f64::total_cmp)
        .map(|apart| {
            format!(
                "Two copies of {base}, one binary, came out up to {} apart by this method.",
                number::percent(apart)
            )
        });
    let first = format!(
        "No comparison: measured the way articles do, one server after the other, the median of {samples} samples in a row, which has no interval."
    );
    std::iter::once(first).chain(apart).collect()
}
