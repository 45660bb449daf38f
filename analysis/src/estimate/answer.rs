//! One server's answer to one question.

use std::collections::BTreeMap;

use record::Flag;
use stats::launches::Design;
use stats::pairing::Logs;
use stats::verdict::Size;
use stats::{Interval, Ratio, mde};

use super::beside::Beside;
use super::verdict::{Bound, Judge, Verdict};

/// What a row is in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The framework that all others are compared with: both of its copies.
    Baseline,
    /// The baseline's second copy against its first: the hidden A/A.
    Twin,
    /// A framework that is compared with the baseline.
    Subject,
}

/// A ratio to the baseline, adjusted for how many comparisons its family makes.
pub type Compared = stats::multiplicity::Compared;

/// One server's answer to one question.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The framework's name.
    pub framework: String,
    /// The variant, empty for the framework as declared.
    pub variant: String,
    /// What the row is in its table.
    pub role: Role,
    /// The server's own value: a geometric mean over blocks; of latencies the quantile of all
    /// requests, of start-up times the median, of memory the mean over launches.
    pub estimate: f64,
    /// The interval of the server's own value.
    pub interval: Option<Interval>,
    /// The 95th percentile, of start-up times only.
    pub p95: Option<f64>,
    /// Whether the estimate is a bound: a rate because the instrument was the bottleneck, a
    /// latency because requests failed that could have taken longer.
    pub bound: Bound,
    /// The differences of logarithms to the baseline, one a pair.
    pub differences: Vec<f64>,
    /// The launch of each difference; 0 outside of any.
    pub launches: Vec<u32>,
    /// What the launches do to the ratio's interval.
    pub design: Design,
    /// The ratio to the baseline; of the twin, to the first copy.
    pub ratio: Option<Compared>,
    /// Whether the ratio is a bound, for the same reasons.
    pub ratio_bound: Bound,
    /// What may be said of the direction.
    pub verdict: Verdict,
    /// What may be said of the size, against the margin that was declared before the run;
    /// nothing without one, and nothing where there is no verdict.
    pub size: Option<Size>,
    /// Blocks with a value; of memory, launches.
    pub blocks: usize,
    /// Windows, those without a value included.
    pub windows: usize,
    /// Windows without a value, or with nothing in them: no right answer at all.
    pub lost: usize,
    /// Windows that carry a flag.
    pub flags: BTreeMap<Flag, usize>,
    /// The logarithms by pair, for ranking.
    pub(super) logs: Logs,
    /// Whether the values by block are bounds.
    pub(super) is_bounded: bool,
}

/// What is known of a server by itself; see [`Answer`].
pub(super) struct Own {
    pub framework: String,
    pub variant: String,
    /// As it was declared, whichever framework ratios are to.
    pub role: Role,
    pub estimate: f64,
    pub interval: Option<Interval>,
    pub p95: Option<f64>,
    pub bound: Bound,
    pub is_bounded: bool,
    pub blocks: usize,
    pub windows: usize,
    pub lost: usize,
    pub flags: BTreeMap<Flag, usize>,
    pub logs: Logs,
}

impl Answer {
    /// From all that is known of a server, by itself and beside the other.
    pub(super) fn new(
        own: Own,
        beside: Beside,
        design: Design,
        ratio: Option<Compared>,
        judge: &Judge,
    ) -> Self {
        let judged = judge.says(own.is_bounded, &beside, ratio.as_ref().map(|c| &c.ratio));
        Self {
            framework: own.framework,
            variant: own.variant,
            role: beside.role,
            estimate: own.estimate,
            interval: own.interval,
            p95: own.p95,
            bound: own.bound,
            differences: beside.differences,
            launches: beside.launches,
            design,
            ratio,
            ratio_bound: judged.ratio_bound,
            verdict: judged.verdict,
            size: judged.size,
            blocks: own.blocks,
            windows: own.windows,
            lost: own.lost,
            flags: own.flags,
            logs: own.logs,
            is_bounded: own.is_bounded,
        }
    }

    /// The true difference (log units) that so many blocks of such noise would show four times
    /// in five, in a single test at 5 %.
    pub fn mde(&self) -> Option<f64> {
        self.mde_at(super::LEVEL)
    }

    /// The same for the interval that is shown, which is adjusted for how many comparisons there
    /// are.
    pub fn mde_adjusted(&self) -> Option<f64> {
        self.mde_at(self.ratio()?.level)
    }

    fn mde_at(&self, level: f64) -> Option<f64> {
        if self.differences.len() < super::LEAST_INTERVAL {
            return None;
        }
        let sd = stats::summary::sd(&self.differences)?;
        mde::mde_over(sd, self.differences.len(), level, self.design)
    }

    /// How uncertain the ratio is (log units): its standard error, which its launches widen; nothing
    /// of fewer than two pairs, and where all are equal.
    pub fn standard_error(&self) -> Option<f64> {
        let n = self.differences.len() as f64;
        let sd = stats::summary::sd(&self.differences).filter(|sd| *sd > 0.0)?;
        Some(sd * (self.design.effect / n).sqrt())
    }

    /// Half the width (log units) of the ratio's interval alone, at 95 %: Student's, and not adjusted
    /// for the other comparisons.
    pub fn half_width(&self) -> Option<f64> {
        let factor = stats::student::factor(super::LEVEL, self.design.df)?;
        Some(factor * self.standard_error()?)
    }

    /// The ratio to the baseline by itself, which is there also where its interval is not.
    pub fn ratio_point(&self) -> Option<f64> {
        stats::summary::mean(&self.differences).map(f64::exp)
    }

    /// The ratio's numbers, without its adjusted p.
    pub fn ratio(&self) -> Option<&Ratio> {
        self.ratio.as_ref().map(|c| &c.ratio)
    }
}
