//! Whether a result can be believed: each rule of the instrument, checked on its own result.

mod finding;
mod own;
mod seen;
#[cfg(test)]
mod tests;

pub use finding::{Finding, FindingKind, Severity, Side};

use crate::outcome::Outcome;
use seen::Look;

/// All findings on `outcome`; `bins` is the number of milliseconds behind its dispersions.
pub(crate) fn judge(outcome: &Outcome, bins: u64) -> Vec<Finding> {
    let by_itself = [
        own::late(outcome),
        own::starved(outcome),
        own::client_bound(outcome),
        own::books(outcome),
        own::arrivals(outcome, bins),
        own::stalled(outcome),
    ];
    // First what voids the rest.
    let own: Vec<Finding> = by_itself.into_iter().flatten().collect();
    let look = Look::after(&own);
    let others = [
        seen::rate_missed(outcome, look),
        seen::errors(outcome, look),
        seen::hung(outcome, look),
        seen::connection_cap(outcome),
        seen::saturated(outcome),
        seen::watch_lost(outcome),
        seen::cut_short(outcome),
        seen::unsolicited(outcome),
        seen::connect_local(outcome),
    ];
    own.into_iter()
        .chain(others.into_iter().flatten())
        .collect()
}
