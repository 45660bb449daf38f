//! A claim's number from a campaign.

use claims::Found;
use record::{Class, Metric, Status};
use stats::Interval;

use crate::estimate::{Analysis, Answer, Answers, Bound, LEAST_BLOCKS, Verdict};

/// Which number.
pub(super) struct Asked<'a> {
    pub scenario: &'a str,
    pub mode: &'a str,
    pub metric: Metric,
    pub of: &'a str,
    pub over: Option<&'a str>,
    pub over_scenario: Option<&'a str>,
}

/// How many servers other than controls and references were measured to the end.
pub(super) fn servers(analysis: &Analysis) -> Result<Found, String> {
    fit(analysis)?;
    let counted = analysis.campaign.frameworks.iter().filter(|f| {
        matches!(f.class, Class::Idiomatic | Class::Engine)
            && f.excluded.is_none()
            && analysis.took_part(&f.name)
    });
    Ok(Found::exact(counted.count() as f64))
}

/// A server's value or a ratio; nothing where the campaign did not measure it, and a sentence
/// where it did and yet nothing may be judged by it.
pub(super) fn number(analysis: &Analysis, asked: &Asked<'_>) -> Option<Result<Found, String>> {
    let table = analysis.table(asked.metric, asked.scenario, asked.mode)?;
    let row = table.row(asked.of)?;
    let Some(over) = asked.over else {
        return Some(fit(analysis).and_then(|()| value(table, row)));
    };
    let other = match asked.over_scenario {
        Some(scenario) => analysis.table(asked.metric, scenario, asked.mode)?,
        None => table,
    };
    let base = other.row(over)?;
    let apart = asked.over_scenario.is_some() || asked.metric.is_exact();
    Some(fit(analysis).and_then(|()| match apart {
        true => quotient(value(table, row)?, value(other, base)?),
        false => paired(table, asked.of, over),
    }))
}

/// Whether a campaign may decide anything.
fn fit(analysis: &Analysis) -> Result<(), String> {
    let campaign = &analysis.campaign;
    if campaign.quick {
        return Err("a quick campaign has too few blocks to judge by".to_owned());
    }
    if campaign.status != Status::Complete || !analysis.completeness.is_empty() {
        return Err("the campaign is not whole".to_owned());
    }
    Ok(())
}

/// A server's own value.
fn value(table: &Answers, row: &Answer) -> Result<Found, String> {
    if table.question.metric.is_exact() {
        return Ok(Found::exact(row.estimate));
    }
    let interval = row.interval.ok_or("the value has no interval")?;
    enough(row.blocks)?;
    let (low, high) = bounded(row.bound, interval)?;
    Ok(Found {
        estimate: row.estimate,
        low,
        high,
        level: Some(crate::estimate::LEVEL),
        floor: table.floor.map(|floor| floor.floor),
        n: row.blocks,
    })
}

/// Two servers of one table, block by block.
fn paired(table: &Answers, of: &str, over: &str) -> Result<Found, String> {
    let pair = (table.against(of, over)).ok_or("the two have no block in common")?;
    enough(pair.n)?;
    let ratio = pair.ratio.ok_or("the ratio has no interval")?;
    let floor = table
        .floor
        .ok_or("without a second copy the noise is not known")?;
    if pair.verdict == Verdict::SameCode {
        return Err("the two are the same machine code".to_owned());
    }
    let (low, high) = bounded(pair.bound, ratio.interval)?;
    Ok(Found {
        estimate: pair.point,
        low,
        high,
        level: Some(ratio.level),
        floor: Some(floor.floor),
        n: pair.n,
    })
}

/// Two values that are not paired. The interval of the quotient goes from the least over the
/// largest to the largest over the least: the sum of two half-widths is never less than that of
/// a sum, whatever the two have to do with each other, so it is not too narrow.
fn quotient(one: Found, other: Found) -> Result<Found, String> {
    if other.low <= 0.0 || other.estimate <= 0.0 {
        return Err("nothing can be divided by a value that may be 0".to_owned());
    }
    Ok(Found {
        estimate: one.estimate / other.estimate,
        low: one.low / other.high,
        high: one.high / other.low,
        level: one.level,
        floor: (one.floor.zip(other.floor)).map(|(one, other)| one + other),
        n: one.n.min(other.n),
    })
}

fn enough(n: usize) -> Result<(), String> {
    match n < LEAST_BLOCKS {
        true => Err(format!(
            "{n} pairs are too few for a verdict, which takes {LEAST_BLOCKS}"
        )),
        false => Ok(()),
    }
}

/// An interval with what is known of a limited number: on one side it goes on without an end.
fn bounded(bound: Bound, interval: Interval) -> Result<(f64, f64), String> {
    match bound {
        Bound::Exact => Ok((interval.low, interval.high)),
        Bound::AtLeast => Ok((interval.low, f64::INFINITY)),
        Bound::AtMost => Ok((0.0, interval.high)),
        Bound::Unknown => {
            Err("both servers were limited, by the instrument or by failures".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(estimate: f64, low: f64, high: f64) -> Found {
        Found {
            estimate,
            low,
            high,
            level: Some(0.95),
            floor: Some(0.01),
            n: 12,
        }
    }

    #[test]
    fn a_quotient_is_no_surer_than_its_parts() {
        let quotient = quotient(found(4.0, 3.0, 5.0), found(2.0, 1.0, 4.0)).unwrap();
        assert_eq!(
            (quotient.low, quotient.estimate, quotient.high),
            (0.75, 2.0, 5.0)
        );
        assert_eq!(quotient.floor, Some(0.02));
        assert!(super::quotient(found(1.0, 1.0, 1.0), found(1.0, 0.0, 2.0)).is_err());
    }

    #[test]
    fn a_limited_number_has_no_end_on_one_side() {
        let interval = Interval {
            low: 2.0,
            high: 3.0,
        };
        assert_eq!(bounded(Bound::AtLeast, interval).unwrap().1, f64::INFINITY);
        assert_eq!(bounded(Bound::AtMost, interval).unwrap().0, 0.0);
        assert!(bounded(Bound::Unknown, interval).is_err());
    }
}
