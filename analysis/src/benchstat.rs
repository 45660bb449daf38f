//! A campaign in the format of Go's own benchmarks, for benchstat and what else reads it.

use record::{Flag, Metric, ModeKind};

use crate::estimate::Analysis;
use crate::text::escape;

/// What benchstat is given, and what it calls the unit.
const METRICS: [(Metric, &str, &str); 4] = [
    (Metric::Throughput, "req/s", "higher"),
    (Metric::CpuPerRequest, "cpu-us/op", "lower"),
    (Metric::Startup, "ms", "lower"),
    (Metric::Rss, "MiB", "lower"),
];

/// One line a block, start or launch; `benchstat -col campaign FILE` sets campaigns apart.
///
/// benchstat takes the lines for independent samples: it does not know that blocks are paired,
/// so what it calls a difference between two campaigns may be the machine's. A value that is only a
/// lower bound has a name of its own (`/bound=at-least`), as no number can carry a sign: of both
/// together benchstat would make one mean.
pub fn text(analysis: &Analysis) -> String {
    let mut out = format!("campaign: {}\n", word(&analysis.campaign.id));
    for (_, unit, better) in METRICS {
        out += &format!("Unit {unit} better={better}\n");
    }
    let modes = &analysis.campaign.design.modes;
    let scheduled = |mode: &str| {
        modes
            .iter()
            .any(|m| m.name == mode && m.kind == ModeKind::Rate)
    };
    for (key, series) in &analysis.observed {
        // In an open loop it is the schedule that sets the rate.
        if key.metric == Metric::Throughput && scheduled(&key.mode) {
            continue;
        }
        let Some((_, unit, _)) = METRICS.iter().find(|(metric, ..)| *metric == key.metric) else {
            continue;
        };
        let variant = match key.variant.as_str() {
            "" => String::new(),
            variant => format!("/variant={}", word(variant)),
        };
        let name = format!(
            "Benchmark{}/framework={}{variant}/mode={}",
            capital(&word(&key.scenario)),
            word(&key.framework),
            word(&key.mode)
        );
        // What makes a value a lower bound.
        let limit = match key.metric {
            Metric::Throughput => Flag::ClientBound,
            _ => Flag::LowerBound,
        };
        for block in &series.blocks {
            let flags = series.odd.get(&(block.launch, block.block));
            let is_bound = flags.is_some_and(|tally| tally.flags.contains_key(&limit));
            let bound = if is_bound { "/bound=at-least" } else { "" };
            out += &format!("{name}{bound} 1 {} {unit}\n", block.value);
        }
    }
    out
}

/// Nothing in it ends a name or one of its parts.
fn word(text: &str) -> String {
    escape::file_name(text)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
