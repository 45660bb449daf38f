//! What a probe is, and all of them.

use super::wire::{Script, Talk};
use super::{answers, connections, messages, methods, paths};

/// Probes that stand in one table.
pub(super) struct Section {
    /// The table's heading.
    pub title: &'static str,
    /// Why a reader should care.
    pub why: &'static str,
    /// What its cells say.
    pub legend: &'static str,
    /// Its columns.
    pub probes: &'static [Probe],
}

/// One question to a server.
pub(super) struct Probe {
    /// Its name in the JSON file.
    pub id: &'static str,
    /// The column's head.
    pub head: &'static str,
    /// What is sent, for the legend.
    pub sends: &'static str,
    /// Whether RFC 9112 or RFC 9110 wants it refused, so that a table can show who does not.
    pub must_refuse: bool,
    /// What is sent; nothing where the answer comes from a start of its own.
    pub script: Option<fn() -> Script>,
    /// The words for what came.
    pub tell: fn(&Talk) -> String,
}

/// All tables, in the order in which they are shown.
pub(super) const SECTIONS: [&Section; 9] = [
    &paths::ROUTES,
    &paths::SPELLINGS,
    &methods::SECTION,
    &answers::LIMITS,
    &answers::BYTES,
    &connections::SECTION,
    &messages::LENGTHS,
    &messages::CHUNKS,
    &messages::HEADS,
];

/// A request without a body.
pub(super) fn request(method: &str, path: &str, more: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n").into_bytes()
}

/// One GET.
pub(super) fn get(path: &str) -> Script {
    Script {
        parts: vec![request("GET", path, "")],
        methods: vec!["GET"],
    }
}

/// What a talk without any answer comes to.
pub(super) fn nothing(talk: &Talk) -> String {
    match talk.closed {
        true => "closed".to_owned(),
        false => "waits".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_probe_has_a_name_of_its_own() {
        let all: Vec<_> = SECTIONS
            .iter()
            .flat_map(|s| s.probes)
            .map(|p| p.id)
            .collect();
        let names: BTreeSet<_> = all.iter().collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn no_table_is_wider_than_a_page() {
        for section in SECTIONS {
            assert!(section.probes.len() <= 10, "{}", section.title);
        }
    }
}
