//! What the numbers of a campaign file can be. Some end loops, some are levels of intervals:
//! what no lab writes is refused here, before anything is done with it.

use std::collections::BTreeSet;

use crate::campaign::{CampaignFile, ModeKind};
use crate::metric::Metric;

/// The most launches, and rounds of starts.
pub const MOST_LAUNCHES: u32 = 1_000_000;
/// The most blocks, of a cell and of a campaign.
pub const MOST_BLOCKS: u32 = 10_000_000;
const MOST_MS: u64 = 86_400_000;
const MOST_CONNECTIONS: u32 = 1_000_000;

/// A key of the file, from the outermost inwards, and what is wrong with its value.
pub(crate) type Problem = (Vec<&'static str>, String);

/// Finds the first number or name that a campaign cannot have.
pub(crate) fn check(file: &CampaignFile) -> Result<(), Problem> {
    design(file)?;
    method(file)?;
    duet(file)?;
    course(file)
}

fn range<T: PartialOrd + std::fmt::Display>(
    key: &[&'static str],
    value: T,
    least: T,
    most: T,
) -> Result<(), Problem> {
    // Also false of what is not a number.
    if least <= value && value <= most {
        return Ok(());
    }
    let name = key.join(".");
    Err((
        key.to_vec(),
        format!("{name} is {value}, allowed are {least} to {most}"),
    ))
}

fn refuse<T>(key: &[&'static str], problem: String) -> Result<T, Problem> {
    Err((key.to_vec(), problem))
}

fn design(file: &CampaignFile) -> Result<(), Problem> {
    let design = &file.design;
    range(&["design", "launches"], design.launches, 0, MOST_LAUNCHES)?;
    range(&["design", "blocks"], design.blocks, 0, MOST_BLOCKS)?;
    range(&["design", "starts"], design.starts, 0, MOST_LAUNCHES)?;
    range(&["design", "lead_in_ms"], design.lead_in_ms, 0, MOST_MS)?;
    range(&["design", "window_ms"], design.window_ms, 1, MOST_MS)?;
    if design.twin.is_empty() {
        let problem = "the baseline's second copy has no variant name";
        return refuse(&["design", "twin"], problem.to_owned());
    }
    for mode in &design.modes {
        let connections = ["design", "modes", "connections"];
        range(&connections, mode.connections, 1, MOST_CONNECTIONS)?;
        if let Some(spin) = mode.spin_ms {
            range(&["design", "modes", "spin_ms"], spin, 0, MOST_MS)?;
        }
        match (mode.kind, mode.rate) {
            (ModeKind::Rate, Some(rate)) => range(&["design", "modes", "rate"], rate, 1e-3, 1e9)?,
            (ModeKind::Saturation | ModeKind::Share, None) => {}
            (ModeKind::Rate, None) => {
                let problem = format!("mode `{}` is an open loop without a rate", mode.name);
                return refuse(&["design", "modes", "rate"], problem);
            }
            (ModeKind::Saturation, Some(_)) => {
                let problem = format!("mode `{}` is a closed loop and has a rate", mode.name);
                return refuse(&["design", "modes", "rate"], problem);
            }
            (ModeKind::Share, Some(_)) => {
                let problem = format!("mode `{}` has a rate beside its share", mode.name);
                return refuse(&["design", "modes", "rate"], problem);
            }
        }
        match (mode.kind, mode.share) {
            (ModeKind::Share, Some(share)) => {
                range(&["design", "modes", "share"], share, 1e-3, 1.0)?;
            }
            (ModeKind::Share, None) => {
                let problem = format!("mode `{}` has no share", mode.name);
                return refuse(&["design", "modes", "share"], problem);
            }
            (_, Some(_)) => {
                let problem = format!("mode `{}` has a share and is of another kind", mode.name);
                return refuse(&["design", "modes", "share"], problem);
            }
            (_, None) => {}
        }
    }
    unique("scenarios", design.scenarios.iter().map(|s| &s.name))?;
    unique("modes", design.modes.iter().map(|m| &m.name))?;
    let mut names = BTreeSet::new();
    match file.frameworks.iter().find(|f| !names.insert(&f.name)) {
        Some(twice) => refuse(
            &["frameworks"],
            format!("framework `{}` is there twice", twice.name),
        ),
        None => Ok(()),
    }
}

fn unique<'a>(key: &'static str, names: impl Iterator<Item = &'a String>) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let problem = format!("design.{key} has `{name}` twice");
            return refuse(&["design", key], problem);
        }
    }
    Ok(())
}

fn method(file: &CampaignFile) -> Result<(), Problem> {
    let method = &file.method;
    let known = |key: &'static str, name: &str| match Metric::named(name) {
        Some(_) => Ok(()),
        None => refuse(
            &["method", key],
            format!("method.{key} has the unknown metric `{name}`"),
        ),
    };
    for name in &method.primary {
        known("primary", name)?;
    }
    for (key, widths) in [
        ("precision", &method.precision),
        ("margins", &method.margins),
    ] {
        for (name, width) in widths {
            known(key, name)?;
            range(&["method", key], *width, 1e-6, 100.0)?;
        }
    }
    if let Some(level) = method.level {
        range(&["method", "level"], level, 0.5, 0.999_999)?;
    }
    grows("method", &method.looks, MOST_BLOCKS)?;
    match (method.interval_ms, method.protocol.rows().misses(method)) {
        (Some(interval), _) => {
            let interval_ms = ["method", "interval_ms"];
            range(&interval_ms, interval, 1, file.design.window_ms)?;
            let intervals = file.design.window_ms / interval;
            range(&interval_ms, intervals, 1, 1_000_000)
                .map_err(|(key, _)| (key, format!("method.interval_ms is {interval}, which cuts a window into {intervals} intervals, allowed are 1 to 1000000")))
        }
        (None, Some(what)) => refuse(&["method", "protocol"], what.to_owned()),
        (None, None) => Ok(()),
    }
}

fn grows(of: &'static str, looks: &[u32], most: u32) -> Result<(), Problem> {
    for look in looks {
        range(&[of, "looks"], *look, 1, most)?;
    }
    match looks.windows(2).all(|pair| pair[0] < pair[1]) {
        true => Ok(()),
        false => refuse(&[of, "looks"], format!("{of}.looks do not grow")),
    }
}

fn duet(file: &CampaignFile) -> Result<(), Problem> {
    let Some(duet) = &file.method.duet else {
        return Ok(());
    };
    range(&["method", "duet", "rate"], duet.rate, 1e-3, 1e9)?;
    let connections = ["method", "duet", "connections"];
    range(&connections, duet.connections, 1, MOST_CONNECTIONS)?;
    let launches = ["method", "duet", "launches"];
    range(&launches, duet.launches, 0, MOST_LAUNCHES)?;
    range(
        &["method", "duet", "lead_in_ms"],
        duet.lead_in_ms,
        0,
        MOST_MS,
    )?;
    range(&["method", "duet", "window_ms"], duet.window_ms, 1, MOST_MS)?;
    range(
        &["method", "duet", "half_width"],
        duet.half_width,
        0.0,
        100.0,
    )?;
    let mut kinds = BTreeSet::new();
    if !duet.kinds.iter().all(|kind| kinds.insert(*kind)) {
        let problem = "method.duet.kinds has a kind twice";
        return refuse(&["method", "duet", "kinds"], problem.to_owned());
    }
    grows("duet", &duet.looks, MOST_LAUNCHES)
}

fn course(file: &CampaignFile) -> Result<(), Problem> {
    let course = &file.course;
    let mut blocks = BTreeSet::new();
    for repeat in &course.repeats {
        range(
            &["course", "repeats", "block"],
            repeat.block,
            1,
            MOST_BLOCKS,
        )?;
        // What repeats itself, or each other, would be followed for ever.
        if repeat.of == 0 || repeat.of >= repeat.block {
            let problem = format!(
                "block {} is said to repeat block {}, and only earlier ones can be repeated",
                repeat.block, repeat.of
            );
            return refuse(&["course", "repeats"], problem);
        }
        if !blocks.insert(repeat.block) {
            let problem = format!("block {} is said to repeat two blocks", repeat.block);
            return refuse(&["course", "repeats"], problem);
        }
    }
    if let Some(stopped) = &course.stopped
        && !file.method.looks.contains(&stopped.at)
    {
        let problem = format!(
            "course.stopped.at is {}, and nobody looked there (method.looks)",
            stopped.at
        );
        return refuse(&["course", "stopped", "at"], problem);
    }
    if let Some(repetition) = course.repetition
        && repetition.seed() != file.seed
    {
        let problem = format!(
            "repetition {} of seed {} has seed {}, and not {}: it was measured under another number",
            repetition.number,
            repetition.family,
            repetition.seed(),
            file.seed
        );
        return refuse(&["course", "repetition"], problem);
    }
    if let Some(planned) = course.planned {
        let starts = ["course", "planned", "starts"];
        range(&starts, planned.starts, 0, MOST_LAUNCHES)?;
        let launches = ["course", "planned", "launches"];
        range(&launches, planned.launches, 0, MOST_LAUNCHES)?;
        range(
            &["course", "planned", "blocks"],
            planned.blocks,
            0,
            MOST_BLOCKS,
        )?;
        range(
            &["course", "planned", "duets"],
            planned.duets,
            0,
            MOST_LAUNCHES,
        )?;
    }
    let mut numbers = BTreeSet::new();
    for part in &course.collected {
        if !numbers.insert(part.number) {
            let problem = format!("repetition {} is collected twice", part.number);
            return refuse(&["course", "collected"], problem);
        }
    }
    Ok(())
}

/// The line, from 1, on which a key's value stands; that of the innermost key on the way to it
/// that is there.
pub(crate) fn line(text: &str, key: &[&str]) -> Option<u64> {
    let mut found = None;
    let mut lines = (1..).zip(text.lines());
    for name in key {
        let at = lines.by_ref().find(|(_, line)| {
            let line = line.trim_start_matches([' ', '-']);
            line.strip_prefix(*name)
                .is_some_and(|rest| rest.starts_with(':'))
        });
        found = at.map(|(number, _)| number).or(found);
        if at.is_none() {
            break;
        }
    }
    found
}
