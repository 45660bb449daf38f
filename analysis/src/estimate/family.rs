//! Ratios of all questions at once, adjusted for how many are asked.

use record::{Method, Metric};
use stats::multiplicity::Family;
use stats::paired::Prepared;
use stats::{Bootstrap, Error};

use super::LEAST_INTERVAL;
use super::row::Role;
use super::table::Table;

/// Fills in every row's ratio.
///
/// The members of a family are the frameworks' comparisons with the baseline; the twin's own,
/// the A/A, is no claim and stands outside at the plain level.
pub(super) fn compare(tables: &mut [Table], method: &Method, level: f64) {
    for family in [Family::Primary, Family::Exploratory] {
        let members: Vec<(usize, usize)> = places(tables, |table, role| {
            tables[table].question.family(method) == family
                && tables[table].question.metric != Metric::BinarySize
                && role == Role::Subject
        });
        fill(tables, family, &members, level);
    }
    for place in places(tables, |_, role| role == Role::Twin) {
        fill(tables, Family::Exploratory, &[place], level);
    }
}

fn places(tables: &[Table], wanted: impl Fn(usize, Role) -> bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (t, table) in tables.iter().enumerate() {
        for (r, row) in table.rows.iter().enumerate() {
            if wanted(t, row.role) {
                found.push((t, r));
            }
        }
    }
    found
}

fn fill(tables: &mut [Table], family: Family, members: &[(usize, usize)], level: f64) {
    // The strictest level that a member of the family can be asked for.
    let strictest = 1.0 - (1.0 - level) / members.len().max(1) as f64;
    let prepared: Vec<Result<Prepared<'_>, Error>> = members
        .iter()
        .map(|(table, row)| {
            let row = &tables[*table].rows[*row];
            let differences = &row.differences;
            if differences.len() < LEAST_INTERVAL {
                return Err(Error::TooFew {
                    need: LEAST_INTERVAL,
                    got: differences.len(),
                });
            }
            Prepared::new(differences, Bootstrap::default())?
                .over(row.design)
                .up_to(strictest)
        })
        .collect();
    let compared = family.compare(members.len(), level, |i, level| match &prepared[i] {
        Ok(prepared) => prepared.reported(level),
        Err(error) => Err(*error),
    });
    let compared = compared.expect("the level is between 0 and 1");
    for ((table, row), ratio) in members.iter().zip(compared) {
        tables[*table].rows[*row].ratio = ratio.ok();
    }
}
