//! The short table that a bench prints at its end: plain text, at most 100 columns.

use record::{Class, Metric};

use stats::trend::Trend;

use crate::estimate::{Analysis, Bound, Role, Row, Size, Soak, Table, Verdict};
use crate::report::{headline, labels};
use crate::text::{escape, number};

const WIDTH: usize = 100;
/// The columns of names, and of one scenario: its rate and its ratio.
const NAME: usize = 18;
const RATE: usize = 10;
const RATIO: usize = 11;
/// Startup and memory.
const COST: usize = 9;

/// The table, with the answer above it.
pub fn table(analysis: &Analysis) -> String {
    let mut out = String::new();
    for sentence in headline(analysis) {
        wrap(&mut out, &escape::plain(&sentence));
    }
    let marks: Vec<&str> = labels(analysis).into_iter().map(|(word, _)| word).collect();
    if !marks.is_empty() {
        wrap(&mut out, &format!("This run is {}.", marks.join(", ")));
    }
    if let Some(soak) = &analysis.soak {
        connections(&mut out, analysis, soak);
        return out;
    }
    let rates: Vec<&Table> = analysis.tables_of(Metric::Throughput).collect();
    let fit = (WIDTH - NAME - 2 * COST) / (RATE + RATIO);
    // Startup and memory stand in the first part only.
    let parts: Vec<&[&Table]> = if rates.is_empty() {
        vec![&[]]
    } else {
        rates.chunks(fit).collect()
    };
    for (i, part) in parts.into_iter().enumerate() {
        out.push('\n');
        block(&mut out, analysis, part, i == 0);
    }
    out.push('\n');
    wrap(
        &mut out,
        &format!(
            "Requests/s at saturation and times {}; + better, - worse beyond noise, = equivalent within the margin, ~ undecided. Start: median ms. Memory: MiB resident, idle.",
            escape::plain(analysis.baseline())
        ),
    );
    out
}

/// What connections that stay open cost: a line a server.
fn connections(out: &mut String, analysis: &Analysis, soak: &Soak) {
    const HEADS: [&str; 7] = [
        "p99 us",
        "%/min",
        "MiB",
        "%/min",
        "KiB/conn",
        "gor./conn",
        "lost",
    ];
    out.push('\n');
    let mut head = pad("", NAME, false);
    for name in HEADS {
        head += &pad(name, RATIO, true);
    }
    push(out, &head);
    for server in &soak.servers {
        let mut title = escape::plain(analysis.title(&server.framework));
        if !server.variant.is_empty() {
            title += " (2nd)";
        }
        let mut line = pad(&title, NAME, false);
        let figure = |v: Option<f64>| v.map_or_else(dash, |v| number::value(v, None));
        let latency = |v: Option<f64>| match server.median_is_at_least(Metric::LatencyP99) {
            true => format!(">={}", figure(v)),
            false => figure(v),
        };
        let drift = |trend: Option<Trend>| {
            trend.map_or_else(dash, |t| {
                let mark = if t.is_shown() { "!" } else { "" };
                format!("{}{mark}", number::change(t.slope))
            })
        };
        for text in [
            latency(server.median(Metric::LatencyP99)),
            drift(server.p99_drift()),
            figure(server.median(Metric::Pss)),
            drift(server.memory_drift()),
            figure(server.bytes_a_connection().map(|bytes| bytes / 1024.0)),
            figure(server.goroutines_a_connection()),
            figure(server.whole.get(&Metric::ConnectionsLost).copied()),
        ] {
            line += &pad(&text, RATIO, true);
        }
        push(out, &line);
    }
    excluded(out, analysis);
    out.push('\n');
    wrap(
        out,
        "Medians over the intervals. %/min: drift of p99 and of memory; ! where a level course is left out. KiB and goroutines for each open connection, beyond the server without any.",
    );
}

fn excluded(out: &mut String, analysis: &Analysis) {
    for framework in &analysis.campaign.frameworks {
        if let Some(why) = &framework.excluded {
            let title = escape::plain(&framework.title);
            wrap(out, &format!("{title} is excluded: {}", escape::plain(why)));
        }
    }
}

fn block(out: &mut String, analysis: &Analysis, rates: &[&Table], costs: bool) {
    let startup = analysis.table(Metric::Startup, "startup", "cold");
    let memory = analysis.table(Metric::Rss, "memory", "idle");
    let mut head = pad("", NAME, false);
    for table in rates {
        head += &pad(
            &escape::plain(&table.question.scenario),
            RATE + RATIO - 6,
            true,
        );
        head += &pad("", 6, false);
    }
    if costs {
        head += &pad("start", COST, true);
        head += &pad("memory", COST, true);
    }
    push(out, &head);
    let controls = analysis
        .campaign
        .frameworks
        .iter()
        .filter(|f| f.class != Class::Idiomatic && analysis.took_part(&f.name))
        .map(|f| f.name.as_str());
    let frameworks = analysis.ranking();
    let idiomatic = frameworks.len();
    for (i, name) in frameworks.into_iter().chain(controls).enumerate() {
        if i == idiomatic {
            push(out, "controls, not ranked:");
        }
        let mut line = pad(&escape::plain(analysis.title(name)), NAME, false);
        for table in rates {
            let row = table.row(name);
            line += &pad(&row.map_or_else(dash, rate), RATE, true);
            line += &pad(&row.map(ratio).unwrap_or_default(), RATIO, false);
        }
        if costs {
            for table in [startup, memory] {
                let row = table.and_then(|t| t.row(name));
                let value = |r: &Row| number::value(r.estimate, r.interval.as_ref());
                line += &pad(&row.map_or_else(dash, value), COST, true);
            }
        }
        push(out, &line);
    }
    if costs {
        excluded(out, analysis);
    }
}

fn dash() -> String {
    "-".to_owned()
}

fn rate(row: &Row) -> String {
    let sign = if row.bound == Bound::AtLeast {
        ">="
    } else {
        ""
    };
    format!(
        "{sign}{}",
        number::value(row.estimate, row.interval.as_ref())
    )
}

fn ratio(row: &Row) -> String {
    if row.role == Role::Baseline {
        return "  1".to_owned();
    }
    let sign = match row.ratio_bound {
        Bound::Exact => "  ",
        Bound::AtLeast => ">=",
        Bound::AtMost => "<=",
        Bound::Unknown => return "  bound".to_owned(),
    };
    let mark = match row.verdict {
        Verdict::Better => " +",
        Verdict::Worse => " -",
        Verdict::Undecided if row.size == Some(Size::Within) => " =",
        Verdict::Undecided | Verdict::ClientBound | Verdict::LowerBound => " ~",
        Verdict::None | Verdict::TooFewBlocks | Verdict::NoFloor | Verdict::SameCode => "",
    };
    row.ratio_point().map_or_else(dash, |ratio| {
        format!("{sign}{}{mark}", number::rounded(ratio, -2))
    })
}

/// The text in its column, with a space to the next; cut off if need be.
fn pad(text: &str, width: usize, right: bool) -> String {
    let cut: String = text.chars().take(width - 1).collect();
    if right {
        format!("{cut:>w$} ", w = width - 1)
    } else {
        format!("{cut:<w$} ", w = width - 1)
    }
}

fn push(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}

/// A paragraph in lines of at most the table's width.
fn wrap(out: &mut String, text: &str) {
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            push(out, &line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    push(out, &line);
}
