//! The tables of the modes that offer a share of each server's own capacity.

use record::{Metric, ModeKind};

use crate::estimate::{Analysis, Answers};

/// What a metric is at each share of a scenario, by growing share; tables without rows are left out.
pub(super) fn tables<'a>(
    analysis: &'a Analysis,
    metric: Metric,
    scenario: &str,
) -> Vec<(f64, &'a Answers)> {
    let modes = analysis.campaign.design.modes.iter();
    let mut tables: Vec<(f64, &Answers)> = modes
        .filter(|mode| mode.kind == ModeKind::Share)
        .filter_map(|mode| Some((mode.share?, analysis.table(metric, scenario, &mode.name)?)))
        .filter(|(_, table)| !table.rows.is_empty())
        .collect();
    tables.sort_by(|a, b| a.0.total_cmp(&b.0));
    tables
}
