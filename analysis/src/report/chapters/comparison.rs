//! Two versions of one framework: what moved, and whether this run could have seen it.

use crate::estimate::{Analysis, Duet, Found, Side};
use crate::report::comparison::{self, Moved};
use crate::report::document::{Cell, Column, Document, RowGroup, Table};
use crate::text::number;

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let Some(findings) = comparison::findings(analysis) else {
        return;
    };
    page.heading(2, "Base against new");
    page.item(format!("Base: {}", findings.versions.base_is));
    page.item(format!("New: {}", findings.versions.new_is));
    if let Some(duet) = &analysis.duet {
        believe(page, duet);
    }
    let columns = vec![
        Column::text("What"),
        Column::text("Measured"),
        Column::number("new ÷ base"),
        Column::number("interval (level)"),
        Column::number("A/A"),
        Column::number("noise floor"),
        Column::text("verdict"),
        Column::number("pairs"),
    ];
    page.table(Table {
        caption: "Base against new: every metric with its interval and noise floor".to_owned(),
        columns,
        groups: vec![RowGroup {
            rows: findings.metrics.iter().map(row).collect(),
            ..RowGroup::default()
        }],
    });
}

/// What the duet shows of itself.
fn believe(page: &mut Document<'_>, duet: &Duet) {
    let design = &duet.design;
    let sides = [&duet.versions, &duet.twins, &duet.control];
    let launches = sides.into_iter().flatten().map(|s| s.differences.len());
    let launches = launches.max().unwrap_or(0);
    page.paragraph(format!(
        "At once: both servers on the servers' CPUs, each asked {} {} times a second at random moments, {} ms in each of {} fresh launches of each kind, either server first in half of them. The unit is the launch. This says nothing about capacity or latency: those were measured in turn.",
        design.scenario,
        number::rounded(design.rate, 0),
        design.window_ms,
        launches
    ));
    let told = |side: &Option<Side>| {
        let side = side.as_ref()?;
        let interval = side.ratio.map_or_else(String::new, |r| {
            format!(
                " ({} to {})",
                number::share(r.interval.low - 1.0),
                number::share(r.interval.high - 1.0)
            )
        });
        Some(format!("{}{interval}", number::share(side.point()? - 1.0)))
    };
    if let Some(twins) = told(&duet.twins) {
        let verdict = match duet.twins_differ() {
            Some(true) => "told apart, although they are the same: nothing below that is called",
            Some(false) => "not told apart, as it should be",
            None => "too few launches to say more",
        };
        page.item(format!(
            "A/A, the base and a copy of it: {twins}; {verdict}."
        ));
    }
    if let (Some(control), Some(truth)) = (told(&duet.control), duet.truth) {
        let verdict = match duet.found() {
            Some(Found::Yes) => "found",
            Some(Found::Wrong) => "a difference was found, but the truth is not in its interval",
            Some(Found::No) => "not found: this run could not see such a difference",
            None => "too few launches to say more",
        };
        page.item(format!(
            "Control, a copy that burns {} more for each request, as it counted itself: {control}; {verdict}.",
            number::share(truth - 1.0)
        ));
    }
}

fn row(moved: &Moved) -> Vec<Cell> {
    let ratio = |value: Option<f64>| match value {
        Some(value) => Cell::number(number::rounded(value, -3), Some(value)),
        None => Cell::missing(),
    };
    let new = match moved.ratio {
        Some(value) => {
            let sign = moved.bound.sign();
            Cell::number(format!("{sign}{}", number::rounded(value, -3)), Some(value))
        }
        None => Cell::missing(),
    };
    let interval = match (moved.low, moved.high) {
        (Some(low), Some(high)) => {
            let level = moved.level.unwrap_or(crate::estimate::LEVEL);
            let text = format!(
                "{}–{} ({})",
                number::rounded(low, -3),
                number::rounded(high, -3),
                number::level(level)
            );
            Cell::number(text, Some(high / low))
        }
        _ => Cell::missing(),
    };
    let floor = match moved.floor_ratio {
        Some(floor) => Cell::number(number::share(floor - 1.0), Some(floor)),
        None => Cell::missing(),
    };
    vec![
        moved.what().into(),
        moved.how().into(),
        new,
        interval,
        ratio(moved.aa_ratio),
        floor,
        moved.verdict.into(),
        Cell::number(moved.n.to_string(), Some(moved.n as f64)),
    ]
}
