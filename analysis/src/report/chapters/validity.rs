//! The validity record: what speaks against the numbers, and who is not in them.

use std::collections::BTreeMap;

use record::{Flag, FrameworkRecord, Metric};

use super::disturbed;
use crate::estimate::Analysis;
use crate::frames::{Key, Series, Tally};
use crate::report::document::{Cell, Column, Document, RowGroup, Table, Text};
use crate::text::{self, number};

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    page.heading(2, "Validity record");
    flags(page, analysis);
    disturbed::write(page, analysis);
    instrument(page, analysis);
    super::host::write(page, analysis);
    page.heading(2, "Excluded, and what went wrong");
    excluded(page, analysis);
    declared(page, analysis);
}

/// What servers do that their class does not allow: declared in the checkout, or found in a server from
/// outside of it.
fn declared(page: &mut Document<'_>, analysis: &Analysis) {
    let servers = || analysis.campaign.frameworks.iter();
    let any = |f: &FrameworkRecord| {
        !(f.exceptions.is_empty() && f.replaced.is_empty() && f.warnings.is_empty())
    };
    if !servers().any(any) {
        return;
    }
    page.heading(2, "Exceptions, and servers from outside");
    for framework in servers() {
        let title = || Text::default().strong(&framework.title);
        for exception in &framework.exceptions {
            page.item(
                title()
                    .plain(" is allowed ")
                    .code(&exception.allow)
                    .plain(format!(": {}", exception.why)),
            );
        }
        for (module, by) in &framework.replaced {
            page.item(
                title()
                    .plain(" has in the place of ")
                    .code(module)
                    .plain(" ")
                    .code(by),
            );
        }
        for warning in &framework.warnings {
            page.item(title().plain(format!(
                " lies outside of the checkout and does what its class does not allow: {warning}"
            )));
        }
    }
}

/// One series for each window: every load window has a throughput, every start and every
/// reading of memory a value.
fn windows(analysis: &Analysis) -> impl Iterator<Item = (&Key, &Series)> {
    let beat = analysis.campaign.method.protocol.beat();
    let is_apart = |metric| Metric::apart().any(|apart| apart == metric);
    (analysis.observed.iter()).filter(move |(k, _)| k.metric == beat || is_apart(k.metric))
}

fn flags(page: &mut Document<'_>, analysis: &Analysis) {
    let tallies: Vec<(&Key, Tally)> = windows(analysis)
        .map(|(key, series)| (key, series.tally(true)))
        .collect();
    let total: usize = tallies.iter().map(|(_, t)| t.windows).sum();
    let mut counts: BTreeMap<Flag, usize> = BTreeMap::new();
    let mut places: BTreeMap<(Flag, &str, &str), Vec<String>> = BTreeMap::new();
    for (key, tally) in &tallies {
        for (flag, n) in &tally.flags {
            *counts.entry(*flag).or_default() += n;
            places
                .entry((*flag, &key.scenario, &key.mode))
                .or_default()
                .push(format!(
                    "{} {n} of {}",
                    subject(analysis, key),
                    tally.windows
                ));
        }
    }
    if counts.is_empty() {
        page.paragraph(format!(
            "Nothing was flagged in {}.",
            text::count(total, "window")
        ));
    } else {
        let row = |(flag, n): (&Flag, &usize)| -> Vec<Cell> {
            let of = match flag.is_environmental() {
                true => "the machine",
                false => "a result",
            };
            vec![
                Text::default().code(flag.name()).into(),
                Cell::number(format!("{n} of {total}"), Some(*n as f64)),
                of.into(),
                flag.advice().into(),
            ]
        };
        page.table(Table {
            caption: "Flags: reasons to doubt a window".to_owned(),
            columns: vec![
                Column::text("Flag"),
                Column::number("Windows"),
                Column::text("Speaks of"),
                Column::text("What it means"),
            ],
            groups: vec![RowGroup {
                rows: counts.iter().map(row).collect(),
                ..RowGroup::default()
            }],
        });
        for ((flag, scenario, mode), who) in places {
            page.item(
                Text::default()
                    .code(flag.name())
                    .plain(format!(", {scenario}, {mode}: {}.", who.join(", "))),
            );
        }
    }
    let lost: usize = tallies.iter().map(|(_, t)| t.lost).sum();
    if lost > 0 {
        page.item(format!(
            "{} without a value (nothing was measured in them); they are left out of the estimates.",
            text::count(lost, "window")
        ));
    }
}

fn subject(analysis: &Analysis, key: &Key) -> String {
    let title = analysis.title(&key.framework);
    if key.variant.is_empty() {
        title.to_owned()
    } else {
        format!("{title} ({})", key.variant)
    }
}

/// What the instrument says of itself and of its surroundings.
fn instrument(page: &mut Document<'_>, analysis: &Analysis) {
    let of = |metric: Metric| {
        analysis
            .observed
            .iter()
            .filter(move |(k, _)| k.metric == metric)
    };
    let mut wrong = 0.0;
    for (key, series) in of(Metric::Errors) {
        let errors: f64 = series.blocks.iter().map(|b| b.value).sum();
        wrong += errors;
        if errors > 0.0 {
            page.item(format!(
                "Missing or wrong answers: {}, {}, {}: {} over {}.",
                subject(analysis, key),
                key.scenario,
                key.mode,
                number::rounded(errors, 0),
                text::count(series.blocks.len(), "block")
            ));
        }
    }
    if wrong == 0.0 && of(Metric::Errors).next().is_some() {
        page.item("Missing or wrong answers: none; every answer of the measured load was checked.");
    }
    for (metric, what) in [
        (
            Metric::ForeignCpu,
            "CPU time of other processes, share of a core",
        ),
        (
            Metric::LatenessP99,
            "Lateness of the instrument, 99th percentile of a window, µs",
        ),
        (
            Metric::ClientCpuPerRequest,
            "CPU time of the instrument per request, µs",
        ),
    ] {
        let mut values: Vec<f64> = of(metric).flat_map(|(_, s)| s.values()).collect();
        values.sort_by(f64::total_cmp);
        let (Some(median), Some(most)) = (
            stats::summary::quantile_of_sorted(&values, 0.5),
            values.last(),
        ) else {
            continue;
        };
        page.item(format!(
            "{what}: median {}, highest {}.",
            number::value(median, None),
            number::value(*most, None)
        ));
    }
    if analysis.ignored > 0 {
        page.item(format!(
            "{} behind the last whole block were ignored.",
            text::count(analysis.ignored, "byte")
        ));
    }
}

fn excluded(page: &mut Document<'_>, analysis: &Analysis) {
    let campaign = &analysis.campaign;
    let mut any = false;
    for framework in &campaign.frameworks {
        if let Some(why) = &framework.excluded {
            any = true;
            page.item(
                Text::default()
                    .strong(&framework.title)
                    .plain(format!(" is excluded: {why}")),
            );
        }
    }
    for note in &campaign.notes {
        any = true;
        let who = if note.framework == "lab" {
            "the lab"
        } else {
            analysis.title(&note.framework)
        };
        let mut line = Text::from(format!("{who} ({}): {}", note.stage.phrase(), note.what));
        if let Some(last) = &note.stderr {
            line = line.plain(" Its last line on stderr: ").code(last);
        }
        page.item(line);
    }
    if !any {
        page.paragraph("Nothing: every framework of the design was measured.");
    }
}
