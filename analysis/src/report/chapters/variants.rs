//! Frameworks with one setting changed, beside the frameworks themselves: their own JSON
//! encoder beside encoding/json, without a deadline beside the default.

use record::{Class, FrameworkRecord, Metric, ModeKind};

use super::answers::{Steps, compared, direction, estimate};
use crate::estimate::{Analysis, Answers, Pair};
use crate::report::document::{self as report, Cell, Column, Document, RowGroup};
use crate::text::{self, number};

/// Writes the chapter, if any variant was measured beside its framework.
pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let pairs = pairs(analysis);
    if pairs.is_empty() {
        return;
    }
    page.heading(2, "Variants beside their frameworks");
    page.paragraph(
        "The main tables have every framework as it is declared, all with encoding/json. Here each stands beside \
         itself with one setting changed, paired block by block as with the baseline, at the same level of the \
         intervals and with the same noise floor.",
    );
    for mode in analysis
        .campaign
        .design
        .modes
        .iter()
        .filter(|m| m.kind == ModeKind::Saturation)
    {
        for scenario in &analysis.campaign.design.scenarios {
            for metric in Metric::asked_in(ModeKind::Saturation) {
                let label = metric.words().column;
                if let Some(table) = analysis.table(metric, &scenario.name, &mode.name) {
                    let caption = format!("{}, {}: {label}", scenario.name, mode.name);
                    one(page, analysis, table, &pairs, caption);
                }
            }
        }
    }
}

/// Every variant with its framework.
fn pairs(analysis: &Analysis) -> Vec<(&FrameworkRecord, &FrameworkRecord)> {
    let all = analysis.campaign.frameworks.iter();
    all.filter_map(|variant| pair(analysis, variant)).collect()
}

/// Whether the campaign asks what settings cost: at least half of what it measures are variants
/// of the rest.
pub(in crate::report) fn are_the_question(analysis: &Analysis) -> bool {
    let of = |class: Class| {
        let all = analysis.campaign.frameworks.iter();
        all.filter(|f| f.class == class).count()
    };
    let variants = pairs(analysis).len();
    variants > 0 && 2 * variants >= of(Class::Idiomatic)
}

/// What each setting does to its own framework, in a sentence for rates and one for CPU time.
pub(in crate::report) fn sentences(analysis: &Analysis) -> Vec<String> {
    let pairs = pairs(analysis);
    let of_kind = |kind: ModeKind| {
        let modes = analysis.campaign.design.modes.iter();
        modes.filter(move |mode| mode.kind == kind)
    };
    let sentence = |metric: Metric| {
        let words = metric.words();
        let what = format!("{} at saturation", text::capital(words.long));
        let tables: Vec<&Answers> = of_kind(ModeKind::Saturation)
            .flat_map(|mode| {
                let scenarios = analysis.campaign.design.scenarios.iter();
                scenarios.filter_map(|s| analysis.table(metric, &s.name, &mode.name))
            })
            .collect();
        let (mut called, mut same) = (Vec::new(), Vec::new());
        for (framework, variant) in &pairs {
            let title = text::escape::plain(analysis.title(&variant.name));
            let found: Vec<String> = (tables.iter())
                .filter_map(|table| {
                    let pair = table.against(&variant.name, &framework.name)?;
                    let scenario = text::escape::plain(&table.question.scenario);
                    pair.verdict
                        .is_called()
                        .then(|| format!("{} ({scenario})", relative(&pair, words.amounts)))
                })
                .collect();
            match found.is_empty() {
                true => same.push(title),
                false => called.push(format!("{title} {}", text::list(&found))),
            }
        }
        if !same.is_empty() {
            called.push(format!(
                "no difference beyond noise for {}",
                text::list(&same)
            ));
        }
        (!tables.is_empty() && !called.is_empty()).then(|| {
            format!(
                "{what}, each variant compared with its own framework as it is declared: {}.",
                called.join("; ")
            )
        })
    };
    Metric::asked_in(ModeKind::Saturation)
        .filter_map(sentence)
        .collect()
}

/// `at least 12 % more`.
fn relative(pair: &Pair, (more, less): (&str, &str)) -> String {
    let at_least = if pair.bound.is_exact() {
        ""
    } else {
        "at least "
    };
    let word = if pair.point > 1.0 { more } else { less };
    format!(
        "{at_least}{} {word}",
        number::share((pair.point - 1.0).abs())
    )
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
    table: &Answers,
    pairs: &[(&FrameworkRecord, &FrameworkRecord)],
    caption: String,
) {
    let metric = table.question.metric;
    let values = Steps::of(table);
    let beside: Vec<Pair> = (pairs.iter())
        .filter_map(|(framework, variant)| table.against(&variant.name, &framework.name))
        .collect();
    let ratios = Steps::of_ratios(beside.iter().filter_map(|pair| pair.ratio.as_ref()));
    let rows: Vec<Vec<Cell>> = pairs
        .iter()
        .filter_map(|(framework, variant)| {
            let (base, changed) = (table.row(&framework.name)?, table.row(&variant.name)?);
            let pair = table.against(&variant.name, &framework.name)?;
            let text = compared(pair.point, pair.ratio.as_ref(), pair.bound, ratios);
            Some(vec![
                analysis.title(&framework.name).into(),
                analysis.title(&variant.name).into(),
                estimate(base, values),
                estimate(changed, values),
                Cell::number(text, Some(pair.point)),
                direction(pair.verdict, metric),
                pair.size.map(|s| s.to_string()).unwrap_or_default().into(),
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
            Column::text("Direction"),
            Column::text("Size"),
        ],
        groups: vec![RowGroup {
            rows,
            ..RowGroup::default()
        }],
    });
}
