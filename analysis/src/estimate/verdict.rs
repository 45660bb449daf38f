//! What may be said of a row, and what may not.

use record::Metric;
use serde::{Serialize, Serializer};
use stats::Ratio;
use stats::verdict::{Direction, Size, direction, size};

use super::LEAST_BLOCKS;
use super::answer::Role;
use super::beside::Beside;

/// Whether a number is itself or only a limit: of a rate because the instrument was the
/// bottleneck, of a latency because requests failed of which only a least latency is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The number itself.
    Exact,
    /// The true one is at least this.
    AtLeast,
    /// The true one is at most this.
    AtMost,
    /// Both sides were limited: this number says nothing about the servers.
    Unknown,
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Bound {
    /// What a ratio is where its two sides may be limited.
    pub(super) fn of_ratio(own: bool, other: bool) -> Self {
        match (own, other) {
            (false, false) => Self::Exact,
            (true, false) => Self::AtLeast,
            (false, true) => Self::AtMost,
            (true, true) => Self::Unknown,
        }
    }

    /// Whether it is the number itself.
    pub fn is_exact(&self) -> bool {
        *self == Self::Exact
    }

    /// Its name, as it stands in `summary.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::AtLeast => "at least",
            Self::AtMost => "at most",
            Self::Unknown => "unknown",
        }
    }

    /// What stands before the number.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => "≥ ",
            Self::AtMost => "≤ ",
            Self::Exact | Self::Unknown => "",
        }
    }

    /// The same without the space behind it, where columns are narrow.
    pub fn tight(self) -> &'static str {
        self.sign().trim_end()
    }
}

/// What may be said of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is to be said: the baseline, its twin, an exact size.
    None,
    /// Better than the baseline, beyond noise.
    Better,
    /// Worse than the baseline, beyond noise.
    Worse,
    /// The interval holds 1, or the difference is below the noise floor.
    Undecided,
    /// The instrument was the bottleneck and the true ratio may lie on either side.
    ClientBound,
    /// Requests failed whose latencies are known only to be at least so long, and the true ratio
    /// may lie on either side.
    LowerBound,
    /// Fewer than [`LEAST_BLOCKS`] pairs.
    TooFewBlocks,
    /// The campaign has no A/A for this question, so nothing is known about its noise.
    NoFloor,
    /// It and the baseline are the same machine code, so that there is no difference to find,
    /// whatever was measured.
    SameCode,
}

impl Verdict {
    /// The verdict in a word or two; the same in reports and in `summary.json`.
    pub fn word(self, metric: Metric) -> &'static str {
        let (better, worse) = metric.words().verdicts;
        match self {
            Self::None => "",
            Self::Better => better,
            Self::Worse => worse,
            Self::Undecided => "undecided",
            Self::ClientBound => "client-bound",
            Self::LowerBound => "lower-bound",
            Self::TooFewBlocks => "too few blocks",
            Self::NoFloor => "no A/A",
            Self::SameCode => "the same machine code",
        }
    }

    /// Whether the row differs from the baseline beyond noise.
    pub fn is_called(self) -> bool {
        matches!(self, Self::Better | Self::Worse)
    }
}

impl From<Direction> for Verdict {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Faster => Self::Better,
            Direction::Slower => Self::Worse,
            Direction::Undecided => Self::Undecided,
        }
    }
}

/// What may be said of one server of a question.
pub(super) struct Judged {
    pub ratio_bound: Bound,
    pub verdict: Verdict,
    pub size: Option<Size>,
}

/// What all servers of a question are judged by.
pub(super) struct Judge {
    pub metric: Metric,
    /// Whether the baseline's values are bounds.
    pub baseline_is_bounded: bool,
    pub floor: Option<f64>,
    pub margin: Option<f64>,
    /// Whether all servers are the same machine code.
    pub same_code: bool,
}

impl Judge {
    /// Says what may be said of a server whose own values are bounds or not.
    pub(super) fn says(&self, is_bounded: bool, beside: &Beside, ratio: Option<&Ratio>) -> Judged {
        let ratio_bound = Bound::of_ratio(is_bounded, self.baseline_is_bounded);
        let verdict = match (beside.role, self.same_code) {
            (Role::Baseline | Role::Twin, _) => Verdict::None,
            (Role::Subject, true) => Verdict::SameCode,
            (Role::Subject, false) => {
                let pairs = beside.differences.len();
                called(pairs, ratio, ratio_bound, self.metric, self.floor)
            }
        };
        Judged {
            ratio_bound,
            verdict,
            size: (self.margin.zip(self.floor))
                .and_then(|(margin, floor)| sized(verdict, ratio, ratio_bound, margin, floor)),
        }
    }
}

/// What may be said of a ratio over so many pairs.
pub(super) fn called(
    pairs: usize,
    ratio: Option<&Ratio>,
    bound: Bound,
    metric: Metric,
    floor: Option<f64>,
) -> Verdict {
    if metric.is_exact() {
        return Verdict::None;
    }
    if pairs < LEAST_BLOCKS {
        return Verdict::TooFewBlocks;
    }
    let (Some(ratio), Some(floor)) = (ratio, floor) else {
        return Verdict::NoFloor;
    };
    let found: Verdict = direction(ratio, metric.higher_is_better(), floor).into();
    // What a larger ratio means: a limited server that is still faster is faster all the more, and
    // one whose least latency is already longer is slower all the more.
    let (above, below, unknown) = match metric.higher_is_better() {
        true => (Verdict::Better, Verdict::Worse, Verdict::ClientBound),
        false => (Verdict::Worse, Verdict::Better, Verdict::LowerBound),
    };
    match bound {
        Bound::Exact => found,
        Bound::AtLeast if found == above => found,
        Bound::AtMost if found == below => found,
        Bound::AtLeast | Bound::AtMost | Bound::Unknown => unknown,
    }
}

/// The size of a ratio against the margin; nothing where there is no verdict.
pub(super) fn sized(
    verdict: Verdict,
    ratio: Option<&Ratio>,
    bound: Bound,
    margin: f64,
    floor: f64,
) -> Option<Size> {
    match verdict {
        Verdict::None | Verdict::TooFewBlocks | Verdict::NoFloor | Verdict::SameCode => {
            return None;
        }
        Verdict::Better
        | Verdict::Worse
        | Verdict::Undecided
        | Verdict::ClientBound
        | Verdict::LowerBound => {}
    }
    let ratio = ratio?;
    let found = size(ratio, margin, floor);
    let kept = match bound {
        Bound::Exact => true,
        // A limit tells nothing of equivalence, and of a large difference only on its side.
        Bound::AtLeast => found == Size::Larger && ratio.point > 1.0,
        Bound::AtMost => found == Size::Larger && ratio.point < 1.0,
        Bound::Unknown => false,
    };
    Some(if kept { found } else { Size::Unclear })
}
