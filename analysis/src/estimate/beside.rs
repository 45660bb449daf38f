//! A server's values beside those of the one that it is compared with.

use record::CampaignFile;

use super::answer::Role;
use super::measured::Measured;
use crate::error::AnalysisError;
use crate::text;

/// One server beside the one that it is compared with.
pub(super) struct Beside {
    /// What the server is in that.
    pub role: Role,
    /// The differences of logarithms, one a pair.
    pub differences: Vec<f64>,
    /// The launch of each.
    pub launches: Vec<u32>,
}

/// Whether a campaign can be read with ratios to this framework.
pub(super) fn is_possible(
    campaign: &CampaignFile,
    is_paired: bool,
    against: &str,
) -> Result<(), AnalysisError> {
    let refused = |problem: String| AnalysisError::Against {
        campaign: campaign.id.clone(),
        problem,
    };
    if !is_paired {
        return Err(refused(
            "one server was measured after the other, so nothing is paired and no ratio has an interval".to_owned(),
        ));
    }
    if campaign.method.comparison.is_some() {
        return Err(refused(
            "it compares two versions, of which one is the base".to_owned(),
        ));
    }
    let known: Vec<&str> = campaign
        .frameworks
        .iter()
        .map(|f| f.name.as_str())
        .collect();
    match known.contains(&against) {
        true => Ok(()),
        false => Err(refused(text::unknown("framework", against, &known))),
    }
}

/// Every server of a question beside the baseline, or beside another framework as if it had been
/// declared to be that; the baseline's second copy beside the first in any case. Where the other has
/// no answer there are no differences.
pub(super) fn all(measured: &Measured, against: Option<&str>) -> Vec<Beside> {
    let copies = &measured.copies;
    let is_other = |name: &str, variant: &str| against == Some(name) && variant.is_empty();
    let other = (measured.servers.iter()).find(|own| is_other(&own.framework, &own.variant));
    let other = match against {
        None => Some(&copies.both),
        Some(_) => other.map(|own| &own.logs),
    };
    (measured.servers.iter())
        .map(|own| {
            let role = match (own.role, against) {
                (role, None) | (role @ Role::Twin, _) => role,
                _ if is_other(&own.framework, &own.variant) => Role::Baseline,
                _ => Role::Subject,
            };
            let base = match role {
                Role::Baseline => None,
                Role::Twin => Some(&copies.first),
                Role::Subject => other,
            };
            let Some(base) = base else {
                return Beside {
                    role,
                    differences: Vec::new(),
                    launches: Vec::new(),
                };
            };
            let pairs = own.logs.minus(base);
            Beside {
                role,
                differences: pairs.differences(),
                launches: pairs.launches(),
            }
        })
        .collect()
}
