//! Long windows on many connections: a line a server, and the course of p99 and memory.

use record::{Class, Metric};
use stats::trend::Trend;

use super::estimate::{MATTERS, Soak, Watched};
use crate::estimate::{Analysis, Bound};
use crate::report::charts::Chart;
use crate::report::document::{Cell, Column, Document, RowGroup, Table, Text};
use crate::text::number;

pub(super) fn write<'a>(
    page: &mut Document<'a>,
    analysis: &Analysis,
    soak: &Soak,
    charts: &'a [Chart],
) {
    let design = &analysis.campaign.design;
    for scenario in &design.scenarios {
        for mode in &design.modes {
            let servers: Vec<&Watched> = (soak.servers.iter())
                .filter(|s| (&s.scenario, &s.mode) == (&scenario.name, &mode.name))
                .collect();
            if servers.is_empty() {
                continue;
            }
            page.heading(
                2,
                format!(
                    "{} connections that stay open: {}",
                    number::rounded(f64::from(mode.connections), 0),
                    scenario.title
                ),
            );
            page.paragraph(format!(
                "{} requests a second over all connections, each taking the one that has been idle longest, so a connection is used once in {} s; {} s of it after {} s of warm-up, in intervals of {} s. One window a server: what differs between servers is shown and not called.",
                number::rounded(mode.rate.unwrap_or_default(), 0),
                number::rounded(f64::from(mode.connections) / mode.rate.unwrap_or(1.0), 0),
                number::rounded(design.window_ms as f64 / 1e3, 0),
                number::rounded(design.lead_in_ms as f64 / 1e3, 0),
                number::rounded(soak.interval * 60.0, 0),
            ));
            for chart in charts {
                let question = &chart.question;
                if question.metric == Metric::Connections
                    && (&question.scenario, &question.mode) == (&scenario.name, &mode.name)
                {
                    page.chart(chart);
                }
            }
            let name = &scenario.name;
            costs(page, analysis, soak, &servers, name);
            course(page, analysis, soak, &servers, name);
        }
    }
}

/// What an open connection costs, and what drifts.
fn costs(
    page: &mut Document<'_>,
    analysis: &Analysis,
    soak: &Soak,
    servers: &[&Watched],
    scenario: &str,
) {
    let mut columns = vec![Column::text("Framework"), Column::text("Class")];
    columns.extend(
        [
            "p99 µs",
            "p99 drift, % a minute",
            "MiB",
            "KiB a connection",
            "memory drift, % a minute",
            "goroutines a connection",
            "lost",
            "errors",
        ]
        .map(Column::number),
    );
    page.table(Table {
        caption: format!("Connections that stay open: {scenario}"),
        columns,
        groups: groups(analysis, servers, |server| {
            let median = |metric| figure(server.median(metric));
            let whole = |metric| figure(server.whole.get(&metric).copied());
            vec![
                latency(server),
                drift(server.p99_drift().as_ref(), server.p99_drift_bound()),
                median(Metric::Pss),
                figure(server.bytes_a_connection().map(|bytes| bytes / 1024.0)),
                drift(server.memory_drift().as_ref(), Bound::Exact),
                figure(server.goroutines_a_connection()),
                whole(Metric::ConnectionsLost),
                whole(Metric::Errors),
            ]
        }),
    });
    page.item("p99 and MiB (PSS) are medians over the intervals.");
    let bounded = |server: &&Watched| {
        server.median_is_at_least(Metric::LatencyP99) || !server.p99_drift_bound().is_exact()
    };
    if servers.iter().any(bounded) {
        page.item(
            Text::from("≥, ≤: requests failed (")
                .code("lower-bound")
                .plain(
                    "). They count with the time until they failed, and could have taken longer. A drift is at least this one where late intervals are such, at most this one where early ones are, and cannot be told where both are.",
                ),
        );
    }
    page.item("KiB a connection: what the server holds while the connections are open beyond what it held after the same rate on 64 connections that are closed again, garbage not yet collected and free heap included, over the connections. The kernel's socket buffers are not in it.");
    page.item(format!(
        "Drift: the median slope of ln p99 and ln RSS between intervals (Theil and Sen), with intervals at {}, so that all {} together hold at 95 %. Bold where a level course is left out; where it is not, a range that reaches beyond {} over the window cannot tell.",
        number::share(soak.level),
        2 * soak.servers.len(),
        number::share(MATTERS)
    ));
    page.item("Lost: connections that the server ended while they had no request; they are opened anew when they are needed.");
}

/// Interval by interval.
fn course(
    page: &mut Document<'_>,
    analysis: &Analysis,
    soak: &Soak,
    servers: &[&Watched],
    scenario: &str,
) {
    let most = servers.iter().map(|s| s.intervals.len()).max().unwrap_or(0);
    let step = soak.interval * 60.0;
    for (title, metric) in [("p99 µs", Metric::LatencyP99), ("RSS MiB", Metric::Rss)] {
        let mut columns = vec![Column::text("Framework"), Column::text("Class")];
        columns.extend((1..=most).map(|i| {
            let end = number::rounded(i as f64 * step, 0);
            Column::number(format!("to {end} s"))
        }));
        page.table(Table {
            caption: format!("{title} by interval: {scenario}"),
            columns,
            groups: groups(analysis, servers, |server| {
                (0..most)
                    .map(|i| {
                        figure(
                            server
                                .intervals
                                .get(i)
                                .and_then(|v| v.get(&metric).copied()),
                        )
                    })
                    .collect()
            }),
        });
        page.item(format!("{title} by interval."));
    }
}

fn groups(
    analysis: &Analysis,
    servers: &[&Watched],
    cells: impl Fn(&Watched) -> Vec<Cell>,
) -> Vec<RowGroup> {
    let (mut frameworks, mut controls) = (RowGroup::default(), RowGroup::controls());
    for server in servers {
        let class = analysis
            .framework(&server.framework)
            .map_or(Class::Idiomatic, |f| f.class);
        let word = match server.variant == analysis.campaign.design.twin {
            true => "A/A",
            false => class.name(),
        };
        let name = analysis.server(&server.framework, &server.variant);
        let mut row: Vec<Cell> = vec![name.into(), word.into()];
        row.extend(cells(server));
        match class {
            Class::Idiomatic => frameworks.rows.push(row),
            _ => controls.rows.push(row),
        }
    }
    [frameworks, controls]
        .into_iter()
        .filter(|g| !g.rows.is_empty())
        .collect()
}

/// The median p99 over the intervals, marked where it is only a lower bound.
fn latency(server: &Watched) -> Cell {
    let value = server.median(Metric::LatencyP99);
    match (value, server.median_is_at_least(Metric::LatencyP99)) {
        (Some(value), true) => {
            let sign = Bound::AtLeast.sign();
            Cell::number(format!("{sign}{}", number::value(value, None)), Some(value))
        }
        (value, _) => figure(value),
    }
}

fn figure(value: Option<f64>) -> Cell {
    value.map_or_else(Cell::missing, |v| {
        Cell::number(number::value(v, None), Some(v))
    })
}

fn drift(trend: Option<&Trend>, bound: Bound) -> Cell {
    let Some(trend) = trend else {
        return Cell::missing();
    };
    if bound == Bound::Unknown {
        return "cannot tell".into();
    }
    let point = format!("{}{}", bound.sign(), number::change(trend.slope));
    let text = match &trend.interval {
        None => Text::from(point),
        Some(interval) => {
            let text = match Watched::is_called(trend, bound) {
                true => Text::default().strong(point),
                false => point.into(),
            };
            text.range(format!(
                "{} to {}",
                number::change(interval.low),
                number::change(interval.high)
            ))
        }
    };
    Cell::number(text, Some(trend.slope))
}
