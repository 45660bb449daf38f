//! All servers take turns in short windows.

use super::Rows;
use crate::campaign::CampaignFile;

pub(super) struct Crossed;

impl Rows for Crossed {
    fn one_after_the_other(&self) -> bool {
        false
    }

    fn windows(&self, _file: &CampaignFile, _parts: u32) -> u64 {
        1
    }
}
