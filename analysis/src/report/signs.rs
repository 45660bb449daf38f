//! What may be said of a row in one sign: the same in tables, charts and on the terminal.

use crate::estimate::{Answer, Size, Verdict};

/// What the signs mean.
pub(crate) const LEGEND: &str = "▲ better and ▼ worse beyond noise, ≈ equivalent within the margin, · undecided, no sign: no verdict";

/// The sign of a row; empty where nothing may be said. A difference can be certain and still
/// too small to matter.
pub(crate) fn of(row: &Answer) -> &'static str {
    sign(row.verdict, row.size)
}

/// The sign of a verdict with its size.
pub(crate) fn sign(verdict: Verdict, size: Option<Size>) -> &'static str {
    let within = size == Some(Size::Within);
    match verdict {
        Verdict::Better if within => "▲ ≈",
        Verdict::Better => "▲",
        Verdict::Worse if within => "▼ ≈",
        Verdict::Worse => "▼",
        Verdict::Undecided if within => "≈",
        Verdict::Undecided | Verdict::ClientBound | Verdict::LowerBound => "·",
        Verdict::None | Verdict::TooFewBlocks | Verdict::NoFloor | Verdict::SameCode => "",
    }
}
