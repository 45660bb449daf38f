//! All ratios to another framework than the one that was declared.

use record::CampaignFile;

use super::pairing;
use super::row::Role;
use super::table::Table;
use crate::error::AnalysisError;
use crate::text;

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

/// Makes every difference one to this framework, before anything is made of them. A table in which
/// it has no row is left without differences.
pub(super) fn onto(tables: &mut [Table], against: &str) {
    for table in tables {
        let base = (table.row(against))
            .map(|row| row.logs.clone())
            .unwrap_or_default();
        for row in table.rows.iter_mut().filter(|row| row.role != Role::Twin) {
            let is_base = row.framework == against && row.variant.is_empty();
            row.role = match is_base {
                true => Role::Baseline,
                false => Role::Subject,
            };
            let common = row.logs.keys().filter(|key| base.contains_key(key));
            row.launches = match is_base {
                true => Vec::new(),
                false => common
                    .map(|key| table.launch_of.get(key).copied().unwrap_or_default())
                    .collect(),
            };
            row.differences = match is_base {
                true => Vec::new(),
                false => pairing::differences(&row.logs, &base),
            };
        }
    }
}
