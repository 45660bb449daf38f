//! Whether the campaign is precise enough to stop. The rule is `stats`': the same code, on
//! the same rows, that a reader of the raw data would call. It sees how wide the intervals
//! are and never where they lie.

use std::collections::BTreeMap;

use plan::{Schedule, estimate};
use record::{
    Campaign, CampaignFile, Inconclusive, Metric, ModeKind, Observation, RecordError, Stopped,
};
use stats::launches::Row;
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
            row: Row {
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
    let blocks = Blocks::of(file, rows);
    let design = &file.design;
    let baseline = Server(&design.baseline, None);
    let mut compared: Vec<(&str, Server<'_>, Server<'_>)> = (file.frameworks.iter())
        .filter(|f| f.excluded.is_none() && f.name != design.baseline)
        .map(|f| (f.name.as_str(), Server(&f.name, None), baseline))
        .collect();
    let beside = compared.len().saturating_sub(1);
    let copy = |variant| Server(&design.baseline, Some(variant));
    compared.push((AA, copy(&design.twin), copy("")));
    let mut kinds: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut ratios = Vec::new();
    for (who, subject, against) in compared {
        for scenario in &design.scenarios {
            for mode in &design.modes {
                for (metric, target) in &file.method.precision {
                    if !asks(metric, mode.kind) {
                        continue;
                    }
                    let next = kinds.len();
                    let cell = (scenario.name.as_str(), mode.name.as_str(), metric.as_str());
                    let (mut launches, mut differences): (Vec<u32>, Vec<f64>) = blocks
                        .differences(cell, subject, against)
                        .into_iter()
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

/// A framework's name and one of its variants, or all of them together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Server<'a>(&'a str, Option<&'a str>);

/// Whether a mode says something about a metric: throughput where it is not the schedule
/// that sets it, latency where the load does not wait for the server.
fn asks(metric: &str, mode: ModeKind) -> bool {
    match mode {
        ModeKind::Saturation => metric != Metric::LatencyP99.name(),
        ModeKind::Rate | ModeKind::Share => metric != Metric::Throughput.name(),
    }
}

/// Logarithms by cell, server and planned block; of several attempts the last one.
struct Blocks<'a>(BTreeMap<Series<'a>, BTreeMap<u32, Attempt>>);

/// Scenario, mode, metric and server.
type Series<'a> = (&'a str, &'a str, &'a str, Server<'a>);

/// The mean over the baseline's two copies, or a framework's one value.
struct Attempt {
    launch: u32,
    block: u32,
    sum: f64,
    n: f64,
}

impl<'a> Blocks<'a> {
    fn of(file: &CampaignFile, rows: &'a [Observation]) -> Self {
        let repeats = &file.course.repeats;
        let mut blocks: BTreeMap<_, BTreeMap<u32, Attempt>> = BTreeMap::new();
        for row in rows {
            let cell = &row.cell;
            let repeat = repeats.iter().find(|r| r.block == cell.block);
            let planned = repeat.map_or(cell.block, |r| gate::root(r, repeats));
            for variant in [None, Some(cell.variant.as_str())] {
                let key = (
                    cell.scenario.as_str(),
                    cell.mode.as_str(),
                    row.metric.name(),
                    Server(&cell.framework, variant),
                );
                let fresh = Attempt {
                    launch: cell.launch,
                    block: cell.block,
                    sum: 0.0,
                    n: 0.0,
                };
                let attempts = blocks.entry(key).or_default();
                let attempt = attempts.entry(planned).or_insert(fresh);
                if cell.block > attempt.block {
                    (attempt.block, attempt.sum, attempt.n) = (cell.block, 0.0, 0.0);
                }
                attempt.sum += row.value.ln();
                attempt.n += 1.0;
            }
        }
        Self(blocks)
    }

    /// The differences to the baseline, each with its launch, in the order of the planned blocks.
    fn differences(
        &self,
        (scenario, mode, metric): (&'a str, &'a str, &'a str),
        subject: Server<'a>,
        baseline: Server<'a>,
    ) -> Vec<(u32, f64)> {
        let of = |server| self.0.get(&(scenario, mode, metric, server));
        let (Some(subject), Some(baseline)) = (of(subject), of(baseline)) else {
            return Vec::new();
        };
        let mean = |a: &Attempt| a.sum / a.n;
        (subject.iter())
            .filter_map(|(block, a)| Some((a.launch, mean(a) - mean(baseline.get(block)?))))
            .map(|(launch, d)| (launch, if d.is_finite() { d } else { f64::NAN }))
            .collect()
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
