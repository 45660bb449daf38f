//! As articles do it: one server after the other, each warmed up once and then measured a few
//! times in a row.

use std::collections::BTreeSet;
use std::time::Duration;

use place::Problem;
use record::{Metric, ProtocolKind};

use super::keys::{Keys, without_share};
use super::{Amounts, Drawn, Plan};
use crate::experiment::Mode;
use crate::schedule::{Deal, Schedule, Times};

const KEYS: [&str; 3] = ["samples", "warm_up_ms", "window_ms"];

/// How often and how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// The samples in a row.
    pub samples: u32,
    /// The thrown-away load before the first of a row.
    pub warm_up: Duration,
    /// The length of a sample.
    pub window: Duration,
}

impl Article {
    pub(super) fn read(mut keys: Keys) -> Result<Self, Problem> {
        keys.only(&KEYS)?;
        Ok(Self {
            samples: keys.whole("samples", 1..=10_000)?,
            warm_up: keys.lead_in("warm_up_ms")?,
            window: keys.window()?,
        })
    }
}

impl Plan for Article {
    fn kind(&self) -> ProtocolKind {
        ProtocolKind::Article
    }

    fn draw(&self, deal: &mut Deal<'_>) -> Drawn {
        deal.one_after_the_other(
            self.samples,
            Times {
                lead_in: self.warm_up,
                window: self.window,
                beside: Duration::ZERO,
            },
        )
    }

    fn amounts(&self, servers: u32) -> Amounts {
        Amounts {
            launches: servers,
            blocks: self.samples,
            lead_in: self.warm_up,
            window: self.window,
        }
    }

    fn suits(&self, modes: &[Mode], _primary: &BTreeSet<Metric>) -> Result<(), Problem> {
        without_share(modes)
    }

    fn words(&self, _schedule: &Schedule) -> String {
        format!(
            "one server after the other: {} ms of warm-up and {} samples of {} ms for each scenario and mode",
            self.warm_up.as_millis(),
            self.samples,
            self.window.as_millis(),
        )
    }
}
