//! The table that a bench of long windows prints at its end.

use record::Metric;
use stats::trend::Trend;

use super::estimate::{Soak, Watched};
use crate::estimate::{Analysis, Bound};
use crate::terminal::{NAME, column, dash, excluded, pad, push, second, wrap};
use crate::text::{escape, number};

/// A figure of connections that stay open.
const FIGURE: usize = 8;

/// What connections that stay open cost: a line a server.
pub(super) fn table(analysis: &Analysis, soak: &Soak) -> String {
    const HEADS: [&str; 7] = [
        "p99 us", "%/min", "MiB", "%/min", "KiB/conn", "gor/conn", "lost",
    ];
    let mut text = String::new();
    let out = &mut text;
    out.push('\n');
    let mut head = pad("", NAME);
    for name in HEADS {
        head += &column(name, FIGURE);
    }
    push(out, &head);
    for server in &soak.servers {
        let mut title = escape::plain(analysis.title(&server.framework));
        if !server.variant.is_empty() {
            title = second(&title);
        }
        let mut line = pad(&title, NAME);
        let figure = |v: Option<f64>| v.map_or_else(dash, |v| number::value(v, None));
        let latency = |v: Option<f64>| match server.median_is_at_least(Metric::LatencyP99) {
            true => format!("{}{}", Bound::AtLeast.sign(), figure(v)),
            false => figure(v),
        };
        let drift = |trend: Option<Trend>, bound: Bound| {
            trend.map_or_else(dash, |t| {
                let mark = if Watched::is_called(&t, bound) {
                    "!"
                } else {
                    ""
                };
                format!("{}{}{mark}", bound.tight(), number::change(t.slope))
            })
        };
        for text in [
            latency(server.median(Metric::LatencyP99)),
            drift(server.p99_drift(), server.p99_drift_bound()),
            figure(server.median(Metric::Pss)),
            drift(server.memory_drift(), Bound::Exact),
            figure(server.bytes_a_connection().map(|bytes| bytes / 1024.0)),
            figure(server.goroutines_a_connection()),
            figure(server.whole.get(&Metric::ConnectionsLost).copied()),
        ] {
            line += &column(&text, FIGURE);
        }
        push(out, &line);
    }
    excluded(out, analysis);
    out.push('\n');
    wrap(
        out,
        "Medians over the intervals. %/min: drift of p99 and of memory; ! where a level course is left out. KiB and goroutines for each open connection, beyond the server without any.",
    );
    text
}
