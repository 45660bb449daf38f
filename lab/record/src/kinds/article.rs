//! A few windows in a row on one server after the other.

use super::Rows;
use crate::campaign::CampaignFile;

pub(super) struct Article;

impl Rows for Article {
    fn one_after_the_other(&self) -> bool {
        true
    }

    fn windows(&self, file: &CampaignFile, parts: u32) -> u64 {
        u64::from(file.design.blocks / parts)
    }
}
