//! From blocks to numbers that can be believed: estimates, ratios, floors and verdicts.
//!
//! A [`Table`] answers one question, such as "how many requests per second at saturation, in
//! `json`?", with a [`Row`] for each server. What is compared is always the same campaign's
//! blocks, paired.

mod duet;
mod family;
mod kept;
mod latency;
mod pairing;
mod question;
mod ranking;
mod row;
mod soak;
mod table;
mod verdict;

use std::path::Path;

use record::{Campaign, CampaignFile, FrameworkRecord, Metric, ProtocolKind};

pub use duet::{Duet, Found, Side};
pub use kept::Keep;
pub use question::{Question, questions};
pub use row::{Compared, Role, Row};
pub use soak::{Soak, Watched};
pub use table::{Floor, Table};
pub use verdict::{Bound, Verdict};

use crate::error::AnalysisError;
use crate::frames::{self, Observed};

/// The confidence level of every interval before its adjustment for multiplicity.
pub const LEVEL: f64 = 0.95;
/// Below so many blocks there is no verdict at all: a signed-rank test could not reach it.
pub const LEAST_BLOCKS: usize = 6;
/// Below so many values there is no interval: of two it would be wider than anything known.
pub const LEAST_INTERVAL: usize = 3;
/// A rate is a lower bound when the instrument was the bottleneck in more than this share of
/// its windows.
pub const BOUND_SHARE: f64 = 0.1;

/// Everything that a report says about a campaign, as numbers.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// What was run, on what, and how it ended.
    pub campaign: CampaignFile,
    /// Which blocks the estimates are made of.
    pub keep: Keep,
    /// The raw windows, averaged by block.
    pub observed: Observed,
    /// One table a question, in the order of the design.
    pub tables: Vec<Table>,
    /// Two servers at a time, where that was measured.
    pub duet: Option<Duet>,
    /// Long windows on many connections, where those were measured.
    pub soak: Option<Soak>,
    /// Bytes behind the last whole block that were ignored.
    pub ignored: usize,
}

/// Reads and analyses a campaign's folder, also one that was cut off.
///
/// # Errors
/// [`AnalysisError`] when the folder cannot be read or a row is not what its schema says.
pub fn analyse(campaign: &Path) -> Result<Analysis, AnalysisError> {
    analyse_kept(campaign, Keep::default())
}

/// As [`analyse`], with a say in what happens to disturbed blocks.
///
/// # Errors
/// As [`analyse`].
pub fn analyse_kept(campaign: &Path, keep: Keep) -> Result<Analysis, AnalysisError> {
    let campaign = Campaign::open(campaign)?;
    let design = &campaign.file.design;
    if design.twin.is_empty() {
        return Err(AnalysisError::Design(
            "the baseline's second copy has no variant name".to_owned(),
        ));
    }
    let mut frames = frames::read(&campaign.dir.observations())?;
    kept::drop_others(&mut frames, &campaign.file, keep);
    let observed = frames.observed;
    let mut latencies = latency::Latencies::of(&campaign);
    let mut tables = Vec::new();
    for question in questions(design) {
        tables.push(Table::estimate(
            question,
            &campaign,
            &observed,
            &mut latencies,
        )?);
    }
    family::compare(&mut tables);
    verdict::judge(&mut tables, &campaign.file);
    table::sort(&mut tables, &campaign.file);
    let duet = Duet::of(&campaign.file, &observed);
    let soak = match campaign.file.method.protocol {
        ProtocolKind::Soak => {
            let rows = campaign
                .table()?
                .rows()
                .map_err(|problem| AnalysisError::Table {
                    path: campaign.dir.observations(),
                    problem,
                })?;
            Soak::of(&campaign.file, &rows)
        }
        _ => None,
    };
    Ok(Analysis {
        campaign: campaign.file,
        keep,
        observed,
        tables,
        duet,
        soak,
        ignored: frames.ignored as usize,
    })
}

impl Analysis {
    /// The table that answers a question, if it was asked.
    pub fn table(&self, metric: Metric, scenario: &str, mode: &str) -> Option<&Table> {
        self.tables.iter().find(|t| {
            t.question.metric == metric
                && t.question.scenario == scenario
                && t.question.mode == mode
        })
    }

    /// The tables of a metric, in the order of the design.
    pub fn tables_of(&self, metric: Metric) -> impl Iterator<Item = &Table> {
        self.tables
            .iter()
            .filter(move |t| t.question.metric == metric)
    }

    /// What the campaign file says of a framework.
    pub fn framework(&self, name: &str) -> Option<&FrameworkRecord> {
        self.campaign.frameworks.iter().find(|f| f.name == name)
    }

    /// What tables call a framework.
    pub fn title<'a>(&'a self, name: &'a str) -> &'a str {
        self.framework(name).map_or(name, |f| f.title.as_str())
    }

    /// What tables call the framework that all others are compared with.
    pub fn baseline(&self) -> &str {
        self.title(&self.campaign.design.baseline)
    }
}
