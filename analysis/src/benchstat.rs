//! A campaign in the format of Go's own benchmarks, for benchstat and what else reads it.

use record::{Metric, ModeKind};

use crate::estimate::Analysis;
use crate::text::{capital, escape};

/// One line a block, start or launch; `benchstat -col campaign FILE` sets campaigns apart.
///
/// benchstat takes the lines for independent samples: it does not know that blocks are paired,
/// so what it calls a difference between two campaigns may be the machine's. A value that is only a
/// lower bound has a name of its own (`/bound=at-least`), as no number can carry a sign: of both
/// together benchstat would make one mean.
pub fn text(analysis: &Analysis) -> String {
    let mut out = format!("campaign: {}\n", word(&analysis.campaign.id));
    for metric in Metric::ALL {
        if let Some(unit) = metric.words().benchmark {
            let better = match metric.higher_is_better() {
                true => "higher",
                false => "lower",
            };
            out += &format!("Unit {unit} better={better}\n");
        }
    }
    let modes = &analysis.campaign.design.modes;
    let scheduled = |mode: &str| {
        modes
            .iter()
            .any(|m| m.name == mode && m.kind == ModeKind::Rate)
    };
    for (key, series) in &analysis.observed {
        // In an open loop it is the schedule that sets the rate.
        if !key.metric.is_asked_in(ModeKind::Rate) && scheduled(&key.mode) {
            continue;
        }
        let Some(unit) = key.metric.words().benchmark else {
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
        let limit = key.metric.limited_by();
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
