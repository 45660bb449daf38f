//! A test as it stands in a file of claims: one number, and what it has to be.

use place::{Problem, Step};
use record::Metric;
use serde::Deserialize;

use crate::arithmetic;
use crate::claim::{Source, Test};
use crate::expect::{Expected, Tolerance};

/// The keys of all forms; which belong together is checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireTest {
    // Which number.
    campaign: Option<String>,
    servers: Option<String>,
    conformance: Option<String>,
    fact: Option<String>,
    arithmetic: Option<String>,
    // Of a campaign.
    scenario: Option<String>,
    mode: Option<String>,
    metric: Option<String>,
    #[serde(default, deserialize_with = "names")]
    of: Option<Vec<String>>,
    over: Option<String>,
    over_scenario: Option<String>,
    // Of the table of conformance.
    answers: Option<String>,
    // Of a sum.
    unit: Option<String>,
    // What it has to be.
    equal: Option<f64>,
    at_least: Option<f64>,
    at_most: Option<f64>,
    more_than: Option<f64>,
    less_than: Option<f64>,
    between: Option<[f64; 2]>,
    within: Option<f64>,
    within_percent: Option<f64>,
    because: Option<String>,
}

/// One name or a list of them.
fn names<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "of is a server's name, or a list of them")]
    enum Names {
        One(String),
        Many(Vec<String>),
    }
    Ok(Some(match Names::deserialize(from)? {
        Names::One(name) => vec![name],
        Names::Many(names) => names,
    }))
}

/// The tests of a claim; an error names its place in the claim.
pub(crate) fn checked(wire: Vec<WireTest>) -> Result<Vec<Test>, Problem> {
    if wire.is_empty() {
        return Err(Problem::at("tests", "tests is empty: name at least one"));
    }
    let mut tests = Vec::new();
    for (i, wire) in wire.into_iter().enumerate() {
        let in_place = |problem: Problem| problem.within(["tests".into(), i.into()]);
        tests.push(test(wire).map_err(in_place)?);
    }
    Ok(tests)
}

fn test(wire: WireTest) -> Result<Test, Problem> {
    let expected = expected(&wire)?;
    let because = wire.because.clone().unwrap_or_default();
    let because = because.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Test {
        source: source(wire)?,
        expected,
        because,
    })
}

/// A problem with the test as a whole, which has no key of its own.
fn whole(what: impl Into<String>) -> Problem {
    Problem {
        place: Vec::<Step>::new(),
        what: what.into(),
    }
}

fn source(wire: WireTest) -> Result<Source, Problem> {
    let named = [
        ("campaign", wire.campaign.is_some()),
        ("servers", wire.servers.is_some()),
        ("conformance", wire.conformance.is_some()),
        ("fact", wire.fact.is_some()),
        ("arithmetic", wire.arithmetic.is_some()),
    ];
    let mut kinds = named.iter().filter(|(_, is)| *is).map(|(name, _)| *name);
    let (Some(kind), None) = (kinds.next(), kinds.next()) else {
        return Err(whole(
            "a test needs exactly one of campaign, servers, conformance, fact, arithmetic",
        ));
    };
    let extra: &[(&str, bool, &[&str])] = &[
        ("scenario", wire.scenario.is_some(), &["campaign"]),
        ("mode", wire.mode.is_some(), &["campaign"]),
        ("metric", wire.metric.is_some(), &["campaign"]),
        ("of", wire.of.is_some(), &["campaign", "conformance"]),
        ("over", wire.over.is_some(), &["campaign"]),
        ("over_scenario", wire.over_scenario.is_some(), &["campaign"]),
        ("answers", wire.answers.is_some(), &["conformance"]),
        ("unit", wire.unit.is_some(), &["arithmetic"]),
    ];
    if let Some((key, ..)) = (extra.iter()).find(|(_, is, of)| *is && !of.contains(&kind)) {
        return Err(Problem::at(
            key,
            format!("{key} is no key of a test by {kind}"),
        ));
    }
    let must = |key: &'static str, value: Option<String>| {
        value.ok_or_else(|| Problem::at(kind, format!("a test by {kind} needs {key}")))
    };
    Ok(match kind {
        "campaign" => {
            let named = must("metric", wire.metric)?;
            let metric = Metric::ALL.into_iter().find(|m| m.name() == named);
            let metric = metric.ok_or_else(|| {
                let all: Vec<&str> = Metric::ALL.iter().map(|m| m.name()).collect();
                let what = format!(
                    "unknown metric `{named}`, expected one of {}",
                    all.join(", ")
                );
                Problem::at("metric", what)
            })?;
            let of = match wire.of.as_deref() {
                Some([of]) => of.clone(),
                _ => return Err(Problem::at("of", "a test by campaign needs of, one server")),
            };
            if wire.over_scenario.is_some() && wire.over.is_none() {
                let what = "over_scenario needs over, the server that it is of";
                return Err(Problem::at("over_scenario", what));
            }
            Source::Campaign {
                experiment: must("the experiment's name", wire.campaign)?,
                scenario: must("scenario", wire.scenario)?,
                mode: must("mode", wire.mode)?,
                metric,
                of,
                over: wire.over,
                over_scenario: wire.over_scenario,
            }
        }
        "servers" => Source::Servers {
            experiment: must("the experiment's name", wire.servers)?,
        },
        "conformance" => Source::Conformance {
            fact: must("the table's column", wire.conformance)?,
            answers: must("answers", wire.answers)?,
            of: wire.of.unwrap_or_default(),
        },
        "fact" => Source::Fact(must("a name", wire.fact)?),
        _ => {
            let text = must("a sum", wire.arithmetic)?;
            let value = arithmetic::value(&text).map_err(|what| Problem::at("arithmetic", what))?;
            Source::Arithmetic {
                text,
                value,
                unit: wire.unit.unwrap_or_default(),
            }
        }
    })
}

fn expected(wire: &WireTest) -> Result<Expected, Problem> {
    let tolerance = match (wire.within, wire.within_percent) {
        (None, None) => None,
        (Some(by), None) if by > 0.0 && by.is_finite() => Some(Tolerance::Absolute(by)),
        (None, Some(percent)) if (0.01..=100.0).contains(&percent) => {
            Some(Tolerance::Share(percent / 100.0))
        }
        (Some(_), Some(_)) => {
            let what = "a tolerance is within, in the number's unit, or within_percent, not both";
            return Err(Problem::at("within", what));
        }
        (Some(by), None) => {
            let what = format!("within is {by}; allowed is what is greater than 0");
            return Err(Problem::at("within", what));
        }
        (None, Some(percent)) => {
            let what = format!("within_percent is {percent}; allowed are 0.01 to 100");
            return Err(Problem::at("within_percent", what));
        }
    };
    let none = tolerance.unwrap_or(Tolerance::NONE);
    let mut forms = Vec::new();
    forms.extend(wire.equal.map(|v| ("equal", Expected::Equal(v, none))));
    forms.extend(
        wire.at_least
            .map(|v| ("at_least", Expected::AtLeast(v, none))),
    );
    forms.extend(wire.at_most.map(|v| ("at_most", Expected::AtMost(v, none))));
    forms.extend(wire.more_than.map(|v| ("more_than", Expected::MoreThan(v))));
    forms.extend(wire.less_than.map(|v| ("less_than", Expected::LessThan(v))));
    forms.extend((wire.between).map(|[a, b]| ("between", Expected::Between(a, b, none))));
    let [(key, form)] = forms.as_slice() else {
        return Err(whole(
            "a test needs exactly one of equal, at_least, at_most, more_than, less_than, between",
        ));
    };
    let bad = |what: &str| Err(Problem::at(key, format!("{key}: {what}")));
    match *form {
        Expected::MoreThan(_) | Expected::LessThan(_) if tolerance.is_some() => {
            bad("a direction has no tolerance; take at_least or at_most")
        }
        Expected::Between(a, b, _) if a.partial_cmp(&b) != Some(std::cmp::Ordering::Less) => {
            bad("the first number has to be the smaller one")
        }
        form if !form.claimed().is_finite() => bad("the number has to be finite"),
        form if matches!(tolerance, Some(Tolerance::Share(_))) && form.claimed() <= 0.0 => {
            bad("a tolerance in per cent needs a number greater than 0; take within")
        }
        form => Ok(form),
    }
}
