//! How much a fresh start moves a server, by metric and mode, and what that makes of each
//! comparison ([`stats::launches`]).

use std::collections::BTreeMap;

use record::Metric;
use stats::launches::{Component, Design, Row as Pooled};

use super::row::{Role, Row};
use super::table::Table;

/// Fills in every table's component, its noise floor's share of it and the design of each row.
/// All scenarios of a metric in a mode are taken together, the baseline's two copies too.
pub(super) fn fill(tables: &mut [Table]) {
    let mut kinds: BTreeMap<(Metric, String), Vec<usize>> = BTreeMap::new();
    for (i, table) in tables.iter().enumerate() {
        let question = &table.question;
        let kind = (question.metric, question.mode.clone());
        kinds.entry(kind).or_default().push(i);
    }
    for members in kinds.into_values() {
        let rows: Vec<Pooled<'_>> = (members.iter())
            .flat_map(|i| pooled(&tables[*i].rows))
            .collect();
        let component = Component::pooled(&rows);
        for i in members {
            let table = &mut tables[i];
            table.launches = component;
            for row in &mut table.rows {
                row.design = match component {
                    Some(component) => component.design(&row.launches),
                    None => Design::of_blocks(row.differences.len()),
                };
            }
            let twin = table.rows.iter().find(|row| row.role == Role::Twin);
            let effect = twin.map_or(1.0, |twin| twin.design.effect);
            if let Some(floor) = &mut table.floor {
                floor.floor = floor.noise.over(effect);
            }
        }
    }
}

/// The comparisons of a table; the frameworks' share the baseline.
fn pooled(rows: &[Row]) -> impl Iterator<Item = Pooled<'_>> {
    let is_subject = |row: &&Row| row.role == Role::Subject;
    let subjects = rows.iter().filter(is_subject).count();
    (rows.iter().filter(|row| !row.differences.is_empty())).map(move |row| Pooled {
        differences: &row.differences,
        launches: &row.launches,
        beside: match row.role {
            Role::Subject => subjects - 1,
            Role::Baseline | Role::Twin => 0,
        },
    })
}
