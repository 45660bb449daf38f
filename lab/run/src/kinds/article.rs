//! A few windows in a row on one server: nothing is measured again, as articles do not.

use plan::kinds::Article;

use super::Step;
use crate::CampaignError;
use crate::watch;
use crate::window::{Ran, Turn};

impl Step for Article {
    type Also = ();

    async fn window(&self, turn: &mut Turn<'_>) -> Result<(Ran, ()), CampaignError> {
        Ok((turn.planned(&watch::usual()).await?, ()))
    }
}
