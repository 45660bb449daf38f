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
    verdicts(&mut out, diff);
    // A module is told by the version that it changed, a binary's hash tells nobody anything.
    let of = |wanted: Kind| diff.changes.iter().filter(move |c| c.kind == wanted);
    let mut shown: Vec<&Change> = (diff.changes.iter())
        .filter(|c| !matches!(c.kind, Kind::Module | Kind::Binary))
        .collect();
    let rest = shown.split_off(shown.len().min(SHOWN));
    let folded: Vec<&Change> = rest.into_iter().chain(of(Kind::Module)).collect();
    facts(&mut out, &shown);
    let binaries: Vec<String> = of(Kind::Binary).map(|c| c.name.clone()).collect();
    if !binaries.is_empty() {
        let names = escape::markdown(&binaries.join(", "));
        out += &format!("\nOther binaries: {names}.\n");
    }
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

/// What each side says of the same server and question, where that is not the same.
fn verdicts(out: &mut String, diff: &Diff) {
    let changed: Vec<(&Pair, &Value, &Value)> = (diff.results.iter())
        .filter_map(|pair| Some((pair, pair.base.as_ref()?, pair.head.as_ref()?)))
        .filter(|(_, base, head)| base.verdict != head.verdict)
        .collect();
    if changed.is_empty() {
        if diff
            .results
            .iter()
            .any(|pair| pair.base.is_some() && pair.head.is_some())
        {
            out.push_str("\nNo verdict changed.\n");
        }
        return;
    }
    *out += &format!(
        "\n{} changed, each beside the baseline of its own campaign:\n\n| Framework | Figure | Base | Head |\n| --- | --- | --- | --- |\n",
        text::count(changed.len(), "verdict")
    );
    for (pair, base, head) in changed {
        *out += &format!(
            "| {} | {} | {} | {} |\n",
            name(pair),
            escape::markdown(&format!(
                "{}, {}, {}",
                pair.metric.replace('_', " "),
                pair.scenario,
                pair.mode
            )),
            shown(base),
            shown(head)
        );
    }
}

fn name(pair: &Pair) -> String {
    match pair.variant.as_str() {
        "" => escape::markdown(&pair.framework),
        variant => escape::markdown(&format!("{} ({variant})", pair.framework)),
    }
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
        "\n<details><summary>{} side by side ({mark})</summary>\n\nTimes the baseline of the same campaign, with its adjusted interval; values where there is no ratio.\n\n| Framework | Scenario | Mode | Metric | Base | Head | {} |\n| --- | --- | --- | --- | ---: | ---: | --- |\n",
        text::count(diff.results.len(), "result"),
        if diff.not_comparable.is_some() {
            ""
        } else {
            "Change"
        },
    );
    for pair in &diff.results {
        let last = match &diff.not_comparable {
            Some(_) => mark.to_owned(),
            None => change(pair),
        };
        *out += &line(pair, &last);
    }
    out.push_str("\n</details>\n");
}

/// How much a figure of one campaign reads differently: its ratio, or its value without one.
fn change(pair: &Pair) -> String {
    let of = |value: &Value| value.ratio.or(value.estimate);
    let (Some(base), Some(head)) = (
        pair.base.as_ref().and_then(of),
        pair.head.as_ref().and_then(of),
    ) else {
        return "–".to_owned();
    };
    let share = head / base - 1.0;
    let sign = if share > 0.0 { "+" } else { "" };
    format!("{sign}{}", number::share(share))
}

fn line(pair: &Pair, mark: &str) -> String {
    let name = name(pair);
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
