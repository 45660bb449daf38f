//! A verdict for people: text for a terminal, Markdown for a pull request's comment.

use std::fmt::Write;

use crate::verdict::{Compared, Direction, Verdict};

/// A number of instructions with its thousands set off.
pub fn thousands(n: f64) -> String {
    let digits = format!("{:.0}", n.abs());
    let sign = if n < 0.0 && digits != "0" { "-" } else { "" };
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}{text}")
}

/// `+0.30 %`.
fn percent(ratio: f64) -> String {
    format!("{:+.2} %", (ratio - 1.0) * 100.0)
}

/// A change with its interval.
pub fn interval(compared: &Compared) -> String {
    format!(
        "{} ({} to {} at {} %)",
        percent(compared.ratio),
        percent(compared.low),
        percent(compared.high),
        (compared.level * 1000.0).round() / 10.0
    )
}

/// What the comparison says, in a sentence.
pub fn sentence(verdict: &Verdict) -> String {
    let what = &verdict.what;
    let (name, new, base) = (&what.framework, &what.new_is, &what.base_is);
    let asked = &what.scenario;
    match verdict.direction {
        Direction::More => format!(
            "{name} executes more instructions for {asked} in {new} than in {base}: {}.",
            interval(&verdict.code)
        ),
        Direction::Fewer => format!(
            "{name} executes fewer instructions for {asked} in {new} than in {base}: {}.",
            interval(&verdict.code)
        ),
        Direction::None => format!(
            "{name} executes as many instructions for {asked} in {new} as in {base}, as far as can be told: {}.",
            interval(&verdict.code)
        ),
    }
}

/// The whole verdict in Markdown.
pub fn markdown(verdict: &Verdict) -> String {
    let what = &verdict.what;
    let mut text = format!(
        "### {}, {}: instructions a request\n\n{}\n\n",
        what.framework,
        what.scenario,
        sentence(verdict)
    );
    for doubt in verdict.doubts() {
        let _ = writeln!(text, "**Not to be used:** {doubt}.\n");
    }
    text += "| | base | new | change | starts |\n|---|---:|---:|---:|---:|\n";
    let mut row = |name: &str, compared: &Compared| {
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} + {} |",
            thousands(compared.base),
            thousands(compared.new),
            interval(compared),
            compared.base_starts,
            compared.new_starts
        );
    };
    row("code, collector off", &verdict.code);
    if let Some(collecting) = &verdict.collecting {
        row("with the collector", collecting);
    }
    if let Some(twins) = &verdict.twins {
        row("A/A: the base against itself", twins);
    }
    if let Some(control) = &verdict.control {
        let found = match (control.found, control.holds) {
            (true, true) => "found, its size right",
            (true, false) => "found, its size wrong",
            (false, _) => "not found",
        };
        let name = format!(
            "control: {} instructions more ({}), {found}",
            control.known,
            percent(control.truth)
        );
        row(&name, &control.compared);
    }
    let _ = writeln!(
        text,
        "\nUser space only, counted by {}; base: {}; new: {}. The kernel's work, caches, branches that were guessed wrongly and waiting are not in it: a verdict on instructions is none on time.",
        what.counter, what.base_is, what.new_is
    );
    if let Some(monitor) = &verdict.monitor {
        let _ = writeln!(
            text,
            "The runtime's monitor thread, which wakes by the clock, is left out: {} and {} instructions a request.",
            thousands(monitor.base),
            thousands(monitor.new)
        );
    }
    if !verdict.groups.is_empty() {
        text += "\n| part | base | new | change |\n|---|---:|---:|---:|\n";
        for part in &verdict.groups {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                part.part,
                thousands(part.pair.base),
                thousands(part.pair.new),
                signed(part.pair.new - part.pair.base)
            );
        }
    }
    if let Some(functions) = &verdict.functions {
        text += "\nFunctions that moved, largest first. The symbols are of a second file, linked with them from the same source and with the same code.\n\n";
        text += "| function | part | base | new | change |\n|---|---|---:|---:|---:|\n";
        for row in &functions.moved {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} | {} |",
                escaped(&row.function),
                row.part,
                thousands(row.pair.base),
                thousands(row.pair.new),
                signed(row.pair.new - row.pair.base)
            );
        }
        let _ = writeln!(
            text,
            "| {} others | | | | {} |",
            functions.others,
            signed(functions.rest)
        );
        let _ = writeln!(text, "| all | | | | {} |", signed(functions.total));
    }
    text
}

fn signed(n: f64) -> String {
    format!("{n:+.1}")
}

/// Type parameters hold what Markdown takes for the end of a cell.
fn escaped(symbol: &str) -> String {
    symbol.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_off() {
        let all = [0.0, 999.6, 34_133.2, 1_234_567.0, -1_234.0, -0.2].map(thousands);
        assert_eq!(all, ["0", "1,000", "34,133", "1,234,567", "-1,234", "0"]);
    }
}
