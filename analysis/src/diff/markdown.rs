//! A difference as a comment on a pull request: one line, a short table, the rest folded.

use super::Diff;
use super::facts::{Change, Kind};
use super::results::{Pair, Value};
use crate::text::{self, escape, number};

/// So many changed facts are shown before the rest is folded.
const SHOWN: usize = 12;

/// One line without markup: how much changed, and whether results may be compared.
pub fn summary(diff: &Diff) -> String {
    if diff.is_empty() {
        return format!(
            "Nothing changed: both sides are campaign {}.",
            escape::plain(&diff.base)
        );
    }
    let mut counts: Vec<(Kind, usize)> = Vec::new();
    for change in &diff.changes {
        match counts.last_mut() {
            Some((kind, n)) if *kind == change.kind => *n += 1,
            _ => counts.push((change.kind, 1)),
        }
    }
    let counted: Vec<String> = counts
        .iter()
        .map(|(kind, n)| match kind {
            Kind::Framework | Kind::Version | Kind::Exclusion | Kind::Module => {
                text::count(*n, kind.name())
            }
            Kind::Binary if *n > 1 => format!("{n} binaries"),
            Kind::Binary => "1 binary".to_owned(),
            _ => text::count(*n, &format!("{} fact", kind.name())),
        })
        .collect();
    let changed = match counted.is_empty() {
        true => "No fact changed".to_owned(),
        false => format!("Changed: {}", text::list(&counted)),
    };
    match &diff.not_comparable {
        Some(why) => format!("{changed}. Results are not comparable: {why}."),
        None => format!(
            "{changed}; {} of the same campaign, read from other data or by another lab.",
            text::count(diff.results.len(), "result")
        ),
    }
}

/// The whole comparison as Markdown.
pub fn write(diff: &Diff) -> String {
    let mut out = format!("{}\n", escape::markdown(&summary(diff)));
    if diff.is_empty() {
        return out;
    }
    out += &format!(
        "\nBase {}, head {}.\n",
        escape::code(&diff.base),
        escape::code(&diff.head)
    );
    // A module is told by the version and the binary that it changed.
    let (folded, mut shown): (Vec<&Change>, Vec<&Change>) =
        diff.changes.iter().partition(|c| c.kind == Kind::Module);
    let rest = shown.split_off(shown.len().min(SHOWN));
    let folded: Vec<&Change> = rest.into_iter().chain(folded).collect();
    facts(&mut out, &shown);
    if !folded.is_empty() {
        out += &format!(
            "\n<details><summary>{} more</summary>\n",
            text::count(folded.len(), "fact")
        );
        facts(&mut out, &folded);
        out += "\n</details>\n";
    }
    if !diff.results.is_empty() {
        results(&mut out, diff);
    }
    out
}

fn facts(out: &mut String, changes: &[&Change]) {
    if changes.is_empty() {
        return;
    }
    out.push_str("\n| What | | Base | Head |\n| --- | --- | --- | --- |\n");
    for change in changes {
        let side = |value: &Option<String>| {
            let text = value.as_deref().map(escape::markdown);
            text.unwrap_or_else(|| "–".to_owned())
        };
        *out += &format!(
            "| {} | {} | {} | {} |\n",
            change.kind.name(),
            escape::markdown(&change.name),
            side(&change.base),
            side(&change.head)
        );
    }
}

fn results(out: &mut String, diff: &Diff) {
    let mark = match &diff.not_comparable {
        Some(_) => "not comparable: different campaigns",
        None => "the same campaign, read twice",
    };
    *out += &format!(
        "\n<details><summary>{} side by side ({mark})</summary>\n\nTimes the baseline of the same campaign, with its adjusted interval; values where there is no ratio.\n\n| Framework | Scenario | Mode | Metric | Base | Head | |\n| --- | --- | --- | --- | ---: | ---: | --- |\n",
        text::count(diff.results.len(), "result")
    );
    for pair in &diff.results {
        *out += &line(pair, mark);
    }
    out.push_str("\n</details>\n");
}

fn line(pair: &Pair, mark: &str) -> String {
    let name = match pair.variant.as_str() {
        "" => escape::markdown(&pair.framework),
        variant => escape::markdown(&format!("{} ({variant})", pair.framework)),
    };
    let missing = || "–".to_owned();
    format!(
        "| {name} | {} | {} | {} | {} | {} | {mark} |\n",
        escape::markdown(&pair.scenario),
        escape::markdown(&pair.mode),
        escape::markdown(pair.metric),
        pair.base.as_ref().map_or_else(missing, shown),
        pair.head.as_ref().map_or_else(missing, shown),
    )
}

fn shown(value: &Value) -> String {
    let two = |x: f64| number::rounded(x, -2);
    match (value.ratio, value.interval, value.estimate) {
        (Some(ratio), Some([low, high]), _) => {
            format!(
                "{}{} ({}–{}) {}",
                value.ratio_bound.sign(),
                two(ratio),
                two(low),
                two(high),
                value.verdict
            )
        }
        (Some(ratio), None, _) => {
            let sign = value.ratio_bound.sign();
            format!("{sign}{} {}", two(ratio), value.verdict)
        }
        (None, _, Some(estimate)) => {
            format!("{}{}", value.bound.sign(), number::value(estimate, None))
        }
        (None, _, None) => "n/a".to_owned(),
    }
}
