//! One question, answered for every server of the campaign.

use std::collections::BTreeMap;

use record::{CampaignFile, Class, Metric};
use stats::launches::{Component, Design};
use stats::{noise_floor, summary};

use super::answer::{Answer, Compared, Role};
use super::beside::Beside;
use super::latency::{Quantile, Tail};
use super::measured::Measured;
use super::pairs::Pairs;
use super::places::{self, Places};
use super::question::Question;
use super::verdict::Judge;

/// One question, answered for every server that has an answer.
#[derive(Debug, Clone)]
pub struct Answers {
    /// What was asked.
    pub question: Question,
    /// How much launches differ, over all scenarios of the metric in the mode; absent where
    /// launches do not repeat anything.
    pub launches: Option<Component>,
    /// Of latencies, how the slowest requests are spread over the blocks; where few blocks hold
    /// most of them, no percentile has an interval.
    pub tail: Option<Tail>,
    /// What the machine makes up by itself; absent without an A/A.
    pub floor: Option<Floor>,
    /// Best first: the frameworks, then the baseline's twin, then the controls.
    pub rows: Vec<Answer>,
    /// Of the median latency, how latency grows with the share of requests: each server, the
    /// baseline also copy by copy.
    pub curves: Vec<Curve>,
    /// The rows two at a time.
    pub(super) pairs: Pairs,
    /// Of the rows that are ranked, by their indices.
    places: BTreeMap<usize, Places>,
}

/// How a server's latency grows with the share of requests.
#[derive(Debug, Clone)]
pub struct Curve {
    /// The framework's name.
    pub framework: String,
    /// The variant, empty for the framework as declared.
    pub variant: String,
    /// Which of the baseline's copies this is alone: 1 or 2; 0 of all others.
    pub copy: u8,
    /// By growing share.
    pub points: Vec<Quantile>,
}

/// How far apart two copies of the baseline were.
#[derive(Debug, Clone, Copy)]
pub struct Floor {
    /// Differences up to here (log units) are never called.
    pub floor: f64,
    /// The second copy against the first.
    pub ratio: f64,
    /// The number of pairs.
    pub n: usize,
}

impl Answers {
    /// The row of a framework, as declared.
    pub fn row(&self, framework: &str) -> Option<&Answer> {
        self.rows
            .iter()
            .find(|r| r.framework == framework && r.variant.is_empty())
    }

    /// How far the values of the baseline's two copies are apart (log units) where they are not
    /// paired; nothing where one of them did nothing.
    pub fn copies_apart(&self) -> Option<f64> {
        let of = |role| self.rows.iter().find(|r| r.role == role);
        let (first, second) = (of(Role::Baseline)?, of(Role::Twin)?);
        let apart = (first.estimate / second.estimate).ln().abs();
        apart.is_finite().then_some(apart)
    }

    /// The row of the same server as one of another table.
    pub fn same(&self, row: &Answer) -> Option<&Answer> {
        (self.rows.iter()).find(|r| (&r.framework, &r.variant) == (&row.framework, &row.variant))
    }

    /// From what was measured of each server, its comparisons and what the launches do to them.
    pub(super) fn of(
        measured: Measured,
        beside: Vec<Beside>,
        launches: Option<Component>,
        designs: Vec<Design>,
        ratios: Vec<Option<Compared>>,
        campaign: &CampaignFile,
        level: f64,
    ) -> Self {
        let question = measured.question;
        let metric = question.metric;
        let twin = beside.iter().position(|beside| beside.role == Role::Twin);
        let effect = twin.map_or(1.0, |twin| designs[twin].effect);
        let floor = Floor::of(&measured.copies.differences(), campaign.seed, effect);
        let judge = Judge {
            metric,
            baseline_is_bounded: (beside.iter().zip(&measured.servers))
                .any(|(beside, own)| beside.role == Role::Baseline && own.is_bounded),
            floor: floor.map(|floor| floor.floor),
            margin: question.margin(&campaign.method),
            same_code: campaign.same_code(),
        };
        let compared = beside.into_iter().zip(designs).zip(ratios);
        let mut rows: Vec<Answer> = (measured.servers.into_iter().zip(compared))
            .map(|(own, ((beside, design), ratio))| Answer::new(own, beside, design, ratio, &judge))
            .collect();
        sort(&mut rows, metric, campaign);
        let pairs = Pairs::of(&rows, launches, &judge, level);
        Self {
            places: places::of(&rows, &pairs, metric, campaign, level),
            question,
            launches,
            tail: measured.tail,
            floor,
            rows,
            curves: measured.curves,
            pairs,
        }
    }

    /// The places that a row could have taken among the frameworks; nothing where they are not
    /// ranked.
    pub fn places(&self, row: &Answer) -> Option<Places> {
        let server = |row: &Answer| (row.framework.clone(), row.variant.clone());
        let place = (self.rows.iter()).position(|r| server(r) == server(row))?;
        self.places.get(&place).copied()
    }
}

impl Floor {
    /// From the differences of the two copies, over launches that do so much to their mean.
    fn of(differences: &[f64], seed: u64, effect: f64) -> Option<Self> {
        let noise = noise_floor::noise_floor(differences, seed).ok()?;
        Some(Self {
            floor: noise.over(effect),
            ratio: summary::mean(differences)?.exp(),
            n: differences.len(),
        })
    }
}

/// Best first inside each group: the frameworks, the twin, the controls; ties by name.
fn sort(rows: &mut [Answer], metric: Metric, campaign: &CampaignFile) {
    let controls: BTreeMap<&str, Class> = campaign
        .frameworks
        .iter()
        .filter(|f| f.class != Class::Idiomatic)
        .map(|f| (f.name.as_str(), f.class))
        .collect();
    let higher = metric.higher_is_better();
    rows.sort_by(|a, b| {
        let group = |r: &Answer| match r.role {
            Role::Twin => (1, None),
            _ => match controls.get(r.framework.as_str()) {
                None => (0, None),
                Some(class) => (2, Some(*class)),
            },
        };
        let value = if higher {
            b.estimate.total_cmp(&a.estimate)
        } else {
            a.estimate.total_cmp(&b.estimate)
        };
        group(a)
            .cmp(&group(b))
            .then(value)
            .then_with(|| (&a.framework, &a.variant).cmp(&(&b.framework, &b.variant)))
    });
}
