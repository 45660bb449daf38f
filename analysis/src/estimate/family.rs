//! Ratios of all questions at once, adjusted for how many are asked.

use record::Method;
use stats::launches::Design;
use stats::multiplicity::Family;
use stats::paired::Prepared;
use stats::{Bootstrap, Error};

use super::LEAST_INTERVAL;
use super::answer::{Compared, Role};
use super::beside::Beside;
use super::measured::Measured;

/// One comparison that belongs to a family.
struct Member<'a> {
    /// The indices of its question and its server.
    place: (usize, usize),
    differences: &'a [f64],
    design: Design,
}

/// Every server's ratio, question by question.
///
/// The members of a family are the frameworks' comparisons with the baseline; the twin's own,
/// the A/A, is no claim and stands outside at the plain level.
pub(super) fn ratios(
    asked: &[(Measured, Vec<Beside>)],
    designs: &[Vec<Design>],
    method: &Method,
    level: f64,
) -> Vec<Vec<Option<Compared>>> {
    let mut ratios: Vec<Vec<Option<Compared>>> = (asked.iter())
        .map(|(_, servers)| vec![None; servers.len()])
        .collect();
    let members = |wanted: &dyn Fn(&Measured, Role) -> bool| -> Vec<Member<'_>> {
        let mut members = Vec::new();
        for (q, (measured, servers)) in asked.iter().enumerate() {
            for (s, beside) in servers.iter().enumerate() {
                if wanted(measured, beside.role) {
                    members.push(Member {
                        place: (q, s),
                        differences: &beside.differences,
                        design: designs[q][s],
                    });
                }
            }
        }
        members
    };
    let mut add = |family: Family, members: &[Member<'_>]| {
        for (member, ratio) in members.iter().zip(compared(family, members, level)) {
            ratios[member.place.0][member.place.1] = ratio;
        }
    };
    for family in [Family::Primary, Family::Exploratory] {
        let members = members(&|measured, role| {
            measured.question.family(method) == family
                && !measured.question.metric.is_exact()
                && role == Role::Subject
        });
        add(family, &members);
    }
    for twin in members(&|_, role| role == Role::Twin) {
        add(Family::Exploratory, &[twin]);
    }
    ratios
}

fn compared(family: Family, members: &[Member<'_>], level: f64) -> Vec<Option<Compared>> {
    // The strictest level that a member of the family can be asked for.
    let strictest = 1.0 - (1.0 - level) / members.len().max(1) as f64;
    let prepared: Vec<Result<Prepared<'_>, Error>> = members
        .iter()
        .map(|member| {
            let differences = member.differences;
            if differences.len() < LEAST_INTERVAL {
                return Err(Error::TooFew {
                    need: LEAST_INTERVAL,
                    got: differences.len(),
                });
            }
            Prepared::new(differences, Bootstrap::default())?
                .over(member.design)
                .up_to(strictest)
        })
        .collect();
    let compared = family.compare(members.len(), level, |i, level| match &prepared[i] {
        Ok(prepared) => prepared.reported(level),
        Err(error) => Err(*error),
    });
    let compared = compared.expect("the level is between 0 and 1");
    compared.into_iter().map(Result::ok).collect()
}
