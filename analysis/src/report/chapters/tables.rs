//! The chapters with numbers: one table for each question, and the chart beside it.

use record::{Metric, ModeKind};

use super::answers;
use crate::estimate::{Analysis, Table};
use crate::report::charts::Chart;
use crate::report::document::Document;

pub(super) fn write<'a>(page: &mut Document<'a>, analysis: &Analysis, charts: &'a [Chart]) {
    if !analysis.is_article() {
        load(page, analysis, charts);
    }
    startup(page, analysis, charts);
    memory(page, analysis, charts);
}

fn load<'a>(page: &mut Document<'a>, analysis: &Analysis, charts: &'a [Chart]) {
    chapter(
        page,
        analysis,
        charts,
        "Requests per second at saturation",
        "Closed loop: each connection sends as soon as it has its answer. Right answers only; more is better.",
        &[(Metric::Throughput, ModeKind::Saturation, "Requests/s")],
    );
    chapter(
        page,
        analysis,
        charts,
        "CPU time per request",
        "Microseconds of the server process's own CPU clock per right answer; less is better. One fixed rate alone misleads, as an idle server wakes up more often: both are shown.",
        &[
            (Metric::CpuPerRequest, ModeKind::Saturation, "µs"),
            (Metric::CpuPerRequest, ModeKind::Rate, "µs"),
        ],
    );
    chapter(
        page,
        analysis,
        charts,
        "Instructions per request",
        "What the server executed in user space, by the processor's own counter, on this machine; less is not faster: the kernel's work, caches and waiting are not in it. For finding out where a difference in time is from, and declared for no verdict.",
        &[
            (
                Metric::InstructionsPerRequest,
                ModeKind::Saturation,
                "Instructions",
            ),
            (
                Metric::InstructionsPerRequest,
                ModeKind::Rate,
                "Instructions",
            ),
        ],
    );
    chapter(
        page,
        analysis,
        charts,
        "Latency in an open loop",
        "Microseconds from when the schedule wanted a request sent to its answer, all requests together; less is better. Closed-loop latency is not a result and is not shown.",
        &[
            (Metric::LatencyP50, ModeKind::Rate, "p50 µs"),
            (Metric::LatencyP99, ModeKind::Rate, "p99 µs"),
            (Metric::LatencyP999, ModeKind::Rate, "p99.9 µs"),
        ],
    );
}

fn chapter<'a>(
    page: &mut Document<'a>,
    analysis: &Analysis,
    charts: &'a [Chart],
    title: &str,
    intro: &str,
    questions: &[(Metric, ModeKind, &str)],
) {
    let design = &analysis.campaign.design;
    let mut begun = false;
    for scenario in &design.scenarios {
        let mut tables = Vec::new();
        for mode in &design.modes {
            for (metric, kind, label) in questions {
                let table = analysis
                    .table(*metric, &scenario.name, &mode.name)
                    .filter(|t| *kind == mode.kind && !t.rows.is_empty());
                tables.extend(table.map(|table| (label_of(analysis, table, label), table)));
            }
        }
        if tables.is_empty() {
            continue;
        }
        if !begun {
            begun = true;
            page.heading(2, title);
            page.paragraph(intro);
        }
        page.heading(3, format!("{}: {}", scenario.name, scenario.title));
        for (label, table) in &tables {
            let mut caption = format!("{title}: {}", scenario.name);
            if tables.len() > 1 {
                page.heading(4, format!("{}, {label}", scenario.name));
                caption += &format!(", {label}");
            }
            chart(page, charts, table);
            answers::write(page, analysis, caption, label, table);
        }
    }
}

/// The metric's label, with the mode where that is not said by the chapter.
fn label_of(analysis: &Analysis, table: &Table, label: &str) -> String {
    let design = &analysis.campaign.design;
    let mode = design.modes.iter().find(|m| m.name == table.question.mode);
    let Some(mode) = mode else {
        return label.to_owned();
    };
    let of_kind = design.modes.iter().filter(|m| m.kind == mode.kind).count();
    match (table.question.metric, mode.rate) {
        (Metric::CpuPerRequest, Some(rate)) => {
            format!("{label} at {}/s", crate::text::number::rounded(rate, 0))
        }
        (Metric::CpuPerRequest, None) => format!("{label} at saturation"),
        _ if of_kind > 1 => format!("{label}, {}", mode.name),
        _ => label.to_owned(),
    }
}

fn startup<'a>(page: &mut Document<'a>, analysis: &Analysis, charts: &'a [Chart]) {
    let Some(table) = analysis
        .table(Metric::Startup, "startup", "cold")
        .filter(|t| !t.rows.is_empty())
    else {
        return;
    };
    page.heading(2, "Startup");
    page.paragraph(
        "The cold phase: milliseconds from exec to the first right answer; the median, with an interval from the order of the starts alone. Less is better.",
    );
    chart(page, charts, table);
    let caption = "Startup: from exec to the first right answer".to_owned();
    answers::write(page, analysis, caption, "Median ms", table);
}

fn memory<'a>(page: &mut Document<'a>, analysis: &Analysis, charts: &'a [Chart]) {
    let tables: Vec<&Table> = ["idle", "load", "after"]
        .iter()
        .filter_map(|mode| analysis.table(Metric::Rss, "memory", mode))
        .filter(|t| !t.rows.is_empty())
        .collect();
    let Some(first) = tables.first() else { return };
    page.heading(2, "Memory");
    page.paragraph(
        "Resident set size before any load, under load and after it, once a launch; less is better. An interval needs three launches.",
    );
    // The bars, and the dots of startup against memory.
    for chart in charts
        .iter()
        .filter(|chart| chart.question == first.question)
    {
        page.chart(chart);
    }
    for table in tables {
        let label = format!("MiB {}", table.question.mode);
        page.heading(3, &label);
        let caption = format!("Memory: resident set size, {label}");
        answers::write(page, analysis, caption, &label, table);
    }
}

fn chart<'a>(page: &mut Document<'a>, charts: &'a [Chart], table: &Table) {
    if let Some(chart) = charts.iter().find(|c| c.question == table.question) {
        page.chart(chart);
    }
}
