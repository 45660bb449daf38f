//! Whether the campaign is precise enough to stop. The rule and the pairing are `stats`': the same
//! code, on the same rows, that the report calls. It sees how wide the intervals
//! are and never where they lie.

use std::collections::BTreeMap;

use plan::{Schedule, estimate};
use record::{
    Campaign, CampaignFile, Inconclusive, Metric, ModeKind, Observation, RecordError, Stopped,
};
use stats::launches::Differences;
use stats::pairing::Logs;
use stats::stopping::{Decision, Goal, Rule};

use super::gate;
use super::session::Session;

/// Looks, and says whether more blocks are wanted; what is decided goes into the campaign
/// file.
pub(super) fn go_on(
    session: &mut Session<'_>,
    schedule: &Schedule,
    look: u32,
) -> Result<bool, RecordError> {
    let file = session.writer.file();
    let table = Campaign::open(session.writer.dir().path())?.table()?;
    let rows = table.rows().map_err(|problem| RecordError::Malformed {
        what: "table of observations",
        path: session.writer.dir().observations(),
        problem,
    })?;
    let ratios = ratios(file, &rows, look as usize);
    let goals: Vec<_> = (ratios.iter())
        .map(|ratio| Goal {
            row: Differences {
                differences: &ratio.differences,
                launches: &ratio.launches,
                beside: ratio.beside,
            },
            kind: ratio.kind,
            target: ratio.target,
        })
        .collect();
    let stopped = match Rule::default().decide(&goals) {
        Decision::Continue { until } => {
            let next = |l: &&plan::Launch| {
                let done = schedule.looks.iter().find(|(_, n)| **n == look);
                let until = schedule.looks.iter().find(|(_, n)| **n == until as u32);
                done.is_some_and(|(launch, _)| l.number > *launch)
                    && until.is_some_and(|(launch, _)| l.number <= *launch)
            };
            for launch in schedule.launches.iter().filter(next) {
                let takes = estimate::launch(launch);
                session.clock.more(takes);
            }
            return Ok(true);
        }
        Decision::Precise { at } => Stopped {
            at: at as u32,
            inconclusive: None,
        },
        Decision::Inconclusive {
            at,
            goal,
            half_width,
        } => Stopped {
            at: at as u32,
            inconclusive: Some(Inconclusive {
                ratio: ratios[goal].name.clone(),
                half_width: Some(half_width).filter(|w| w.is_finite()),
            }),
        },
    };
    session
        .writer
        .update(|file| file.course.stopped = Some(stopped))?;
    Ok(false)
}

/// One primary ratio to the baseline, or that of the baseline's copies, which has no target and
/// tells of launches.
struct Ratio {
    name: String,
    target: f64,
    /// The same for all scenarios of a metric in a mode.
    kind: usize,
    /// How many others share its baseline.
    beside: usize,
    differences: Vec<f64>,
    /// The launch of each difference.
    launches: Vec<u32>,
}

/// The primary ratios of all frameworks that are still in, and the A/A beside them.
fn ratios(file: &CampaignFile, rows: &[Observation], look: usize) -> Vec<Ratio> {
    let turns = Turns::of(file, rows);
    let design = &file.design;
    let base = design.baseline.as_str();
    let mut compared: Vec<(&str, Server<'_>)> = (file.frameworks.iter())
        .filter(|f| f.excluded.is_none() && f.name != base)
        .map(|f| (f.name.as_str(), (f.name.as_str(), "")))
        .collect();
    let beside = compared.len().saturating_sub(1);
    compared.push((AA, (base, design.twin.as_str())));
    let mut kinds: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut ratios = Vec::new();
    for (who, subject) in compared {
        for scenario in &design.scenarios {
            for mode in &design.modes {
                for (metric, target) in &file.method.precision {
                    if !asks(metric, mode.kind) {
                        continue;
                    }
                    let next = kinds.len();
                    let cell = (scenario.name.as_str(), mode.name.as_str(), metric.as_str());
                    let first = turns.logs(cell, (base, ""));
                    let against = match who {
                        AA => first,
                        _ => first.mean(&turns.logs(cell, (base, &design.twin))),
                    };
                    let pairs = turns.logs(cell, subject).minus(&against);
                    let (mut launches, mut differences): (Vec<u32>, Vec<f64>) = (turns
                        .keys(cell, subject))
                    .map(|key| (pairs.get(key)).map_or((0, f64::NAN), |d| (d.launch, d.difference)))
                    .unzip();
                    // Incomplete blocks give some servers more turns than others, and what
                    // failed in a block has no value there.
                    differences.resize(look, f64::NAN);
                    launches.resize(look, 0);
                    let (target, beside) = match who {
                        AA => (f64::INFINITY, 0),
                        _ => (*target, beside),
                    };
                    ratios.push(Ratio {
                        name: format!("{who} {} {} {metric}", cell.0, cell.1),
                        target,
                        kind: *kinds.entry((metric, &mode.name)).or_insert(next),
                        beside,
                        differences,
                        launches,
                    });
                }
            }
        }
    }
    ratios
}

/// What the baseline's copies are called beside the frameworks.
const AA: &str = "A/A";

/// A framework's name and its variant.
type Server<'a> = (&'a str, &'a str);

/// Scenario, mode and metric.
type Asked<'a> = (&'a str, &'a str, &'a str);

/// Whether a mode says something about a metric.
fn asks(metric: &str, mode: ModeKind) -> bool {
    Metric::named(metric).is_some_and(|metric| metric.is_asked_in(mode))
}

/// Every server's turns in every cell, by planned block; of several attempts the last one.
struct Turns<'a>(BTreeMap<(Asked<'a>, Server<'a>), BTreeMap<u32, Turn>>);

/// What a server did in a block.
struct Turn {
    launch: u32,
    /// The block that was measured in the place of the planned one, or that one itself.
    block: u32,
    /// The logarithms of its windows' values.
    logs: Vec<f64>,
}

impl<'a> Turns<'a> {
    fn of(file: &CampaignFile, rows: &'a [Observation]) -> Self {
        let repeats = &file.course.repeats;
        let mut turns: BTreeMap<_, BTreeMap<u32, Turn>> = BTreeMap::new();
        for row in rows {
            let cell = &row.cell;
            let repeat = repeats.iter().find(|r| r.block == cell.block);
            let planned = repeat.map_or(cell.block, |r| gate::root(r, repeats));
            let asked = (
                cell.scenario.as_str(),
                cell.mode.as_str(),
                row.metric.name(),
            );
            let server = (cell.framework.as_str(), cell.variant.as_str());
            let fresh = Turn {
                launch: cell.launch,
                block: cell.block,
                logs: Vec::new(),
            };
            let turn = turns.entry((asked, server)).or_default();
            let turn = turn.entry(planned).or_insert(fresh);
            if cell.block > turn.block {
                (turn.block, turn.logs) = (cell.block, Vec::new());
            }
            turn.logs.push(row.value.ln());
        }
        Self(turns)
    }

    /// The planned blocks of a server, in order.
    fn keys(&self, asked: Asked<'a>, server: Server<'a>) -> impl Iterator<Item = u32> {
        let turns = self.0.get(&(asked, server)).into_iter();
        turns.flat_map(|turns| turns.keys().copied())
    }

    /// What pairs are made of, as the report makes them.
    fn logs(&self, asked: Asked<'a>, server: Server<'a>) -> Logs {
        let turns = self.0.get(&(asked, server)).into_iter().flatten();
        Logs::of(turns.flat_map(|(planned, turn)| {
            let logs = turn.logs.iter();
            logs.map(|ln| (*planned, turn.launch, *ln))
        }))
    }
}

#[cfg(test)]
mod tests {
    use record::{Cell, Course, Repeat, Validity};

    use super::*;

    fn row(block: u32, framework: &str, variant: &str, value: f64) -> Observation {
        Observation {
            cell: Cell {
                launch: 1,
                block,
                window: 1,
                framework: framework.to_owned(),
                variant: variant.to_owned(),
                scenario: "json".to_owned(),
                mode: "saturation".to_owned(),
            },
            metric: Metric::Throughput,
            value,
            validity: Validity::ok(),
        }
    }

    #[test]
    fn a_repeat_takes_the_place_of_the_block_that_it_repeats() {
        let e = std::f64::consts::E;
        let rows = [
            row(1, "gin", "", e),
            row(1, "nethttp", "", 1.0),
            row(1, "nethttp", "twin", e * e),
            row(2, "gin", "", 1.0),
            row(2, "nethttp", "", 1.0),
            row(3, "gin", "", e),
            row(3, "nethttp", "", 1.0),
            // The first block once more.
            row(9, "gin", "", e * e),
            row(9, "nethttp", "", 1.0),
            row(9, "nethttp", "twin", 1.0),
        ];
        let repeats = vec![Repeat {
            block: 9,
            of: 1,
            launch: 1,
        }];
        let seen = |repeats: Vec<Repeat>| {
            let mut file: CampaignFile = serde_yaml::from_str(FILE).unwrap();
            file.course = Course {
                repeats,
                ..Course::default()
            };
            let ratios = ratios(&file, &rows, 12);
            assert_eq!(ratios.len(), 2);
            assert_eq!(ratios[0].name, "gin json saturation throughput");
            assert_eq!(ratios[0].launches[..3], [1, 1, 1]);
            // The copies tell of launches, with the others of their kind, and are not waited for.
            assert_eq!(ratios[1].name, "A/A json saturation throughput");
            assert_eq!((ratios[1].kind, ratios[1].target), (0, f64::INFINITY));
            assert_eq!(ratios[0].differences.len(), 12);
            let seen = ratios[0].differences.iter().copied();
            seen.filter(|d| !d.is_nan()).collect::<Vec<_>>()
        };
        assert_eq!(seen(repeats), [2.0, 0.0, 1.0]);
        assert_eq!(seen(Vec::new()), [0.0, 0.0, 1.0, 2.0]);
    }

    #[test]
    fn pairs_are_the_reports_and_a_turn_without_a_value_keeps_its_place() {
        let e = std::f64::consts::E;
        let rows = [
            // One copy of the baseline was not measured: the pair is with the other.
            row(1, "gin", "", e),
            row(1, "nethttp", "", f64::NAN),
            row(1, "nethttp", "twin", 1.0),
            row(2, "gin", "", f64::NAN),
            row(2, "nethttp", "", 1.0),
            row(3, "gin", "", e * e),
            row(3, "nethttp", "", 1.0),
        ];
        let file: CampaignFile = serde_yaml::from_str(FILE).unwrap();
        let found = &ratios(&file, &rows, 12)[0].differences;
        assert_eq!((found[0], found[2]), (1.0, 2.0));
        assert!(found[1].is_nan() && found[3..].iter().all(|d| d.is_nan()));
    }

    const FILE: &str = "schema: campaign/1
id: test
status: running
started: 2026-01-02T03:04:05Z
finished: null
command: []
seed: 1
quick: false
pinned: false
lab: {version: 0.1.0, revision: unknown}
design:
  experiment: test
  title: A test
  baseline: nethttp
  twin: twin
  scenarios: [{name: json, title: An object}]
  modes: [{name: saturation, kind: saturation, connections: 8, rate: null}]
  launches: 1
  blocks: 12
  lead_in_ms: 1
  window_ms: 1
  starts: 0
method: {protocol: crossed, precision: {throughput: 0.03, latency_p99: 0.1}}
host: {}
toolchains: {}
cpus: {server: [0], instrument: [1]}
frameworks:
  - {name: gin, title: Gin, class: idiomatic, language: go, engine: net/http, router: radix, module: m, version: v, sha256: '', binary_bytes: 1, modules: {}, excluded: null}
  - {name: nethttp, title: net/http, class: idiomatic, language: go, engine: net/http, router: radix, module: m, version: v, sha256: '', binary_bytes: 1, modules: {}, excluded: null}
notes: []
";
}
