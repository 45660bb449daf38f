//! The facts of all servers, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::catalog::{Probe, SECTIONS, Section};
use super::examine::Facts;

/// What was found of one framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// What tables show.
    pub title: String,
    /// Which table of a report it belongs to.
    pub class: &'static str,
    /// What speaks HTTP for it.
    pub engine: String,
    /// The version of an engine that is a module of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// Its module, `std` for the standard library.
    pub module: String,
    /// The module's version as linked in; the toolchain's for the standard library.
    pub version: String,
    /// Its declared departures from the contract.
    pub departs: Vec<&'static str>,
    /// What it does, by probe.
    pub facts: Facts,
}

/// All frameworks by name, as JSON (`conformance/1`).
pub fn json(all: &BTreeMap<String, Examined>, toolchain: &str) -> String {
    let whole = serde_json::json!({
        "schema": "conformance/1",
        "toolchain": toolchain,
        "frameworks": all,
    });
    format!("{whole:#}\n")
}

/// All frameworks as Markdown: one narrow table after the other.
pub fn markdown(all: &BTreeMap<String, Examined>, toolchain: &str, command: &str) -> String {
    let mut out = format!(
        "<!-- Written by `{command}`; edit nothing here. -->\n\n\
         # What the servers do, beside being fast\n\n\
         {} servers, built with {toolchain}, asked over raw sockets for what the contract leaves free and for what no \
         server should believe. No answer here is right or wrong for a benchmark; but a router that does less, a \
         parser that believes more and an answer with fewer bytes are reasons to be faster, so they belong beside \
         the figures. There is no timing in it: `{command}` gives the same bytes again. The same facts for programs: \
         [conformance.json](conformance.json).\n\n",
        all.len()
    );
    for section in SECTIONS {
        let anchor = anchor(section.title);
        let _ = writeln!(out, "- [{}](#{anchor})", section.title);
    }
    let _ = writeln!(out, "- [Who was asked](#who-was-asked)");
    for section in SECTIONS {
        write_section(&mut out, section, all);
    }
    who(&mut out, all);
    out
}

fn write_section(out: &mut String, section: &Section, all: &BTreeMap<String, Examined>) {
    let _ = write!(
        out,
        "\n## {}\n\n{}\n\n{}\n\n",
        section.title, section.why, section.legend
    );
    for probe in section.probes {
        let _ = writeln!(out, "- *{}*: {}", probe.head, probe.sends);
    }
    // A list of headers is as wide as a table, so equal ones share a line of their own.
    let (lists, narrow): (Vec<_>, Vec<_>) =
        section.probes.iter().partition(|p| p.head == "headers");
    let count = narrow.iter().any(|p| p.must_refuse);
    let mut heads: Vec<_> = narrow.iter().map(|p| p.head).collect();
    if count {
        heads.push("refused");
    }
    let _ = write!(
        out,
        "\n| framework | {} |\n|---{}|\n",
        heads.join(" | "),
        "|---".repeat(heads.len())
    );
    for examined in all.values() {
        let mut cells: Vec<_> = narrow
            .iter()
            .map(|probe| cell(probe, &examined.facts))
            .collect();
        if count {
            let must: Vec<_> = narrow.iter().filter(|p| p.must_refuse).collect();
            let held = must
                .iter()
                .filter(|p| !believed(p, &examined.facts))
                .count();
            cells.push(format!("{held} of {}", must.len()));
        }
        let _ = writeln!(
            out,
            "| {} | {} |",
            escaped(&examined.title),
            cells.join(" | ")
        );
    }
    for probe in lists {
        let mut by_value: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for examined in all.values() {
            by_value
                .entry(fact(probe, &examined.facts))
                .or_default()
                .push(&examined.title);
        }
        let _ = write!(
            out,
            "\n| {} of {} | frameworks |\n|---|---|\n",
            probe.head, probe.sends
        );
        for (value, titles) in by_value {
            let _ = writeln!(out, "| {} | {} |", code(value), escaped(&titles.join(", ")));
        }
    }
}

fn who(out: &mut String, all: &BTreeMap<String, Examined>) {
    out.push_str(
        "\n## Who was asked\n\n*Departures* are what `framework.yaml` declares and `lab check` holds the framework to.\n\n\
         | framework | module | version | engine | class | departures |\n|---|---|---|---|---|---|\n",
    );
    for e in all.values() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            escaped(&e.title),
            code(&e.module),
            e.version,
            e.engine_version
                .as_ref()
                .map_or_else(|| e.engine.clone(), |v| format!("{} {v}", e.engine)),
            e.class,
            e.departs.join(", ")
        );
    }
}

fn fact<'a>(probe: &Probe, facts: &'a Facts) -> &'a str {
    facts.get(probe.id).map_or("not asked", String::as_str)
}

/// Whether a server took what it must refuse.
fn believed(probe: &Probe, facts: &Facts) -> bool {
    let fact = fact(probe, facts);
    probe.must_refuse && (fact.starts_with('2') || fact.ends_with("goes on"))
}

fn cell(probe: &Probe, facts: &Facts) -> String {
    let text = escaped(fact(probe, facts));
    match believed(probe, facts) {
        true => format!("**{text}**"),
        false => text,
    }
}

/// Text that a table cell shows as it is.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '|' | '*' | '_' | '`' | '<' | '[' | '\\') {
            out.push('\\');
        }
        match c {
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// The anchor that a heading gets where Markdown is rendered.
fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(facts: &[(&'static str, &str)]) -> BTreeMap<String, Examined> {
        let examined = Examined {
            title: "The | one".to_owned(),
            class: "idiomatic",
            engine: "own".to_owned(),
            engine_version: None,
            module: "std".to_owned(),
            version: "go1".to_owned(),
            departs: vec!["chunked"],
            facts: facts
                .iter()
                .map(|(id, fact)| (*id, (*fact).to_owned()))
                .collect(),
        };
        BTreeMap::from([("one".to_owned(), examined)])
    }

    #[test]
    fn what_must_be_refused_and_is_not_stands_out() {
        let all = one(&[
            ("two_lengths", "200 (5), then 400"),
            ("no_host", "400"),
            ("signed_length", "400, goes on"),
        ]);
        let text = markdown(&all, "go1", "lab conformance");
        let row = text.lines().find(|l| l.contains("200 (5)")).unwrap();
        assert!(
            row.starts_with("| The \\| one | **200 (5), then 400** |"),
            "{row}"
        );
        assert!(row.contains("| **400, goes on** |"), "{row}");
        assert!(row.contains("| 400 |"), "{row}");
    }

    #[test]
    fn every_row_has_as_many_cells_as_its_head() {
        let text = markdown(&one(&[]), "go1", "lab conformance");
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let mut width = 0;
        for line in text.lines() {
            match line.starts_with('|') {
                false => width = 0,
                true if width == 0 => width = cells(line),
                true => assert_eq!(cells(line), width, "{line}"),
            }
        }
    }

    #[test]
    fn every_table_of_contents_entry_has_its_heading() {
        let text = markdown(&one(&[]), "go1", "lab conformance");
        for target in text
            .lines()
            .filter_map(|l| l.strip_prefix("- [")?.split_once("](#"))
        {
            assert!(text.contains(&format!("\n## {}\n", target.0)), "{target:?}");
            assert_eq!(target.1, format!("{})", anchor(target.0)));
        }
    }
}
