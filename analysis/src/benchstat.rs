//! A campaign in the format of Go's own benchmarks, for benchstat and what else reads it.

use record::{Metric, ModeKind};

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
/// so what it calls a difference between two campaigns may be the machine's.
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
        for block in &series.blocks {
            out += &format!("{name} 1 {} {unit}\n", block.value);
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
