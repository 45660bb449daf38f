//! A verdict for people: text for a terminal, Markdown for a pull request's comment.

use std::fmt::Write;

use crate::verdict::{Compared, Direction, Functions, Part, Verdict};

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
        parts(&mut text, &verdict.groups);
    }
    if let Some(moved) = &verdict.functions {
        functions(&mut text, moved);
    }
    text
}

fn parts(text: &mut String, parts: &[Part]) {
    *text += "\n| part | base | new | change |\n|---|---:|---:|---:|\n";
    let changes: Vec<f64> = parts.iter().map(|p| p.pair.new - p.pair.base).collect();
    let (tenths, total) = summing_up(&changes, changes.iter().sum());
    for (part, change) in parts.iter().zip(tenths) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            part.part,
            thousands(part.pair.base),
            thousands(part.pair.new),
            signed(change)
        );
    }
    let _ = writeln!(text, "| all | | | {} |", signed(total));
}

fn functions(text: &mut String, functions: &Functions) {
    *text += "\nFunctions that moved, largest first. The symbols are of a second file, linked with them from the same source and with the same code.\n\n";
    *text += "| function | part | base | new | change |\n|---|---|---:|---:|---:|\n";
    let changes = functions.moved.iter().map(|f| f.pair.new - f.pair.base);
    let changes: Vec<f64> = changes.chain([functions.rest]).collect();
    let (tenths, total) = summing_up(&changes, functions.total);
    for (row, change) in functions.moved.iter().zip(&tenths) {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            escaped(&row.function),
            row.part,
            thousands(row.pair.base),
            thousands(row.pair.new),
            signed(*change)
        );
    }
    let rest = tenths.last().copied().unwrap_or_default();
    let _ = writeln!(
        text,
        "| {} others | | | | {} |",
        functions.others,
        signed(rest)
    );
    let _ = writeln!(text, "| all | | | | {} |", signed(total));
}

/// Numbers in tenths that add up to their total in tenths, as nobody would believe a table that does
/// not: each is rounded down or up, those up whose rest is the largest.
fn summing_up(numbers: &[f64], total: f64) -> (Vec<i64>, i64) {
    let total = (10.0 * total).round() as i64;
    let mut tenths: Vec<i64> = numbers.iter().map(|n| (10.0 * n).floor() as i64).collect();
    let missing = total - tenths.iter().sum::<i64>();
    let rest = |place: &usize| 10.0 * numbers[*place] - (10.0 * numbers[*place]).floor();
    let mut places: Vec<usize> = (0..numbers.len()).collect();
    places.sort_by(|a, b| rest(b).total_cmp(&rest(a)));
    for place in places
        .into_iter()
        .take(usize::try_from(missing).unwrap_or(0))
    {
        tenths[place] += 1;
    }
    (tenths, total)
}

/// Tenths as a change: `+12.3`.
fn signed(tenths: i64) -> String {
    let sign = if tenths < 0 { '-' } else { '+' };
    format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
}

/// Type parameters hold what Markdown takes for the end of a cell.
fn escaped(symbol: &str) -> String {
    symbol.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Function, Pair};

    #[test]
    fn thousands_are_set_off() {
        let all = [0.0, 999.6, 34_133.2, 1_234_567.0, -1_234.0, -0.2].map(thousands);
        assert_eq!(all, ["0", "1,000", "34,133", "1,234,567", "-1,234", "0"]);
    }

    #[test]
    fn rounded_numbers_add_up_to_their_rounded_total() {
        for numbers in [
            &[0.04, 0.04, 0.04][..],
            &[0.06, 0.06, 0.06, -0.05],
            &[-0.04, -0.04, -0.04],
            &[12.34, -7.77, 0.0, 1e-9, -1e-9],
            &[0.25, -0.25],
            &[1.0; 7],
            &[],
        ] {
            let sum: f64 = numbers.iter().sum();
            let (tenths, total) = summing_up(numbers, sum);
            assert_eq!(tenths.iter().sum::<i64>(), total, "{numbers:?}");
            for (tenth, number) in tenths.iter().zip(numbers) {
                assert!((*tenth as f64 - 10.0 * number).abs() <= 1.0, "{numbers:?}");
            }
        }
        assert_eq!(
            [123, -5, 0, -1234].map(signed),
            ["+12.3", "-0.5", "+0.0", "-123.4"]
        );
    }

    #[test]
    fn the_tables_add_up_as_they_are_printed() {
        let function = |n: u32| Function {
            function: format!("x.f{n}"),
            part: "framework".to_owned(),
            pair: Pair {
                base: f64::from(n) / 7.0,
                new: f64::from(n * n) / 7.0 + 0.04,
            },
        };
        let moved: Vec<Function> = (0..30).map(function).collect();
        let change = |f: &Function| f.pair.new - f.pair.base;
        let rest = -3.3333;
        let all = Functions {
            total: moved.iter().map(change).sum::<f64>() + rest,
            rest,
            others: 7,
            moved,
        };
        let parts_of: Vec<Part> = (all.moved.iter())
            .map(|f| Part {
                part: f.function.clone(),
                pair: f.pair,
            })
            .collect();
        let mut tables = [String::new(), String::new()];
        functions(&mut tables[0], &all);
        parts(&mut tables[1], &parts_of);
        for table in &tables {
            let changes = table.lines().filter_map(|line| {
                let cell = line.trim_end_matches(" |").rsplit(' ').next()?;
                Some((cell.parse::<f64>().ok()? * 10.0).round() as i64)
            });
            let mut changes: Vec<i64> = changes.collect();
            let total = changes.pop().unwrap();
            assert!(changes.len() >= 30, "{table}");
            assert_eq!(changes.iter().sum::<i64>(), total, "{table}");
        }
    }
}
