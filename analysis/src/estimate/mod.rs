//! From blocks to numbers that can be believed: estimates, ratios, floors and verdicts.
//!
//! [`Answers`] are those to one question, such as "how many requests per second at saturation, in
//! `json`?", with an [`Answer`] of each server. What is compared is always the same campaign's
//! blocks, paired.

mod answer;
mod answers;
mod beside;
mod family;
mod kept;
mod latency;
mod launches;
mod measured;
mod pairs;
mod places;
mod question;
mod ranking;
pub(crate) mod steadiness;
mod verdict;

use std::path::Path;

use std::sync::Arc;

use record::{Campaign, CampaignFile, Finding, FrameworkRecord, Method, Metric, Status};

pub use crate::kinds::duet::{Duet, Found, Side};
pub use answer::{Answer, Compared, Role};
pub use answers::{Answers, Curve, Floor};
pub use kept::{Blocks, Keep};
pub use latency::{Quantile, Tail};
pub use pairs::Pair;
pub use places::Places;
pub use question::{Question, questions};
pub use stats::verdict::Size;
pub use steadiness::{FLAGGED_SHARE, FirstWindow, LaunchShape, Steadiness, Steady, View};
pub use verdict::{Bound, Verdict};

use beside::Beside;
use measured::{Measured, Source};
use stats::launches::Design;

use crate::error::AnalysisError;
use crate::frames::{self, Observed};
use crate::kinds::{self, Kind};

/// The confidence level of every interval before its adjustment for multiplicity, unless the
/// campaign waited for precision.
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
    /// The level of all intervals, before those of ratios are adjusted for multiplicity.
    pub level: f64,
    /// Which blocks the estimates are made of.
    pub keep: Keep,
    /// Which blocks there are, and what became of them.
    pub blocks: Blocks,
    /// The raw windows, averaged by block.
    pub observed: Observed,
    /// One table a question, in the order of the design.
    pub tables: Vec<Answers>,
    /// The framework that ratios are to, where it is not the campaign's baseline.
    pub against: Option<String>,
    /// What only the campaign's kind has.
    pub(crate) kind: Arc<dyn Kind>,
    /// Two servers at a time, where that was measured.
    pub duet: Option<Duet>,
    /// The same from undisturbed blocks alone; nothing where that would be the same blocks.
    pub undisturbed: Option<Vec<Answers>>,
    /// Whether the servers' launches reached a steady state.
    pub steadiness: Vec<Steadiness>,
    /// What of the raw data is not as it was planned; none where they are whole.
    pub completeness: Vec<Finding>,
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
    analyse_against(campaign, keep, None)
}

/// As [`analyse_kept`], with all ratios to another framework than the campaign's baseline, as if it
/// had been declared to be that. The noise floor stays that of the baseline's two copies.
///
/// # Errors
/// As [`analyse`], and [`AnalysisError::Against`] where there is nothing to compare with.
pub fn analyse_against(
    campaign: &Path,
    keep: Keep,
    against: Option<&str>,
) -> Result<Analysis, AnalysisError> {
    let campaign = Campaign::open(campaign)?;
    let against = against.filter(|name| *name != campaign.file.design.baseline);
    let frames = frames::read(&campaign)?;
    let kind = kinds::read(&campaign)?;
    if let Some(against) = against {
        beside::is_possible(&campaign.file, kind.is_paired(), against)?;
    }
    let blocks = Blocks::of(&frames, &campaign.file);
    let mut observed = frames.observed;
    let level = level(&campaign.file.method);
    let whole = campaign.file.status == Status::Complete && frames.findings.is_empty();
    let mut latencies = latency::Latencies::of(&campaign, &*kind, level, whole);
    let undisturbed = if keep == Keep::Undisturbed || blocks.disturbed_that_count().is_empty() {
        None
    } else {
        let mut observed = observed.clone();
        blocks.keep(Keep::Undisturbed, &mut observed, &campaign.file);
        let source = Source {
            campaign: &campaign,
            observed: &observed,
            kind: &*kind,
            level,
        };
        Some(tables(source, &mut latencies, against)?)
    };
    blocks.keep(keep, &mut observed, &campaign.file);
    let source = Source {
        campaign: &campaign,
        observed: &observed,
        kind: &*kind,
        level,
    };
    Ok(Analysis {
        level,
        keep,
        blocks,
        tables: tables(source, &mut latencies, against)?,
        against: against.map(str::to_owned),
        undisturbed,
        duet: Duet::of(&campaign.file, &observed),
        steadiness: kind.steadiness(&campaign.file, &observed, level),
        observed,
        kind,
        completeness: frames.findings,
        ignored: frames.ignored as usize,
        campaign: campaign.file,
    })
}

/// The level of a campaign's intervals: the one that its stopping rule used, if it had one.
fn level(method: &Method) -> f64 {
    let rule = (!method.precision.is_empty()).then_some(stats::stopping::LEVEL);
    method.level.or(rule).unwrap_or(LEVEL)
}

/// Every question answered from the blocks that count.
///
/// What a server's answer takes from other questions is known before it is made: the lower
/// percentiles of the same requests, how much launches move the metric, and how many comparisons
/// its family has.
fn tables(
    source: Source<'_>,
    latencies: &mut latency::Latencies<'_>,
    against: Option<&str>,
) -> Result<Vec<Answers>, AnalysisError> {
    let (file, level) = (&source.campaign.file, source.level);
    let mut measured: Vec<Measured> = Vec::new();
    for question in questions(&file.design) {
        let next = Measured::of(question, source, latencies, &measured)?;
        measured.push(next);
    }
    let asked: Vec<(Measured, Vec<Beside>)> = (measured.into_iter())
        .map(|measured| {
            let servers = beside::all(&measured, against);
            (measured, servers)
        })
        .collect();
    let components = launches::components(&asked);
    let designs: Vec<Vec<Design>> = (asked.iter().zip(&components))
        .map(|((_, servers), component)| launches::designs(*component, servers))
        .collect();
    let ratios = family::ratios(&asked, &designs, &file.method, level);
    let compared = components.into_iter().zip(designs).zip(ratios);
    Ok((asked.into_iter().zip(compared))
        .map(|((measured, servers), ((component, designs), ratios))| {
            Answers::of(measured, servers, component, designs, ratios, file, level)
        })
        .collect())
}

impl Analysis {
    /// The table that answers a question, if it was asked.
    pub fn table(&self, metric: Metric, scenario: &str, mode: &str) -> Option<&Answers> {
        self.tables.iter().find(|t| {
            t.question.metric == metric
                && t.question.scenario == scenario
                && t.question.mode == mode
        })
    }

    /// The tables of a metric, in the order of the design.
    pub fn tables_of(&self, metric: Metric) -> impl Iterator<Item = &Answers> {
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

    /// What tables call a server: a framework's variant, or the baseline's second copy.
    pub fn server(&self, framework: &str, variant: &str) -> String {
        let title = self.title(framework);
        match variant {
            "" => title.to_owned(),
            twin if twin == self.campaign.design.twin => format!("{title}, second copy"),
            variant => format!("{title} ({variant})"),
        }
    }

    /// What serves HTTP for each framework.
    pub fn engines(&self) -> std::collections::BTreeMap<String, String> {
        let all = self.campaign.frameworks.iter();
        all.map(|f| (f.name.clone(), f.engine.clone())).collect()
    }

    /// Whether a server's windows of a scenario and mode were in a row, so that nothing is compared
    /// and its number is their median.
    pub fn is_in_a_row(&self) -> bool {
        self.kind.in_a_row().is_some()
    }

    /// What tables call the framework that all others are compared with.
    pub fn baseline(&self) -> &str {
        self.title(self.baseline_name())
    }

    /// The name of the framework that all others are compared with.
    pub fn baseline_name(&self) -> &str {
        let declared = &self.campaign.design.baseline;
        self.against.as_ref().unwrap_or(declared)
    }

    /// What tables call the framework that was measured as two copies.
    pub fn copied(&self) -> &str {
        self.title(&self.campaign.design.baseline)
    }
}
