//! The chapters with numbers: one table for each question, and the chart beside it.

use record::metric::Chapter;
use record::{Metric, ModeKind};

use super::answers;
use crate::estimate::{Analysis, Answers};
use crate::report::charts::Chart;
use crate::report::document::Document;

pub(super) fn write<'a>(page: &mut Document<'a>, analysis: &Analysis, charts: &'a [Chart]) {
    if !analysis.is_in_a_row() {
        load(page, analysis, charts);
    }
    startup(page, analysis, charts);
    memory(page, analysis, charts);
}

/// The metrics that are asked of load, chapter by chapter. What is asked at shares of each server's own
/// capacity has a chapter of its own.
fn load<'a>(page: &mut Document<'a>, analysis: &Analysis, charts: &'a [Chart]) {
    let mut written: Vec<Chapter> = Vec::new();
    for metric in Metric::ALL {
        match metric.words().chapter {
            Some(one) if !written.contains(&one) => {
                written.push(one);
                chapter(page, analysis, charts, one);
            }
            _ => {}
        }
    }
}

fn chapter<'a>(
    page: &mut Document<'a>,
    analysis: &Analysis,
    charts: &'a [Chart],
    chapter: Chapter,
) {
    let design = &analysis.campaign.design;
    let title = chapter.title;
    let metrics = || {
        let all = Metric::ALL.into_iter();
        all.filter(|metric| metric.words().chapter == Some(chapter))
    };
    let mut begun = false;
    for scenario in &design.scenarios {
        let mut tables = Vec::new();
        for mode in design.modes.iter().filter(|m| m.kind != ModeKind::Share) {
            for metric in metrics() {
                let table = analysis.table(metric, &scenario.name, &mode.name);
                let table = table.filter(|table| !table.rows.is_empty());
                tables.extend(table.map(|table| (label_of(analysis, table), table)));
            }
        }
        if tables.is_empty() {
            continue;
        }
        if !begun {
            begun = true;
            page.heading(2, title);
            page.paragraph(chapter.intro);
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
fn label_of(analysis: &Analysis, table: &Answers) -> String {
    let metric = table.question.metric;
    let label = metric.words().label;
    let design = &analysis.campaign.design;
    let mode = design.modes.iter().find(|m| m.name == table.question.mode);
    let Some(mode) = mode else {
        return label.to_owned();
    };
    let of_kind = design.modes.iter().filter(|m| m.kind == mode.kind).count();
    let in_both = [ModeKind::Saturation, ModeKind::Rate].map(|kind| metric.is_asked_in(kind));
    match (in_both == [true, true], mode.rate) {
        (true, Some(rate)) => {
            format!("{label} at {}/s", crate::text::number::rounded(rate, 0))
        }
        (true, None) => format!("{label} at saturation"),
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
    let tables: Vec<&Answers> = ["idle", "load", "after"]
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

fn chart<'a>(page: &mut Document<'a>, charts: &'a [Chart], table: &Answers) {
    if let Some(chart) = charts.iter().find(|c| c.question == table.question) {
        page.chart(chart);
    }
}
