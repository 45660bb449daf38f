//! Frameworks with one setting changed, beside the frameworks themselves: their own JSON
//! encoder beside encoding/json, without a deadline beside the default.

use record::{Class, FrameworkRecord, Metric, ModeKind};

use super::answers::estimate;
use crate::estimate::{Analysis, Table};
use crate::report::document::{self as report, Cell, Column, Document, RowGroup};
use crate::text::number;

/// Writes the chapter, if any variant was measured beside its framework.
pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let pairs: Vec<_> = analysis
        .campaign
        .frameworks
        .iter()
        .filter_map(|v| pair(analysis, v))
        .collect();
    if pairs.is_empty() {
        return;
    }
    page.heading(2, "Variants beside their frameworks");
    page.paragraph(
        "The main tables have every framework as it is declared, all with encoding/json. Here each stands beside \
         itself with one setting changed. The two are measured in the same blocks, but no verdict is made of them: \
         values whose intervals overlap are not told apart.",
    );
    for mode in analysis
        .campaign
        .design
        .modes
        .iter()
        .filter(|m| m.kind == ModeKind::Saturation)
    {
        for scenario in &analysis.campaign.design.scenarios {
            for (metric, label) in [
                (Metric::Throughput, "requests/s"),
                (Metric::CpuPerRequest, "CPU µs a request"),
            ] {
                if let Some(table) = analysis.table(metric, &scenario.name, &mode.name) {
                    let caption = format!("{}, {}: {label}", scenario.name, mode.name);
                    one(page, analysis, table, &pairs, caption);
                }
            }
        }
    }
}

/// A variant with its framework, by the names before and behind the `@`.
fn pair<'a>(
    analysis: &'a Analysis,
    variant: &'a FrameworkRecord,
) -> Option<(&'a FrameworkRecord, &'a FrameworkRecord)> {
    let (framework, _) = variant.name.split_once('@')?;
    let framework = analysis.framework(framework)?;
    (variant.class == Class::Variant).then_some((framework, variant))
}

fn one(
    page: &mut Document<'_>,
    analysis: &Analysis,
    table: &Table,
    pairs: &[(&FrameworkRecord, &FrameworkRecord)],
    caption: String,
) {
    let rows: Vec<Vec<Cell>> = pairs
        .iter()
        .filter_map(|(framework, variant)| {
            let (base, changed) = (table.row(&framework.name)?, table.row(&variant.name)?);
            let ratio = changed.estimate / base.estimate;
            Some(vec![
                analysis.title(&framework.name).into(),
                analysis.title(&variant.name).into(),
                estimate(base),
                estimate(changed),
                Cell::number(number::rounded(ratio, -2), Some(ratio)),
            ])
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    page.heading(3, caption.clone());
    page.table(report::Table {
        caption,
        columns: vec![
            Column::text("Framework"),
            Column::text("Variant"),
            Column::number("as declared"),
            Column::number("variant"),
            Column::number("variant ÷ framework"),
        ],
        groups: vec![RowGroup {
            rows,
            ..RowGroup::default()
        }],
    });
}
