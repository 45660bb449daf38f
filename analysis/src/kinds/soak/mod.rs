//! One long window on one server after the other, cut into intervals: what an open connection
//! costs, and what drifts.

mod chapter;
mod chart;
mod estimate;
mod json;
mod sentences;
mod terminal;

use record::{Campaign, CampaignFile, Design};

pub(super) use estimate::Soak;

use super::Kind;
use crate::error::AnalysisError;
use crate::estimate::{Analysis, Steadiness};
use crate::frames::{Attempt, Observed};
use crate::report::charts::Chart;
use crate::report::charts::palette::Palette;
use crate::report::document::Document;

impl Kind for Soak {
    fn read(campaign: &Campaign) -> Result<Self, AnalysisError> {
        let rows = campaign.table()?.rows();
        let rows = rows.map_err(|problem| AnalysisError::Table {
            path: campaign.dir.observations(),
            problem,
        })?;
        Ok(Self::of(&campaign.file, &rows))
    }

    fn protocol(&self, design: &Design) -> String {
        format!(
            "Protocol: a soak, one server after the other, one window of {} ms for each scenario and mode after a warm-up of {} ms; nothing is paired, so nothing is compared",
            design.window_ms, design.lead_in_ms
        )
    }

    fn is_paired(&self) -> bool {
        false
    }

    /// One long window, with a line for each of its intervals.
    fn logged(&self, windows: &[Attempt], lines: usize) -> Vec<u32> {
        (windows.iter())
            .flat_map(|window| vec![window.block; lines])
            .take(lines)
            .collect()
    }

    /// The course of a soak has a chapter of its own.
    fn steadiness(&self, _: &CampaignFile, _: &Observed, _: f64) -> Vec<Steadiness> {
        Vec::new()
    }

    fn answers(&self, analysis: &Analysis) -> Vec<String> {
        sentences::of(analysis, self)
    }

    fn how_to_read(&self) -> (&'static str, &'static str) {
        ("what was run", "#exactly-what-was-run")
    }

    fn has_glance(&self) -> bool {
        false
    }

    fn chapters<'a>(&self, page: &mut Document<'a>, analysis: &Analysis, charts: &'a [Chart]) {
        chapter::write(page, analysis, self, charts);
    }

    fn charts(&self, analysis: &Analysis, palette: &Palette) -> Result<Vec<Chart>, AnalysisError> {
        chart::all(analysis, palette, self)
    }

    fn json(&self) -> Option<String> {
        Some(json::of(self))
    }

    fn terminal(&self, analysis: &Analysis) -> Option<String> {
        Some(terminal::table(analysis, self))
    }
}
