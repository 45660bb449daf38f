//! The whole campaign in one table of ratios.

use record::{Class, Metric};

use super::Page;
use crate::estimate::{Analysis, Bound, Role, Row, Table, Verdict};
use crate::text::{escape, number};

pub(super) fn write(page: &mut Page, analysis: &Analysis) {
    let rates: Vec<&Table> = analysis.tables_of(Metric::Throughput).collect();
    let costs: Vec<&Table> = analysis
        .tables_of(Metric::CpuPerRequest)
        .filter(|t| rates.iter().any(|r| r.question.mode == t.question.mode))
        .collect();
    let startup = analysis.table(Metric::Startup, "startup", "cold");
    let memory = analysis.table(Metric::Rss, "memory", "idle");

    let mut head = vec!["Framework".to_owned()];
    let scenario = |t: &Table| escape::markdown(&t.question.scenario);
    head.extend(rates.iter().map(|t| format!("requests/s {}", scenario(t))));
    head.extend(costs.iter().map(|t| format!("CPU {}", scenario(t))));
    head.extend(["start ms".to_owned(), "idle MiB".to_owned()]);
    let mut right = vec![true; head.len()];
    right[0] = false;

    let line = |name: &str| {
        let mut cells = vec![escape::markdown(analysis.title(name))];
        for table in rates.iter().chain(&costs) {
            cells.push(table.row(name).map_or_else(dash, ratio));
        }
        for table in [startup, memory] {
            let row = table.and_then(|t| t.row(name));
            cells.push(row.map_or_else(dash, |r| number::value(r.estimate, r.interval.as_ref())));
        }
        cells
    };
    let mut rows: Vec<Vec<String>> = analysis.ranking().into_iter().map(line).collect();
    let controls: Vec<&str> = analysis
        .campaign
        .frameworks
        .iter()
        .filter(|f| f.class != Class::Idiomatic && analysis.took_part(&f.name))
        .map(|f| f.name.as_str())
        .collect();
    if !controls.is_empty() {
        let mut separator = vec![String::new(); head.len()];
        separator[0] = "*controls, not ranked:*".to_owned();
        rows.push(separator);
        rows.extend(controls.into_iter().map(line));
    }
    if rows.is_empty() {
        return;
    }
    page.heading(2, "At a glance");
    page.paragraph(&format!(
        "Times {} at saturation: for requests/s more is better, for CPU time per request less is. ▲ better and ▼ worse beyond noise, · undecided, no sign: no verdict.",
        escape::markdown(analysis.baseline())
    ));
    page.table(&head, &right, &rows);
}

fn dash() -> String {
    "–".to_owned()
}

fn ratio(row: &Row) -> String {
    if row.role == Role::Baseline {
        return "1".to_owned();
    }
    let sign = match row.ratio_bound {
        Bound::Exact => "",
        Bound::AtLeast => "≥ ",
        Bound::AtMost => "≤ ",
        Bound::Unknown => return "client-bound".to_owned(),
    };
    let mark = match row.verdict {
        Verdict::Better => " ▲",
        Verdict::Worse => " ▼",
        Verdict::Undecided | Verdict::ClientBound => " ·",
        Verdict::None | Verdict::TooFewBlocks | Verdict::NoFloor => "",
    };
    row.ratio_point().map_or_else(dash, |ratio| {
        format!("{sign}{}{mark}", number::rounded(ratio, -2))
    })
}
