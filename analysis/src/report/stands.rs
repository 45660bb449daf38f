//! On what a report stands: when, where and with what it was measured.

use std::collections::BTreeMap;

use crate::estimate::Analysis;
use crate::text;

/// `2026-11-22 on Intel Xeon, 2 CPUs (server on 0, instrument on 1), virtual machine, Linux 6.18, Go 1.26.8`.
pub(crate) fn stands_on(analysis: &Analysis) -> String {
    let campaign = &analysis.campaign;
    let day: String = campaign.started.chars().take(10).collect();
    let there = campaign.server_host.as_ref();
    let machine = there.map_or(&campaign.host, |host| &host.facts);
    let go = (campaign.toolchains.get("go"))
        .map(|words| go_version(words))
        .map_or_else(String::new, |go| format!(", {go}"));
    let load = match there {
        Some(_) => "; the load came from another machine",
        None => "",
    };
    text::escape::plain(&format!(
        "{day} on {}, server on CPU {}, instrument on CPU {}{go}{load}",
        machine_words(machine),
        cpus(&campaign.cpus.server),
        cpus(&campaign.cpus.instrument)
    ))
}

/// A machine in a line: CPU model, number of CPUs, kind of core, kernel.
pub(crate) fn machine_words(facts: &BTreeMap<String, String>) -> String {
    let fact = |name: &str| facts.get(name).map(String::as_str);
    let mut words = vec![
        fact("cpu")
            .unwrap_or("a CPU that was not recorded")
            .to_owned(),
    ];
    if let Some(n) = fact("cpus") {
        words.push(format!("{n} CPUs"));
    }
    match fact(record::SHARED_CORE) {
        Some(_) => words.push("threads of one core".to_owned()),
        None if fact("smt") == Some("notsupported") => words.push("a core each".to_owned()),
        None => {}
    }
    if fact("virtual-machine") == Some("yes") {
        words.push("virtual machine".to_owned());
    }
    if let Some(kernel) = fact("kernel") {
        words.push(format!("kernel {kernel}"));
    }
    words.join(", ")
}

/// `Go 1.26.8` out of what `go version` says.
fn go_version(words: &str) -> String {
    let found = words
        .split_whitespace()
        .find_map(|word| word.strip_prefix("go1."));
    found.map_or_else(|| words.to_owned(), |minor| format!("Go 1.{minor}"))
}

fn cpus(cpus: &[usize]) -> String {
    cpus.iter()
        .map(usize::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_told_by_what_moves_numbers() {
        let facts = [
            ("cpu", "X 1"),
            ("cpus", "2"),
            ("virtual-machine", "yes"),
            ("kernel", "6.1"),
        ];
        let facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            machine_words(&facts.into()),
            "X 1, 2 CPUs, virtual machine, kernel 6.1"
        );
        assert_eq!(go_version("go version go1.26.8 linux/amd64"), "Go 1.26.8");
    }
}
