//! All servers take turns in short windows: what the analysis is made for.

use record::{Campaign, Design};

use super::Kind;
use crate::error::AnalysisError;

#[derive(Debug)]
pub(super) struct Crossed;

impl Kind for Crossed {
    fn read(_campaign: &Campaign) -> Result<Self, AnalysisError> {
        Ok(Self)
    }

    fn protocol(&self, design: &Design) -> String {
        format!(
            "Protocol: {} launches, {} blocks for each scenario and mode, windows of {} ms after a lead-in of {} ms, {} cold starts",
            design.launches, design.blocks, design.window_ms, design.lead_in_ms, design.starts
        )
    }
}
