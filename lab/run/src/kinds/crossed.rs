//! Servers that take turns: one short window each in a block, disturbed blocks once more.

use plan::kinds::Crossed;

use super::Step;
use crate::CampaignError;
use crate::watch;
use crate::window::{Ran, Turn};

impl Step for Crossed {
    type Also = ();

    fn is_repeated(&self) -> bool {
        true
    }

    async fn window(&self, turn: &mut Turn<'_>) -> Result<(Ran, ()), CampaignError> {
        Ok((turn.planned(&watch::usual()).await?, ()))
    }
}
