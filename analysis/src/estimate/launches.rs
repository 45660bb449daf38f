//! How much a fresh start moves a server, by metric and mode, and what that makes of each
//! comparison ([`stats::launches`]).

use std::collections::BTreeMap;

use record::Metric;
use stats::launches::{Component, Design, Differences};

use super::answer::Role;
use super::beside::Beside;
use super::measured::Measured;

/// The component of every question: all scenarios of a metric in a mode are taken together, the
/// baseline's two copies too.
pub(super) fn components(asked: &[(Measured, Vec<Beside>)]) -> Vec<Option<Component>> {
    let mut kinds: BTreeMap<(Metric, &str), Vec<Differences<'_>>> = BTreeMap::new();
    for (measured, servers) in asked {
        kinds
            .entry(kind(measured))
            .or_default()
            .extend(pooled(servers));
    }
    let found: BTreeMap<_, _> = (kinds.into_iter())
        .map(|(kind, rows)| (kind, Component::pooled(&rows)))
        .collect();
    (asked.iter())
        .map(|(measured, _)| found[&kind(measured)])
        .collect()
}

fn kind(measured: &Measured) -> (Metric, &str) {
    let question = &measured.question;
    (question.metric, question.mode.as_str())
}

/// What the launches do to each comparison.
pub(super) fn designs(component: Option<Component>, servers: &[Beside]) -> Vec<Design> {
    (servers.iter())
        .map(|beside| match component {
            Some(component) => component.design(&beside.launches),
            None => Design::of_blocks(beside.differences.len()),
        })
        .collect()
}

/// The comparisons of a question; the frameworks' share the baseline.
fn pooled(servers: &[Beside]) -> impl Iterator<Item = Differences<'_>> {
    let is_subject = |beside: &&Beside| beside.role == Role::Subject;
    let subjects = servers.iter().filter(is_subject).count();
    (servers
        .iter()
        .filter(|beside| !beside.differences.is_empty()))
    .map(move |beside| Differences {
        differences: &beside.differences,
        launches: &beside.launches,
        beside: match beside.role {
            Role::Subject => subjects - 1,
            Role::Baseline | Role::Twin => 0,
        },
    })
}
