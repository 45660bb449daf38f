//! Whether the launches came to rest, and what their first windows cost.

use std::collections::BTreeMap;

use stats::segments::LEAST;
use stats::steady::{Class, STEADY_SHARE};

use crate::estimate::{Analysis, LaunchShape, Steadiness, Steady, View};
use crate::report::document::{Cell, Column, Document, RowGroup, Table, Text};
use crate::text::{self, number};

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    if analysis.steadiness.is_empty() {
        return;
    }
    let in_a_row = analysis.is_in_a_row();
    page.heading(2, "Steady state");
    page.paragraph(match in_a_row {
        true => "CPU time per request in the windows of a launch, in the order of time, searched for changes of level.",
        false => "CPU time per request in the windows of a launch, in the order of time, searched for changes of level. A server's windows of a launch are seconds apart and of several scenarios and modes, so each is taken relative to what is usual for that server there. Beside the others: also relative to the other servers of the same block, so that what the machine did to all is gone, and so is what all servers share. By itself: with all that.",
    });
    page.table(table(analysis, in_a_row));
    let mut changed = false;
    for server in &analysis.steadiness {
        for (reading, launches) in [
            (View::Beside, &server.beside),
            (View::Itself, &server.itself),
        ] {
            for launch in launches.iter().filter(|l| l.class != Class::Flat) {
                changed = true;
                page.item(told(
                    &analysis.server(&server.framework, &server.variant),
                    reading,
                    launch,
                ));
            }
        }
    }
    if !changed {
        page.item("No launch changed its level by as much as shows.");
    }
    page.item(format!(
        "{}: steady from a first stretch on that cost more. {}: steady, but an earlier stretch cost less. {}: the last level does not last for {} of the launch. No launch is left out of any estimate because of this.",
        Class::WarmUp, Class::Slowdown, Class::Unsteady, number::share(STEADY_SHARE)
    ));
    page.item(format!(
        "No steady state is said of a framework with more than {} unsteady launches{}. A launch of fewer than {} windows cannot show a change.",
        number::share(crate::estimate::FLAGGED_SHARE),
        if in_a_row { "" } else { ", beside the others" },
        2 * LEAST
    ));
    page.item("Step that shows: a change of this size in the middle of a launch is found in about three of four; smaller ones less and less often. So steady means that nothing larger speaks against it.");
    page.item("First window: the first one of a launch relative to the later ones of its scenario and mode, over the launches. It is in the estimates like any other; what came before it, the lead-in, is not. What a start costs is in the chapter on startup.");
}

fn table(analysis: &Analysis, in_a_row: bool) -> Table {
    let mut columns = vec![Column::text("Framework"), Column::text("Launches")];
    if !in_a_row {
        columns.push(Column::text("Beside the others"));
    }
    columns.extend([
        Column::text("By itself"),
        Column::number("Step that shows"),
        Column::number("First window ×"),
        Column::text("Steady state"),
    ]);
    let row = |server: &Steadiness| -> Vec<Cell> {
        let mut cells: Vec<Cell> = vec![
            analysis.server(&server.framework, &server.variant).into(),
            lengths(server.judged().1).into(),
        ];
        if !in_a_row {
            cells.push(classes(&server.beside).into());
        }
        cells.push(classes(&server.itself).into());
        cells.push((server.least_step).map_or_else(Cell::missing, |step| {
            Cell::number(number::percent(step), Some(step))
        }));
        cells.push(server.first.map_or_else(Cell::missing, |first| {
            let step = number::ratio_step(first.ratio, first.interval.as_ref());
            let shown = |v: f64| number::rounded(v, step);
            let text = Text::from(shown(first.ratio));
            let text = match first.interval {
                Some(i) => text.range(format!("{}–{}", shown(i.low), shown(i.high))),
                None => text,
            };
            Cell::number(text, Some(first.ratio))
        }));
        let word = server.verdict().word();
        cells.push(match server.verdict() {
            Steady::NotReached => Text::default().strong(word).into(),
            Steady::Reached | Steady::Unknown => word.into(),
        });
        cells
    };
    Table {
        caption: "Steady state: the shapes of the launches".to_owned(),
        columns,
        groups: vec![RowGroup {
            rows: analysis.steadiness.iter().map(row).collect(),
            ..RowGroup::default()
        }],
    }
}

/// `3 of 24 windows`.
fn lengths(launches: &[LaunchShape]) -> String {
    let mut lengths: Vec<usize> = launches.iter().map(|l| l.windows).collect();
    lengths.sort_unstable();
    match (lengths.first(), lengths.last()) {
        (Some(least), Some(most)) if least == most => {
            format!("{} of {}", launches.len(), text::count(*least, "window"))
        }
        (Some(least), Some(most)) => format!("{} of {least} to {most} windows", launches.len()),
        _ => "none".to_owned(),
    }
}

/// `2 flat, 1 warm-up`.
fn classes(launches: &[LaunchShape]) -> String {
    let mut counts: BTreeMap<usize, (Class, usize)> = BTreeMap::new();
    for launch in launches {
        let order = match launch.class {
            Class::Flat => 0,
            Class::WarmUp => 1,
            Class::Slowdown => 2,
            Class::Unsteady => 3,
        };
        counts.entry(order).or_insert((launch.class, 0)).1 += 1;
    }
    let words: Vec<String> = (counts.values())
        .map(|(class, n)| format!("{n} {class}"))
        .collect();
    words.join(", ")
}

/// `Gin, launch 2, beside the others: warm-up, windows 1 to 7 at 1.12, 8 to 24 at 0.98.`
fn told(name: &str, reading: View, launch: &LaunchShape) -> String {
    let stretches: Vec<String> = (launch.segments.iter())
        .map(|s| {
            let level = number::rounded(s.mean.exp(), -2);
            format!("{} to {} at {level}", s.start + 1, s.end)
        })
        .collect();
    let reading = match reading {
        View::Beside => "beside the others",
        View::Itself => "by itself",
    };
    let cell = (launch.cell.as_ref())
        .map(|(scenario, mode)| format!(", {scenario}, {mode}"))
        .unwrap_or_default();
    format!(
        "{name}, launch {}{cell}, {reading}: {}, windows {} times what is usual.",
        launch.launch,
        launch.class,
        stretches.join(", ")
    )
}
